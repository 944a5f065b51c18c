package text

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/internal/servertest"
)

// TestEnronReplies counts how many of the mails that readers at Berkeley labelled
// as forwards and replies (2.2) have quoted text, and how many of those that
// have neither the label nor any sign of a quote are
// left whole.
func TestEnronReplies(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(servertest.Corpus(t, "enron-berkeley-annotated"), "*", "*.txt"))
	replies, quoted, plain, whole := 0, 0, 0, 0
	for _, name := range files {
		m, ok := readMail(t, name)
		labels, err := os.ReadFile(strings.TrimSuffix(name, ".txt") + ".cats")
		if !ok || err != nil {
			continue
		}
		z := Split(m)
		body := m.Parts[0].Text
		switch {
		case strings.Contains("\n"+string(labels), "\n2,2,"):
			if replies++; z.Quoted != "" {
				quoted++
			}
		case !strings.Contains(body, "\n>") && !strings.Contains(body, "ubject:") && !strings.Contains(body, "-----"):
			if plain++; z.Quoted == "" {
				whole++
			}
		}
	}
	t.Logf("%d of %d replies have quoted text; %d of %d plain mails have none", quoted, replies, whole, plain)
	if replies < 300 || quoted*100 < 97*replies {
		t.Errorf("%d of %d replies have quoted text", quoted, replies)
	}
	if plain < 100 || whole*100 < 97*plain {
		t.Errorf("%d of %d plain mails have none", whole, plain)
	}
}
