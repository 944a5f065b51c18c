package cred

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"chancery/config"
)

const secret = "correct horse battery"

func write(t *testing.T, path, text string, mode os.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask is
		t.Fatal(err)
	}
	return path
}

// wantProblem checks that err is one for IT: a place, a hint, no secret.
func wantProblem(t *testing.T, err error, problem, hint string) {
	t.Helper()
	e, ok := errors.AsType[config.Error](err)
	if !ok {
		t.Fatalf("error is %T %v, want a config.Error", err, err)
	}
	if !strings.Contains(e.Problem, problem) || !strings.Contains(e.Hint, hint) {
		t.Errorf("problem %q with hint %q, want %q with %q", e.Problem, e.Hint, problem, hint)
	}
	if e.Pos.Line != 7 {
		t.Errorf("place is %s, want line 7", e.Pos)
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("the error repeats the secret: %v", err)
	}
}

func at(s config.Secret) config.Secret {
	s.Pos = config.Pos{File: "chancery.yaml", Line: 7, Col: 3}
	return s
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secrets/plain"), secret, 0o600)
	write(t, filepath.Join(dir, "secrets/newline"), secret+"\n", 0o400)
	write(t, filepath.Join(dir, "secrets/crlf"), secret+"\r\n", 0o600)
	for _, name := range []string{"secrets/plain", "secrets/newline", "secrets/crlf", filepath.Join(dir, "secrets/plain")} {
		got, err := Read(dir, at(config.Secret{File: name}))
		if err != nil || got != secret {
			t.Errorf("Read(%s) = %q, %v", name, got, err)
		}
	}
}

func TestReadFileBlanksAreKept(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "s"), " with blanks \n", 0o600)
	if got, err := Read(dir, at(config.Secret{File: "s"})); err != nil || got != " with blanks " {
		t.Errorf("Read = %q, %v: a password may begin and end with a blank", got, err)
	}
}

func TestReadFileRefuses(t *testing.T) {
	dir := t.TempDir()
	ok := write(t, filepath.Join(dir, "ok"), secret, 0o600)
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o644, 0o610, 0o700, 0o777} {
		write(t, filepath.Join(dir, "mode"), secret, mode)
		_, err := Read(dir, at(config.Secret{File: "mode"}))
		wantProblem(t, err, "has mode 0", "chmod 600")
	}
	if err := os.Symlink(ok, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "empty"), "", 0o600)
	write(t, filepath.Join(dir, "blank"), "\n", 0o600)
	write(t, filepath.Join(dir, "lines"), secret+"\nmore\n", 0o600)
	write(t, filepath.Join(dir, "nul"), secret+"\x00", 0o600)
	write(t, filepath.Join(dir, "latin"), secret+"\xfc", 0o600)
	write(t, filepath.Join(dir, "large"), strings.Repeat(secret, 1+MaxBytes/len(secret)), 0o600)
	for _, c := range []struct{ file, problem, hint string }{
		{"link", "is a symbolic link", "the file itself"},
		{"pipe", "not a regular file", ""},
		{".", "not a regular file", ""},
		{"absent", "does not exist", "chmod 600"},
		{"empty", "is empty", "write the secret"},
		{"blank", "is empty", "write the secret"},
		{"lines", "more than one line", "one line"},
		{"nul", "control characters", "one line"},
		{"latin", "not UTF-8", "one line"},
		{"large", "larger than 64 KiB", "right file"},
	} {
		_, err := Read(dir, at(config.Secret{File: c.file}))
		wantProblem(t, err, c.problem, c.hint)
	}
}

func TestOwner(t *testing.T) {
	for _, c := range []struct {
		owner uint32
		self  int
		want  bool
	}{{0, 1000, true}, {1000, 1000, true}, {1001, 1000, false}, {1000, 0, true}, {0, 0, true}} {
		if got := ownedWell(c.owner, c.self); got != c.want {
			t.Errorf("ownedWell(%d, %d) = %v", c.owner, c.self, got)
		}
	}
}

func TestReadCredential(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	write(t, filepath.Join(dir, "gc-mail"), secret+"\n", 0o440) // as systemd's access control list makes it look
	if got, err := Read("/nowhere", at(config.Secret{Credential: "gc-mail"})); err != nil || got != secret {
		t.Errorf("Read = %q, %v", got, err)
	}
	_, err := Read("/nowhere", at(config.Secret{Credential: "absent"}))
	wantProblem(t, err, "not among those systemd passed", "LoadCredential=absent:")
	for _, name := range []string{"../gc-mail", "a/b", "/etc/passwd", "..", ".", "-x", "a b", strings.Repeat("a", 300)} {
		_, err := Read("/nowhere", at(config.Secret{Credential: name}))
		wantProblem(t, err, "not the name of a credential", "letters")
	}
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	_, err = Read("/nowhere", at(config.Secret{Credential: "gc-mail"}))
	wantProblem(t, err, "systemd passed none", "{file: secrets/gc-mail}")
}

func TestReadNeedsExactlyOne(t *testing.T) {
	_, err := Read(t.TempDir(), at(config.Secret{}))
	wantProblem(t, err, "no secret is named", "credential")
	_, err = Read(t.TempDir(), at(config.Secret{Credential: "a", File: "b"}))
	wantProblem(t, err, "both set", "keep one")
}
