package billing

import (
	"math/rand"
	"strings"
	"testing"
)

// TestReadAccount: an account is read alone as it is read with all else.
func TestReadAccount(t *testing.T) {
	var vocabulary []string
	for _, book := range []*phrasebook{&accounts, &fresh, &changes, &paying, &hurries, &secrets} {
		for _, list := range book {
			for _, p := range list {
				vocabulary = append(vocabulary, strings.ReplaceAll(strings.Join(p, " "), "*", ""))
			}
		}
	}
	for range 10 {
		vocabulary = append(vocabulary, ".", "!", "\n\n", "\r\n\r\n", "our", "your", "not", "if", "the", "Tuesday")
	}
	r := rand.New(rand.NewSource(4))
	found := 0
	for range 50_000 {
		var b strings.Builder
		for range 1 + r.Intn(25) {
			b.WriteString(vocabulary[r.Intn(len(vocabulary))])
			b.WriteByte(' ')
		}
		first, second := b.String()[:b.Len()/2], b.String()[b.Len()/2:]
		want := ReadWording(first, second).Bank
		if got := ReadAccount(first, second); got != want {
			t.Fatalf("%q, and with all else %q, in %q", got, want, b.String())
		}
		if want != "" {
			found++
		}
	}
	if found < 5000 {
		t.Errorf("%d texts speak of an account: the test tells nothing", found)
	}
}
