package pdf

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"chancery/internal/filetext"
)

// Options say how PDFs are read. The zero value is what a service wants.
type Options struct {
	// Command starts a child: a program and its arguments, which must do nothing but
	// call Main. Empty: this program with the argument "pdf-reader", which a test's
	// program must obey too.
	Command []string
	// Socket is where a reading service listens (see Serve). It is asked as long as it
	// is there and belongs to the system or to this user; else a child is started.
	Socket string
	// Time is how long one PDF may take, MaxTime if 0.
	Time time.Duration
	// Start is how long a child may take to be ready, a minute if 0; Pause is how long
	// no other is started after one that was not, a minute if 0.
	Start, Pause time.Duration
	// Idle is how long a child without work is kept, five minutes if 0.
	Idle time.Duration
	// Readers is how many PDFs are read at the same time, 2 if 0.
	Readers int

	keep     int           // octets of memory that a child may hold between two PDFs, retireAt if 0
	patience time.Duration // maxPatience if 0
}

// Pool reads PDFs. It starts nothing before the first one. It is safe for use by
// several goroutines: who comes first is served first.
type Pool struct {
	o      Options
	seats  chan struct{} // as many as may read at the same time
	closed chan struct{}
	own    *Line

	mu   sync.Mutex
	idle []*reader // the one used last at the end
	all  map[*reader]bool
	sick time.Time // until then nothing is started
	end  bool

	state State // but for Readers
}

// New makes a pool, which must be closed.
func New(o Options) *Pool {
	if o.Time == 0 {
		o.Time = MaxTime
	}
	if o.Start == 0 {
		o.Start = startTime
	}
	if o.Pause == 0 {
		o.Pause = pauseTime
	}
	if o.Idle == 0 {
		o.Idle = warmTime
	}
	if o.keep == 0 {
		o.keep = retireAt
	}
	if o.patience == 0 {
		o.patience = maxPatience
	}
	if o.Readers == 0 {
		o.Readers = 2
	}
	p := &Pool{o: o, seats: make(chan struct{}, o.Readers), closed: make(chan struct{}), all: map[*reader]bool{}}
	p.own = p.Line()
	return p
}

// Close ends all children and waits for their end. What is being read is given up
// with the code "pdf".
func (p *Pool) Close() {
	p.mu.Lock()
	if p.end {
		p.mu.Unlock()
		return
	}
	p.end = true
	close(p.closed)
	var all []*reader
	for r := range p.all {
		all = append(all, r)
	}
	p.mu.Unlock()
	for _, r := range all {
		p.drop(r)
	}
	for range p.o.Readers {
		p.seats <- struct{}{} // who still reads is about to leave
	}
}

// Read is Line.Read, of a line that the pool itself has.
func (p *Pool) Read(content []byte) (text string, inside []filetext.Member, code string) {
	return p.own.Read(content)
}

