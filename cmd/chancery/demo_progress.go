package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"chancery/sync"
)

// progress says how far the demonstration is: a bar on a terminal, else a line
// for each thing that begins.
type progress struct {
	w     io.Writer
	live  bool
	items int // there are to read
	said  map[string]bool
}

func newProgress(w io.Writer, items int) *progress {
	p := &progress{w: w, live: isTerminal(w), items: items, said: map[string]bool{}}
	p.say("the office is open: %d mails and appointments", items)
	return p
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// barWidth is how many cells the bar has.
const barWidth = 30

// show draws the state of the sources.
func (p *progress) show(sources []sync.Status) {
	var read, applied int64
	for _, s := range sources {
		read += s.Changes
		applied += s.Applied
		if s.Code != "" {
			p.say("%s: %s", s.Source, s.Code)
		}
		if s.State == "following" {
			p.say("%s: %d read, %d done, following", s.Source, s.Changes, s.Applied)
		}
	}
	if !p.live {
		return
	}
	// What was written comes back as changes of our own, hence the bound.
	full := barWidth * min(int(read), p.items) / max(p.items, 1)
	_, _ = fmt.Fprintf(p.w, "\r\x1b[K[%s%s] %3d of %d read, %d steps done", strings.Repeat("█", full),
		strings.Repeat("░", barWidth-full), min(int(read), p.items), p.items, applied)
}

// say prints a line once, where there is no bar.
func (p *progress) say(format string, args ...any) {
	about, _, _ := strings.Cut(format, "%d")
	key := fmt.Sprintf(about+"%.0s", append(args[:1:1], "")...)
	if p.live || p.said[key] {
		return
	}
	p.said[key] = true
	_, _ = fmt.Fprintf(p.w, format+"\n", args...)
}

func (p *progress) end() {
	if p.live {
		_, _ = fmt.Fprint(p.w, "\r\x1b[K")
	}
}
