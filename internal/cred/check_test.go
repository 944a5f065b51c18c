package cred

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/config"
)

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	write(t, filepath.Join(dir, "good"), secret, 0o600)
	write(t, filepath.Join(dir, "open"), secret, 0o644)
	write(t, filepath.Join(dir, "empty"), "", 0o600)
	if err := os.Symlink("good", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		s    config.Secret
		want string // "" for nothing to say
	}{
		{config.Secret{}, ""},
		{config.Secret{File: "good"}, ""},
		{config.Secret{Credential: "anything"}, ""}, // systemd passes it to the service alone
		{config.Secret{File: "open"}, "has mode 0644"},
		{config.Secret{File: "absent"}, "does not exist"},
		{config.Secret{File: "empty"}, "is empty"},
		{config.Secret{File: "link"}, "symbolic link"},
	} {
		e, bad := Check(dir, at(c.s))
		if bad != (c.want != "") || !strings.Contains(e.Problem, c.want) || e.Warning {
			t.Errorf("Check(%+v) = %v, %v; want %q", c.s, e, bad, c.want)
		}
	}
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	if e, bad := Check(dir, at(config.Secret{Credential: "anything"})); !bad || e.Warning {
		t.Errorf("a credential that was not passed = %v, %v", e, bad)
	}
}

func TestCheckOfAnothersFile(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("giving a file away needs root")
	}
	dir := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	for mode, bad := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true} {
		path := write(t, filepath.Join(dir, "theirs"), secret, mode)
		if err := os.Chown(path, 12345, 12345); err != nil {
			t.Fatal(err)
		}
		if e, got := Check(dir, at(config.Secret{File: "theirs"})); got != bad {
			t.Errorf("mode %o of the service's own file: %v, %v", mode, e, got)
		}
	}
}
