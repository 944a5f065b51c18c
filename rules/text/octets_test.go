package text

import (
	"math/rand"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// foldSlowly folds octet by octet: what Fold must say.
func foldSlowly(s string) string {
	f := folding{}
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c >= '\t' && c <= '\r':
			f.space = true
			i++
		case c > ' ' && c < 0x7f:
			f.flush()
			f.out = append(f.out, lowerASCII(c))
			i++
		case c < utf8.RuneSelf:
			i++
			if i < len(s) && s[i] >= utf8.RuneSelf {
				i = f.run(s, i)
			}
		default:
			i = f.run(s, i)
		}
	}
	return string(f.out)
}

// startsSlowly is what Starts must say.
func startsSlowly(s string) []int32 {
	var out []int32
	inner := func(i int) bool {
		return i >= 0 && (s[i] >= '0' && s[i] <= '9' || s[i] >= 'a' && s[i] <= 'z')
	}
	for i := range len(s) {
		if inner(i) && !inner(i-1) || s[i] >= utf8.RuneSelf {
			out = append(out, int32(i))
		}
	}
	return out
}

// scraps are texts made of what borders of octets and words are made of.
func scraps(seed int64) string {
	r := rand.New(rand.NewSource(seed))
	parts := []string{" ", "  ", "\t", "\n", "\r\n", "a", "Z", "@", "[", "`", "{", "0", "9", ":", "/", "\x00", "\x1f", "\x7f", "\x80", "\xff",
		"ä", "Ä", "\u0301", "\u00a0", "\u2019", "\ufb01", "ß", "İ", "word", "WORD", "Some Words here ", "漢", "\u200b", "x@y.example"}
	var b strings.Builder
	for range r.Intn(40) {
		b.WriteString(parts[r.Intn(len(parts))])
	}
	return b.String()
}

func TestFoldByEights(t *testing.T) {
	for seed := range int64(20000) {
		s := scraps(seed)
		if got, want := Fold(s), foldSlowly(s); got != want {
			t.Fatalf("Fold(%q)\ngot  %q\nwant %q", s, got, want)
		}
	}
}

func TestStarts(t *testing.T) {
	for seed := range int64(20000) {
		s := scraps(seed)
		if got, want := Starts(nil, s), startsSlowly(s); !slices.Equal(got, want) {
			t.Fatalf("Starts(%q)\ngot  %v\nwant %v", s, got, want)
		}
	}
}

func TestMasks(t *testing.T) {
	for c := range 256 {
		s := strings.Repeat(" ", 3) + string([]byte{byte(c)}) + "    "
		x := eight(s, 0)
		for _, limit := range []byte{' ', '0', 'A', 'Z' + 1, 0x7f} {
			if got, want := from(x, limit)>>31&1 == 1, c >= int(limit) && c < 0x80; got != want {
				t.Errorf("from %#x %#x: %v", c, limit, got)
			}
			if got, want := same(x, limit)>>31&1 == 1, c == int(limit); got != want {
				t.Errorf("same %#x %#x: %v", c, limit, got)
			}
		}
		if got := byte(lowered(x) >> 24); got != lowerASCII(byte(c)) {
			t.Errorf("lowered %#x: %#x", c, got)
		}
	}
}

func TestJointAndDigit(t *testing.T) {
	next := func(s string, i int, is func(c byte) bool) int {
		for i < len(s) && !is(s[i]) {
			i++
		}
		return i
	}
	for seed := range int64(5000) {
		s := scraps(seed)
		for i := range len(s) + 1 {
			if got, want := Joint(s, i), next(s, i, func(c byte) bool { return c >= 0x80 || strings.IndexByte("-/_&", c) >= 0 }); got != want {
				t.Fatalf("Joint(%q, %d): %d, want %d", s, i, got, want)
			}
			if got, want := Digit(s, i), next(s, i, digit); got != want {
				t.Fatalf("Digit(%q, %d): %d, want %d", s, i, got, want)
			}
		}
	}
}

func TestPrefixes(t *testing.T) {
	words := []string{"a", "hr", "nda", "four", "lease", "work product", "privileged and confidential", "\u00fcber", "12345.001"}
	p := NewPrefixes(words)
	for _, w := range words {
		for _, behind := range []string{"", " and so on and so on", "x"} {
			s := "see " + w + behind
			if !p.At(s, 4) {
				t.Errorf("%q is not seen in %q", w, s)
			}
		}
	}
	passed, places := 0, 0
	for i := range len(sentence) * 9 {
		places++
		if p.At(strings.Repeat("Bcd "+strings.ToUpper(sentence), 10), i) {
			passed++
		}
	}
	if passed*10 > places {
		t.Errorf("%d of %d places of a text without the words pass", passed, places)
	}
}
