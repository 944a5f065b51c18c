package rules

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"golang.org/x/net/idna"

	"cel.dev/cel-go/common/types"
)

func TestLooksLike(t *testing.T) {
	l := newLookalikes([]string{"firm.example", "northcounsel.example", "hale-morrow.example", "uk.whitmore.example", "jo.kim@gmail.com", "pat@ridgeway-legal.co.uk"})
	for addr, want := range map[string]bool{
		// themselves, and what is below or above them
		"a@firm.example": false, "a@mail.firm.example": false, "a@northcounsel.example": false, "a@x.northcounsel.example": false,
		"a@whitmore.example": false, "a@de.whitmore.example": false, "b@ridgeway-legal.co.uk": false,
		// one typing error
		"a@nortcounsel.example": true, "a@northcounsell.example": true, "a@northcuonsel.example": true, "a@northcoumsel.example": true,
		"a@norhtcounsel.org": true, "a@whitmor.example": true, "a@whitmor.org": true,
		// a short name has many neighbours
		"a@fir.example": false, "a@farm.example": false, "a@film.example": false,
		// glyphs
		"a@firrn.example": true, "a@f1rm.example": true, "a@n0rthcounse1.example": true, "a@vvhitmore.example": true,
		"a@nоrthcounsel.example": true, "a@nörthcounsel.example": true, "a@ｗhitmore.example": true,
		// a hyphen more or less, a dot less
		"a@halemorrow.example": true, "a@north-counsel.example": true, "a@ukwhitmore.example": true,
		// another top-level domain
		"a@northcounsel.test": true, "a@firm.test": false, "a@firm.exampl": true, "a@hale-morrow.co.uk": true, "b@ridgeway-legal.com": true,
		// inside a longer one
		"a@northcounsel-billing.example": true, "a@pay-hale-morrow.test": true, "a@northcounselbilling.example": true, "a@firm-billing.test": false,
		"a@northcounsel.example.evil.test": true, "a@mail.northcounsel.example.evil.test": true,
		// two errors, and other people
		"a@northcouncil.example": false, "a@southcounsel.example": false, "a@elsewhere.example": false, "a@gmail.com": false, "a@gmai.com": false,
		"a@hotmail.test": false, "": false, "a@": false, "a@localhost": false, "no address": false,
	} {
		if got := l.like(addr); got != want {
			t.Errorf("%q: %v, want %v", addr, got, want)
		}
	}
}

func TestLooksLikeReadsPunycode(t *testing.T) {
	l := newLookalikes([]string{"northcounsel.example"})
	ascii, err := idna.Punycode.ToASCII("nоrthcounsel.example") // the о is Cyrillic
	if err != nil || !strings.HasPrefix(ascii, "xn--") {
		t.Fatal(ascii, err)
	}
	if !l.like("a@" + ascii) {
		t.Errorf("%s passes", ascii)
	}
	for _, broken := range []string{"a@xn--\xff.example", "a@xn--.example", "a@xn--99999999999999999999.example", "a@" + strings.Repeat("xn--a.", 60) + "example"} {
		l.like(broken)
	}
}

// Laws: no listed domain, and nothing below it, looks like one; each single slip
// of a long name does.
func TestLooksLikeLaws(t *testing.T) {
	rnd := rand.New(rand.NewSource(7))
	letters := "bcdfghjkpqstxz" // no pair of them has one skeleton with another
	word := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[rnd.Intn(len(letters))]
		}
		return string(b)
	}
	var list []string
	for range 2000 {
		list = append(list, word(6+rnd.Intn(12))+".example")
	}
	l := newLookalikes(list)
	for range 5000 {
		d := list[rnd.Intn(len(list))]
		name := strings.TrimSuffix(d, ".example")
		for _, fine := range []string{d, "a@" + d, "a@" + word(3) + "." + d, "a@" + word(2) + "." + word(4) + "." + d} {
			if l.like(fine) {
				t.Fatalf("%s looks like itself", fine)
			}
		}
		i := rnd.Intn(len(name) - 1)
		c := string(letters[rnd.Intn(len(letters))])
		slips := []string{name[:i] + name[i+1:], name[:i] + c + name[i:], name[:i] + c + name[i+1:], name[:i] + name[i+1:i+2] + name[i:i+1] + name[i+2:]}
		for _, s := range slips {
			if l.known[s+".example"] {
				continue
			}
			if !l.like("a@" + s + ".example") {
				t.Fatalf("%s is not seen for %s", s, name)
			}
		}
	}
}

func TestOneEdit(t *testing.T) {
	for pair, want := range map[string]bool{
		"abc abc": false, "abc abd": true, "abc ab": true, "abc abcd": true, "abc acb": true, "abc bac": true, "abc cab": false,
		"abc a": false, "äbc abc": true, "abcd badc": false,
	} {
		a, b, _ := strings.Cut(pair, " ")
		if oneEdit(a, b) != want || oneEdit(b, a) != want {
			t.Errorf("%s: want %v", pair, want)
		}
	}
}

func TestLooksLikeInRules(t *testing.T) {
	reg, _ := types.NewRegistry()
	a := newAddresses(reg, []string{"northcounsel.example", "northcounsell.example"})
	if a.like("x@northcounsell.example") {
		t.Error("a listed domain looks like another listed one")
	}
	if !a.like("x@northc0unsel.example") {
		t.Error("a forged domain passes")
	}
}

func FuzzLooksLike(f *testing.F) {
	l := newLookalikes([]string{"northcounsel.example", "hale-morrow.example", "uk.whitmore.example"})
	for _, s := range []string{"a@nortcounsel.example", "xn--nrthcounsel-kfj.example", "....", "@", "a@-.-", strings.Repeat("a-", 100) + ".example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if l.like(s) && (strings.HasSuffix(s, "@northcounsel.example") || strings.HasSuffix(s, ".hale-morrow.example")) {
			t.Errorf("%q looks like itself", s)
		}
	})
}

func BenchmarkLooksLike(b *testing.B) {
	for _, size := range []int{100, 10_000, 100_000} {
		rnd := rand.New(rand.NewSource(1))
		list := make([]string, size)
		for i := range list {
			list[i] = fmt.Sprintf("%c%c%c%c-partners%d.example", 'a'+rnd.Intn(26), 'a'+rnd.Intn(26), 'a'+rnd.Intn(26), 'a'+rnd.Intn(26), rnd.Intn(1000))
		}
		l := newLookalikes(list)
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			for b.Loop() {
				l.judge("elsewhere-and-sons.example")
			}
		})
		b.Run(fmt.Sprintf("again/size=%d", size), func(b *testing.B) {
			for b.Loop() {
				l.like("billing@elsewhere-and-sons.example")
			}
		})
	}
	b.Run("build=100000", func(b *testing.B) {
		list := make([]string, 100_000)
		for i := range list {
			list[i] = fmt.Sprintf("client-name-%d.example", i*7919)
		}
		for b.Loop() {
			newLookalikes(list)
		}
	})
}
