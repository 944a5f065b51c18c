package pdf

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// even is a font in which every glyph is as wide as half its height and fills the
// room it has, but for a tenth on each side.
type even []glyph

func (e even) origin(i int) (x, y float64, ok bool) { return e[i].box.left, e[i].box.bottom, true }

func (e even) room(i int) (box, bool) {
	b := e[i].box
	white := (b.top - b.bottom) * 0.05
	return box{b.left - white, b.bottom, b.right + white, b.top}, true
}

// set is text at a place, of a height.
type piece struct {
	x, y, tall float64
	text       string
}

func glyphsOf(pieces ...piece) even {
	var out even
	for _, p := range pieces {
		x := p.x
		for _, c := range p.text {
			b := box{x + p.tall*0.05, p.y, x + p.tall*0.45, p.y + p.tall}
			if c == ' ' {
				b = box{x, p.y, x + p.tall*0.5, p.y}
			}
			out = append(out, glyph{string(c), b, 0})
			x += p.tall * 0.5
		}
		out = append(out, glyph{"\n", box{}, 0})
	}
	return out
}

var paper = box{0, 0, 600, 800}

func TestLayout(t *testing.T) {
	tests := []struct {
		name   string
		pieces []piece
		want   string
	}{
		{"nothing", nil, ""},
		{"a line", []piece{{50, 700, 10, "Total due"}}, "Total due\n"},
		{"lines from the top", []piece{{50, 600, 10, "second"}, {50, 615, 10, "first"}}, "first\nsecond\n"},
		{"values under headings", []piece{{50, 700, 10, "Invoice No"}, {200, 700, 10, "Date"}, {50, 688, 10, "4711"}, {200, 688, 10, "2 May"}},
			"Invoice No                    Date\n4711                          2 May\n"},
		{"a gap is two blanks", []piece{{50, 700, 10, "a"}, {70, 700, 10, "b"}}, "a   b\n"},
		{"what is written backwards", []piece{{80, 700, 10, "world"}, {50, 700, 10, "hello"}}, "hello world\n"},
		{"a raised letter", []piece{{50, 700, 10, "the 4"}, {76, 703, 5, "th"}}, "the 4th\n"},
		{"a large word beside small lines", []piece{{50, 690, 30, "Bill"}, {300, 706, 8, "Firm"}, {300, 692, 8, "Street"}}, "      Firm\nBill  Street\n"},
		{"paragraphs", []piece{{50, 700, 10, "one"}, {50, 650, 10, "two"}}, "one\n\ntwo\n"},
		{"outside the sheet", []piece{{50, 900, 10, "above"}, {-400, 700, 10, "left"}, {700, 700, 10, "right"}, {50, 700, 10, "seen"}}, "seen\n"},
		{"ligatures and hyphens", []piece{{50, 700, 10, "o\ufb03ce con\x02 x\u00a0y\u00ad\ufffe"}}, "office con- x y\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := glyphsOf(tt.pieces...)
			got := layout(g, g, paper)
			// How wide a gap is in the end is a matter of proportion; that values stand
			// under their headings is not.
			if flatten(got) != flatten(tt.want) || columns(got) != columns(tt.want) {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// flatten makes every gap two blanks.
func flatten(s string) string {
	for strings.Contains(s, "   ") {
		s = strings.ReplaceAll(s, "   ", "  ")
	}
	return s
}

// columns reports whether the lines begin their second part at one column.
func columns(s string) bool {
	at := -1
	for l := range strings.Lines(s) {
		if i := strings.LastIndex(l, "  "); i >= 0 {
			if at >= 0 && at != i {
				return false
			}
			at = i
		}
	}
	return true
}

// The parser makes up blanks and ends of lines where letters bring much white with them.
// A glyph here is as wide as its height and fills half of that.
func TestMadeUpBlanks(t *testing.T) {
	var wide spaced
	write := func(x, y float64, text string) {
		for _, c := range text {
			b := box{x + 2.5, y, x + 7.5, y + 10}
			switch c {
			case '|', '~': // made up: an end of a line, a blank
				wide = append(wide, glyph{map[rune]string{'|': "\n", '~': " "}[c], box{x, y, x, y}, 0})
				continue
			case ' ':
				b = box{x, y, x, y}
			}
			wide = append(wide, glyph{string(c), b, 0})
			x += 10
		}
		wide = append(wide, glyph{"\n", box{}, 0})
	}
	write(50, 700, "I~n|v|o|ice no")
	write(50, 680, "4|7|1|1")
	write(92, 680, "x") // right behind, but apart
	if got := layout(wide, wide, paper); flatten(got) != "Invoice  no\n4711 x\n" {
		t.Errorf("got\n%s", got)
	}
}

// Where all letters are as wide, a blank is so, too: it parts words, not columns.
func TestBlankOfAFixedFont(t *testing.T) {
	var g spaced
	for i, text := range []string{"please transfer the amount", "until Monday without discount", "thank you, kindly yours", "number    invoice"} {
		for k, c := range text {
			if x := 50 + float64(k)*10; c != ' ' {
				g = append(g, glyph{string(c), box{x + 1.5, 700 - float64(i)*15, x + 8.5, 708 - float64(i)*15}, 0})
			} else {
				g = append(g, glyph{" ", box{x, 700, x, 700}, 0})
			}
		}
		g = append(g, glyph{"\n", box{}, 0})
	}
	want := "please transfer the amount\nuntil Monday without discount\nthank you, kindly yours\nnumber  invoice\n"
	if got := flatten(layout(g, g, paper)); got != want {
		t.Errorf("got\n%s", got)
	}
}

type spaced []glyph

func (s spaced) origin(i int) (x, y float64, ok bool) { return s[i].box.left, s[i].box.bottom, true }

func (s spaced) room(i int) (box, bool) {
	b := s[i].box
	return box{b.left - 2.5, b.bottom, b.right + 2.5, b.top}, true
}

func TestTurnedText(t *testing.T) {
	for i, angle := range []float64{0, math.Pi / 2, math.Pi, 3 * math.Pi / 2} {
		upright := glyphsOf(piece{50, 300, 10, "first"}, piece{50, 280, 10, "then"})
		g := turn(upright, i)
		for j := range g {
			g[j].angle = angle
		}
		g = append(g, glyphsOf(piece{400, 400, 10, "x"})...)
		got := layout(g, pointed{g}, box{})
		if !strings.Contains(got, "first\nthen\n") {
			t.Errorf("turned by %.2f:\n%s", angle, got)
		}
	}
}

// turn turns glyphs about the origin, by quarters against the clock.
func turn(g even, quarters int) even {
	out := append(even(nil), g...)
	for range quarters {
		for i, x := range out {
			b := x.box
			out[i].box = box{-b.top, b.left, -b.bottom, b.right}
		}
	}
	return out
}

// pointed knows no more than the boxes.
type pointed struct{ even }

func (pointed) origin(int) (x, y float64, ok bool) { return 0, 0, false }
func (pointed) room(int) (box, bool)               { return box{}, false }

// Whatever a page says about places, nothing is lost, made up or out of bounds.
func TestLayoutKeepsEveryLetter(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	odd := []float64{0, -1, 1e-300, 1e300, -1e300, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1)}
	number := func() float64 {
		if r.IntN(10) == 0 {
			return odd[r.IntN(len(odd))]
		}
		return r.Float64()*1000 - 100
	}
	for range 2000 {
		var g even
		letters := 0
		for range r.IntN(60) {
			b := box{number(), number(), number(), number()}
			text := string(rune('a' + r.IntN(26)))
			if b.sane() {
				letters++
			}
			g = append(g, glyph{text, b, number()})
		}
		got := layout(g, g, box{})
		n := strings.Count(got, "\n") + strings.Count(got, " ")
		if len(got)-n != letters || len(got) > 60*(maxColumns+3) {
			t.Fatalf("%d letters became %d in %d octets:\n%v", letters, len(got)-n, len(got), g)
		}
	}
}

func TestLayoutIsBounded(t *testing.T) {
	var pieces []piece
	for y := range 20_000 {
		pieces = append(pieces, piece{1e6 * float64(y%2), float64(y) * 20, 5, "x y"})
	}
	g := glyphsOf(pieces...)
	got := layout(g, g, box{})
	if lines := strings.Count(got, "\n"); lines > maxLines || len(got) > maxLines*(maxColumns+10) {
		t.Errorf("%d lines, %d octets", lines, len(got))
	}
}

func FuzzNormal(f *testing.F) {
	for _, s := range []string{"a", "\ufb01", "\x02", "\u00a0", "\r", "\xff", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := normal(s)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\x00\n\r\t\x7f\u00ad") || normal(got) != got {
			t.Errorf("%q became %q, then %q", s, got, normal(got))
		}
	})
}

func BenchmarkLayout(b *testing.B) {
	for _, lines := range []int{50, 1000} {
		var pieces []piece
		for y := range lines {
			pieces = append(pieces, piece{50, float64(y) * 12, 9, "some words of a line that is full"}, piece{400, float64(y) * 12, 9, "1,234.00"})
		}
		g := glyphsOf(pieces...)
		b.Run(fmt.Sprintf("lines=%d", lines), func(b *testing.B) {
			for b.Loop() {
				if layout(g, g, box{}) == "" {
					b.Fatal("nothing")
				}
			}
		})
	}
}
