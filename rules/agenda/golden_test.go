package agenda

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// office is the same two weeks for every golden.
func office(t testing.TB, a, b model.Event) model.View {
	v := view(t, a, b,
		meeting("lunch with the bench", wall("2026-03-03 12:00"), time.Hour),
		meeting("deposition", wall("2026-03-04 09:00"), 8*time.Hour))
	return v
}

var goldens = []struct {
	name string
	a, b model.Event
	o    func(*Options)
	p    func(*model.View)
}{
	{name: "rank",
		a: meeting("a", wall("2026-03-03 10:00"), time.Hour, title("Weekly staff meeting"), ranked("internal"), repeats("FREQ=WEEKLY")),
		b: meeting("b", wall("2026-03-03 10:30"), 90*time.Minute, title("Hearing, Alder Lane v. Northgate Holdings"), ranked("court"), repeats("FREQ=WEEKLY;COUNT=3"))},
	{name: "person",
		a: meeting("a", wall("2026-03-03 09:00"), 2*time.Hour, title("Status conference, Alder Lane"), ranked("court")),
		b: meeting("b", wall("2026-03-03 10:00"), time.Hour, title("Hearing, Birch Bank"), ranked("court"))},
	{name: "discreet",
		a: meeting("a", wall("2026-03-03 10:00"), time.Hour, title("Secret merger talk"), ranked("client")),
		b: meeting("b", wall("2026-03-03 10:30"), time.Hour, title("Secret board session"), ranked("board")),
		o: func(o *Options) { o.Discreet = true }},
	{name: "buffer",
		a: meeting("a", wall("2026-03-03 09:00"), 45*time.Minute, title("Call with Mr. Okafor"), ranked("client"), attendee("dana@firm.example", "NEEDS-ACTION")),
		b: meeting("b", wall("2026-03-03 10:00"), time.Hour, title("Pre-trial conference"), ranked("court"))},
	{name: "private",
		a: meeting("a", wall("2026-03-03 10:00"), time.Hour, title("Cardiologist"), ranked("internal"), master(func(o *model.Occurrence) { o.Class = "CONFIDENTIAL" })),
		b: meeting("b", wall("2026-03-03 10:30"), time.Hour, title("Client review"), ranked("client"))},
	{name: "hostile",
		a: meeting("a", wall("2026-03-03 10:00"), time.Hour, title("<script>alert(1)</script>\r\nBcc: all@firm.example\u202egnp.exe\x00 "+strings.Repeat("long", 40)), ranked("internal")),
		b: meeting("b", wall("2026-03-03 10:30"), time.Hour, title(" \t\n"), ranked("client"))},
	{name: "absence",
		a: meeting("a", wall("2026-03-03 10:00"), 26*time.Hour, title("Partners' retreat"), ranked("internal")),
		b: allDay("b", wall("2026-03-03"), 3, title("Vacation"), ranked("board"), master(func(o *model.Occurrence) { o.Show = model.OutOfOffice })),
		p: func(v *model.View) { v.Principal.Holds, v.Principal.Name = "", "" }, o: func(o *Options) { o.Alternatives = 0 }},
	{name: "full",
		a: meeting("a", wall("2026-03-03 10:00"), time.Hour, title("Budget"), ranked("internal")),
		b: meeting("b", wall("2026-03-02 09:00"), 9*time.Hour, title("Trial, Alder Lane"), ranked("court"), repeats("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT=40"))},
}

func TestGoldens(t *testing.T) {
	for _, g := range goldens {
		t.Run(g.name, func(t *testing.T) {
			v, o := office(t, g.a, g.b), enforce()
			if g.o != nil {
				g.o(&o)
			}
			if g.p != nil {
				g.p(&v)
			}
			steps, _, _ := Settle(v, o, rankByCategory)
			of := newSettlement(v, o, rankByCategory).fingerprint(g.a.Ident, g.b.Ident)
			steps = slices.DeleteFunc(steps, func(s model.Step) bool { return s.Ident != of })
			var text strings.Builder
			for _, s := range steps {
				switch a := s.Action.(type) {
				case model.Hold:
					b := a.Body.Reveal()
					fmt.Fprintf(&text, "== hold %s to %s, private %v\n%s\n\n%s\n", utcOf(b.Start), utcOf(b.End), b.Private, b.Summary, b.Description)
				case model.Note:
					b := a.Body.Reveal()
					fmt.Fprintf(&text, "== note to %s <%s>\n%s\n\n%s", b.To.Name, b.To.Addr, b.Subject, b.Text)
					golden(t, g.name+".html", b.HTML)
					sayTheSame(t, b)
				}
				fmt.Fprintf(&text, "== why\n%s\n", s.Why.Reveal())
			}
			golden(t, g.name+".txt", text.String())
			for _, bad := range []string{"Secret", "Cardiologist", "<script", "\u202e", "\x00", "\nBcc"} {
				if strings.Contains(text.String(), bad) && !strings.HasPrefix(bad, "<") || strings.Contains(htmlOf(steps), bad) {
					t.Errorf("%q is shown", bad)
				}
			}
		})
	}
}

func utcOf(u model.UnixTime) string { return time.Unix(int64(u), 0).UTC().Format("2006-01-02T15:04Z") }

func htmlOf(steps []model.Step) string {
	for _, n := range notesOf(steps) {
		return n.Body.Reveal().HTML
	}
	return ""
}

var tag = regexp.MustCompile(`<[^>]*>`)

// sayTheSame: every word of the text is in the card, and nothing is fetched.
func sayTheSame(t *testing.T, b model.NoteBody) {
	t.Helper()
	plain := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#39;", "'", "&amp;", "&", "&#34;", `"`).Replace(tag.ReplaceAllString(b.HTML, " "))
	for _, word := range strings.Fields(strings.NewReplacer("(", " ", ")", " ").Replace(b.Text)) {
		if word != "-" && !strings.Contains(plain, word) {
			t.Errorf("the card does not say %q", word)
		}
	}
	for _, bad := range []string{"src=", "href=", "url(", "http", "<style", "@import"} {
		if strings.Contains(b.HTML, bad) {
			t.Errorf("the card contains %q", bad)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update rewrites it. got:\n%s", name, got)
	}
}
