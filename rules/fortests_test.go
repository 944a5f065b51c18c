package rules

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"chancery/config"
	"chancery/internal/model"
)

// ownFiles are a small configuration of a firm.
var ownFiles = map[string]string{
	"chancery.yaml": "version: 1\naccounts:\n  - {name: gc-mail, imap: {host: h.ours.example, user: gc, password: {credential: x}}}\n",
	"rules.d/1.yaml": `version: 1
defaults: {mode: enforce}
house: {firm: us, authserv: [mx.ours.example]}
lists: {us: [ours.example], billing: {file: billing.txt}}
terms: {bill: [invoice]}
matters: {file: matters.csv, number: '\b\d{5}/\d{3}\b'}
marks: {m: {keyword: lx-1}}
mail:
  - {name: bill, when: 'terms.bill.within("subject")', then: [mark: m]}
  - {name: from, when: 'msg.from.is_in(lists.billing)', then: [mark: m]}
  - {name: ours, when: 'msg.from.is_in(lists.us)', then: [mark: m]}
  - {name: matter, when: 'x.matter.found', then: [file: "M/{{x.matter.client}}"]}
  - {name: known, when: 'msg.auth.known', then: [mark: m]}
`,
	"billing.txt": "# nobody yet\n",
	"matters.csv": "number,client,aliases\n55555/001,Ours,Pier 9\n10042.0070,Ours too,\n",
}

// testFiles are what tests know besides.
var testFiles = map[string]string{
	"tests/lists/us.txt": "firm.example\n", "tests/lists/billing.txt": "bills@counsel.example\n", "tests/terms/bill.txt": "fee note\n",
	"tests/matters.csv": "number,client,aliases\n10042.0070,Acme,pier 9\n10042.0071,Orchard,\n", "tests/authserv.txt": "# ours\nMX.firm.example\n",
}

// setsOf compiles files: the set for mail and the set for tests.
func setsOf(t *testing.T, files ...map[string]string) (mail, tests *Set) {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, m := range files {
		for name, text := range m {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	cfg, errs := config.Load(fsys, "")
	mail, more := Compile(&cfg.Rules)
	if errs.Fatal() || mail == nil {
		t.Fatal(errs, more)
	}
	if tests, more = ForTests(&cfg.Rules, mail); tests == nil {
		t.Fatal(more)
	}
	return mail, tests
}

// judgedMail is mail from somebody about something, which a server of ours judged.
func judgedMail(from, server, subject string) model.Change {
	return received([]byte("From: " + from + "\r\nAuthentication-Results: " + server + "; dmarc=pass header.from=x.example\r\nSubject: " + subject +
		"\r\nDate: Mon, 2 Mar 2026 08:00:00 +0000\r\n\r\nHello.\r\n"))
}

var mailForTests = []struct {
	change     model.Change
	mail, test string
}{
	{judgedMail("a@x.example", "mx.x.example", "Fee note"), "", "bill:mark m"},
	{judgedMail("a@x.example", "mx.x.example", "Invoice"), "bill:mark m", "bill:mark m"},
	{judgedMail("bills@counsel.example", "mx.x.example", "Hi"), "", "from:mark m"},
	{judgedMail("a@firm.example", "mx.x.example", "Hi"), "", "ours:mark m"},
	{judgedMail("a@ours.example", "mx.x.example", "Hi"), "ours:mark m", "ours:mark m"},
	{judgedMail("a@x.example", "mx.firm.example", "Hi"), "", "known:mark m"},
	{judgedMail("a@x.example", "mx.ours.example", "Hi"), "known:mark m", "known:mark m"},
	{judgedMail("a@x.example", "mx.x.example", "On 55555/001"), "matter:file M|Ours", "matter:file M|Ours"},
	// The firm's numbers look otherwise, the line of the tests counts, and so does its alias.
	{judgedMail("a@x.example", "mx.x.example", "On 10042.0071"), "", "matter:file M|Orchard"},
	{judgedMail("a@x.example", "mx.x.example", "On 10042.0070"), "", "matter:file M|Acme"},
	{judgedMail("a@x.example", "mx.x.example", "On Pier 9"), "matter:file M|Ours", "matter:file M|Acme"},
}

func TestForTestsAddsWhatTestsKnow(t *testing.T) {
	mail, tests := setsOf(t, ownFiles, testFiles)
	for _, tt := range mailForTests {
		view := model.View{Now: now}
		if got := shape(mail.Decide(tt.change, view)); got != tt.mail {
			t.Errorf("%s: mail: got %q, want %q", tt.change.Message.Body.Reveal().Subject, got, tt.mail)
		}
		if got := shape(tests.Decide(tt.change, view)); got != tt.test {
			t.Errorf("%s: tests: got %q, want %q", tt.change.Message.Body.Reveal().Subject, got, tt.test)
		}
	}
	if mail, tests := setsOf(t, ownFiles); mail != tests {
		t.Error("without anything to add a second set is compiled")
	}
}

// The set that decides mail is the same, in what it does and in its version,
// whatever tests know.
func TestMailNeverKnowsWhatTestsKnow(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	plain, _ := setsOf(t, ownFiles)
	for range 30 {
		some := maps.Clone(testFiles)
		for _, name := range slices.Sorted(maps.Keys(some)) {
			if r.IntN(2) == 0 {
				delete(some, name)
			}
		}
		set, _ := setsOf(t, ownFiles, some)
		if set.Version() != plain.Version() {
			t.Fatalf("%v: another version", slices.Sorted(maps.Keys(some)))
		}
		for _, tt := range mailForTests {
			if got := shape(set.Decide(tt.change, model.View{Now: now})); got != tt.mail {
				t.Fatalf("%v: got %q, want %q", slices.Sorted(maps.Keys(some)), got, tt.mail)
			}
		}
	}
}

// A number that needs words around it is found beside the plain ones.
func TestForTestsWithNumbersInWords(t *testing.T) {
	own := maps.Clone(ownFiles)
	own["rules.d/1.yaml"] = strings.Replace(own["rules.d/1.yaml"], `\b\d{5}/\d{3}\b`, `(?i)matter no\. (\d{4})()`, 1)
	own["matters.csv"] = "number,client\n1234,Ours\n"
	_, tests := setsOf(t, own, testFiles)
	for subject, want := range map[string]string{"Matter no. 1234": "matter:file M|Ours", "On 10042.0071": "matter:file M|Orchard", "On 1234": ""} {
		if got := shape(tests.Decide(judgedMail("a@x.example", "mx.x.example", subject), model.View{Now: now})); got != want {
			t.Errorf("%s: got %q, want %q", subject, got, want)
		}
	}
}

// Whoever has many rules and matters and keeps the shipped tests compiles them
// twice at a reload; whoever brings no more, once.
func BenchmarkForTests(b *testing.B) {
	c := manyRules(2000, 100_000)
	set, errs := Compile(c)
	if set == nil {
		b.Fatal(errs)
	}
	b.Run("size=2000 rules, 100000 matters, none added", func(b *testing.B) {
		for b.Loop() {
			_, _ = ForTests(c, set)
		}
	})
	c.TestData.Matters = []config.Matter{{Number: "10042.0070", Client: "Acme", Open: true}}
	b.Run("size=2000 rules, 100000 matters, one added", func(b *testing.B) {
		for b.Loop() {
			if set, errs := ForTests(c, set); set == nil {
				b.Fatal(errs)
			}
		}
	})
	b.Run("compile", func(b *testing.B) {
		for b.Loop() {
			_, _ = Compile(c)
		}
	})
}
