package billing

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"chancery/internal/model"
)

// wides are the ways in which UTF-16 is written.
var wides = []struct {
	name   string
	order  binary.ByteOrder
	marked bool
}{
	{"little end first", binary.LittleEndian, true}, {"big end first", binary.BigEndian, true},
	{"little end first, no mark", binary.LittleEndian, false}, {"big end first, no mark", binary.BigEndian, false},
}

func widened(s string, order binary.ByteOrder, marked bool) []byte {
	if marked {
		s = mark + s
	}
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, 0, 0)
		order.PutUint16(out[len(out)-2:], u)
	}
	return out
}

// TestLedesInUTF16 reads files of every version, good and broken: but for the encoding,
// the same is told as of the file in UTF-8, in the same places.
func TestLedesInUTF16(t *testing.T) {
	r := rand.New(rand.NewSource(16))
	for _, version := range []string{"1998B", "98BI V2", "XML 2.0", "XML 2.1", "XML 2.2"} {
		good := makeLedes(r, version, 2, 5).print()
		for _, text := range []string{good, strings.NewReplacer("|1", "|x", ">1", ">x").Replace(good), strings.Replace(good, "Draft", "Draft – “п﷽𝄞”", 3), good[:len(good)*2/3], strings.ReplaceAll(good, "\r\n", "\n")} {
			want, wantErr := CheckLedes(strings.NewReader(text), LedesOptions{}, nil)
			var told []LedesProblem
			_, _ = CheckLedes(strings.NewReader(text), LedesOptions{}, func(p LedesProblem) { told = append(told, p) })
			for _, w := range wides {
				b := widened(text, w.order, w.marked)
				var list []LedesProblem
				got, err := CheckLedes(iotest.OneByteReader(bytes.NewReader(b)), LedesOptions{}, func(p LedesProblem) { list = append(list, p) })
				if wantErr != nil || err != nil {
					t.Fatalf("%s, %s: %v, %v", version, w.name, err, wantErr)
				}
				if len(list) == 0 || list[0].Code != "utf-16" || list[0].Line != 1 || list[0].Level != LevelError {
					t.Fatalf("%s, %s: the encoding is not told first: %+v", version, w.name, list)
				}
				if !reflect.DeepEqual(list[1:], told) && len(list)+len(told) > 1 {
					t.Errorf("%s, %s: %+v, in UTF-8 %+v", version, w.name, list[1:], told)
				}
				if !reflect.DeepEqual(got.Invoices, want.Invoices) || got.Lines != want.Lines || got.Version != want.Version || got.Errors != want.Errors+1 {
					t.Errorf("%s, %s: %+v, in UTF-8 %+v", version, w.name, got, want)
				}
				if sized, err := CheckLedes(bytes.NewReader(b), LedesOptions{}, nil); err != nil || !reflect.DeepEqual(sized, got) {
					t.Errorf("%s, %s: the same file of known length is %+v, %v", version, w.name, sized, err)
				}
				l, ok := readLedes(b, LedesOptions{})
				if !ok || !reflect.DeepEqual(l, got) {
					t.Errorf("%s, %s: of a mail it is %+v, %v", version, w.name, l, ok)
				}
				wantKind := "ledes"
				if strings.HasPrefix(version, "XML") {
					wantKind = "ledesxml"
				}
				if kind := Kind(model.Attachment{Head: b, Size: int64(len(b))}); kind != wantKind {
					t.Errorf("%s, %s: Kind = %q, want %q", version, w.name, kind, wantKind)
				}
			}
		}
	}
}

// A record that is nearly as long as the file becomes longer in UTF-8.
func TestLedesInUTF16OfWideLetters(t *testing.T) {
	text := strings.Replace(ledesFile("LEDES1998B", "\r\n", []string{"A-1", "10", "10"}), "Draft 1", strings.Repeat("記", 4000), 1)
	for _, w := range wides {
		l, err := CheckLedes(bytes.NewReader(widened(text, w.order, w.marked)), LedesOptions{}, nil)
		if err != nil || len(l.Invoices) != 1 || l.Counts["record-long"] > 0 {
			t.Errorf("%s: %+v, %v", w.name, l, err)
		}
	}
}