func (l *Line) read(ctx context.Context, content []byte) (text string, inside []filetext.Member, code string) {
	p := l.p
	if len(content) > MaxFile {
		return "", nil, "size"
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	select {
	case p.seats <- struct{}{}:
		defer func() { <-p.seats }()
	case <-p.closed:
		return "", nil, "pdf"
	case <-ctx.Done():
		return "", nil, "pdf"
	}
	a := l.answer(ctx, content)
	select {
	case <-p.closed:
		return "", nil, "pdf"
	case <-ctx.Done():
		return "", nil, "pdf"
	default:
		p.note(a.code)
		return clean(a.text.String()), a.inside, a.code
	}
}

// answer asks a reader, and another one where the first did not even begin: it may
// have died long before, of something else.
func (l *Line) answer(ctx context.Context, content []byte) (a answer) {
	p := l.p
	r, used := p.take(l)
	for local := false; ; {
		if r == nil {
			if r = p.start(ctx, local); r == nil {
				return answer{code: "pdf-later"}
			}
			r.line = l
		}
		a = answer{}
		stop := context.AfterFunc(ctx, r.end)
		err := l.ask(r, content, &a)
		stop()
		if err == nil {
			p.give(r)
			return a
		}
		p.drop(r)
		if ctx.Err() != nil {
			return a
		}
		switch none := a.text.Len() == 0 && len(a.inside) == 0; {
		case errors.Is(err, os.ErrDeadlineExceeded):
			a.code = "pdf-time"
			return a
		case !none || !used && !r.far:
			a.code = "pdf-memory"
			return a
		}
		local, used, r = r.far && !used, false, nil
	}
}

// ask asks one reader. A reader that fails must be dropped.
func (l *Line) ask(r *reader, content []byte, a *answer) error {
	limit := l.p.o.Time
	if r.far {
		limit += l.p.o.Start // it may have to start a child first, and has a line for each connection
	} else {
		limit = l.patience.limit(limit)
	}
	begun := time.Now()
	if err := r.deadline(begun.Add(limit)); err != nil {
		return err
	}
	err := writeFrame(r.in, frameFile, content)
	if err == nil {
		err = a.take(r.out)
	}
	if !r.far {
		l.patience.spend(time.Since(begun))
	}
	if err != nil {
		return err
	}
	return r.deadline(time.Time{})
}

// take takes the reader that was used last, if it still lives. A connection belongs to
// a line: to the service it is one.
func (p *Pool) take(l *Line) (r *reader, used bool) {
	for {
		p.mu.Lock()
		n := len(p.idle) - 1
		for n >= 0 && p.idle[n].far && p.idle[n].line != l {
			n--
		}
		if n < 0 {
			p.mu.Unlock()
			return nil, false
		}
		r = p.idle[n]
		p.idle = slices.Delete(p.idle, n, n+1)
		r.timer.Stop()
		p.mu.Unlock()
		if r.lives() {
			return r, true
		}
		p.drop(r)
	}
}

// give keeps a reader for the next PDF, for a while.
func (p *Pool) give(r *reader) {
	if r.grown(p.o.keep) {
		p.drop(r)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end {
		return // Close ends it
	}
	p.idle = append(p.idle, r)
	r.timer = time.AfterFunc(p.o.Idle, func() { p.retire(r) })
}

// retire ends a reader that nobody needed.
func (p *Pool) retire(r *reader) {
	p.mu.Lock()
	at := slices.Index(p.idle, r)
	if at >= 0 {
		p.idle = slices.Delete(p.idle, at, at+1)
	}
	p.mu.Unlock()
	if at >= 0 {
		p.drop(r)
	}
}

// drop ends a reader and waits for its end.
func (p *Pool) drop(r *reader) {
	p.mu.Lock()
	delete(p.all, r)
	p.mu.Unlock()
	r.stop()
}

// start opens the service, or else starts a child, and waits until it is ready. It
// returns nil if neither is: then nothing is started for a while, so that mail with
// many PDFs does not wait for each of them.
func (p *Pool) start(ctx context.Context, local bool) *reader {
	p.mu.Lock()
	rest := time.Now().Before(p.sick)
	p.mu.Unlock()
	if rest {
		return nil
	}
	if !local {
		if r, err := dial(p.o.Socket); err == nil && p.greet(ctx, r) == nil {
			return r
		}
	}
	if ctx.Err() == nil {
		if r, err := spawn(p.o.Command); err == nil && p.greet(ctx, r) == nil {
			return r
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.end && ctx.Err() == nil {
		p.sick = time.Now().Add(p.o.Pause)
	}
	return nil
}

// greet waits until a reader is ready. One that is not is dropped.
func (p *Pool) greet(ctx context.Context, r *reader) error {
	p.mu.Lock()
	end := p.end
	p.all[r] = true
	p.mu.Unlock()
	stop := context.AfterFunc(ctx, r.end)
	err := r.greet(p.o.Start)
	stop()
	if err == nil && end {
		err = io.ErrClosedPipe
	}
	if err != nil {
		p.drop(r)
	}
	return err
}

// clean keeps of a text what a text may hold: a child is not believed either.
func clean(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' || c == 0x7f {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
