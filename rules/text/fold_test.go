package text

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
)

func TestFold(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"folded already", "attorney-client privilege", "attorney-client privilege"},
		{"case", "PRIVILEGED & Confidential", "privileged & confidential"},
		{"spaces", "  two \t\r\n words  ", "two words"},
		{"only spaces", " \n ", ""},
		{"space at end", "a ", "a"},
		{"double space", "a  b", "a b"},
		{"no-break space", "work\u00a0product", "work product"},
		{"zero width inside", "privi\u200bleged", "privileged"},
		{"soft hyphen", "privi\u00adleged", "privileged"},
		{"bidi controls", "\u202eprivileged\u202c", "privileged"},
		{"bom", "\ufeffhello", "hello"},
		{"control", "privi\x00le\x01ged", "privileged"},
		{"full width", "ＰＲＩＶＩＬＥＧＥＤ", "privileged"},
		{"ligature", "conﬁdential", "confidential"},
		{"sharp s", "Straße", "strasse"},
		{"capital sharp s", "STRAẞE", "strasse"},
		{"decomposed", "cafe\u0301", "café"},
		{"decomposed, zero width between", "cafe\u200b\u0301", "café"},
		{"decomposed, control between", "cafe\x01\u0301", "café"},
		{"dotted capital", "İ", "i"},
		{"dashes", "attorney\u2013client \u2014 work", "attorney-client - work"},
		{"quotes", "attorneys\u2019 eyes only \u201cx\u201d", "attorneys' eyes only \"x\""},
		{"greek final sigma", "ΟΔΟΣ", "οδοσ"},
		{"variation selector", "a\ufe0fb", "ab"},
		{"spacing diaeresis", "a\u00a8b", "a b"},
		{"fraction", "1½", "11⁄2"},
		{"invalid", "a\xffb", "a\ufffdb"},
		{"kelvin", "\u212a", "k"},
		{"Cyrillic inside", "prіvіlеgеd", "privileged"},
		{"Cyrillic at the ends", "Сonfidentiаl", "confidential"},
		{"Greek capitals", "CΟΝFIDEΝΤΙΑL", "confidential"},
		{"Cyrillic and zero width", "р\u200brivi\u200bl\u200bе\u00adged", "privileged"},
		{"Russian", "Конфиденциально", "конфиденциально"},
		{"Russian beside Latin", "в ABC и о нас", "в abc и о нас"},
		{"Greek", "Απόρρητο", "απόρρητο"},
		{"Armenian", "cօnfidential", "confidential"},
		{"mathematical", "𝐏𝐫𝐢𝐯𝐢𝐥𝐞𝐠𝐞𝐝 𝓬𝓵𝓲𝓮𝓷𝓽 𝚠𝚘𝚛𝚔", "privileged client work"},
		{"circled", "ⓟⓡⓘⓥⓘⓛⓔⓖⓔⓓ 🅟🅡🅘🅥", "privileged priv"},
		{"small capitals", "ᴘʀɪᴠɪʟᴇɢᴇᴅ", "privileged"},
		{"struck through", "p̶r̶i̶v̶i̶l̶e̶g̶e̶d̶", "privileged"},
		{"underlined", "p̲r̲i̲v̲i̲l̲e̲g̲e̲d̲", "privileged"},
		{"enclosed", "p\u20ddr\u20ddivileged", "privileged"},
		{"letters with marks stay", "é ü ñ ç й ё", "é ü ñ ç й ё"},
		{"full width and Cyrillic", "ｐｒіｖ", "priv"},
		{"soft hyphen at the end of a line", "privi\u00ad\nleged", "privi- leged"},
		{"soft hyphens as padding", "x \u00ad \u00ad y", "x y"},
		{"tags", "pri\U000e0041vileged", "privileged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Fold(tt.in); got != tt.want {
				t.Errorf("Fold(%+q) = %+q, want %+q", tt.in, got, tt.want)
			}
			if again := Fold(Fold(tt.in)); again != Fold(tt.in) {
				t.Errorf("folded twice: %+q", again)
			}
		})
	}
}

// TestFoldLaws draws strings from the runes that make trouble and asks that
// Fold is idempotent, does not care about case, and leaves nothing unseen.
func TestFoldLaws(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("aAeEiİıßſﬁ½¨´ \t\n\u00a0\u200b\u200d\u00ad\u0301\u0308\u0323\u034f\u1160\u3164\ufe0f\x00\x7f\x85’“—ΣςΩΩ각ᄀ가ｱﾞ\u202e\u2066日本\U0001F600ǅŉΐ\u0345оОрνηıіｐᴘᴛ\u0336\u20dd🅟rnДʜՕµ")
	for range 20000 {
		var b strings.Builder
		for range rnd.IntN(12) {
			b.WriteRune(alphabet[rnd.IntN(len(alphabet))])
		}
		checkFold(t, b.String())
		b.Reset()
		for range rnd.IntN(6) {
			b.WriteRune(rune(rnd.IntN(0x20000)))
		}
		checkFold(t, b.String())
	}
}

func checkFold(t *testing.T, s string) {
	t.Helper()
	once := Fold(s)
	if twice := Fold(once); twice != once {
		t.Fatalf("Fold(%+q) = %+q, again %+q", s, once, twice)
	}
	if strings.Contains(once, "  ") || strings.TrimSpace(once) != once {
		t.Fatalf("Fold(%+q) = %+q keeps white space", s, once)
	}
	for _, r := range once {
		if unicode.In(r, unicode.Cf, unicode.Cc) {
			t.Fatalf("Fold(%+q) = %+q keeps %U", s, once, r)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "Privi\u200bleged", "a\u0301\x01\u0308", "\u00a8", "ŉ\u0345"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkFold(t, s) })
}

func TestFoldKeepsFoldedWithoutCopy(t *testing.T) {
	s := strings.Repeat("nothing to do here. ", 200) + "end"
	if n := testing.AllocsPerRun(20, func() { _ = Fold(s) }); n != 0 {
		t.Errorf("Fold of a folded ASCII text allocates %v times", n)
	}
}
