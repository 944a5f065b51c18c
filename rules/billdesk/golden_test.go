package billdesk

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/internal/model"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// golden compares got with a file of testdata, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("%s is not what is written now (%v); look at it, then -update", name, err)
	}
}

// noteOf is the billing note of a plan.
func noteOf(t *testing.T, p model.Plan) model.NoteBody {
	t.Helper()
	for _, s := range p.Steps {
		if n, ok := s.Action.(model.Note); ok && strings.HasPrefix(string(s.Ident), kindNote) {
			return n.Body.Reveal()
		}
	}
	t.Fatal("no note")
	return model.NoteBody{}
}

func TestNoteGolden(t *testing.T) {
	n := noteOf(t, Decide(view(office()...), true, "1"))
	golden(t, "note.txt", "Subject: "+n.Subject+"\n\n"+n.Text)
	golden(t, "note.html", n.HTML)
	golden(t, "ledger.csv", n.Files[0].Text)
}

func TestEventsGolden(t *testing.T) {
	var b strings.Builder
	for _, s := range Decide(view(office()...), true, "1").Steps {
		if h, ok := s.Action.(model.Hold); ok {
			e := h.Body.Reveal()
			b.WriteString(dayAt(e.Start).long() + "\n" + e.Summary + "\n" + e.Description + "\n\n")
		}
	}
	golden(t, "events.txt", b.String())
}

func TestRemindersGolden(t *testing.T) {
	var b strings.Builder
	for _, s := range Decide(view(office()...), true, "1").Steps {
		if n, ok := s.Action.(model.Note); ok && n.Flagged {
			body := n.Body.Reveal()
			b.WriteString("Subject: " + body.Subject + "\nIn-Reply-To: " + body.InReplyTo + "\n\n" + body.Text + "\n" + body.HTML + "\n\n")
		}
	}
	golden(t, "reminders.txt", b.String())
}
