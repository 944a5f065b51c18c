package text

import (
	"strings"
	"testing"
)

func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"Our  Invoice\r\n\tNo. 4711":            "Our  Invoice\r\n\tNo. 4711",
		"In\u00advoice No.\u200b 4711\n":        "Invoice No. 4711\n",
		"\u2066In\u2060vo\ufeffice\u2069 4711":  "Invoice 4711",
		"In\x01voice\x7f":                       "Invoice",
		"Inv\u043eice von M\u00fcller":          "invoice von M\u00fcller",
		"\uff29\uff4e\uff56oice \uff14\uff17":   "invoice 47",
		"\U0001d408nvoice":                      "invoice",
		"I\u0336nvoice":                         "invoice",
		"Invo\ufe0fice\u2800No.":                "Invoice No.",
		"Gr\u00f6\u00dfe, 1\u00a0250,00 \u20ac": "Gr\u00f6\u00dfe, 1\u00a0250,00 \u20ac",
		"\u0421\u0447\u0451\u0442 \u2116 4711":  "\u0421\u0447\u0451\u0442 \u2116 4711",
		"\u03a4\u03b9\u03bc\u03bf\u03bb\u03cc\u03b3\u03b9\u03bf 12 \u2013 \u201cx\u201d \u00b2 5\u2122": "\u03a4\u03b9\u03bc\u03bf\u03bb\u03cc\u03b3\u03b9\u03bf 12 \u2013 \u201cx\u201d \u00b2 5\u2122",
		"": "", "\u200b": "", "\xff\xc3 x": "\xff\xc3 x",
	} {
		if got := Shown(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// What is shown stays as it is, in the same lines.
func FuzzShown(f *testing.F) {
	for _, s := range []string{"In\u00advoice", "Inv\u043eice\n x", "a\u0336b", "\U0001d408 \u200b b", "e\u0301\u200d\ufe0f", "\xff\x00a\u2800b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Shown(s)
		if again := Shown(got); again != got {
			t.Errorf("%q: %q, shown again %q", s, got, again)
		}
		if strings.Count(got, "\n") != strings.Count(s, "\n") {
			t.Errorf("%q: %q has other lines", s, got)
		}
	})
}
