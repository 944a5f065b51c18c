package pdf

import (
	"sync"
	"time"
)

const (
	maxPatience   = time.Minute
	leastPatience = 2 * time.Second
	quick         = time.Second // what a PDF may take without being held against others
	regain        = 10          // of ten seconds that pass, one comes back
)

// patience is what PDFs may cost that take long. Honest ones take milliseconds; who
// sends a mailbox one after the other that takes as long as it may would hold up the
// mail behind them, so that after some of them the next get less time.
type patience struct {
	mu   sync.Mutex
	left time.Duration
	at   time.Time
}

// limit is how long the next PDF may take, most at most.
func (p *patience) limit(most time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.left = min(p.left+max(now.Sub(p.at), 0)/regain, maxPatience)
	p.at = now
	return min(most, max(p.left, leastPatience))
}

// spend tells how long a PDF took.
func (p *patience) spend(took time.Duration) {
	if took < quick {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = max(p.left-took, 0)
}
