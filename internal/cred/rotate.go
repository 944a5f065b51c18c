package cred

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"chancery/config"
)

// kept is the file of a refresh token. It counts only as long as the configuration
// says what it came from: the first token, or who consented to which program.
type kept struct {
	Seed    string   `json:"seed"` // hash of what it came from
	Refresh string   `json:"refresh"`
	Scopes  []string `json:"scopes,omitempty"` // that a person consented to; of "installed" alone
}

// grantSecret reads the client secret, "" if the configuration has none.
func (t *Tokens) grantSecret() (string, error) {
	s := t.o.OAuth.Secret
	if s.Credential == "" && s.File == "" {
		return "", nil
	}
	read := Read
	if t.o.OAuth.Grant == "service_account" {
		read = readLong // a JSON file has many lines
	}
	text, err := read(t.o.Dir, s)
	if err != nil {
		return "", &TokenError{Fault: FaultSecret, Code: "secret", Err: err}
	}
	return text, nil
}

func readLong(dir string, s config.Secret) (string, error) {
	raw, err := readRaw(dir, s)
	return string(raw), err
}

// refresh spends the refresh token (RFC 6749 section 6). A provider may rotate it
// and void the one that was spent, so the new one is on disk before the access
// token is used, and no two processes spend at once.
func (t *Tokens) refresh(ctx context.Context) (granted, error) {
	secret, err := t.grantSecret()
	if err != nil {
		return granted{}, err
	}
	first := ""
	if !t.installed() {
		if first, err = Read(t.o.Dir, t.o.OAuth.Refresh); err != nil {
			return granted{}, &TokenError{Fault: FaultSecret, Code: "secret", Err: err}
		}
	}
	unlock, err := t.lock(ctx)
	if err != nil {
		return granted{}, storeError(err)
	}
	defer unlock()
	k, err := t.newest(kept{Seed: t.seedOf(first), Refresh: first})
	if err != nil {
		return granted{}, storeError(err)
	}
	if err := t.standing(k); err != nil {
		return granted{}, err
	}
	g, err := t.post(ctx, secret, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {k.Refresh}})
	if err != nil {
		return g, t.judged(k, err)
	}
	if g.refresh == k.Refresh {
		return g, nil
	}
	spent := k.Refresh
	k.Refresh = g.refresh
	t.keepInMind(k, spent)
	if err := t.keep(k); err != nil {
		return granted{}, storeError(err)
	}
	t.keepInMind(kept{}, "")
	return g, nil
}

func (t *Tokens) seedOf(first string) string {
	if t.installed() {
		first = strings.Join([]string{"installed", t.o.OAuth.TokenURL.Value, t.o.OAuth.ClientID.Value, t.o.User}, "\n")
	}
	sum := sha256.Sum256([]byte(first))
	return hex.EncodeToString(sum[:])
}

// newest returns what to spend: what lies in the store, if it came from first,
// else first. What could not be stored before is stored now, or nothing goes on;
// but never over a newer consent.
func (t *Tokens) newest(first kept) (kept, error) {
	k, err := t.stored(first)
	if err != nil {
		return kept{}, err
	}
	t.mu.Lock()
	unsaved, spent := t.unsaved, t.spent
	t.mu.Unlock()
	if unsaved.Refresh != "" && unsaved.Seed == first.Seed && k.Refresh == spent {
		if err := t.keep(unsaved); err != nil {
			return kept{}, err
		}
		k = unsaved
	}
	t.keepInMind(kept{}, "")
	return k, nil
}

func (t *Tokens) stored(first kept) (kept, error) {
	var k kept
	raw, err := readFile(t.path(".json"), config.Secret{File: t.path(".json")})
	switch {
	case err != nil && !t.missing():
		return kept{}, err
	case err != nil || json.Unmarshal(raw, &k) != nil || k.Seed != first.Seed || k.Refresh == "":
		return first, nil
	}
	return k, nil
}

func (t *Tokens) missing() bool {
	_, err := os.Lstat(t.path(".json"))
	return errors.Is(err, fs.ErrNotExist)
}

func (t *Tokens) keepInMind(unsaved kept, spent string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.unsaved, t.spent = unsaved, spent
}

func (t *Tokens) path(ext string) string { return filepath.Join(t.o.Store, t.o.Account+ext) }

// keep writes the file whole or not at all, also through a power cut. A command
// that root runs leaves a file that the service can read.
func (t *Tokens) keep(k kept) error {
	raw, err := json.Marshal(k)
	if err != nil {
		return err
	}
	draft := t.path("." + rand.Text())
	f, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(draft) }()
	_, err = f.Write(raw)
	if err = errors.Join(err, t.giveBack(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(draft, t.path(".json")); err != nil {
		return err
	}
	return syncFolder(t.o.Store)
}

// giveBack makes the owner of the state folder the owner of a file.
func (t *Tokens) giveBack(f *os.File) error {
	info, err := os.Stat(filepath.Dir(t.o.Store))
	if err != nil || os.Geteuid() != 0 {
		return err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 {
		return f.Chown(int(st.Uid), int(st.Gid))
	}
	return nil
}

// lock keeps the daemon and commands from spending one token twice.
func (t *Tokens) lock(ctx context.Context) (func(), error) {
	if err := t.folder(); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(t.path(".lock"), os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, err
	}
	if err := t.giveBack(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return nil, errors.Join(err, f.Close())
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		}
	}
}

func (t *Tokens) folder() error {
	err := os.Mkdir(t.o.Store, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	d, err := os.Open(t.o.Store)
	if err != nil {
		return err
	}
	return errors.Join(t.giveBack(d), d.Close())
}

func storeError(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &TokenError{Fault: FaultProvider, Code: "token-busy", Err: errors.New("another process has been asking for too long")}
	}
	if e, ok := errors.AsType[*TokenError](err); ok {
		return e
	}
	if _, ok := errors.AsType[config.Error](err); ok {
		return &TokenError{Fault: FaultSecret, Code: "token-store", Err: err}
	}
	return &TokenError{Fault: FaultSecret, Code: "token-store", Err: errors.New("the refresh token cannot be kept: " + reason(err))}
}
