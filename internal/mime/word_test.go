package mime

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWords(t *testing.T) {
	for name, c := range map[string]struct{ in, want, problem string }{
		"plain":                      {"Board minutes", "Board minutes", ""},
		"Q":                          {"=?iso-8859-1?Q?Gr=FC=DFe_aus_K=F6ln?=", "Grüße aus Köln", ""},
		"B":                          {"=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße", ""},
		"underscore as code":         {"=?utf-8?q?a=5Fb_c?=", "a_b c", ""},
		"adjacent":                   {"=?utf-8?q?a?=  =?utf-8?q?b?=", "ab", ""},
		"not adjacent":               {"=?utf-8?q?a?= and =?utf-8?q?b?=", "a and b", ""},
		"split character":            {"=?utf-8?b?w7w=?= =?utf-8?b?w58=?= =?utf-8?b?ww==?= =?utf-8?b?vA==?=", "üßü", ""},
		"split, two kinds":           {"=?utf-8?q?=C3?= =?UTF-8?b?vA==?=", "ü", ""},
		"language":                   {"=?utf-8*de?q?ja?=", "ja", ""},
		"spaces inside":              {"=?utf-8?q?two words?=", "two words", ""},
		"glued to text":              {"Re:=?utf-8?q?_ja?=!", "Re: ja!", ""},
		"no padding":                 {"=?utf-8?b?R3LDvMOfZQ?=", "Grüße", ""},
		"bad escapes":                {"=?utf-8?q?100=_=ZZ?=", "100= =ZZ", ""},
		"no end":                     {"=?utf-8?q?abc", "=?utf-8?q?abc", ""},
		"no encoding":                {"=?utf-8?abc?=", "=?utf-8?abc?=", ""},
		"empty":                      {"a =?utf-8?q??= b", "a  b", ""},
		"line end inside":            {"=?utf-8?q?a=0D=0ABcc:_x=00?=", "a  Bcc: x ", ""},
		"Latin-1 raw":                {"Gr\xfc\xdfe", "Grüße", ""},
		"raw in a word":              {"=?iso-8859-1?q?Gr\xfc\xdfe?=", "Grüße", ""},
		"raw UTF-8":                  {"Grüße =?utf-8?q?=C3=BC?=", "Grüße ü", ""},
		"koi8-r":                     {"=?koi8-r?B?8NLJ18XU?=", "Привет", ""},
		"iso-2022-jp":                {"=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "日本", ""},
		"gb2312":                     {"=?gb2312?B?1tDOxA==?=", "中文", ""},
		"utf-7":                      {"=?utf-7?q?Fr+APY-sche?=", "Fr+APY-sche", "charset-utf7"},
		"unknown":                    {"=?x-klingon?q?abc=FC?=", "abcü", "charset-unknown"},
		"not valid":                  {"=?utf-8?q?a=FFb?=", "aÿb", "charset-invalid"},
		"UTF-8 under a western name": {"=?iso-8859-1?q?K=C3=BCndigung?=", "Kündigung", ""},
		"western all the same":       {"=?iso-8859-1?q?K=FCndigung?=", "Kündigung", ""},
		"encoded twice":              {"=?utf-8?q?=3D=3Futf-8=3FQ=3FPrivil=3D65ged=3F=3D?=", "Privileged", ""},
		"encoded twice, in part":     {"Re: =?utf-8?q?=3D=3Futf-8=3FB=3FS8O8bmRpZ3VuZw=3D=3D=3F=3D?= now", "Re: Kündigung now", ""},
		"replacement":                {"=?iso-2022-kr?q?abc?=", "abc", "charset-unknown"},
		"bidi is kept":               {"=?utf-8?b?eOKArmdwai5leGU=?=", "x\u202egpj.exe", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got, problem := decodeWords(c.in); got != c.want || problem != c.problem {
				t.Errorf("%q: got %q, problem %q, want %q, problem %q", c.in, got, problem, c.want, c.problem)
			}
		})
	}
}

// A sender may cut UTF-8 anywhere into encoded words.
func TestWordsSplitAnywhere(t *testing.T) {
	const text = "Grüße – 日本語 – Привет – 🎼"
	rng := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		var words []string
		for rest := text; rest != ""; {
			n := 1 + rng.IntN(len(rest))
			words = append(words, "=?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte(rest[:n]))+"?=")
			rest = rest[n:]
		}
		if got, _ := decodeWords(strings.Join(words, "\r\n ")); got != text {
			t.Fatalf("%q: got %q", words, got)
		}
	}
}

func TestWordsAreBounded(t *testing.T) {
	word := "=?utf-8?b?" + strings.Repeat("QUFB", 15) + "?= "
	got, problem := decodeWords(strings.TrimSpace(strings.Repeat(word, 3000)))
	if problem != "words" || len(got) > MaxWords {
		t.Errorf("%d octets, problem %q", len(got), problem)
	}
	if got, problem := decodeWords(strings.TrimSpace(strings.Repeat(word, 1000))); problem != "" || len(got) != 45000 {
		t.Errorf("%d octets, problem %q", len(got), problem)
	}
}

func FuzzWord(f *testing.F) {
	for _, s := range []string{"=?utf-8?q?a_=C3=BC?= =?utf-8?b?ww==?=", "=?utf-8*en?b?vA?=", "=?a?q?", "=?iso-2022-jp?b?GyRC?=", "=?utf-7?q?+APY-?=", "\xff=?utf-16?b?/v8A?="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, _ := decodeWords(s)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\x00") {
			t.Errorf("%q: %q is not one line of text", s, got)
		}
		if clean(s) && !strings.Contains(s, "=?") && got != s {
			t.Errorf("%q changed to %q", s, got)
		}
	})
}
