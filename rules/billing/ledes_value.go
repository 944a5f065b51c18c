package billing

import (
	"math/big"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Numbers are kept in millionths: exact for everything the formats allow, which is
// four decimals. Products are compared in 128 bits.
const (
	million  = 1_000_000
	cent     = million / 100 // the tolerance: a hundredth is a matter of rounding
	maxWhole = 12            // before the point
)

// fixed is a number as it was written.
type fixed struct {
	v     int64 // in millionths
	known bool  // v is exact
	ints  int32 // digits before the point, without leading zeros
	decs  int32 // digits behind it
}

// readFixed reads digits, a point and a leading minus; "1250." is legal, as in the
// format's own sample. It reports false for anything else.
func readFixed(b []byte) (n fixed, ok bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	digits, point, lost := 0, false, false
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			digits++
			if point {
				if n.decs++; n.decs > 6 {
					lost = lost || c != '0'
					continue
				}
			} else if n.ints > 0 || c != '0' {
				n.ints++
			}
			if n.ints <= maxWhole {
				n.v = n.v*10 + int64(c-'0')
			}
		case c == '.' && !point:
			point = true
		default:
			return fixed{}, false
		}
	}
	if digits == 0 {
		return fixed{}, false
	}
	n.known = n.ints <= maxWhole && !lost
	if !n.known {
		n.v = 0
		return n, true
	}
	for i := min(n.decs, 6); i < 6; i++ {
		n.v *= 10
	}
	if neg {
		n.v = -n.v
	}
	return n, true
}

// balances reports whether a*b + rest is zero within the tolerance; a, b and rest are in
// millionths.
func balances(a, b, rest int64) bool { return balancesTo(a, b, rest, cent) }

// balancesTo is balances with a tolerance in millionths.
func balancesTo(a, b, rest int64, tolerance uint64) bool {
	hi, lo := fixedProduct(a, b)
	rhi, rlo := fixedProduct(rest, million)
	lo, carry := bits.Add64(lo, rlo, 0)
	hi, _ = bits.Add64(hi, rhi, carry)
	if int64(hi) < 0 {
		lo, carry = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, carry)
	}
	return hi == 0 && lo <= tolerance*million
}

// fixedProduct is a signed product in 128 bits.
func fixedProduct(a, b int64) (hi, lo uint64) {
	hi, lo = bits.Mul64(uint64(max(a, -a)), uint64(max(b, -b)))
	if (a < 0) != (b < 0) {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	return hi, lo
}

// agrees reports whether two sums agree within the tolerance.
func agrees(a, b int64) bool { return balances(0, 0, a-b) }

// fixedSum adds up; once it was too large, or a part was not known, it stays unknown.
type fixedSum struct {
	v      int64
	unsure bool
}

func (t *fixedSum) add(n fixed) {
	if next := t.v + n.v; n.known && (n.v >= 0) == (next >= t.v) && next < 1<<61 && next > -1<<61 {
		t.v = next
		return
	}
	t.unsure = true
}

// fixedString prints millionths with at least two decimals.
func fixedString(v int64) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	s := strconv.FormatInt(v%million+million, 10)[1:]
	for len(s) > 2 && s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	return sign + strconv.FormatInt(v/million, 10) + "." + s
}

// productString prints a*b + rest exactly.
func productString(a, b, rest int64) string {
	p := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	p.Add(p, new(big.Int).Mul(big.NewInt(rest), big.NewInt(million)))
	s := new(big.Rat).SetFrac(p, big.NewInt(million*million)).FloatString(12)
	for strings.HasSuffix(s, "0") && s[len(s)-4] != '.' && s[len(s)-3] != '.' {
		s = s[:len(s)-1]
	}
	return s
}

// fixedMoney turns millionths into minor units, half away from zero, and reports whether
// nothing was lost.
func fixedMoney(v int64, code string) (Money, bool) {
	unit := int64(million)
	for range exponent(code) {
		unit /= 10
	}
	half := unit / 2
	if v < 0 {
		half = -half
	}
	return Money{(v + half) / unit, code}, v%unit == 0
}

// noDay is no readable date.
const noDay = -1 << 31

// ledesDay reads YYYYMMDD, with hyphens YYYY-MM-DD (and the time that some exporters
// write behind it), as days since 1970.
func ledesDay(b []byte, hyphens bool) int32 {
	if hyphens {
		if len(b) > 10 && (b[10] == 'T' || b[10] == 'Z' || b[10] == '+') {
			b = b[:10]
		}
		if len(b) != 10 || b[4] != '-' || b[7] != '-' {
			return noDay
		}
		b = []byte{b[0], b[1], b[2], b[3], b[5], b[6], b[8], b[9]}
	}
	if len(b) != 8 {
		return noDay
	}
	v := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return noDay
		}
		v = v*10 + int(c-'0')
	}
	y, m, d := v/10000, v/100%100, v%100
	if y < 1900 || m < 1 || m > 12 || d < 1 || d > daysInMonth(y, m) {
		return noDay
	}
	return dayNumber(y, m, d)
}

func daysInMonth(y, m int) int {
	switch {
	case m == 2 && y%4 == 0 && (y%100 != 0 || y%400 == 0):
		return 29
	case m == 2:
		return 28
	case m == 4, m == 6, m == 9, m == 11:
		return 30
	}
	return 31
}

// dayNumber counts from 1970, by years that begin in March.
func dayNumber(y, m, d int) int32 {
	if m <= 2 {
		y, m = y-1, m+12
	}
	return int32(365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 719469)
}

// dayTime is a day as a time; noDay is the zero time.
func dayTime(d int32) time.Time {
	if d == noDay {
		return time.Time{}
	}
	return time.Unix(int64(d)*86400, 0).UTC()
}
