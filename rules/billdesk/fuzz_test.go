package billdesk

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"chancery/internal/model"
)

// FuzzPage: whatever stands in a bill, the page has the elements it has for a harmless
// one, no attribute comes from outside but the links, and nothing turns the text round.
func FuzzPage(f *testing.F) {
	for _, s := range []string{"Acme", "</td><script>alert(1)</script>", "\" onmouseover=\"x", "\u202etxt.exe", "<!--", "]]>", "&lt;b&gt;", "\x00\xff", strings.Repeat("é", 10_000), "a@b\r\nBcc: c@d", "-- \n", "mid:x", "\ud7ff\ufeff"} {
		f.Add(s, "<id@vendor.example>", "bank-changed")
		f.Add("x", s, s)
	}
	f.Fuzz(func(t *testing.T, said, id, code string) {
		b := bill(1, "vendor", "2026-11-20")
		b.Name, b.Vendor, b.Client, b.Matter, b.Number, b.Subject, b.Currency, b.MessageID = said, said, said, said, said, said, said, id
		b.Amount, b.Due, b.Doubts, b.Faults, b.Layer, b.Twins = 5, date("2026-11-25"), []string{code}, []string{code}, code, []string{code}
		p := Decide(view(b), true, "1")
		n := noteOf(t, p)
		if messageID(&b) == "" && strings.Contains(n.HTML, "href") {
			t.Fatal("a link to nothing")
		}
		plain := b
		for _, s := range []*string{&plain.Name, &plain.Vendor, &plain.Client, &plain.Matter, &plain.Number, &plain.Subject, &plain.Currency} {
			if *s = "x"; clean(said, maxName) == "" {
				*s = ""
			}
		}
		plain.Doubts, plain.Faults = []string{"x"}, []string{"x"}
		if alarming(&b) != alarming(&plain) {
			return
		}
		if messageID(&b) != "" {
			plain.MessageID = "<x@y>"
		} else {
			plain.MessageID = ""
		}
		want := noteOf(t, Decide(view(plain), true, "1"))
		if got, want := outline(t, n.HTML), outline(t, want.HTML); !slices.Equal(got, want) {
			t.Fatalf("the page has the elements\n%q, not\n%q", got, want)
		}
		for _, text := range []string{n.Text, n.Subject, visibleText(t, n.HTML)} {
			if i := strings.IndexFunc(text, func(r rune) bool {
				return r != '\n' && unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
			}); i >= 0 {
				t.Fatalf("a control at %q", text[i:])
			}
		}
		for _, s := range p.Steps {
			if h, ok := s.Action.(model.Hold); ok {
				if body := h.Body.Reveal(); strings.ContainsAny(body.Summary, "\r\n") || strings.Contains(body.Description, "\r") {
					t.Fatal("an event with lines that are not ours")
				}
			}
		}
	})
}

// outline is the elements of a page with the names of their attributes, and their
// values but those of links.
func outline(t *testing.T, page string) (out []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			t.Fatal("a comment")
		}
		if n.Type != html.ElementNode {
			continue
		}
		s := n.Data
		for _, a := range n.Attr {
			if a.Key != "href" {
				s += " " + a.Key + "=" + a.Val
				continue
			}
			if !strings.HasPrefix(a.Val, "mid:") && !strings.HasPrefix(a.Val, "message:%3C") {
				t.Fatalf("a link to %q", a.Val)
			}
		}
		out = append(out, s)
	}
	return out
}
