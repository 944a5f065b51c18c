package rules

import (
	"fmt"
	"io/fs"
	"math/rand"
	"path/filepath"
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// seenBy is what terms and matters a set finds, and whether it divided the text.
func seenBy(s *Set, c model.Change, ungated bool) (seen string, divided bool) {
	open := *s
	open.ungated = ungated
	f := newFacts(&open, c, model.View{Now: now})
	defer f.release()
	var out strings.Builder
	for set, hits := range f.scan() {
		fmt.Fprintln(&out, set, hits)
	}
	for _, m := range f.named() {
		fmt.Fprintln(&out, m.matter.Number, m.text, m.zone)
	}
	return out.String(), f.split
}

// glanced is a world of terms and matters of every kind.
func glanced(t testing.TB) *Set { return compiled(t, glancedRules()) }

func glancedRules() *config.Rules {
	r := office()
	r.Terms = append(r.Terms, config.TermSet{Name: tx("odd"), Words: txs(
		"M&A", "e-mail", "and co", "a b", "NDA", "42", "§ 4 BGB", "Müller & Söhne", "秘密", "d'Orsay", "x", "research and development")})
	r.Matters.List = append(r.Matters.List,
		config.Matter{Pos: at(5), Number: "20001.0001", Aliases: []string{"B&Q", "Holding 10 plc", "Éclair", "T-5 / x"}},
		config.Matter{Pos: at(6), Number: "20001.0002", Aliases: []string{"Holding 11 plc", "the", "north 7"}})
	return r
}

// scraps are what the letters of the next test are made of.
var (
	scraps = strings.Fields(`attorney client privileged and confidential work product severance Kündigung KU̇NDIGUNG 12345.001 12345 001 12345-002
		00420.0070 -----12345.001----- 1-2-3-4-5-6-7-12345-001 Heron project PROJECT M&A e-mail e mail and co a b NDA 42 § 4 BGB Müller & Söhne 秘密
		d’Orsay x research development B&Q Holding 10 plc 11 Éclair E T-5 / the north 7 éa ﬁrm sever­ance +++++NOTICE+++++ intended only for the
		addressee. recipient, delete this message. https://a.example/?q=1&x=2 > * — … Best regards Ann`)
	between = []string{" ", " ", " ", " ", " ", "\n", "\r\n", "\n> ", "\n>> ", "\n>", "\n\n", "  ", "\t", "-", "_", "/", "&", "\u00a0", "", "\r", "\x01", "\n \n", "\f"}
	whole   = []string{
		"\n\nOn Mon, 2 Mar 2026, Jo Kim <jo@x.example> wrote:\n", "\n-- \n", "\n-----Original Message-----\nFrom: Jo\nSent: Monday\nTo: Ann\nSubject: x\n\n",
		"\n\nThis message is intended only for the addressee and may be privileged. If you are not the intended recipient, delete it.\n\n",
		" This e-mail is confidential and may be privileged. ", "\n> quoted words\n", "\n_______________\n", "\nBest regards,\nAnn\n",
	}
)

func scrawl(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		if r.Intn(12) == 0 {
			b.WriteString(whole[r.Intn(len(whole))])
		}
		b.WriteString(scraps[r.Intn(len(scraps))])
		b.WriteString(between[r.Intn(len(between))])
	}
	return b.String()
}

// A look over the text before it is divided hides nothing that stands in a zone.
func TestLawGlanceHidesNothing(t *testing.T) {
	s := glanced(t)
	found, spared := 0, 0
	for seed := range int64(30_000) {
		r := rand.New(rand.NewSource(seed))
		c := letter("", scrawl(r, 1+r.Intn(30)), func(_ *model.Message, m *model.Mail) {
			for r.Intn(3) == 0 {
				p := model.TextPart{Text: scrawl(r, 1+r.Intn(8)), HTML: r.Intn(2) == 0, Attached: r.Intn(2) == 0}
				m.Parts = append(m.Parts, p)
			}
		})
		want, _ := seenBy(s, c, true)
		got, divided := seenBy(s, c, false)
		if got != want {
			t.Fatalf("seed %d: %+v\ngot\n%s\nwant\n%s", seed, c.Message.Body.Reveal().Parts, got, want)
		}
		if strings.Contains(want, "{") || strings.Contains(want, ".") {
			found++
		}
		if !divided {
			spared++
		}
	}
	if found < 10_000 || spared < 500 {
		t.Errorf("%d letters with something, %d not divided: they prove too little", found, spared)
	}
}

// The same of real mail and of broken mail, where most is not divided at all.
func TestGlanceHidesNothingInCorpora(t *testing.T) {
	s := glanced(t)
	n, divisions := 0, 0
	for _, corpus := range []string{"mime-permissive", "court-ecf-emails", "enron-berkeley-annotated", "enron-calo-maildir"} {
		err := filepath.WalkDir(servertest.Corpus(t, corpus), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if n++; n > 6000 {
				return fs.SkipAll
			}
			c := received(read(t, path))
			want, _ := seenBy(s, c, true)
			got, divided := seenBy(s, c, false)
			if got != want {
				t.Errorf("%s:\ngot\n%s\nwant\n%s", filepath.Base(path), got, want)
			}
			if divided {
				divisions++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d divided", divisions, n)
}

// What somebody else wrote in between keeps two words from being a phrase.
func TestPhrasesGoAcrossNoSeam(t *testing.T) {
	s := compiled(t, office())
	for body, want := range map[string]int{
		"our work\nproduct is late":                         1,
		"our work\n\nproduct is late":                       1,
		"> their work\n> product is late":                   1,
		"our work\n> what do you mean by that?\nproduct":    0,
		"> their work\nWhat?\n> product is late\nI see.":    0,
		"our work\n> what do you mean?\nwork product, say":  1,
		"our Work-\n> what do you mean?\nproduct, say, so?": 0,
	} {
		for _, ungated := range []bool{false, true} {
			s.ungated = ungated
			f := newFacts(s, letter("", body), model.View{Now: now})
			if got := len(f.scan()[0]); got != want {
				t.Errorf("%q: found %d times, want %d (ungated: %v)", body, got, want, ungated)
			}
			f.release()
		}
	}
}
