package pdf

import (
	"testing"
	"time"
)

// What is told of the reading of PDFs is what became of them.
func TestState(t *testing.T) {
	p := newPool(t, Options{Command: slow})
	if s := p.State(); s != (State{}) {
		t.Errorf("before the first PDF: %+v", s)
	}
	child(t, p)
	if s := p.State(); s != (State{Readers: 1, Read: 1}) {
		t.Errorf("after one PDF: %+v", s)
	}
	_, _, _ = p.Read([]byte("no PDF"))
	_, _, _ = p.Read(make([]byte, MaxFile+1)) // nobody is asked
	if s := p.State(); s.Read != 2 || s.Later+s.Slow+s.Big != 0 {
		t.Errorf("after two: %+v", s)
	}
	for _, code := range []string{"pdf-time", "pdf-memory", "pdf-memory", "pdf-later"} {
		p.note(code)
	}
	s := p.State()
	if s.Failing.IsZero() || s.Read != 5 || s.Slow != 1 || s.Big != 2 || s.Later != 1 {
		t.Errorf("after all kinds of ends: %+v", s)
	}
	if child(t, p); !p.State().Failing.IsZero() {
		t.Error("it fails although it reads")
	}
}

func TestStateOfAReaderThatDoesNotStart(t *testing.T) {
	p := newPool(t, Options{Command: []string{"/nonexistent/reader"}, Pause: time.Hour})
	for range 3 {
		if _, _, code := p.Read(honest); code != "pdf-later" {
			t.Fatalf("code %q", code)
		}
	}
	s := p.State()
	if s.Failing.IsZero() || s.Later != 3 || s.Read != 0 || s.Readers != 0 {
		t.Errorf("%+v", s)
	}
}
