package rules

import (
	"math/rand"
	"slices"
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/model"
)

// marked is a set of terms that says where one of them was found.
func marked(t testing.TB, terms ...string) func(subject, body string) (zones []string) {
	r := office()
	r.Terms = []config.TermSet{{Name: tx("privilege"), Words: txs(terms...)}}
	s := compiled(t, r)
	return func(subject, body string) []string {
		var zones []string
		for _, ungated := range []bool{false, true} {
			open := *s
			open.ungated = ungated
			f := newFacts(&open, letter(subject, body), model.View{Now: now})
			var now []string
			for _, h := range f.scan()[0] {
				if z := zoneWords[h.zone] + " " + h.term; !slices.Contains(now, z) {
					now = append(now, z)
				}
			}
			f.release()
			if ungated && !slices.Equal(now, zones) {
				t.Fatalf("%q, %q: gated %q, ungated %q", subject, body, zones, now)
			}
			zones = now
		}
		return zones
	}
}

func TestDamagedTerms(t *testing.T) {
	find := marked(t, "privilege", "privileged", "attorney client", "attorney client privilege", "work product", "inform", "information barrier",
		"counterclaim", "settlement", "confidential", "therapist", "without prejudice", "secret")
	for s, want := range map[string]string{
		"Privil ege":                "privilege",
		"privi leged":               "", // either piece may be a word
		"pri vileged":               "privileged",
		"priv ileged":               "privileged",
		"privileg ed":               "privileged",
		"Attorney ClientPrivil ege": "attorney client privilege",
		"AttorneyClient":            "attorney client",
		"Attor ney Client":          "attorney client",
		"workproduct":               "work product",
		"Con fidential":             "confidential",
		"confiden tial":             "confidential",
		"confident ial":             "confidential",
		"P R I V I L E G E D":       "privileged",
		"P.R.I.V.I.L.E.G.E.D":       "privileged",
		"p r i v i l e g e d & c o n f i d e n t i a l": "privileged",
		"P-R-I-V-I-L-E-G-E-D":                           "privileged",
		"S E C R E T":                                   "secret",
		"privi-\nleged":                                 "privileged",
		"privi\u00ad\nleged":                            "privileged",
		"privi\u00adleged":                              "privileged",
		"attorney-\nclient":                             "attorney client",
		"with-\nout prejudice":                          "without prejudice",
		"with out prejudice":                            "without prejudice",
		"settle ment":                                   "settlement",
		"set tlement":                                   "",
		"in form":                                       "",
		"counter claim":                                 "",
		"the rapist":                                    "",
		"Exhibit a settlement b":                        "settlement",
		"in formation barrier":                          "information barrier",
		"pri v i leg ed":                                "privileged",
		"the privileg. ed":                              "",
		"privil\n\nThe ege":                             "",
		"A B C D E F":                                   "",
		"secre t":                                       "",
	} {
		for place, body := range map[string]string{"body": s + "\nmore words", "behind": "Dear Ben,\n\n" + s + ", we think.\n"} {
			if got := strings.Join(find("x", body), ", "); (want == "") != (got == "") || !strings.Contains(got, want) {
				t.Errorf("%q, %s: %q, want %q", s, place, got, want)
			}
		}
		if got := strings.Join(find("Re: "+strings.ReplaceAll(s, "\n", " ")+" (Pier 9)", ""), ", "); (want == "") != (got == "") || !strings.Contains(got, want) {
			if !strings.Contains(s, "\n\n") {
				t.Errorf("%q, subject: %q, want %q", s, got, want)
			}
		}
	}
	// Far down only a hyphen at the end of a line is mended.
	down := strings.Repeat("Nothing of interest stands in this line of the letter.\n", 60)
	if got := find("x", down+"privil ege\n"); got != nil {
		t.Errorf("far down: %q", got)
	}
	if got := find("x", down+"privi-\nleged\n"); len(got) != 1 {
		t.Errorf("far down: %q", got)
	}
	if got := find("x", "> privi-\n> leged\n\nNo."); !slices.Equal(got, []string{"quoted privileged"}) {
		t.Errorf("in a quote: %q", got)
	}
}

// unseen are characters that nobody sees.
var unseenRunes = []rune("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u034f\ufe0f\U000e0041\u180e\u0336\u0332")

// Whatever is put into a term that nobody sees, it is found.
func TestLawNobodyHidesTerms(t *testing.T) {
	terms := []string{"attorney client privilege", "work product", "privileged", "sealed", "müller & söhne", "без ущерба"}
	find := marked(t, terms...)
	for seed := range int64(4000) {
		r := rand.New(rand.NewSource(seed))
		term := terms[r.Intn(len(terms))]
		var b strings.Builder
		for _, c := range term {
			for r.Intn(3) == 0 {
				b.WriteRune(unseenRunes[r.Intn(len(unseenRunes))])
			}
			if r.Intn(3) == 0 {
				c = []rune(strings.ToUpper(string(c)))[0]
			}
			b.WriteRune(c)
		}
		hidden := b.String()
		if got := find(hidden, "we said "+hidden+", no more"); len(got) < 2 {
			t.Fatalf("%+q: %q", hidden, got)
		}
	}
}

// Letters that only look Latin hide nothing either.
func TestLookalikesAreFound(t *testing.T) {
	find := marked(t, "attorney client privilege", "confidential")
	alike := strings.NewReplacer("a", "а", "e", "е", "o", "о", "c", "с", "i", "і", "y", "у", "p", "р")
	for seed := range int64(500) {
		r := rand.New(rand.NewSource(seed))
		var b strings.Builder
		for _, c := range "attorney client privilege" {
			if s := string(c); r.Intn(2) == 0 {
				b.WriteString(alike.Replace(s))
			} else {
				b.WriteString(s)
			}
		}
		if got := find(b.String(), b.String()); len(got) != 2 {
			t.Fatalf("%+q: %q", b.String(), got)
		}
	}
	if got := find("x", "Совсем не секрет"); got != nil {
		t.Error(got)
	}
}

// FuzzDamaged asks that the gate changes nothing and that nothing panics.
func FuzzDamaged(f *testing.F) {
	for _, s := range []string{"Attorney ClientPrivil ege", "p r i v i l e g e d", "privi-\nleged", "a- b- c-", "P.R.I.V", "\u00ad \u00ad"} {
		f.Add(s, s)
	}
	find := marked(f, "attorney client privilege", "privileged", "work product", "in form")
	f.Fuzz(func(t *testing.T, subject, body string) {
		find(strings.ToValidUTF8(subject, "?"), strings.ToValidUTF8(body, "?"))
	})
}
