package rules

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/mime"
	"chancery/internal/model"
	"chancery/internal/servertest"
	"chancery/rules/billing"
)

// BenchmarkBills reads billing mail beside a large matter list.
func BenchmarkBills(b *testing.B) {
	for _, matters := range []int{1000, 100_000} {
		r := manyRules(4, matters)
		r.Billing.Portals = []config.Portal{{Name: tx("portal"), From: txs("portal.example")}}
		s := compiled(b, r)
		for _, size := range []int{0, 4} {
			b.Run(fmt.Sprintf("matters=%d,more=%dKiB", matters, size), func(b *testing.B) {
				var mails []model.Change
				for i := range 64 {
					body := strings.ReplaceAll(theBill, "12345.001", fmt.Sprintf("%05d.0001", 10000+i))
					mails = append(mails, billFrom(vendorMail, fmt.Sprintf("Invoice %d", 4000+i), body+"\n\n"+strings.Repeat("Thank you for your business, and let us know of questions.\n", size*17)))
				}
				b.ReportAllocs()
				told := 0
				for i := 0; b.Loop(); i++ {
					told += len(s.Bills(mails[i%len(mails)], model.View{Now: now}))
				}
				if told == 0 {
					b.Fatal("no bill was told")
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
			})
		}
	}
}

// What of two real mailboxes is doubted: nobody forged a bill there.
func TestHonestMailIsNotDoubted(t *testing.T) {
	s := compiled(t, billOffice())
	for name, most := range map[string]int{"enron-calo-maildir": 2, "court-ecf-emails": 0} {
		mails, hard, soft, missed := 0, 0, map[string]int{}, 0
		err := filepath.WalkDir(servertest.Corpus(t, name), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(raw[:min(len(raw), 4096)]), "\nFrom:") {
				return err
			}
			mails++
			c := model.Change{Op: model.Put, Message: &model.Message{Ident: model.Ident(path), Body: model.Hide(mime.ReadFor(raw, s.Need(), nil))}}
			f := newFacts(s, c, model.View{Now: now})
			defer f.release()
			m := f.weighed()
			if billing.Hard(m.codes) {
				hard++
				t.Logf("%s: %v", path, m.doubts)
			}
			for _, code := range m.codes {
				soft[code]++
			}
			if !f.mayBill() && f.billing().Class != "" {
				missed++
				t.Logf("passed over: %s: %s %v", path, f.billing().Class, f.billing().Why)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: of %d mails %d may be forged, doubts %v, %d passed over", name, mails, hard, soft, missed)
		if hard > most || missed > 2 {
			t.Errorf("%s: of %d mails %d may be forged, %d were passed over", name, mails, hard, missed)
		}
	}
}
