package rules

import (
	"fmt"
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// manyRules makes the mix a large firm writes: terms by zone, senders, subject
// words, matters.
func manyRules(n, matters int) *config.Rules {
	r := office()
	r.Matters.List = nil
	for i := range matters {
		r.Matters.List = append(r.Matters.List, config.Matter{
			Pos: at(i), Number: fmt.Sprintf("%05d.%04d", 10000+i%90000, 1+i/90000), Client: fmt.Sprintf("Client %d", i), Open: true,
			Aliases: []string{fmt.Sprintf("Holding %d plc", i)},
		})
	}
	r.Matters.Number = tx(`\b(\d{5})[-.](\d{4})\b`)
	r.Terms, r.Lists = nil, r.Lists[:1]
	for i := range n/4 + 1 {
		r.Terms = append(r.Terms, config.TermSet{Name: tx(fmt.Sprintf("t%d", i)), Words: txs(
			fmt.Sprintf("subject phrase %d", i), fmt.Sprintf("confidential project %d", i), fmt.Sprintf("kestrel%d", i))})
		r.Lists = append(r.Lists, config.List{Name: tx(fmt.Sprintf("l%d", i)), Entries: txs(fmt.Sprintf("side%d.example", i))})
	}
	for i := range n {
		var when string
		switch i % 4 {
		case 0:
			when = fmt.Sprintf(`terms.t%d.within("subject", "new") && !msg.bulk`, i/4)
		case 1:
			when = fmt.Sprintf(`msg.from.is_in(lists.l%d) && msg.size > 100`, i/4)
		case 2:
			when = fmt.Sprintf(`msg.subject.matches("(?i)\\bbudget %d\\b")`, i)
		default:
			when = fmt.Sprintf(`x.matter.open && terms.t%d.size() > 0`, i/4)
		}
		r.Mail = append(r.Mail, mailRule(fmt.Sprintf("r%d", i), i%10, when, mark("billing")))
	}
	return r
}

// prose is ordinary text of a size.
func prose(r *rand.Rand, size int) string {
	words := strings.Fields(`the parties agree that each shall deliver on or before closing all documents required by section of this
		agreement including without limitation certificates opinions and schedules please let me know whether tuesday works for the call
		with counsel about discovery responses budget project holding meeting draft revised attached regards thanks january 2026 10 15`)
	var b strings.Builder
	for b.Len() < size {
		b.WriteString(words[r.Intn(len(words))])
		if r.Intn(12) == 0 {
			b.WriteString(".\n")
		} else {
			b.WriteString(" ")
		}
	}
	return b.String()
}

func BenchmarkDecide(b *testing.B) {
	for _, size := range []struct{ rules, matters, text int }{
		{200, 1000, 2}, {200, 1000, 4}, {200, 1000, 10}, {200, 100000, 4}, {2000, 1000, 4}, {2000, 100000, 10},
	} {
		s := compiled(b, manyRules(size.rules, size.matters))
		for _, kind := range []string{"plain", "html"} {
			b.Run(fmt.Sprintf("rules=%d,matters=%d,text=%dKiB,kind=%s", size.rules, size.matters, size.text, kind), func(b *testing.B) {
				r := rand.New(rand.NewSource(1))
				mails := make([]model.Change, 64)
				for i := range mails {
					subject := "Re: closing documents"
					if i%8 == 0 {
						subject = fmt.Sprintf("Confidential project %d for 10%03d.0001", i%50, i)
					}
					body := prose(r, size.text<<10)
					mails[i] = letter(subject, body, func(_ *model.Message, m *model.Mail) {
						if kind == "html" {
							m.Parts = []model.TextPart{{HTML: true, Text: "<html><body><p class=MsoNormal>" +
								strings.ReplaceAll(body, "\n", "</p>\n<p class=MsoNormal>") + "</p></body></html>"}}
						}
					})
				}
				benchmarkDecide(b, s, mails)
			})
		}
	}
}

// What people switch and write for themselves costs the others nothing.
func BenchmarkDecideUsers(b *testing.B) {
	for _, users := range []int{0, 100, 1000} {
		b.Run(fmt.Sprintf("rules=200,matters=1000,text=4KiB,users=%d", users), func(b *testing.B) {
			r := manyRules(200, 1000)
			for i := range users {
				account := fmt.Sprintf("person%d", i)
				own := mailRule(fmt.Sprintf("own%d", i), 40, fmt.Sprintf(`msg.subject.contains("topic %d")`, i), mark("billing"))
				own.User, own.Accounts = true, txs(account)
				r.Mail = append(r.Mail, own)
				r.Users = append(r.Users, switchOf(account, fmt.Sprintf("r%d", i%200), config.Off, ""))
			}
			s := compiled(b, r)
			random := rand.New(rand.NewSource(1))
			mails := make([]model.Change, 64)
			for i := range mails {
				subject := "Re: closing documents"
				if i%8 == 0 {
					subject = fmt.Sprintf("Confidential project %d for 10%03d.0001", i%50, i)
				}
				mails[i] = letter(subject, prose(random, 4<<10), in(fmt.Sprintf("person%d", i)))
			}
			benchmarkDecide(b, s, mails)
		})
	}
}

func benchmarkDecide(b *testing.B, s *Set, mails []model.Change) {
	v := model.View{Now: now}
	b.ReportAllocs()
	b.ResetTimer()
	steps := 0
	for i := 0; b.Loop(); i++ {
		steps += len(s.Decide(mails[i%len(mails)], v).Steps)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
	if b.N > len(mails) && steps == 0 {
		b.Fatal("no rule ever matched")
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, size := range []struct{ rules, matters int }{{200, 1000}, {2000, 100000}} {
		b.Run(fmt.Sprintf("rules=%d,matters=%d", size.rules, size.matters), func(b *testing.B) {
			r := manyRules(size.rules, size.matters)
			b.ReportAllocs()
			for b.Loop() {
				compiled(b, r)
			}
		})
	}
}

// realMail is raw messages of a real mailbox.
func realMail(b *testing.B) (raws [][]byte) {
	err := filepath.WalkDir(servertest.Corpus(b, "enron-calo-maildir"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || len(raws) == 2000 {
			return err
		}
		raw, err := os.ReadFile(path)
		if err == nil {
			raws = append(raws, raw)
		}
		return err
	})
	if err != nil || len(raws) == 0 {
		b.Fatal("no messages", err)
	}
	return raws
}

// BenchmarkRaw reads and decides whole messages of a real mailbox with the
// shipped rules.
func BenchmarkRaw(b *testing.B) {
	raws := realMail(b)
	size := 0
	for _, raw := range raws {
		size += len(raw)
	}
	s := shipped(b)
	v := model.View{Now: now}
	b.SetBytes(int64(size / len(raws)))
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		s.Decide(received(raws[i%len(raws)]), v)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
}

// BenchmarkDecideReal decides messages of a real mailbox that were read before.
func BenchmarkDecideReal(b *testing.B) {
	var mails []model.Change
	for _, raw := range realMail(b) {
		mails = append(mails, received(raw))
	}
	for _, size := range []struct{ rules, matters int }{{200, 100000}, {2000, 100000}} {
		s := compiled(b, manyRules(size.rules, size.matters))
		b.Run(fmt.Sprintf("rules=%d,matters=%d", size.rules, size.matters), func(b *testing.B) {
			for i := range mails { // one that matches
				if i%64 == 0 {
					msg := *mails[i].Message
					m := msg.Body.Reveal()
					m.Subject = "confidential project 3"
					msg.Body = model.Hide(m)
					mails[i].Message = &msg
				}
			}
			benchmarkDecide(b, s, mails)
		})
	}
	b.Run("rules=shipped", func(b *testing.B) {
		s := shipped(b)
		v := model.View{Now: now}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s.Decide(mails[i%len(mails)], v)
		}
	})
}

// BenchmarkBillFacts reads the facts of bills in a mailbox of people, by rules that ask for
// them of every mail, with a long list of matters.
func BenchmarkBillFacts(b *testing.B) {
	dir := servertest.Corpus(b, "enron-calo-maildir")
	r := manyRules(4, 100_000)
	r.Mail = append(r.Mail, mailRule("bills", 90, `x.matter.found && x.invoice != "" && x.total.cents > 0 || x.due > timestamp(0)`, mark("billing")))
	s := compiled(b, r)
	var changes []model.Change
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || len(changes) >= 1000 {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		head, body, _ := strings.Cut(string(raw), "\n\n")
		_, subject, _ := strings.Cut(head, "\nSubject: ")
		subject, _, _ = strings.Cut(subject, "\n")
		changes = append(changes, letter(subject, body, func(*model.Message, *model.Mail) {}))
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("matters=100000", func(b *testing.B) {
		n := 0
		for b.Loop() {
			s.Decide(changes[n%len(changes)], model.View{})
			n++
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "mails/s")
	})
}
