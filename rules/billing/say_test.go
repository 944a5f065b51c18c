package billing

import (
	"strings"
	"testing"
)

// People read words: every doubt, layer and fault has some, and no code stands in them.
func TestSay(t *testing.T) {
	for _, code := range DoubtCodes {
		if s := SayDoubt(code); s == "" || strings.Contains(s, code) && strings.Contains(code, "-") {
			t.Errorf("%s: %q", code, s)
		}
	}
	for _, layer := range []string{LayerNumber, LayerFile, LayerAmount, LayerNear, "new"} {
		if s := SayLayer(layer); !strings.Contains(" has is asks seems ", " "+strings.Fields(s)[0]+" ") {
			t.Errorf("%s: %q", layer, s)
		}
	}
	for _, c := range LedesCodes() {
		if SayFault(c.Code) != c.Means || c.Means == "" {
			t.Errorf("%s: %q", c.Code, SayFault(c.Code))
		}
	}
	if SayFault("none") != "" || SayDoubt("none") != "" {
		t.Error("a code that is none has words")
	}
	if s := SayDoubts([]string{DoubtFirstSeen, DoubtBankWords, "none", DoubtReplyTo}); s != "it speaks of a new bank account; answers would go to another domain" {
		t.Error(s)
	}
	if s := SayDoubts([]string{DoubtFirstSeen, DoubtBankFirst}); s != "" {
		t.Errorf("what raises no alarm is told: %q", s)
	}
}
