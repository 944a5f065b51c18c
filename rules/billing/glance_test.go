package billing

import (
	"io/fs"
	"math/rand"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chancery/internal/model"
	"chancery/internal/servertest"
	"chancery/rules/text"
)

// glance is what a Glance says of a mail without files.
func glance(m *model.Mail) (class, account bool) {
	var g Glance
	var buf [2][]byte
	g.Reset()
	for i, s := range []string{m.Subject, text.Body(m), text.Attached(m)} {
		factor := InBody
		if i == 0 {
			factor = InSubject
		}
		class = g.Class(text.Looked(&buf, s), factor) || class
		account = g.Account(text.Looked(&buf, s)) || account
	}
	return class, account
}

// overlooked reports whether a mail is told as a bill, or speaks of a new account, and
// the glance over it said that it cannot. said is whether the glance said yes.
func overlooked(t *testing.T, m *model.Mail) (told, said bool) {
	t.Helper()
	z := text.Split(m)
	of := Extract(z, m, Options{}).Class
	words := ReadAccount(z.Subject, z.New, z.Quoted)
	class, account := glance(m)
	if of != "" && !class || words != "" && !account {
		t.Errorf("class %q, account %q, and the glance says %v, %v:\n%s\n\n%q", of, words, class, account, m.Subject, text.Body(m))
	}
	return of != "" || words != "", class || account
}

// scrawls writes mail of wordings, with what mail programs make of blanks.
func scrawls(r *rand.Rand, wordings []string) *model.Mail {
	blanks := []string{" ", " ", " ", " ", "\n", "\r\n", "  ", "\n> ", "\t", "\u00a0", "-"}
	between := []string{" ", ", ", ".\n", "\n\n", ": ", " \u2019", " é", "/", "\n> "}
	piece := func() string {
		w := wordings[r.Intn(len(wordings))]
		if r.Intn(4) == 0 {
			w = strings.ToUpper(w)
		}
		if r.Intn(3) == 0 {
			w = strings.ReplaceAll(w, " ", blanks[r.Intn(len(blanks))])
		}
		return w
	}
	var b strings.Builder
	for range 1 + r.Intn(12) {
		b.WriteString(piece() + between[r.Intn(len(between))])
	}
	return &model.Mail{Subject: []string{"", "Re: ", "Fwd: "}[r.Intn(3)] + piece(), Parts: []model.TextPart{{Text: b.String()}}}
}

func TestGlanceOverlooksNothing(t *testing.T) {
	var wordings []string
	for _, c := range allCues(labels) {
		wordings = append(wordings, c.words)
	}
	for _, list := range slices.Concat(accounts[:], fresh[:], changes[:]) {
		for _, p := range list {
			wordings = append(wordings, strings.ReplaceAll(strings.Join(p, " "), "*", ""))
		}
	}
	plain := strings.Fields("the we please 4711 INV-2026-0012 2026-03-02 $1,250.00 EUR meeting Tuesday bill Bill paid transfer of and to No. # 17")
	numbered := []string{"our invoice (no. : 4711-22) total due $12.00", "invoice number id: # 4711, due date: 2026-03-05", "rechnung nr. ref. 47/11, total due $9.00",
		"\nInvoice\n4711-22\ntotal due $12.00\n", "\nInvoice No ..........\n\n4711-22\ntotal due $12.00\n", "date\tinvoice\n5 May\t47112 amount due $1.00\n"}
	for range 40 {
		wordings = append(slices.Concat(wordings, plain), numbered...)
	}
	r := rand.New(rand.NewSource(11))
	told, passed := 0, 0
	for range 8000 {
		yes, said := overlooked(t, scrawls(r, wordings))
		if yes {
			told++
		}
		if !said {
			passed++
		}
	}
	if told < 400 || passed < 400 {
		t.Errorf("of the letters %d were told and %d passed over: they prove little", told, passed)
	}
}

func TestGlanceOverlooksNoLetter(t *testing.T) {
	r := rand.New(rand.NewSource(12))
	for _, l := range letters {
		m := l.mail()
		if len(m.Files) > 0 {
			continue
		}
		for range 20 {
			overlooked(t, m)
			for i := range m.Parts {
				b := []byte(m.Parts[i].Text)
				for range min(3, len(b)) {
					b[r.Intn(len(b))] = " \n,;\t|0a$.-I"[r.Intn(12)]
				}
				m.Parts[i].Text = string(b)
			}
		}
	}
}

// Of a mailbox of people hardly any mail is read as a bill.
func TestGlanceOverMailbox(t *testing.T) {
	mails, said := 0, 0
	err := filepath.WalkDir(servertest.Corpus(t, "enron-calo-maildir"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if m, ok := readMail(t, path); ok {
			mails++
			if _, yes := overlooked(t, m); yes {
				said++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("of %d mails %d are read on", mails, said)
	if said*8 > mails {
		t.Errorf("of %d mails %d are read on", mails, said)
	}
}
