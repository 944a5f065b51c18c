package pdf

import (
	"context"
	"sync"
	"time"

	"chancery/internal/filetext"
)

const (
	maxPatience   = time.Minute
	leastPatience = 2 * time.Second
	quick         = time.Second // what a PDF may take without being held against others
	regain        = 10          // of ten seconds that pass, one comes back
)

// Line is somebody who asks, as an account does: PDFs that take long are held against
// those behind them in the same line, and nobody else. It is safe for use by several
// goroutines.
type Line struct {
	p        *Pool
	patience patience
}

// Line makes another one.
func (p *Pool) Line() *Line {
	return &Line{p: p, patience: patience{most: p.o.patience, left: p.o.patience, at: time.Now()}}
}

// Read reads one PDF: it is a filetext.PDF. It waits its turn, then takes no longer
// than the time of one PDF, and the start of a child besides. The code is "pdf-later"
// if none could be started.
func (l *Line) Read(content []byte) (text string, inside []filetext.Member, code string) {
	return l.read(context.Background(), content)
}

// Until returns a filetext.PDF that gives up when ctx ends, and ends the child that was
// at it. Whoever ended ctx must not believe what it then returns, with the code "pdf".
func (l *Line) Until(ctx context.Context) filetext.PDF {
	return func(content []byte) (string, []filetext.Member, string) { return l.read(ctx, content) }
}

// patience is what PDFs may cost that take long. Honest ones take milliseconds; who
// sends a mailbox one after the other that takes as long as it may would hold up the
// mail behind them, so that after some of them the next get less time.
type patience struct {
	most time.Duration
	mu   sync.Mutex
	left time.Duration
	at   time.Time
}

// limit is how long the next PDF may take, most at most.
func (p *patience) limit(most time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.left = min(p.left+max(now.Sub(p.at), 0)/regain, p.most)
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
