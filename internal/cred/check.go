package cred

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"chancery/config"
)

// Check reports what is wrong with the place of a secret, as far as it can be
// told by a user who need not be the one the service runs as: what only that
// user can see is a warning, and credentials, which systemd passes to the
// service alone, are not looked at outside it. It reports nothing for a secret
// that is not set.
func Check(dir string, s config.Secret) (config.Error, bool) {
	if s.File == "" && os.Getenv("CREDENTIALS_DIRECTORY") == "" {
		return config.Error{}, false
	}
	raw, err := readRaw(dir, s)
	if err == nil && len(raw) == 0 {
		err = problem(s, "the secret is empty", "write the secret into "+where(s))
	}
	e, ok := errors.AsType[config.Error](err)
	if !ok {
		return config.Error{}, false
	}
	e.Warning = s.File != "" && os.Geteuid() != 0 && othersFile(dir, s.File)
	return e, true
}

// othersFile reports whether a file belongs to another user or cannot even be
// looked at.
func othersFile(dir, file string) bool {
	info, err := os.Lstat(absolute(dir, file))
	if err != nil {
		return errors.Is(err, fs.ErrPermission)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int64(st.Uid) != int64(os.Geteuid())
}

func absolute(dir, file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}
