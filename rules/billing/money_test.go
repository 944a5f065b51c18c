package billing

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestParseMoney(t *testing.T) {
	tests := []struct {
		in   string
		want int64
		code string
	}{
		{"$1,684.45", 168445, "USD"},
		{"$ 1,684.45", 168445, "USD"},
		{"1684.45", 168445, ""},
		{"USD 1.684,45", 168445, "USD"},
		{"1.684,45 EUR", 168445, "EUR"},
		{"1 234,56 EUR", 123456, "EUR"},
		{"1\u00a0234,56\u00a0€", 123456, "EUR"},
		{"1\u202f234\u202f567,00 EUR", 123456700, "EUR"},
		{"€1.234", 123400, "EUR"},
		{"€ 1.234,5", 123450, "EUR"},
		{"CHF 1'250.00", 125000, "CHF"},
		{"CHF 1’250.00", 125000, "CHF"},
		{"Fr. 99.50", 9950, "CHF"},
		{"(1,250.00)", -125000, ""},
		{"($1,250.00)", -125000, "USD"},
		{"USD (1,250.00)", -125000, "USD"},
		{"$(1,250.00)", -125000, "USD"},
		{"-$5.00", -500, "USD"},
		{"$-5.00", -500, "USD"},
		{"- 5.00", 0, "!"},
		{"5.00-", -500, ""},
		{"\u22125.00", -500, ""},
		{"£1,000", 100000, "GBP"},
		{"¥1,250", 1250, "JPY"},
		{"JPY 125000", 125000, "JPY"},
		{"JPY 12.50", 0, "!"},
		{"KWD 1.250", 1250, "KWD"},
		{"KWD 1,250.500", 1250500, "KWD"},
		{"US$ 12", 1200, "USD"},
		{"C$12.00", 1200, "CAD"},
		{"$12.00 CAD", 1200, "CAD"},
		{"USD $12.00", 1200, "USD"},
		{"₹1,00,000.00", 10000000, "INR"},
		{"12,34,567.89 INR", 123456789, "INR"},
		{"$1.5 million", 150000000, "USD"},
		{"$3k", 300000, "USD"},
		{"€2,5 mio", 250000000, "EUR"},
		{"$1250.", 125000, "USD"},
		{"1250 dollars", 125000, "USD"},
		{"1.684", 168400, ""},
		{"0.125", 0, "!"},
		{"1.23456", 0, "!"},
		{"12,3456", 0, "!"},
		{"12,345", 1234500, ""},
		{"1,23,45.00", 0, "!"},
		{"1.2.3", 0, "!"},
		{"0", 0, ""},
		{"$0.00", 0, "USD"},
		{"", 0, "!"},
		{"$", 0, "!"},
		{"about $5", 0, "!"},
		{"$5 or more", 0, "!"},
		{"PDF 417", 0, "!"},
		{"92233720368547758.07", math.MaxInt64, ""},
		{"-92233720368547758.08", math.MinInt64, ""},
		{"92233720368547758.08", 0, "!"},
		{"99999999999999999999999999", 0, "!"},
		{"$9223372036854775807 million", 0, "!"},
	}
	for _, tt := range tests {
		m, ok := parseMoney(tt.in)
		if tt.code == "!" {
			if ok {
				t.Errorf("parseMoney(%q) = %v, want none", tt.in, m)
			}
			continue
		}
		if want := (Money{tt.want, tt.code}); !ok || m != want {
			t.Errorf("parseMoney(%q) = %+v, %v, want %+v", tt.in, m, ok, want)
		}
	}
}

// TestMoneyPrintsWhatItParses is the law of the type: nothing is lost between
// text and value, for each currency and each size.
func TestMoneyPrintsWhatItParses(t *testing.T) {
	codes := []string{""}
	for c := range known {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	rnd := rand.New(rand.NewPCG(3, 4))
	values := []int64{0, 1, -1, 9, 10, 99, 100, 999, 1000, 1001, 999999, math.MaxInt64, math.MinInt64, math.MinInt64 + 1}
	for range 3000 {
		values = append(values, int64(rnd.Uint64())>>rnd.IntN(64))
	}
	for i, v := range values {
		for _, c := range codes {
			if i > 20 && rnd.IntN(8) > 0 {
				continue
			}
			m := Money{v, c}
			if got, ok := parseMoney(m.String()); !ok || got != m {
				t.Fatalf("parseMoney(%q) = %+v, %v, want %+v", m.String(), got, ok, m)
			}
		}
	}
}

func TestMoneyString(t *testing.T) {
	for _, tt := range []struct {
		m    Money
		want string
	}{
		{Money{168445, "USD"}, "USD 1684.45"}, {Money{-5, "EUR"}, "EUR -0.05"}, {Money{1250, "JPY"}, "JPY 1250"},
		{Money{1250, "KWD"}, "KWD 1.250"}, {Money{0, ""}, "0.00"},
	} {
		if got := tt.m.String(); got != tt.want {
			t.Errorf("%+v prints %q, want %q", tt.m, got, tt.want)
		}
	}
}

func FuzzMoney(f *testing.F) {
	for _, s := range []string{"$1,684.45", "USD 1.684,45", "(1,250.00)", "CHF 1'250.00", "1 234,56 EUR", "$1.5 million", "-", "1\u202f234"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, ok := parseMoney(s)
		if !ok {
			if m != (Money{}) {
				t.Fatalf("parseMoney(%q) = %+v, false", s, m)
			}
			return
		}
		if again, ok := parseMoney(m.String()); !ok || again != m {
			t.Fatalf("%q is %+v, printed %q, read %+v", s, m, m.String(), again)
		}
		if !strings.ContainsAny(s, "0123456789") {
			t.Fatalf("%q has no digit and is %+v", s, m)
		}
	})
}

// parseMoney reads one amount and nothing else: "$1,684.45", "USD 1.684,45",
// "(1,250.00)" (negative), "1 234,56 EUR", "CHF 1'250.00", "$1.5 million".
// A single point or comma before three digits groups thousands. It is false
// for what has more decimals than the currency, and for what does not fit.
func parseMoney(s string) (Money, bool) {
	s = strings.TrimSpace(s)
	if len(s) == 0 || len(s) > 80 {
		return Money{}, false
	}
	for at := 0; at < len(s); at++ {
		if digit(s[at]) {
			a, ok := amountAt(s, at)
			if !ok || a.beg != 0 || a.end != len(s) && s[a.end:] != "." {
				return Money{}, false
			}
			return a.Money, true
		}
	}
	return Money{}, false
}