// What only begins like UTF-16 is neither a LEDES file nor another kind than before.
func TestUTF16OfOtherFiles(t *testing.T) {
	for _, tt := range []struct{ in, kind string }{
		{"\xff\xfe", "text"}, {"\xfe\xff\x00", "text"}, {"\xff\xfeh\x00i\x00", "text"}, {"\xff\xfe<\x00", "text"},
		{"\xff\xfe\x00\xd8\x00\xd8", "text"}, {"L\x00E\x00", "unknown"}, {"\x00\x00\x00\x00", "unknown"}, {"\x00L\x00E\x00D", "unknown"},
		{"<\x00h\x00t\x00m\x00l\x00>\x00", "unknown"}, {string(widened("Dear all, LEDES1998B[] is a format", binary.LittleEndian, true)), "text"},
		{string(widened("<?xml version='1.0'?><project/>", binary.BigEndian, true)), "text"},
		{string(widened("<Invoice xmlns='urn:oasis'>", binary.BigEndian, true)), "xml-invoice"},
		{string(widened("<rsm:CrossIndustryInvoice xmlns:rsm='urn:un'>", binary.LittleEndian, false)), "xml-invoice"},
	} {
		if got := Kind(model.Attachment{Head: []byte(tt.in), Size: int64(len(tt.in))}); got != tt.kind {
			t.Errorf("%q: Kind = %q, want %q", tt.in, got, tt.kind)
		}
		if l, ok := readLedes([]byte(tt.in), LedesOptions{Cut: true}); ok {
			t.Errorf("%q is %+v", tt.in, l)
		}
		if l, err := CheckLedes(strings.NewReader(tt.in), LedesOptions{}, nil); !errors.Is(err, ErrNotLedes) {
			t.Errorf("%q is %+v, %v", tt.in, l, err)
		}
	}
}

// TestLedesInUTF16Memory reads endless files in UTF-16 in the memory of those in UTF-8.
func TestLedesInUTF16Memory(t *testing.T) {
	for _, name := range []string{"lines of one invoice", "no line ends at all", "xml, one text"} {
		heap := heapOf(func() {
			if _, err := CheckLedes(&wideReader{r: hostileLedes(6 << 20)[name]}, LedesOptions{}, nil); err != nil {
				t.Error(err)
			}
		})
		if heap > 48<<20 {
			t.Errorf("%s: the heap grew to %d MiB", name, heap>>20)
		}
	}
}

// wideReader writes ASCII as UTF-16 with a mark.
type wideReader struct {
	r      io.Reader
	marked bool
	buf    [1024]byte
}

func (w *wideReader) Read(b []byte) (int, error) {
	if !w.marked && len(b) >= 2 {
		w.marked = true
		return copy(b, "\xff\xfe"), nil
	}
	n, err := w.r.Read(w.buf[:min(len(w.buf), len(b)/2)])
	for i, c := range w.buf[:n] {
		b[2*i], b[2*i+1] = c, 0
	}
	return 2 * n, err
}

// FuzzLedesInUTF16 holds of texts in UTF-16 what FuzzLedes holds.
func FuzzLedesInUTF16(f *testing.F) {
	f.Add("LEDES1998B[]\r\nINVOICE_DATE|x[]\r\n", true, true)
	f.Add("<?xml version='1.0'?><ledesxmlebilling2.1 xmlns='x'>", false, false)
	f.Add("<Invoice>", false, true)
	f.Fuzz(func(t *testing.T, s string, big, marked bool) {
		var order binary.ByteOrder = binary.LittleEndian
		if big {
			order = binary.BigEndian
		}
		fuzzLedes(t, widened(s, order, marked), true)
		fuzzLedes(t, append(widened(s, order, marked), 'x'), false)
	})
}
