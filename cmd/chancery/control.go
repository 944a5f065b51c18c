package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	gosync "sync"
	"time"

	"chancery/config"
	"chancery/internal/model"
	"chancery/sync"
)

// The control socket lets "chancery reload" and "chancery status" speak with the
// running service: one JSON request and one JSON reply for each connection. It
// is a Unix socket that only the service's user can open.

type request struct {
	Do     string         `json:"do"`               // "reload", "status", "unpark", "approve", "reject", "backfill", "undo", "retry" or "ledger"
	Source model.SourceID `json:"source,omitempty"` // of what is approved or rejected, filled or undone
	Rule   string         `json:"rule,omitempty"`   // to fill or undo
	Since  time.Time      `json:"since,omitzero"`

	Holds *sync.HoldRequest `json:"holds,omitempty"`

	Account string `json:"account,omitempty"` // to try again

	Ledger *ledgerChange `json:"ledger,omitempty"`
}

type reply struct {
	Error    string        `json:"error,omitempty"`
	Refused  string        `json:"refused,omitempty"` // why user files were set aside
	Unparked int           `json:"unparked,omitempty"`
	Answered int           `json:"answered,omitempty"` // steps approved or rejected
	Retried  int           `json:"retried,omitempty"`  // sources that try again
	Rules    string        `json:"rules,omitempty"`
	Status   []sync.Status `json:"status,omitempty"`
	PDF      *pdfStatus    `json:"pdf,omitempty"`

	Backfill *sync.BackfillResult `json:"backfill,omitempty"`
	Undo     *sync.UndoResult     `json:"undo,omitempty"`
	Holds    *sync.HoldResult     `json:"holds,omitempty"`

	Bills []string `json:"bills,omitempty"` // that were changed
}

const (
	controlTimeout = 2 * time.Minute
	longTimeout    = 2 * time.Hour // of what reads or changes much mail
)

// takesLong reports whether a request may be at work for more than a moment.
func (q request) takesLong() bool { return q.Do == "backfill" || q.Do == "undo" }

// socketPath is in the state folder, so that a command speaks with the service
// that runs with its configuration and with no other.
func socketPath(cfg *config.Config) string {
	return filepath.Join(cfg.Service.State.Dir, "control.sock")
}

// address names a socket so that it fits: the address of a Unix socket has room
// for 107 octets (unix(7)).
func address(path string) (short string, done func(), err error) {
	if len(path) < 108 {
		return path, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { _ = dir.Close() }, nil
}

// listen serves the control socket until stop is called. The lock on the state
// folder already guarantees that no other service uses it, so a socket that lies
// there is left over from a crash.
func (h *house) listen() (stop func(), err error) {
	path, done, err := address(socketPath(h.now.cfg))
	if err != nil {
		return nil, fmt.Errorf("open control socket: %w", err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open control socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("open control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("protect control socket: %w", err)
	}
	var serving gosync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	h.gone = make(chan struct{})
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			// Each for itself: one that says nothing keeps nobody waiting.
			serving.Go(func() {
				_ = c.SetDeadline(time.Now().Add(controlTimeout))
				defer context.AfterFunc(ctx, func() { _ = c.SetReadDeadline(time.Now()) })()
				h.answer(ctx, c)
			})
		}
	})
	return func() { close(h.gone); _ = l.Close(); cancel(); serving.Wait(); done() }, nil
}

// answer serves one connection.
func (h *house) answer(ctx context.Context, c net.Conn) {
	defer func() { _ = c.Close() }()
	var q request
	if err := json.NewDecoder(c).Decode(&q); err != nil {
		return
	}
	var r reply
	switch q.Do {
	case "status":
		if e := h.engine.Load(); e != nil {
			r.Status, r.Rules = e.Status(), e.RuleVersion()
			r.PDF = &pdfStatus{pdfs.State(), e.UnreadMail()}
		}
	case "reload":
		r.Error, r.Refused = h.askReload()
	case "unpark":
		n, err := h.journal.Unpark(context.Background(), time.Now())
		r.Unparked = n
		if err != nil {
			r.Error = err.Error()
		}
	case "retry":
		if e := h.engine.Load(); e != nil {
			r.Retried = e.Retry(q.Account)
		}
	case "approve", "reject":
		r.Answered, r.Error = h.answerHeld(q)
	case "ledger":
		r = h.changeLedger(q.Ledger)
	case "backfill", "undo", "holds":
		r = h.answerLong(ctx, c, q)
	default:
		r.Error = "unknown request"
	}
	_ = json.NewEncoder(c).Encode(r)
}

// answerLong does work that the asker waits for. It ends when the asker goes away
// or the service stops; what was written down until then is carried out.
func (h *house) answerLong(ctx context.Context, c net.Conn, q request) reply {
	engine := h.engine.Load()
	if engine == nil {
		return reply{Error: "the service is starting"}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_ = c.SetDeadline(time.Now().Add(longTimeout))
	go func() { // ends with the connection, which answer closes
		_, _ = c.Read(make([]byte, 1))
		cancel()
	}()
	h.log.Info(q.Do, "source", q.Source, "rule", q.Rule)
	r := carryOut(ctx, engine, q)
	if r.Error != "" {
		h.log.Warn(q.Do+" ended early", "source", q.Source, "rule", q.Rule, "error", r.Error)
	}
	return r
}

// askReload hands the request to the service's own loop and waits for its
// answer.
func (h *house) askReload() (problem, refused string) {
	answer := make(chan error, 1)
	select {
	case h.reloads <- answer:
	case <-h.gone:
		return "the service is stopping", ""
	case <-time.After(controlTimeout / 2):
		return "the service is busy", ""
	}
	select {
	case err := <-answer:
		if left, ok := errors.AsType[leftOut](err); ok {
			return "", left.Error()
		}
		if err != nil {
			var b strings.Builder
			printError(&b, err)
			return strings.TrimSpace(b.String()), ""
		}
		return "", ""
	case <-time.After(controlTimeout / 2):
		return "the service is busy", ""
	}
}

// errNotRunning: nobody answers at the control socket.
var errNotRunning = errors.New("the service is not running")

func dialSocket(ctx context.Context, d net.Dialer, path string) (net.Conn, error) {
	path, done, err := address(path)
	if err != nil {
		return nil, err
	}
	defer done()
	return d.DialContext(ctx, "unix", path)
}

// ask sends one request that needs no more than its name to the running service.
func ask(ctx context.Context, path, do string) (reply, error) {
	return askFor(ctx, path, request{Do: do})
}

func askFor(ctx context.Context, path string, q request) (reply, error) {
	var r reply
	d := net.Dialer{Timeout: 5 * time.Second}
	c, err := dialSocket(ctx, d, path)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return r, withHint(fmt.Errorf("ask the service: %w", err), "run this as root or as the service's user: sudo -u chancery chancery ...")
		}
		return r, errNotRunning
	}
	defer func() { _ = c.Close() }()
	wait := controlTimeout
	if q.takesLong() {
		wait = longTimeout
	}
	_ = c.SetDeadline(time.Now().Add(wait))
	// Ctrl-C ends the wait, and so what is waited for.
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	if err := json.NewEncoder(c).Encode(q); err != nil {
		return r, fmt.Errorf("ask the service: %w", err)
	}
	if err := json.NewDecoder(c).Decode(&r); err != nil {
		return r, fmt.Errorf("ask the service: %w", err)
	}
	return r, nil
}
