package cred

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"chancery/config"
)

// MaxBytes bounds one secret.
const MaxBytes = 64 << 10

// Read returns the secret s points at: one line of text without its line end.
// A relative file is taken from dir, the configuration folder.
//
// Every error is a config.Error with the place in the configuration and a hint,
// and without the secret.
func Read(dir string, s config.Secret) (string, error) {
	raw, err := readRaw(dir, s)
	if err != nil {
		return "", err
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
	switch {
	case text == "":
		return "", problem(s, "the secret is empty", "write the secret into "+where(s))
	case !utf8.ValidString(text):
		return "", problem(s, "the secret is not UTF-8 text", "write it as one line of text")
	case strings.ContainsFunc(text, unicode.IsControl):
		return "", problem(s, "the secret has more than one line, or control characters", "write it as one line of text")
	}
	return text, nil
}

// readRaw returns the octets of a secret as they are stored.
func readRaw(dir string, s config.Secret) ([]byte, error) {
	switch {
	case s.Credential != "" && s.File != "":
		return nil, problem(s, "credential and file are both set", "keep one of them")
	case s.Credential != "":
		return readCredential(s)
	case s.File != "":
		return readFile(absolute(dir, s.File), s)
	}
	return nil, problem(s, "no secret is named", "add {credential: name} or {file: secrets/name}")
}

// readCredential reads what systemd passed (systemd.exec(5), LoadCredential=).
// systemd guards the folder; in it a file may show group bits that are the mask
// of an access control list, so its mode says nothing.
func readCredential(s config.Secret) ([]byte, error) {
	if !config.ValidCredential(s.Credential) {
		return nil, problem(s, "this is not the name of a credential", "letters, digits, . _ and -")
	}
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return nil, problem(s, fmt.Sprintf("credential %s is asked for, but systemd passed none", s.Credential),
			"run chancery as the service, or name a file: {file: secrets/"+s.Credential+"}")
	}
	f, _, err := open(filepath.Join(dir, s.Credential))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, problem(s, fmt.Sprintf("credential %s is not among those systemd passed", s.Credential),
			"add to the unit: LoadCredential="+s.Credential+":/path/of/the/file")
	case err != nil:
		return nil, problem(s, fmt.Sprintf("credential %s cannot be opened: %s", s.Credential, reason(err)), "look at LoadCredential= of the unit")
	}
	defer f.Close()
	return readAll(f, s)
}

// readFile reads a file only its owner can read. Everything is checked on the
// open file, so that it cannot be exchanged between check and use.
func readFile(path string, s config.Secret) ([]byte, error) {
	f, info, err := open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, problem(s, fmt.Sprintf("file %s does not exist", s.File), "write the secret into it, then: chmod 600")
	case errors.Is(err, syscall.ELOOP):
		return nil, problem(s, fmt.Sprintf("file %s is a symbolic link", s.File), "name the file itself")
	case err != nil:
		return nil, problem(s, fmt.Sprintf("file %s cannot be opened: %s", s.File, reason(err)), "the user that chancery runs as must own it")
	}
	defer f.Close()
	if mode := info.Mode().Perm(); mode&^0o600 != 0 {
		return nil, problem(s, fmt.Sprintf("file %s has mode %04o", s.File, mode), "others must not read it: chmod 600")
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && !ownedWell(st.Uid, os.Geteuid()) {
		return nil, problem(s, fmt.Sprintf("file %s belongs to another user", s.File), "run this as its owner, or give it to the user that chancery runs as: chown")
	}
	return readAll(f, s)
}

// ownedWell allows root's files and those of the user of the process. Root may
// read the service's: an administrator asks for its status.
func ownedWell(owner uint32, self int) bool {
	return owner == 0 || self == 0 || int64(owner) == int64(self)
}

var errNotRegular = errors.New("not a regular file")

// open opens a regular file and nothing else: it follows no symbolic link and
// waits for no pipe.
func open(path string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

func readAll(r io.Reader, s config.Secret) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	switch {
	case err != nil:
		return nil, problem(s, "the secret cannot be read: "+reason(err), "")
	case len(raw) > MaxBytes:
		return nil, problem(s, "the secret is larger than 64 KiB", "look whether it is the right file")
	}
	return raw, nil
}

// reason is the cause of a file error without its path.
func reason(err error) string {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno.Error()
	}
	if errors.Is(err, errNotRegular) {
		return errNotRegular.Error()
	}
	return "input or output error"
}

func where(s config.Secret) string {
	if s.Credential != "" {
		return "the file that LoadCredential=" + s.Credential + " names"
	}
	return s.File
}

func problem(s config.Secret, text, hint string) error {
	return config.Error{Pos: s.Pos, Problem: text, Hint: hint}
}
