package servertest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// The fixture itself: two formats, mail in, the same bytes out, also after a
// hard restart.
func TestDovecot(t *testing.T) {
	for _, format := range []string{"maildir", "mdbox"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			d := Dovecot(t, DovecotOptions{Format: format, Hide: []string{"MOVE"}})
			c := d.Client(t, "ann")
			c.Append("Files/Sub", []byte("Subject: a\r\n\r\nb\r\n"), []byte("Subject: c\r\n\r\nd\r\n"))
			before := d.Dump(t, "ann")
			d.Kill()
			d.Restart(t)
			after := d.Dump(t, "ann")
			if len(before["Files/Sub"]) != 2 || len(Bodies(after)) != 2 || string(after["Files/Sub"][1].Body) != "Subject: c\r\n\r\nd\r\n" {
				t.Fatalf("before %v, after %v", before, after)
			}
			for sum, n := range Bodies(before) {
				if Bodies(after)[sum] != n {
					t.Error("mail changed over a restart")
				}
			}
		})
	}
}

// TestDovecotUnlocked: what a killed server held is free after its restart. Left
// alone, Dovecot waits two minutes for such a file.
func TestDovecotUnlocked(t *testing.T) {
	d := Dovecot(t, DovecotOptions{})
	d.Client(t, "ann").Append("INBOX", []byte("Subject: a\r\n\r\nb\r\n"))
	lock := filepath.Join(d.Dir(), "mail", "ann", "Maildir", "dovecot-uidlist.lock")
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d.Restart(t)
	if _, err := os.Stat(lock); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the lock: %v", err)
	}
	if n := len(d.Dump(t, "ann")["INBOX"]); n != 1 {
		t.Errorf("%d messages", n)
	}
}
