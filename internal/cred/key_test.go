package cred

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"chancery/config"
)

func TestInstallKeyIsMadeOnce(t *testing.T) {
	dir := t.TempDir()
	first, err := InstallKey(dir, config.Secret{})
	if err != nil || len(first) != KeyBytes {
		t.Fatalf("InstallKey = %d octets, %v", len(first), err)
	}
	again, err := InstallKey(dir, config.Secret{})
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("the second key differs from the first, or %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, "install.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, %v; want 0600", info.Mode(), err)
	}
	if names, _ := os.ReadDir(dir); len(names) != 1 {
		t.Errorf("the folder holds %v, want the key alone", names)
	}
	other, err := InstallKey(t.TempDir(), config.Secret{})
	if err != nil || bytes.Equal(first, other) {
		t.Errorf("two installations have the same key, or %v", err)
	}
}

// Many processes may start at once; all must work under one key.
func TestInstallKeyRace(t *testing.T) {
	dir := t.TempDir()
	keys := make([][]byte, 16)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			var err error
			if keys[i], err = InstallKey(dir, config.Secret{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, k := range keys {
		if !bytes.Equal(k, keys[0]) {
			t.Fatal("two starts got different keys")
		}
	}
}

func TestInstallKeyFromSecret(t *testing.T) {
	dir, creds := t.TempDir(), t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", creds)
	raw := strings.Repeat("\x00\n\xff\x01", 8) // binary, ending as a line does or not
	write(t, filepath.Join(creds, "state.key"), raw, 0o400)
	got, err := InstallKey(dir, at(config.Secret{Credential: "state.key"}))
	if err != nil || string(got) != raw {
		t.Errorf("InstallKey = %x, %v; want the octets as stored", got, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "install.key")); err == nil {
		t.Error("a key was made although one is given")
	}
	path := write(t, filepath.Join(creds, "file.key"), raw, 0o600)
	if got, err := InstallKey(dir, at(config.Secret{File: path})); err != nil || string(got) != raw {
		t.Errorf("InstallKey = %x, %v", got, err)
	}
}

func TestInstallKeyRefuses(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "install.key"), "short", 0o600)
	_, err := InstallKey(dir, at(config.Secret{}))
	wantProblem(t, err, "5 octets, fewer than 32", "backup")

	write(t, filepath.Join(dir, "install.key"), strings.Repeat("k", 32), 0o644)
	_, err = InstallKey(dir, at(config.Secret{}))
	wantProblem(t, err, "has mode 0644", "chmod 600")

	_, err = InstallKey(filepath.Join(dir, "absent"), at(config.Secret{}))
	wantProblem(t, err, "cannot be made", "state folder must exist")

	_, err = InstallKey(dir, at(config.Secret{File: "relative.key"}))
	wantProblem(t, err, "not absolute", "/")

	link := t.TempDir()
	if err := os.Symlink("/dev/zero", filepath.Join(link, "install.key")); err != nil {
		t.Fatal(err)
	}
	_, err = InstallKey(link, at(config.Secret{}))
	wantProblem(t, err, "symbolic link", "itself")
}
