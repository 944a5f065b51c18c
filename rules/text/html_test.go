package text

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"chancery/internal/model"
	"chancery/internal/servertest"
)

func TestFromHTML(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "hello", "hello"},
		{"white space", "  a \n b\t<b> c</b>d  ", "a b cd"},
		{"no-break space", "a&nbsp;b", "a b"},
		{"entities", "&lt;a&gt; &amp; &eacute; &#8212; &#x41;", "<a> & é — A"},
		{"paragraphs", "<p>a</p><p>b</p>", "a\n\nb"},
		{"outlook paragraphs", "<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>", "a\n\nb"},
		{"breaks", "a<br>b<br><br><br>c", "a\nb\n\nc"},
		{"divs", "<div>a<div>b</div></div>c", "a\nb\nc"},
		{"list", "<ul><li>a<li>b</ul>", "a\nb"},
		{"cells", "<table><tr><td><p>Total due</p></td><td>$5.00</td></tr><tr><td>x</td></tr></table>", "Total due\t$5.00\nx"},
		{"words in tags", "privi<b>leg</b>ed", "privileged"},
		{"links", `<a href="https://x.example/privileged">click</a>`, "click"},
		{"image", `<img alt="privileged" src="x">`, ""},
		{"style and script", "<style>p{color:red}</style><script>privileged</script><title>t</title>a", "a"},
		{"comment", "a<!-- privileged -->b<!--[if mso]>x<![endif]-->", "ab"},
		{"display none", `a<span style="display: none">x<b>y</b></span>b`, "ab"},
		{"display none, upper case", `a<SPAN STYLE="DISPLAY:NONE !important">x</SPAN>b`, "ab"},
		{"font size", `a<span style="font-size:0px">x</span><i style="font-size:1px">y</i>b<u style="font-size:10px">c</u>`, "abc"},
		{"opacity", `a<span style="opacity:0">x</span><span style="opacity:0.9">b</span>`, "ab"},
		{"clipped", `a<div style="max-height:0;overflow:hidden">x</div>b`, "a\nb"},
		{"white on white", `a<span style="color:#fff;background:white">x</span><span style="color:#fff;background:black">b</span>`, "ab"},
		{"mso-hide", `a<span style='mso-hide:all'>x</span>b`, "ab"},
		{"hidden attribute", `a<i hidden>x</i>b`, "ab"},
		{"hidden paragraph ends with the next", `<p style="display:none">x<p>b`, "b"},
		{"noscript is shown", "<noscript><b>a</b></noscript>", "a"},
		{"pre", "<pre>a\n  b</pre>", "a\nb"},
		{"blockquote", "a<blockquote>b<br>c</blockquote>d", "a\n> b\n> c\nd"},
		{"blockquotes", "<blockquote>a<blockquote>b</blockquote>c</blockquote>", "> a\n> > b\n> c"},
		{"indented, not quoted", `<blockquote style="margin:0 0 0 40px;border:none;padding:0px">a</blockquote>`, "a"},
		{"gmail", `a<div class="gmail_quote"><div class="gmail_attr">On 1 wrote:</div>b</div>`, "a\n> > On 1 wrote:\n> b"},
		{"outlook web", `<div>a</div><div id="divRplyFwdMsg">From: x</div><div>b</div>`, "a\n> From: x\n> b"},
		{"hotmail", `a<hr id="stopSpelling">b<br>c`, "a\n> b\n> c"},
		{"signature", `a<div class="gmail_signature">Alma</div>`, "a\n-- \nAlma"},
		{"unclosed", "<div><b>a", "a"},
		{"closed twice", "a</b></b></div>b", "a\nb"},
		{"crossed", "<b>a<i>b</b>c</i>d", "abcd"},
		{"broken tag", "a<b", "a"},
		{"angle", "a < b", "a < b"},
		{"namespaces", "<o:p>a</o:p><o:p></o:p>b", "ab"},
	}
	for _, tt := range tests {
		if got := FromHTML(tt.in); got != tt.want {
			t.Errorf("%s: FromHTML(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestFromHTMLIsBounded(t *testing.T) {
	for name, unit := range hostileHTML {
		s := strings.Repeat(unit, (1<<18)/len(unit))
		if got := FromHTML(s); len(got) > 8*len(s) {
			t.Errorf("%s: %d octets became %d", name, len(s), len(got))
		}
	}
	deep := strings.Repeat("<div>", 5000) + "a" + strings.Repeat("</div>", 5000) + "<p>b"
	if got := FromHTML(deep); got != "a\n\nb" {
		t.Errorf("5000 deep: %q", got)
	}
}

func FuzzFromHTML(f *testing.F) {
	for _, s := range hostileHTML {
		f.Add(s + "x" + s)
	}
	f.Add(page(600))
	f.Add(`<div class="gmail_quote" style="display:none;color:#fff"><blockquote type=cite>a</blockquote><td>b<hr id=stopSpelling>`)
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?")
		out := FromHTML(s)
		if !utf8.ValidString(out) {
			t.Fatalf("%q became %q", s, out)
		}
		m := &model.Mail{Parts: []model.TextPart{{HTML: true, Text: s}}}
		checkLossless(t, out, Split(m))
	})
}

// TestRepliesOfMailPrograms reads the replies that the talon project collected:
// each answers with a few known words above a quote.
func TestRepliesOfMailPrograms(t *testing.T) {
	dir := servertest.Corpus(t, "mime-permissive/talon-replies-signatures")
	pages, _ := filepath.Glob(filepath.Join(dir, "html_replies", "*.html"))
	mails, _ := filepath.Glob(filepath.Join(dir, "standard_replies", "*.eml"))
	if len(pages) < 6 || len(mails) < 5 {
		t.Fatalf("%d pages and %d mails", len(pages), len(mails))
	}
	for _, name := range pages {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		z := Split(&model.Mail{Parts: []model.TextPart{{HTML: true, Text: string(b)}}})
		if z.New != "Hi. I am fine." || z.Signature != "Thanks,\nAlex" || !strings.Contains(z.Quoted, "Hello! How are you?") {
			t.Errorf("%s: new %q, signature %q", filepath.Base(name), z.New, z.Signature)
		}
	}
	for _, name := range mails {
		m, _ := readMail(t, name)
		if z := Split(m); z.New != "Hello" || z.Quoted == "" {
			t.Errorf("%s: new %q", filepath.Base(name), z.New)
		}
	}
}
