package sync

import (
	"math/rand/v2"
	"time"

	"chancery/connectors"
)

const (
	backoffBase = time.Second
	backoffCap  = 5 * time.Minute
	// authFirst and authCap are long on purpose: servers lock accounts that
	// hammer them with a wrong password.
	authFirst = time.Minute
	authCap   = 6 * time.Hour
	// throttleCap bounds what a server may ask for.
	throttleCap = time.Hour
)

// backoff counts the failures of one source in a row.
type backoff struct {
	failures int
}

func (b *backoff) reset() { b.failures = 0 }

// next returns how long to wait after err.
func (b *backoff) next(class connectors.Class, asked time.Duration) time.Duration {
	b.failures++
	switch class {
	case connectors.Throttled:
		if asked > 0 {
			return jitterUp(min(asked, throttleCap))
		}
	case connectors.Auth:
		return jitterUp(grow(authFirst, authCap, b.failures, 15))
	case connectors.Config:
		return jitterUp(grow(10*time.Second, backoffCap, b.failures, 2))
	}
	// Full jitter: a thousand accounts on one server that comes back must not
	// come back in step.
	return time.Duration(rand.Int64N(int64(grow(backoffBase, backoffCap, b.failures, 2)))) + 50*time.Millisecond
}

func grow(first, most time.Duration, n, factor int) time.Duration {
	d := first
	for range n - 1 {
		d *= time.Duration(factor)
		if d >= most {
			return most
		}
	}
	return d
}

// jitterUp adds up to a tenth: never earlier than asked.
func jitterUp(d time.Duration) time.Duration {
	return d + time.Duration(rand.Int64N(int64(d)/10+1))
}
