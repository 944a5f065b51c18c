package rules

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/mime"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// shipped compiles the rules that init writes, for the people and matters of their
// tests, and lets them act.
func shipped(t testing.TB) *Set {
	t.Helper()
	c, errs := config.Load(config.Example(), "")
	if errs.Fatal() {
		t.Fatal(errs)
	}
	for i := range c.Rules.Mail {
		c.Rules.Mail[i].Mode = config.Enforce
	}
	c.Rules.Calendar.Conflicts.Mode = config.Enforce
	s, errs := Compile(&c.Rules)
	if s == nil {
		t.Fatal(errs)
	}
	if s, errs = ForTests(&c.Rules, s); s == nil {
		t.Fatal(errs)
	}
	return s
}

// received makes a change of raw octets.
func received(raw []byte) model.Change {
	mail := mime.ReadFor(raw, model.Need{Text: true, Files: true, Invite: true}, nil)
	ref := model.Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 1, UID: 1}
	msg := &model.Message{Ref: ref, Ident: "i", Arrived: mail.Date, Size: int64(len(raw)), Body: model.Hide(mail)}
	return model.Change{Op: model.Put, Ref: ref, Ident: "i", Message: msg}
}

// sensitive are the rules of 10-sensitive.yaml.
var sensitive = []string{
	"legal-hold", "personnel", "board-confidential", "inside-information", "sealed", "trust-account", "privileged", "common-interest",
	"work-product", "settlement", "locked", "legal-work", "asks-for-silence",
}

func TestQualityOnLabelledMail(t *testing.T) {
	dir := servertest.Corpus(t, "enron-berkeley-annotated")
	s := shipped(t)
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no messages", err)
	}
	keyword := regexp.MustCompile(`(?i)privileg|confidential|work.?product`)
	var pack, plain score
	news, newsHits := 0, 0
	byRule := map[string]score{}
	for _, name := range files {
		raw, labels := read(t, name), string(read(t, strings.TrimSuffix(name, ".txt")+".cats"))
		gold := labelled(labels, "3,10", "2,8", "4,10")
		c := received(raw)
		rules := matching(s, c)
		pack.count(len(rules) > 0, gold)
		plain.count(keyword.MatchString(c.Message.Body.Reveal().Subject), gold)
		for _, r := range rules {
			n := byRule[r]
			n.count(true, gold)
			byRule[r] = n
		}
		if labelled(labels, "2,10") && !gold {
			news++
			if len(rules) > 0 {
				newsHits++
			}
		}
		if os.Getenv("CHANCERY_DUMP") != "" && (len(rules) > 0 || gold) {
			t.Logf("gold=%v %s %v %s", gold, filepath.Base(name), rules, c.Message.Body.Reveal().Subject)
		}
	}
	t.Logf("messages %d; word in the subject: %v; shipped rules: %v; newsletters flagged %d of %d", len(files), plain, pack, newsHits, news)
	for _, r := range slices.Sorted(maps.Keys(byRule)) {
		t.Logf("%-20s right %d wrong %d", r, byRule[r].tp, byRule[r].fp)
	}
	// Labels are by topic, so they are a yardstick and not the truth; the floors
	// hold what is reached.
	if pack.precision() < 0.59 || pack.recall() < 0.78 {
		t.Errorf("quality fell: %v", pack)
	}
	if pack.precision() < plain.precision()+0.05 || pack.recall() < plain.recall()+0.03 {
		t.Errorf("no better than a word in the subject: %v against %v", pack, plain)
	}
	if newsHits > 0 {
		t.Errorf("%d newsletters are flagged", newsHits)
	}
}

// score is a confusion table.
type score struct{ tp, fp, fn int }

func (s *score) count(hit, gold bool) {
	switch {
	case hit && gold:
		s.tp++
	case hit:
		s.fp++
	case gold:
		s.fn++
	}
}

func (s score) precision() float64 { return float64(s.tp) / float64(max(s.tp+s.fp, 1)) }

func (s score) recall() float64 { return float64(s.tp) / float64(max(s.tp+s.fn, 1)) }

func (s score) String() string {
	return fmt.Sprintf("right %d wrong %d missed %d, precision %.2f recall %.2f", s.tp, s.fp, s.fn, s.precision(), s.recall())
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// matching returns the sensitive rules that act, each once.
func matching(s *Set, c model.Change) []string {
	var out []string
	for _, step := range s.Decide(c, model.View{Now: now}).Steps {
		if slices.Contains(sensitive, step.Rule) && !slices.Contains(out, step.Rule) {
			out = append(out, step.Rule)
		}
	}
	return out
}

// notice is a paragraph of the kind that firms put under every mail.
var notice = regexp.MustCompile(`(?is)(confidential|privileged).*(recipient|sender|error|delete)|(recipient|sender|error).*(confidential|privileged)`)

// footers collects the distinct notices of the mails in a corpus.
func footers(t *testing.T, files []string) []string {
	t.Helper()
	seen := map[string]bool{}
	var out []string
	for _, name := range files {
		for _, p := range strings.Split(strings.ReplaceAll(string(read(t, name)), "\r", ""), "\n\n") {
			flat := strings.Join(strings.Fields(p), " ")
			if len(flat) > 200 && len(flat) < 2000 && !strings.Contains(flat, "Subject:") && notice.MatchString(flat) &&
				(strings.Contains(flat, "intended") || strings.Contains(flat, "addressee")) && !seen[flat] {
				seen[flat] = true
				out = append(out, p)
			}
		}
	}
	return out
}

func TestFootersRaiseNoFlag(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(servertest.Corpus(t, "enron-berkeley-annotated"), "*", "*.txt"))
	s := shipped(t)
	all := footers(t, files)
	if len(all) < 8 {
		t.Fatalf("only %d footers in the corpus", len(all))
	}
	for i, f := range all {
		raw := "From: Pat Lee <pat@other.example>\r\nTo: gc@firm.example\r\nSubject: lunch on Tuesday\r\n\r\n" +
			"Does noon suit you? I have asked the others and will book a table for five.\r\n\r\nRegards\r\nPat\r\n\r\n" + f + "\r\n"
		if got := matching(s, received([]byte(raw))); len(got) > 0 {
			t.Errorf("footer %d is flagged by %v", i, got)
		}
	}
	t.Logf("%d footers", len(all))
}

func TestCourtNoticesRaiseNoFlag(t *testing.T) {
	dir := servertest.Corpus(t, "court-ecf-emails")
	s := shipped(t)
	n, flagged := 0, 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".json") {
			return err
		}
		n++
		if got := matching(s, received(read(t, path))); len(got) > 0 {
			flagged++
		}
		return nil
	})
	if err != nil || n < 50 {
		t.Fatalf("%d notices: %v", n, err)
	}
	t.Logf("%d of %d notices flagged", flagged, n)
	if flagged*50 > n {
		t.Errorf("%d of %d court notices are flagged as sensitive", flagged, n)
	}
}

// labelled reports whether a .cats file has one of the labels.
func labelled(cats string, want ...string) bool {
	for line := range strings.Lines(cats) {
		for _, w := range want {
			if strings.HasPrefix(strings.TrimSpace(line), w+",") {
				return true
			}
		}
	}
	return false
}
