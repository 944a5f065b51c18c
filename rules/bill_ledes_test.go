package rules

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/billing"
)

const ledesHeader = "LEDES1998B[]\r\nINVOICE_DATE|INVOICE_NUMBER|CLIENT_ID|LAW_FIRM_MATTER_ID|INVOICE_TOTAL|BILLING_START_DATE|BILLING_END_DATE|INVOICE_DESCRIPTION|LINE_ITEM_NUMBER|EXP/FEE/INV_ADJ_TYPE|LINE_ITEM_NUMBER_OF_UNITS|LINE_ITEM_ADJUSTMENT_AMOUNT|LINE_ITEM_TOTAL|LINE_ITEM_DATE|LINE_ITEM_TASK_CODE|LINE_ITEM_EXPENSE_CODE|LINE_ITEM_ACTIVITY_CODE|TIMEKEEPER_ID|LINE_ITEM_DESCRIPTION|LAW_FIRM_ID|LINE_ITEM_UNIT_COST|TIMEKEEPER_NAME|TIMEKEEPER_CLASSIFICATION|CLIENT_MATTER_ID[]\r\n"

// ledesOf is a LEDES file of one invoice of so many lines of 100.00, with a total.
func ledesOf(client, matter, total string, lines int) []byte {
	var b bytes.Buffer
	b.WriteString(ledesHeader)
	for i := range lines {
		fmt.Fprintf(&b, "20260227|4711|%s|F7|%s|20260201|20260227|February|%d|F|1|0|100.00|20260210|L120||A103|T1|Draft motion %d|12-3456789|100.00|Doe, Jane|PARTNR|%s[]\r\n", client, total, i+1, i+1, matter)
	}
	return b.Bytes()
}

func ledesMail(name string, data []byte, change ...func(*model.Message, *model.Mail)) model.Change {
	attach := func(_ *model.Message, m *model.Mail) {
		m.Files = append(m.Files, model.Attachment{Name: name, Head: data[:min(len(data), 64<<10)], Cut: len(data) > 64<<10, Size: int64(len(data)), Data: data, Sum: "sum " + name})
	}
	return billFrom("Ray LLP <billing@ray.example>", "Invoice 4711", "See attached.", append([]func(*model.Message, *model.Mail){attach}, change...)...)
}

// The faults of a bill are the errors that checking its file tells on the day on which
// the mail came, guidelines included: those for the client that the file names, and for
// the one whose matter it names.
func TestFaultsAreThoseOfLedesCheck(t *testing.T) {
	guidelines := []config.Guideline{
		{Name: tx("acme"), Clients: txs("Acme"), MaxAge: 20 * 24 * time.Hour, Extensions: txs("txt"), UnitDecimals: -1, RateDecimals: -1, AmountDecimals: -1},
		{Name: tx("orchard"), Clients: txs("C900"), MaxLine: 50_000_000, UnitDecimals: -1, RateDecimals: -1, AmountDecimals: -1},
		{Name: tx("hint"), Clients: txs("C900"), Warn: true, CodesBlocked: txs("A103"), UnitDecimals: -1, RateDecimals: -1, AmountDecimals: -1},
	}
	r := billOffice(func(r *config.Rules) { r.Billing.Guidelines = guidelines })
	s := compiled(t, r)
	for _, tt := range []struct {
		name, file            string
		client, matter, total string
		late                  int // days
		want                  string
	}{
		{"good", "f.txt", "C100", "", "200.00", 0, ""},
		{"wrong total", "f.txt", "C100", "", "210.00", 0, "sum"},
		{"client of the file", "f.txt", "C900", "", "200.00", 0, "client-line"},
		{"client of the matter", "f.dat", "C100", "12345.001", "200.00", 0, "client-extension"},
		{"client of the matter, late", "f.txt", "C100", "12345.001", "200.00", 40, "client-age"},
		{"dated tomorrow", "f.txt", "C100", "", "200.00", -10, "future"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := ledesOf(tt.client, tt.matter, tt.total, 2)
			c := ledesMail(tt.file, data, days(tt.late))
			at := now.AddDate(1, 0, 0) // whenever it is read
			plan := s.Decide(c, model.View{Now: at})
			if len(plan.Bills) != 1 {
				t.Fatalf("%d bills", len(plan.Bills))
			}
			got := plan.Bills[0].Faults
			y, m, d := c.Message.Arrived.Date()
			var want []string
			l, err := billing.CheckLedes(bytes.NewReader(data), billing.LedesOptions{
				Today: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), Guidelines: guidelines, Whose: Clients(r), File: tt.file,
			}, func(p billing.LedesProblem) {
				if p.Level == billing.LevelError && !slices.Contains(want, p.Code) {
					want = append(want, p.Code)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(want)
			if sorted := slices.Sorted(slices.Values(got)); !slices.Equal(sorted, want) || !slices.Equal(got, l.Faults) {
				t.Errorf("the bill has %q, the check %q and %q", got, want, l.Faults)
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("faults %q, want %q", got, tt.want)
			}
			f := newFacts(s, c, model.View{Now: at})
			defer f.release()
			if listed := f.weighed().faults(); !slices.Equal(listed, got) {
				t.Errorf("msg.bill.faults is %q", listed)
			}
		})
	}
}

// Each file has its own faults, also beside one of the same name.
func TestFaultsOfTwoFilesOfOneName(t *testing.T) {
	s := compiled(t, billOffice())
	c := ledesMail("f.txt", ledesOf("C100", "", "200.00", 2), func(_ *model.Message, m *model.Mail) {
		second := bytes.ReplaceAll(ledesOf("C100", "", "999.00", 2), []byte("|4711|"), []byte("|4712|"))
		m.Files = append(m.Files, model.Attachment{Name: "f.txt", Head: second, Data: second, Size: int64(len(second)), Sum: "two"})
	})
	var got []string
	for _, b := range s.Bills(c, model.View{Now: now}) {
		got = append(got, b.Number+" "+strings.Join(b.Faults, " "))
	}
	if !slices.Equal(got, []string{"4711 ", "4712 sum"}) {
		t.Errorf("%q", got)
	}
}

// BenchmarkLedesDecision decides about a mail with a large LEDES file.
func BenchmarkLedesDecision(b *testing.B) {
	s := compiled(b, billOffice(func(r *config.Rules) {
		r.Billing.Guidelines = []config.Guideline{{Name: tx("acme"), MaxLine: 5e9, UnitDecimals: -1, RateDecimals: -1, AmountDecimals: -1}}
	}))
	for _, size := range []int{64 << 10, 8 << 20} {
		one := len(ledesOf("C100", "12345.001", "1000.00", 1)) - len(ledesHeader)
		data := ledesOf("C100", "12345.001", "1000.00", size/(one+8))
		c := ledesMail("f.txt", data)
		b.Run(fmt.Sprintf("size=%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if p := s.Decide(c, model.View{Now: now}); len(p.Bills) != 1 {
					b.Fatal("no bill")
				}
			}
		})
	}
}
