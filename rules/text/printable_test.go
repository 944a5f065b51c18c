package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"chancery/internal/model"
)

func TestUnquotedPrintable(t *testing.T) {
	for s, want := range map[string]string{
		"":                                    "",
		"a=b":                                 "a=b",
		"privi=\nleged and confi=\ndential\n": "privileged and confidential\n",
		"Dear Ben,=20\n=20\nThe lease is sig=\r\nned.=20\n": "Dear Ben, \n \nThe lease is signed. \n",
		"K=C3=BCndigung zum=20\nJahresende":                 "Kündigung zum \nJahresende",
		"K=FCndigung zum=20\nJahresende":                    "Kündigung zum \nJahresende",
		"x = 1\ny = 2\nz=3=\n":                              "x = 1\ny = 2\nz=3=\n",
		"see https://a.example/?q=AB&x=CD for all":          "see https://a.example/?q=AB&x=CD for all",
		"one soft break=\n only":                            "one soft break=\n only",
		"======\nTitle\n======\n":                           "======\nTitle\n======\n",
		"a=00b=01=20\n=20\n":                                "a=00b=01=20\n=20\n",
	} {
		if got := unquotedPrintable(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	m := &model.Mail{Parts: []model.TextPart{{HTML: true, Text: "<p>privi=\nleged</p>=20\n<p style=3D'color:red'>x</p>"}}}
	if got := Body(m); got != "privileged\n\nx" {
		t.Errorf("%q", got)
	}
}

func FuzzUnquotedPrintable(f *testing.F) {
	f.Add("a=20\n=C3=BC=\n")
	f.Add("===\n=E")
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?")
		if got := unquotedPrintable(s); len(got) > 3*len(s) || !utf8.ValidString(got) {
			t.Errorf("%q: %q", s, got)
		}
	})
}
