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
	for _, size := range []struct{ rules, matters, text int }{{200, 1000, 4}, {200, 100000, 4}, {2000, 1000, 4}} {
		b.Run(fmt.Sprintf("rules=%d,matters=%d,text=%dKiB", size.rules, size.matters, size.text), func(b *testing.B) {
			s := compiled(b, manyRules(size.rules, size.matters))
			r := rand.New(rand.NewSource(1))
			mails := make([]model.Change, 64)
			for i := range mails {
				subject := "Re: closing documents"
				if i%8 == 0 {
					subject = fmt.Sprintf("Confidential project %d for 10%03d.0001", i%50, i)
				}
				mails[i] = letter(subject, prose(r, size.text<<10))
			}
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
		})
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

// BenchmarkRaw reads and decides whole messages of a real mailbox with the
// shipped rules.
func BenchmarkRaw(b *testing.B) {
	dir := servertest.Corpus(b, "enron-calo-maildir")
	var raws [][]byte
	size := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || len(raws) == 2000 {
			return err
		}
		raw, err := os.ReadFile(path)
		if size += len(raw); err == nil {
			raws = append(raws, raw)
		}
		return err
	})
	if err != nil || len(raws) == 0 {
		b.Fatal("no messages", err)
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
