package pdf

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// retireAt is how many octets of memory a child may hold between two PDFs.
const retireAt = 512 << 20

// reader is who answers: a child, or a connection to a service.
type reader struct {
	in  io.Writer
	out *bufio.Reader
	far bool

	line *Line // that it served last

	deadline func(time.Time) error // of both directions
	kill     func()
	done     <-chan struct{} // closed when it has ended
	pid      int             // 0 if it is no child
	size     *os.File        // its statm (proc(5)), nil if it cannot be known
	timer    *time.Timer     // while nobody uses it
	once     sync.Once
}

// greet waits until a reader is ready.
func (r *reader) greet(most time.Duration) error {
	if err := r.deadline(time.Now().Add(most)); err != nil {
		return err
	}
	_, n, err := readHead(r.out, func(kind byte) (int, bool) { return maxFrame[kind], kind == frameReady })
	if err != nil {
		return err
	}
	_, err = readBody(r.out, n)
	return errors.Join(err, r.deadline(time.Time{}))
}

func (r *reader) lives() bool {
	select {
	case <-r.done:
		return false
	default:
		return true
	}
}

// end ends a reader.
func (r *reader) end() { r.once.Do(r.kill) }

// stop ends a reader and waits for its end.
func (r *reader) stop() {
	r.end()
	<-r.done
}

// grown reports whether a child holds more memory than so many octets.
func (r *reader) grown(most int) bool {
	if r.size == nil {
		return false
	}
	b := make([]byte, 256)
	n, err := r.size.ReadAt(b, 0)
	fields := strings.Fields(string(b[:n]))
	if err != nil && !errors.Is(err, io.EOF) || len(fields) < 2 {
		return false
	}
	pages, err := strconv.Atoi(fields[1])
	return err == nil && pages > most/os.Getpagesize()
}

// spawn starts a child with nothing but two pipes.
func spawn(command []string) (*reader, error) {
	if len(command) == 0 {
		command = []string{"/proc/self/exe", "pdf-reader"} // also after an update replaced the file
	}

	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start the PDF reader: %w", err)
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		_, _ = theirIn.Close(), in.Close()
		return nil, fmt.Errorf("start the PDF reader: %w", err)
	}
	cmd := exec.Command(command[0], command[1:]...)
	if command[0] == "/proc/self/exe" {
		cmd.Args[0] = os.Args[0] // what people see in a list of processes
	}
	cmd.Stdin, cmd.Stdout = theirIn, theirOut
	cmd.Env = []string{"GOTRACEBACK=none"} // not nil, which would be ours
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:   true, // a Ctrl-C is for the parent
		Pdeathsig: syscall.SIGKILL,
	}
	// What a library, or whoever started this program, left open for all that it starts
	// is not for the child.
	_ = unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC)
	var size *os.File
	started, done := make(chan error, 1), make(chan struct{})
	go func() {
		// The signal of the parent's death is that of the thread which started it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(done)
		err := cmd.Start()
		if err == nil {
			size, _ = os.Open("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/statm") // before it hides
		}
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		_, _, _ = in.Close(), out.Close(), size.Close()
	}()
	err = <-started
	_, _ = theirIn.Close(), theirOut.Close()
	if err != nil {
		<-done
		return nil, fmt.Errorf("start the PDF reader: %w", err)
	}
	return &reader{
		in: in, out: bufio.NewReader(out), done: done, pid: cmd.Process.Pid, size: size,
		kill:     func() { _ = cmd.Process.Kill() },
		deadline: func(t time.Time) error { return errors.Join(in.SetDeadline(t), out.SetDeadline(t)) },
	}, nil
}
