package google

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"chancery/connectors"
)

// suspicion remembers a loss that one more listing must confirm.
type suspicion struct {
	what  string
	since time.Time
}

// guard holds back a sudden loss of many events: a calendar whose sharing was
// taken away for a moment looks empty, and that must not dismiss every hold.
func (s *Source) guard(base *listing, gone []string, whole bool) error {
	if base == nil {
		return nil
	}
	n, k := len(base.items), len(gone)
	if !(k > 20 && k*10 > n*3) && !(whole && k == n && n >= 5) {
		s.suspect = suspicion{}
		return nil
	}
	h := sha256.Sum256([]byte(strings.Join(gone, "\n")))
	if what := hex.EncodeToString(h[:]); s.suspect.what != what {
		s.suspect = suspicion{what, time.Now()}
	} else if time.Since(s.suspect.since) >= s.confirm {
		s.suspect = suspicion{}
		return nil
	}
	return &connectors.Error{Class: connectors.Protocol, Code: "mass-loss", RetryAfter: s.confirm, Err: errors.New("many events vanished at once; waiting for a second listing")}
}
