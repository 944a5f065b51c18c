package text

import (
	"strings"
	"testing"

	"chancery/internal/model"
)

// TestHTMLTricks: words that markup hides from programs are read, and words that
// it hides from people are not.
func TestHTMLTricks(t *testing.T) {
	for _, tt := range []struct{ name, html, want string }{
		{"comment in a word", "privi<!-- x -->leged", "privileged"},
		{"comment with a tag", "privi<!-- <b>x</b> > -->leged", "privileged"},
		{"wbr", "privi<wbr>leged", "privileged"},
		{"empty elements", "privi<span></span><b></b>leged", "privileged"},
		{"letters in elements", "<b>p</b><i>r</i><u>i</u><span>v</span>ileged", "privileged"},
		{"entities", "p&#114;i&#x76;ileged &amp; confidential", "privileged & confidential"},
		{"invisible entities", "privi&shy;le&zwnj;g&zwj;ed&ZeroWidthSpace;", "privileged"},
		{"hidden letters", "privi<span style='display:none'>zzz</span>leged", "privileged"},
		{"hidden letters by size", "privi<span style='font-size:0'>zzz</span>leged", "privileged"},
		{"small size", "privi<font style='font-size:0.5px'>zzz</font>leged", "privileged"},
		{"size in em", "privi<span style='font-size:.05em'>zzz</span>leged", "privileged"},
		{"white", "privi<span style='color:#FFFFFF'>zzz</span>leged", "privileged"},
		{"white by font", "privi<font color=white>zzz</font>leged", "privileged"},
		{"nearly white", "privi<span style='color: rgb(254, 255, 253)'>zzz</span>leged", "privileged"},
		{"white on white", "<div style='background:#fff'>privi<font color='#ffffff'>zzz</font>leged</div>", "privileged"},
		{"transparent", "privi<span style='color:rgba(0,0,0,0)'>zzz</span>leged", "privileged"},
		{"faint", "privi<span style='opacity:.01'>zzz</span>leged", "privileged"},
		{"off the page", "privi<span style='position:absolute;left:-9999px'>zzz</span>leged", "privileged"},
		{"indented away", "<p style='text-indent:-5000px'>zzz</p>privileged", "privileged"},
		{"hidden by attribute", "privi<span hidden>zzz</span>leged", "privileged"},
		{"white on black is seen", "<div style='background-color:#003366'><span style='color:white'>privileged</span></div>", "privileged"},
		{"white in a dark cell is seen", "<table><tr><td bgcolor=navy><font color=#ffffff>privileged</font></td></tr></table>", "privileged"},
		{"white above a dark cell is seen", "<div style='color:#fff'><table bgcolor=black><tr><td>privileged</td></tr></table></div>", "privileged"},
		{"white on a picture is seen", "<td style='background-image:url(a.png)'><span style='color:white'>privileged</span></td>", "privileged"},
		{"white under a style sheet is seen", "<style>.h{background:navy}</style><div class=h><span style='color:white'>privileged</span></div>", "privileged"},
		{"black inside white is seen", "<div style='color:white'>zzz<span style='color:#000'>privileged</span></div>", "privileged"},
		{"hidden then seen", "<div style='display:none'>zzz</div><p>privileged</p>", "privileged"},
		{"text indent is seen", "<p style='text-indent:-18pt'>privileged</p>", "privileged"},
		{"cells are apart", "<table><tr><td>privi</td><td>leged</td></tr></table>", "privi\tleged"},
		{"text of an image", "<p><img src=a.png alt='PRIVILEGED &amp; CONFIDENTIAL'></p><p>See below.</p>", "PRIVILEGED & CONFIDENTIAL\n\nSee below."},
		{"hidden image", "<img style='display:none' alt=zzz>privileged", "privileged"},
	} {
		got := Body(&model.Mail{Parts: []model.TextPart{{HTML: true, Text: tt.html}}})
		if !strings.Contains(tt.want, "\n") && !strings.Contains(tt.want, "\t") {
			got = Fold(got)
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		// Long documents go another way.
		if long := tokenized(tt.html); !strings.Contains(tt.html, "alt=") && Fold(long) != Fold(tt.want) {
			t.Errorf("%s, long: %q, want %q", tt.name, long, tt.want)
		}
	}
	both := &model.Mail{Parts: []model.TextPart{{Text: "See the lease below."}, {HTML: true, Text: "<img alt='Reyes Holt LLP'>See the lease below."}}}
	if got := Body(both); got != "See the lease below." {
		t.Errorf("beside a plain form: %q", got)
	}
}

// TestHostileSizes gives what is sent to stop a reader. Each takes well under a
// second; one that starts over at each line would run into the limit of go test.
func TestHostileSizes(t *testing.T) {
	const mib = 1 << 20
	for name, body := range map[string]string{
		"a line of 10 MB":         strings.Repeat("x", 10*mib),
		"words of 10 MB":          strings.Repeat("attorney client ", 10*mib/16),
		"a million introductions": strings.Repeat("On 12/05/2026 B wrote:\n", 1_000_000),
		"a million beginnings":    strings.Repeat("On 12/05/2026\n", 1_000_000),
		"a million labels":        strings.Repeat("From: a\nTo: b\n", 500_000),
		"flat headers":            strings.Repeat("From: a@b.example Sent: 10:04 To: c Subjec: d\n", 100_000),
		"columns":                 strings.Repeat("x   To: a\ncc: b\n", 300_000),
		"boxes":                   strings.Repeat("|  To: a |\n", 500_000),
		"marks":                   strings.Repeat(">>> a@b.example 10:04\n", 300_000),
		"rules":                   strings.Repeat("________________________\nTo: a\n", 200_000),
		"banners":                 strings.Repeat("[EXTERNAL]\n", 500_000),
		"soft hyphens":            strings.Repeat("\u00ad ", 2_000_000),
		"marks on letters":        strings.Repeat("\u0336", 2_000_000),
		"lookalikes":              strings.Repeat("aо", 2_000_000),
		"quoted-printable":        strings.Repeat("=20\n", 1_000_000),
		"equal signs":             strings.Repeat("=", 4*mib),
		"spelled":                 strings.Repeat("p r i v ", mib),
		"abbreviations":           strings.Repeat("ltd. this email from outside the ", 100_000),
	} {
		m := &model.Mail{Parts: []model.TextPart{{Text: body}}}
		z := Split(m)
		Fold(z.New[:min(len(z.New), 256<<10)])
		_ = name
	}
	for name, body := range map[string]string{
		"5,000 blockquotes": strings.Repeat("<blockquote>", 5000) + "x" + strings.Repeat("</blockquote>", 5000),
		"a million tags":    strings.Repeat("<b>", 1_000_000),
		"a million colours": strings.Repeat("<p style='color:#fff;background:#eee'>a", 400_000),
		"a million images":  strings.Repeat("<img alt=a>", 1_000_000),
		"style sheets":      strings.Repeat("<style>background</style>", 200_000),
		"long colours":      "<p style='color:rgb(" + strings.Repeat("1,", 1_000_000) + ")'>x",
	} {
		z := Split(&model.Mail{Parts: []model.TextPart{{HTML: true, Text: body}}})
		if strings.HasPrefix(name, "5,000") && (z.Quoted == "" || z.New != "") {
			t.Errorf("%s: %q", name, z.New[:min(len(z.New), 100)])
		}
	}
}
