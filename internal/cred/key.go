package cred

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"chancery/config"
)

// KeyBytes is the length of an install key, and the least of one that IT gives.
const KeyBytes = 32

const keyFile = "install.key"

// InstallKey returns the key under which the journal keeps what is guessable
// from content. It is the secret IT names, as stored, or else 32 random octets
// made once in the state folder (which must exist): with another key every item
// would look new.
//
// A file in s must be an absolute path, which config.Load makes of it. Every
// error is a config.Error without the key.
func InstallKey(stateDir string, s config.Secret) ([]byte, error) {
	if s.Credential != "" || s.File != "" {
		if s.File != "" && !filepath.IsAbs(s.File) {
			return nil, problem(s, "the path of the key is not absolute", "begin it with /")
		}
		key, err := readRaw("", s)
		if err != nil {
			return nil, err
		}
		return long(key, s)
	}
	path := filepath.Join(stateDir, keyFile)
	s.File = path
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, problem(s, fmt.Sprintf("file %s cannot be made: %s", path, reason(err)),
				"the state folder must exist and belong to the user that chancery runs as")
		}
	}
	key, err := readFile(path, s)
	if err != nil {
		return nil, err
	}
	return long(key, s)
}

func long(key []byte, s config.Secret) ([]byte, error) {
	if len(key) < KeyBytes {
		return nil, problem(s, fmt.Sprintf("the install key has %d octets, fewer than %d", len(key), KeyBytes),
			"restore it from the backup of the state; a new one makes every item look new")
	}
	return key, nil
}

// makeKey writes a key under another name and links it into place. The name is
// there with all its octets on disk, or not at all, also after a power cut; and
// when two processes start at once, both read the key of the first.
func makeKey(path string) error {
	// crypto/rand.Read never fails: it ends the process instead.
	key := make([]byte, KeyBytes)
	rand.Read(key)
	draft := path + "." + rand.Text()
	f, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(draft)
	_, err = f.Write(key)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(draft, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
