package pdf

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"chancery/internal/filetext"
)

// Main is the whole life of a child: it locks itself in, prepares the parser, and
// answers on stdout one PDF of stdin after the other, until there are no more. The
// process must do nothing else, before or after. It returns what to exit with.
func Main() int {
	mode := modeFast
	if !executable() {
		mode = modeSlow
	}
	if err := live(os.Stdin, os.Stdout, mode); err != nil {
		return 1
	}
	return 0
}

func live(in io.Reader, out io.Writer, mode string) error {
	lockIn()
	debug.SetTraceback("none")
	e, err := newEngine(mode)
	if err != nil {
		return err
	}
	debug.SetMemoryLimit(childHeap) // not before: translating takes more, once
	to := &stream{w: bufio.NewWriterSize(out, 64<<10)}
	if err := to.send(frameReady, []byte(mode)); err != nil {
		return err
	}
	for {
		if err := e.answer(in, to); err != nil {
			if errors.Is(err, io.EOF) {
				return nil // the parent is gone, or has no more questions
			}
			return err
		}
	}
}

// answer reads one question and answers it.
func (e *engine) answer(in io.Reader, to *stream) error {
	_, n, err := readHead(in, func(kind byte) (int, bool) { return MaxFile, kind == frameFile })
	if err != nil {
		return err
	}
	hide() // not before: what asked may have wanted to look at a child that was ready
	content, err := readBody(in, n)
	if err != nil {
		return err
	}
	code, err := e.read(content, to)
	if err != nil {
		return err
	}
	return to.send(frameEnd, []byte(code))
}

// stream sends frames, each as soon as it is whole.
type stream struct{ w *bufio.Writer }

func (s *stream) send(kind byte, parts ...[]byte) error {
	if err := writeFrame(s.w, kind, parts...); err != nil {
		return err
	}
	if err := s.w.Flush(); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

func (s *stream) text(t string) error { return s.send(frameText, []byte(t)) }

func (s *stream) member(m filetext.Member) error {
	return s.send(frameMember, []byte{byte(len(m.Name))}, []byte(m.Name), m.Content)
}
