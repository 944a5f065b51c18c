package text

import (
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"chancery/internal/mime"
	"chancery/internal/servertest"
)

// sameText compares FromHTML with the tokenizer of x/net/html.
func sameText(t *testing.T, s string) {
	t.Helper()
	if got, want := FromHTML(s), tokenized(s); got != want {
		if len(s) > 2000 {
			t.Fatalf("the texts of %d octets differ", len(s))
		}
		t.Fatalf("FromHTML(%q)\ngot  %q\nwant %q", s, got, want)
	}
}

// shards are what the states of the tokenizer turn on.
var shards = []string{
	"<", ">", "</", "/>", "<!--", "-->", "--!>", "->", "-", "--", "!", "<!", "<!doctype html>", "<![CDATA[x]]>", "<?xml", "&", ";", "=", "'", "\"", " ", "\n", "\r\n", "\r", "\t", "\f",
	"\x00", "\x0f", "\x01", "/", "a", "b", "<p>", "<P class=MsoNormal>", "</p>", "<div", "<br>", "<br/>", "<b>", "</b>", "<td>", "</td>", "<tr>", "<table>", "<pre>", "</pre>", "<hr id=stopSpelling>",
	"<script>", "</script>", "</SCRIPT >", "<style>", "</style>", "<title>", "</title>", "<textarea>", "</textarea>", "<xmp>", "</xmp>", "<noscript>", "</noscript>", "<iframe>", "</iframe>",
	"<plaintext>", "<o:p>", "</o:p>", "<blockquote type=cite>", "</blockquote>", "<script", "</scr", "<svg>", "<img src=x alt='a>b'>", "<a href=x/>",
	"&nbsp;", "&amp;", "&amp", "&lt", "&notit;", "&not", "&notin;", "&eacute", "&semi;", "&#65;", "&#x41", "&#", "&#x", "&#150;", "&#0;", "&#13;", "&#1114112;", "&AMP", "&quot;", "&fjlig;", "&acE;",
	" style=\"display:none\"", " style='color:&quot;x&quot;;display:none'", " style=display:none", " STYLE = 'opacity:0'", " hidden", " class=gmail_quote", " class=\"x_gmail_quote b\"", " id=Signature", " type=cite",
	" st\x00yle=a", " class=a class=gmail_quote", " id=&quot", " id=Signature&amp=", " =x", " x=", " x='", "text ", "\u00a0", "\xc2", "\xa0", "\u00e9", "\u017ftyle=display:none", "\u212a",
}

func TestFromHTMLIsThatOfTheTokenizer(t *testing.T) {
	for seed := range int64(60000) {
		r := rand.New(rand.NewSource(seed))
		var b strings.Builder
		for range 1 + r.Intn(14) {
			b.WriteString(shards[r.Intn(len(shards))])
		}
		sameText(t, b.String())
	}
}

func TestFromHTMLOfManyAttributes(t *testing.T) {
	for _, n := range []int{98, 99, 100, 101, 150} {
		var b strings.Builder
		b.WriteString("a<span")
		for i := range n {
			b.WriteString(" a" + strings.Repeat("b", i%3) + string(rune('a'+i%26)))
		}
		sameText(t, b.String()+" style='display:none'>b</span>c")
		sameText(t, "a<span"+strings.Repeat(" x=1", n)+" style='display:none'>b</span>c")
	}
}

func TestFromHTMLOfCorpora(t *testing.T) {
	pages := 0
	for _, name := range []string{"mime-permissive", "court-ecf-emails", "imip-mails"} {
		err := filepath.WalkDir(servertest.Corpus(t, name), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			for _, p := range mime.Read(data).Parts {
				if p.HTML {
					sameText(t, p.Text)
					for i := range 8 { // and cut
						sameText(t, p.Text[:len(p.Text)*i/8])
					}
					pages++
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if pages == 0 {
		t.Fatal("no HTML was read")
	}
}

// TestUnescapeValue compares with the tokenizer on one attribute.
func TestUnescapeValue(t *testing.T) {
	for seed := range int64(20000) {
		r := rand.New(rand.NewSource(seed))
		var b strings.Builder
		for range 1 + r.Intn(4) {
			b.WriteString([]string{"&", "amp", ";", "lt", "=", "not", "in", "semi", "#", "x", "41", "65", "0", "a", " ", "quot", "&amp;", "&quot;", "eacute", "\u00e9", "it"}[r.Intn(21)])
		}
		s := "&" + b.String()
		z := html.NewTokenizer(strings.NewReader(`<a b="` + s + `">`))
		z.Next()
		z.TagName()
		_, want, _ := z.TagAttr()
		if got := unescapeValue(s); got != string(want) {
			t.Fatalf("unescapeValue(%q): %q, want %q", s, got, want)
		}
	}
}

func FuzzMarkup(f *testing.F) {
	for _, s := range shards {
		f.Add(s)
	}
	f.Add(strings.Join(shards, ""))
	f.Fuzz(func(t *testing.T, s string) { sameText(t, s) })
}
