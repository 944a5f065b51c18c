package pdf

import "time"

// State is how the reading of PDFs goes, since the pool was made. Nothing in it is content.
type State struct {
	Readers int       // children, and connections to the service, that live
	Read    int64     // PDFs that a reader answered for, also if it could not read them
	Slow    int64     // of these, ended because they took too long
	Big     int64     // of these, ended because they wanted too much memory, or the reader died
	Later   int64     // PDFs that nobody read, because no reader could be started
	Failing time.Time // since when no reader can be started; zero if the last one could
}

// State tells how it goes.
func (p *Pool) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.state
	s.Readers = len(p.all)
	return s
}

// note counts what became of one PDF.
func (p *Pool) note(code string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &p.state
	if code == "pdf-later" {
		s.Later++
		if s.Failing.IsZero() {
			s.Failing = time.Now()
		}
		return
	}
	s.Read++
	s.Failing = time.Time{}
	switch code {
	case "pdf-time":
		s.Slow++
	case "pdf-memory":
		s.Big++
	}
}
