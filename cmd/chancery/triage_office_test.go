package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chancery/internal/servertest"
)

// bigOffice is the firm of the triage benchmark: 200 rules, 100,000 matters, and
// a mailbox with one message in ten that a rule wants.
//
// Of the mail, six in ten are plain text, two are plain text and HTML of the same
// words, one is HTML alone, and one is an answer with the letter it answers quoted
// and a footer below. The text is 2 to 20 KiB long.
const (
	officeRules   = 200
	officeMatters = 100_000
)

// wants are the keywords that the four kinds of rules give.
var wants = []string{"lx-1", "lx-2", "lx-3", "lx-4"}

// officeRuleFile is what IT of a large firm writes: terms by zone, senders,
// subjects, matters, in turn.
func officeRuleFile() string {
	var b strings.Builder
	b.WriteString("version: 1\ndefaults: {mode: enforce, folders: [INBOX]}\nmatters: {file: matters.csv}\nmarks:\n")
	for i, keyword := range wants {
		fmt.Fprintf(&b, "  m%d: {keyword: %s}\n", i, keyword)
	}
	b.WriteString("lists:\n")
	for i := range officeRules / 4 {
		fmt.Fprintf(&b, "  l%d: [side%d.example]\n", i, i)
	}
	b.WriteString("terms:\n")
	for i := range officeRules / 4 {
		fmt.Fprintf(&b, "  t%d: [subject phrase %d, confidential project %d, kestrel%d]\n", i, i, i, i)
	}
	b.WriteString("mail:\n")
	for i := range officeRules {
		k := i / 4
		when := []string{
			fmt.Sprintf(`terms.t%d.within("subject", "new") && !msg.bulk`, k),
			fmt.Sprintf(`msg.from.is_in(lists.l%d) && msg.size > 100`, k),
			fmt.Sprintf(`msg.subject.matches("(?i)\\bbudget %d\\b")`, k),
			fmt.Sprintf(`x.matter.open && terms.t%d.size() > 0`, k),
		}[i%4]
		fmt.Fprintf(&b, "  - {name: r%d, priority: %d, when: '%s', then: [mark: m%d]}\n", i, i%10, when, i%4)
	}
	return b.String()
}

// officeMatterList has a number, a client, a name and another name per matter.
func officeMatterList() string {
	var b strings.Builder
	b.WriteString("number,client,name,aliases,open\n")
	for i := range officeMatters {
		fmt.Fprintf(&b, "%05d.%04d,Client %d,Holding %d v. Bolt,Holding %d plc,yes\n", 10000+i%90000, 1+i/90000, i, i, i)
	}
	return b.String()
}

// wantedMarks are the keywords that message i gets.
func wantedMarks(i int) []string {
	if i%10 != 0 {
		return nil
	}
	kind := i / 10 % 4
	if kind == 3 {
		return []string{wants[0], wants[3]} // its term is also what the first kind looks for
	}
	return wants[kind : kind+1]
}

var officeWords = strings.Fields(`the parties agree that each shall deliver on or before closing all documents required by section of this
	agreement including without limitation certificates opinions and schedules please let me know whether tuesday works for the call
	with counsel about discovery responses budget project holding meeting draft revised attached regards thanks january 2026 10 15`)

func officeProse(r *rand.Rand, size int) []byte {
	b := make([]byte, 0, size+80)
	for line := 0; len(b) < size; {
		word := officeWords[r.IntN(len(officeWords))]
		if b = append(b, word...); line+len(word) > 68 {
			b, line = append(b, "\r\n"...), 0
			continue
		}
		b, line = append(b, ' '), line+len(word)+1
	}
	return append(b, "\r\n"...)
}

const officeFooter = "-- \r\nThis message is intended only for the addressee and may be privileged. If you are not the\r\n" +
	"intended recipient, please delete it and tell the sender.\r\n"

