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
	"time"

	"chancery/config"
	"chancery/sync"
)

// The control socket lets "chancery reload" and "chancery status" speak with the
// running service: one JSON request and one JSON reply for each connection. It
// is a Unix socket that only the service's user can open.

type request struct {
	Do string `json:"do"` // "reload" or "status"
}

type reply struct {
	Error  string        `json:"error,omitempty"`
	Rules  string        `json:"rules,omitempty"`
	Status []sync.Status `json:"status,omitempty"`
}

const controlTimeout = 2 * time.Minute

// socketPath is in $RUNTIME_DIRECTORY, which systemd makes, else in the state
// folder.
func socketPath(cfg *config.Config) string {
	if dir := os.Getenv("RUNTIME_DIRECTORY"); dir != "" {
		return filepath.Join(dir, "control.sock")
	}
	if info, err := os.Stat("/run/chancery/control.sock"); err == nil && info.Mode()&fs.ModeSocket != 0 {
		return "/run/chancery/control.sock"
	}
	return filepath.Join(cfg.Service.State.Dir, "control.sock")
}

// listen serves the control socket until stop is called. The journal's lock
// already guarantees that no other service uses this state folder, so a socket
// that lies there is left over from a crash.
func (h *house) listen() (stop func(), err error) {
	path := filepath.Join(h.now.cfg.Service.State.Dir, "control.sock")
	if dir := os.Getenv("RUNTIME_DIRECTORY"); dir != "" {
		path = filepath.Join(dir, "control.sock")
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
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			h.answer(c)
		}
	}()
	return func() { _ = l.Close(); <-ended }, nil
}

// answer serves one connection.
func (h *house) answer(c net.Conn) {
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(controlTimeout))
	var q request
	if err := json.NewDecoder(c).Decode(&q); err != nil {
		return
	}
	var r reply
	switch q.Do {
	case "status":
		if e := h.engine.Load(); e != nil {
			r.Status, r.Rules = e.Status(), e.RuleVersion()
		}
	case "reload":
		r.Error = h.askReload()
	default:
		r.Error = "unknown request"
	}
	_ = json.NewEncoder(c).Encode(r)
}

// askReload hands the request to the service's own loop and waits for its
// answer.
func (h *house) askReload() string {
	answer := make(chan error, 1)
	select {
	case h.reloads <- answer:
	case <-time.After(controlTimeout / 2):
		return "the service is busy"
	}
	select {
	case err := <-answer:
		if err != nil {
			return err.Error()
		}
		return ""
	case <-time.After(controlTimeout / 2):
		return "the service is busy"
	}
}

// errNotRunning: nobody answers at the control socket.
var errNotRunning = errors.New("the service is not running")

// ask sends one request to the running service.
func ask(ctx context.Context, path, do string) (reply, error) {
	var r reply
	d := net.Dialer{Timeout: 5 * time.Second}
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return r, withHint(fmt.Errorf("ask the service: %w", err), "run this as root or as the service's user")
		}
		return r, errNotRunning
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(controlTimeout))
	if err := json.NewEncoder(c).Encode(request{do}); err != nil {
		return r, fmt.Errorf("ask the service: %w", err)
	}
	if err := json.NewDecoder(c).Decode(&r); err != nil {
		return r, fmt.Errorf("ask the service: %w", err)
	}
	return r, nil
}
