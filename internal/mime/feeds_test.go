package mime

import (
	"math/rand"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

func TestFeedsIsLineFeedsInPlace(t *testing.T) {
	for seed := range int64(5000) {
		r := rand.New(rand.NewSource(seed))
		var b strings.Builder
		for range r.Intn(20) {
			b.WriteString([]string{"\r", "\n", "\r\n", "a", "word", "\u00e9", "\r\r\n"}[r.Intn(7)])
		}
		if got, want := string(feeds([]byte(b.String()))), lineFeeds(b.String()); got != want {
			t.Fatalf("feeds(%q): %q, want %q", b.String(), got, want)
		}
	}
}

// TestTextIsTheSameWithFeedsFirst reads text whose line ends are brought to LF
// before and after the charset is decoded.
func TestTextIsTheSameWithFeedsFirst(t *testing.T) {
	for _, charset := range []string{"", "utf-8", "UTF8", "us-ascii", "ascii", "iso-8859-1", " windows-1252"} {
		if !octetwise(charset) {
			t.Errorf("charset %q is octetwise", charset)
		}
		for seed := range int64(2000) {
			r := rand.New(rand.NewSource(seed))
			var b []byte
			for range r.Intn(20) {
				b = append(b, [][]byte{{'\r'}, {'\n'}, {'\r', '\n'}, {0xc3}, {0xa9}, {0xe2, 0x82}, {0xff}, {'x'}, {0}, {0x85}}[r.Intn(10)]...)
			}
			text, problem := toUTF8(append([]byte(nil), b...), charset)
			want := lineFeeds(strings.TrimPrefix(text, "\uFEFF"))
			got, again := toUTF8(feeds(append([]byte(nil), b...)), charset)
			if got = strings.TrimPrefix(got, "\uFEFF"); got != want || again != problem {
				t.Fatalf("%q of %x: %q %q, want %q %q", charset, b, got, again, want, problem)
			}
		}
	}
	if octetwise("utf-16") || octetwise("iso-2022-jp") {
		t.Error("not octetwise")
	}
}

// TestCharmapsKeepASCII: the short cut for ASCII in a charset of one octet.
func TestCharmapsKeepASCII(t *testing.T) {
	low := make([]byte, 128)
	for i := range low {
		low[i] = byte(i)
	}
	n := 0
	for _, name := range []string{"iso-8859-2", "iso-8859-5", "iso-8859-7", "iso-8859-15", "windows-1250", "windows-1251", "windows-1253", "windows-1254",
		"windows-1255", "windows-1256", "windows-1257", "windows-1258", "windows-874", "koi8-r", "koi8-u", "ibm866", "macintosh", "x-mac-cyrillic",
		"iso-8859-3", "iso-8859-4", "iso-8859-6", "iso-8859-8", "iso-8859-10", "iso-8859-13", "iso-8859-14", "iso-8859-16"} {
		e, ok := decoderFor(name).(*charmap.Charmap)
		if !ok {
			continue
		}
		n++
		if out, err := e.NewDecoder().Bytes(low); err != nil || string(out) != string(low) {
			t.Errorf("%s changes ASCII", name)
		}
	}
	if n < 20 {
		t.Errorf("only %d charsets were looked at", n)
	}
}