// officeLetter is message i, the same whenever it is asked for.
func officeLetter(i int) []byte {
	r := rand.New(rand.NewPCG(7, uint64(i)))
	from, subject, open := fmt.Sprintf("Ann Ames <ann%d@client%d.example>", i%50, i%300), fmt.Sprintf("Re: closing documents, part %d", i), ""
	if k := i / 40 % (officeRules / 4); i%10 == 0 {
		switch i / 10 % 4 {
		case 0:
			subject = fmt.Sprintf("Confidential project %d", k)
		case 1:
			from = fmt.Sprintf("Bo Byrd <bo@side%d.example>", k)
		case 2:
			subject = fmt.Sprintf("Budget %d, second draft", k)
		case 3:
			open = fmt.Sprintf("On 1%04d.0001 and kestrel%d: \r\n", i%10000, k)
		}
	}
	prose := officeProse(r, 2<<10+r.IntN(18<<10))
	var b strings.Builder
	fmt.Fprintf(&b, "Return-Path: <ann@firm.example>\r\nReceived: from a.example by b.example; Mon, 5 Oct 2026 10:00:00 +0000\r\n"+
		"From: %s\r\nTo: gc@firm.example\r\nSubject: %s\r\nMessage-ID: <office-%d@firm.example>\r\nDate: Mon, 5 Oct 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n", from, subject, i)
	html := func(text []byte) string {
		return "<html><body><p>" + strings.ReplaceAll(string(text), "\r\n", "<br>\r\n") + "</p></body></html>\r\n"
	}
	switch kind := i / 10 % 10; {
	case kind < 6:
		fmt.Fprintf(&b, "Content-Type: text/plain; charset=utf-8\r\n\r\n%s%s", open, prose)
	case kind < 8:
		half := prose[:len(prose)/2]
		fmt.Fprintf(&b, "Content-Type: multipart/alternative; boundary=alt\r\n\r\n--alt\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s%s\r\n"+
			"--alt\r\nContent-Type: text/html; charset=utf-8\r\n\r\n%s\r\n--alt--\r\n", open, half, html(half))
	case kind < 9:
		fmt.Fprintf(&b, "Content-Type: text/html; charset=utf-8\r\n\r\n%s", html(append([]byte(open), prose...)))
	default:
		fmt.Fprintf(&b, "Content-Type: text/plain; charset=utf-8\r\n\r\n%sAgreed. %s\r\n\r\nOn Mon, Oct 5, 2026, Bo Byrd wrote:\r\n> %s\r\n\r\n%s",
			open, prose[:len(prose)/3], strings.ReplaceAll(string(prose[len(prose)/3:]), "\r\n", "\r\n> "), officeFooter)
	}
	return []byte(b.String())
}

// fillOffice appends n letters to gc's INBOX and returns how often each keyword
// will stand there.
func fillOffice(t testing.TB, d *servertest.DovecotServer, n int) map[string]int {
	t.Helper()
	return fillWith(t, d, n, officeLetter)
}

// fillReal does the same with real mail, in which the letters that the rules want
// lie as close.
func fillReal(t testing.TB, d *servertest.DovecotServer, n int) map[string]int {
	t.Helper()
	root := servertest.Corpus(t, "enron-calo-maildir")
	var real [][]byte
	for _, dir := range folders(t, root) {
		real = append(real, filesOf(t, filepath.Join(root, dir))...)
	}
	return fillWith(t, d, n, func(i int) []byte {
		if i%10 == 0 {
			return officeLetter(i)
		}
		return real[i%len(real)]
	})
}

func fillWith(t testing.TB, d *servertest.DovecotServer, n int, letter func(int) []byte) map[string]int {
	t.Helper()
	c := d.Client(t, gc)
	defer c.Close()
	want := map[string]int{}
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
		for _, keyword := range wantedMarks(i) {
			want[keyword]++
		}
	}
	for part := range slices.Chunk(numbers, 500) {
		letters := make([][]byte, 0, len(part))
		for _, i := range part {
			letters = append(letters, letter(i))
		}
		c.Append("INBOX", letters...)
	}
	return want
}

// officeConfig writes a configuration with the rules of the big office.
func officeConfig(t testing.TB, dir, account string) {
	t.Helper()
	for name, text := range map[string]string{
		"rules.d/10.yaml": officeRuleFile(),
		"matters.csv":     officeMatterList(),
		"secret":          servertest.DovecotPassword + "\n",
		"chancery.yaml":   fmt.Sprintf("version: 1\nstate: {dir: %s}\naccounts:\n  - name: gc-mail\n    imap: {%s, user: %s, password: {file: secret}, first_sync: apply}\n", filepath.Join(dir, "state"), account, gc),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		servertest.WriteFile(t, path, text)
	}
}
