package billing

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// spellings write one amount in the notations of the world.
func spellings(cents int64) []string {
	whole, frac := fmt.Sprint(cents/100), fmt.Sprintf("%02d", cents%100)
	grouped := func(sep string, india bool) string {
		s := whole
		out, size := "", 3
		for len(s) > size {
			out, s = sep+s[len(s)-size:]+out, s[:len(s)-size]
			if india {
				size = 2
			}
		}
		return s + out
	}
	return []string{
		grouped(",", false) + "." + frac, grouped(".", false) + "," + frac, grouped(" ", false) + "," + frac, grouped("\u00a0", false) + "," + frac,
		grouped("'", false) + "." + frac, grouped("\u2019", false) + "." + frac, grouped(",", true) + "." + frac, whole + "." + frac, whole + "," + frac,
	}
}

// Every notation of an amount is that amount, with its currency in front or behind, and
// in the ways in which negatives are written.
func TestMoneyInEveryNotation(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		cents := rnd.Int64N(int64(1) << (4 + rnd.IntN(40)))
		for _, s := range spellings(cents) {
			for _, form := range []struct {
				s    string
				want Money
			}{
				{"EUR " + s, Money{cents, "EUR"}}, {s + " EUR", Money{cents, "EUR"}}, {"\u20ac" + s, Money{cents, "EUR"}}, {"-$" + s, Money{-cents, "USD"}},
				{"$" + s + "-", Money{-cents, "USD"}}, {"($" + s + ")", Money{-cents, "USD"}}, {"$" + s + " CR", Money{-cents, "USD"}}, {"Rs. " + s, Money{cents, "INR"}},
			} {
				if got, ok := parseMoney(form.s); !ok || got != form.want {
					t.Fatalf("%q is %+v, %v, want %+v", form.s, got, ok, form.want)
				}
			}
		}
	}
}

// Every day is read again in every form in which it can be read one way, in all
// languages.
func TestDateInEveryLanguage(t *testing.T) {
	names := [][]string{
		strings.Fields("january february march april may june july august september october november december"),
		strings.Fields("Januar Februar M\u00e4rz April Mai Juni Juli August September Oktober November Dezember"),
		strings.Fields("janvier f\u00e9vrier mars avril mai juin juillet ao\u00fbt septembre octobre novembre d\u00e9cembre"),
		strings.Fields("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
		strings.Fields("januari februari maart april mei juni juli augustus september oktober november december"),
		strings.Fields("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
		strings.Fields("stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrze\u015bnia pa\u017adziernika listopada grudnia"),
	}
	for d := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2031; d = d.AddDate(0, 0, 11) {
		forms := []string{d.Format("2006-01-02"), d.Format("02.01.2006"), d.Format("2.1.2006"), d.Format("02-Jan-2006"), d.Format("January 2, 2006")}
		for _, months := range names {
			forms = append(forms, fmt.Sprintf("%d %s %d", d.Day(), months[d.Month()-1], d.Year()), fmt.Sprintf("%d. %s %d", d.Day(), months[d.Month()-1], d.Year()))
		}
		for _, s := range forms {
			if got, unsure, ok := parseDate(s); !ok || unsure || !got.Equal(d) {
				t.Fatalf("%q is %v, %v, %v", s, got, unsure, ok)
			}
		}
	}
}

// A number that stands behind its word is read as it is written, whatever it looks like.
func TestNumbersAsWritten(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	for range 3000 {
		n := pick("", "INV-", "A/", "RE-", "2026-", "HM/", "#") + fmt.Sprint(100+rnd.IntN(999999)) + pick("", "-1", "/26", ".002", "-A")
		cue := pick("Invoice No. ", "Invoice number: ", "Invoice # ", "Rechnungsnummer ", "Facture n\u00b0 ", "Factuurnummer: ")
		s := cue + n + pick("", " ", ", thanks", ".", "\n")
		var r reading
		r.read(s, findCues(s))
		if len(r.numbers) == 0 || r.numbers[0].text != strings.TrimPrefix(n, "#") {
			t.Fatalf("%q: %+v", s, r.numbers)
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"2026-0417", "INV/2023/03/0008", "F 1234/12", "A-1.", "05/31/2026", "1684.45", "x\xff", "12345678901234567890123456789012345"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, sure := range []bool{true, false} {
			n, end := numberToken(s, 0, sure)
			if n == "" {
				continue
			}
			if end > len(s) || !strings.HasPrefix(s, n) || countDigits(n) == 0 || len(n) > maxNumber {
				t.Fatalf("number %q of %q, end %d", n, s, end)
			}
			if again, _ := numberToken(n, 0, true); again != n {
				t.Fatalf("%q of %q is read again as %q", n, s, again)
			}
		}
	})
}

// FuzzReadText reads what no invoice is.
func FuzzReadText(f *testing.F) {
	for _, p := range papers {
		f.Add(p.text)
	}
	for _, s := range []string{
		"FAKTURA\nFakturadato Fakturanummer Forfall\n24. april 2024 5197 8. mai 2024\n\u00c5 betale: kr 28 434,-",
		"Invoice\nNumber:\nDate:\nDue:\n\n1\n2. 3. 2024\n2024 m. kovo 4 d.\nnet 1,00 tax 0,20 total 1,20", "#  Item  Qty\n|||\n\t\t1,-- . . 4. 3.  #",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b, ok := ReadText(s, time.Time{})
		if again, okAgain := ReadText(s, time.Time{}); ok != okAgain || !sameBill(b, again) {
			t.Fatalf("%q is read in two ways", s)
		}
		for name, p := range b.Where {
			if p.Zone != "file" || p.Line < 1 || p.Line > 1+strings.Count(s, "\n")+1 {
				t.Fatalf("%s of %q at %+v", name, s, p)
			}
		}
	})
}
