package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"chancery/config"
	"chancery/internal/mime"
	"chancery/internal/model"
	"chancery/rules"
)

const explainedRules = `version: 1
house: {firm: firm, authserv: [mx.firm.example]}
lists: {firm: [firm.example]}
matters: {file: matters.csv, number: '\b(\d{5})[-.](\d{4})\b'}
billing: {guidelines: [{name: acme, clients: [Acme], extensions: [txt]}]}
marks: {billing: {keyword: lx-4}}
mail:
  - {name: bills, when: msg.bill.found, then: [mark: billing, file: Billing]}
  - {name: other, when: msg.bill.class == "trust", then: [mark: billing]}
`

func explainedMail(id, subject, text, file string) string {
	head := "From: Ray LLP <billing@ray.example>\r\nTo: gc@firm.example\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\nMessage-ID: <" + id + "@ray.example>\r\nSubject: " + subject +
		"\r\nAuthentication-Results: mx.firm.example; dmarc=pass header.from=ray.example\r\nMIME-Version: 1.0\r\n"
	if file == "" {
		return head + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text
	}
	return head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text +
		"\r\n--b\r\nContent-Type: application/octet-stream; name=february.dat\r\nContent-Disposition: attachment; filename=february.dat\r\n\r\n" + file + "\r\n--b--\r\n"
}

// TestExplainBillsGolden says of each fact where it was found: in which zone, or in which
// file at which line; and what the ledger knew.
func TestExplainBillsGolden(t *testing.T) {
	const invoice = "Dear colleagues,\r\n\r\nPlease find our invoice for professional services in 10042-0070.\r\n\r\nInvoice No. 4711\r\nInvoice date: February 27, 2026\r\nTotal due: USD 1,250.00\r\nPayment terms: net 30\r\nIBAN DE02 1203 0000 0000 2020 51\r\n"
	const ledes = "LEDES1998B[]\r\nINVOICE_DATE|INVOICE_NUMBER|CLIENT_ID|LAW_FIRM_MATTER_ID|INVOICE_TOTAL|BILLING_START_DATE|BILLING_END_DATE|INVOICE_DESCRIPTION|LINE_ITEM_NUMBER|EXP/FEE/INV_ADJ_TYPE|LINE_ITEM_NUMBER_OF_UNITS|LINE_ITEM_ADJUSTMENT_AMOUNT|LINE_ITEM_TOTAL|LINE_ITEM_DATE|LINE_ITEM_TASK_CODE|LINE_ITEM_EXPENSE_CODE|LINE_ITEM_ACTIVITY_CODE|TIMEKEEPER_ID|LINE_ITEM_DESCRIPTION|LAW_FIRM_ID|LINE_ITEM_UNIT_COST|TIMEKEEPER_NAME|TIMEKEEPER_CLASSIFICATION|CLIENT_MATTER_ID[]\r\n" +
		"20260227|4712|C100|F7|300.00|20260201|20260227|February|1|F|1|0|100.00|20260210|L120||A103|T1|Draft motion|12-3456789|100.00|Doe, Jane|PARTNR|10042-0070[]\r\n" +
		"20260227|4712|C100|F7|300.00|20260201|20260227|February|2|F|1|0|110.00|20260211|L120||A103|T1|Revise motion|12-3456789|100.00|Doe, Jane|PARTNR|10042-0070[]\r\n"
	cfg, errs := config.Load(fstest.MapFS{
		"chancery.yaml":   {Data: []byte("version: 1\naccounts:\n  - {name: gc-mail, imap: {host: h.example, user: u, password: {credential: c}}}\n")},
		"rules.d/10.yaml": {Data: []byte(explainedRules)},
		"matters.csv":     {Data: []byte("number,client,name\n10042-0070,Acme,Lease\n")},
	}, "")
	if errs.Fatal() {
		t.Fatal(errs)
	}
	set, errs := rules.Compile(&cfg.Rules)
	if errs.Fatal() {
		t.Fatal(errs)
	}
	var out strings.Builder
	var ledger []model.Bill
	for _, m := range []struct{ what, source, raw string }{
		{"an invoice in a mail", "gc-mail", explainedMail("first", "Invoice 4711", invoice, "")},
		{"a LEDES file with errors", "gc-mail", explainedMail("file", "February invoice", "See attached.\r\n", ledes)},
		{"the first one again, with another account", "gc-mail", explainedMail("again", "Second copy: invoice", strings.NewReplacer("4711", "INV-04711", "DE02 1203 0000 0000 2020 51", "DE89 3704 0044 0532 0130 00").Replace(invoice), "")},
		{"once more, in somebody else's mailbox", "cfo-mail", explainedMail("cfo", "Invoice 4711, reminder", invoice, "")},
		{"no billing mail", "gc-mail", explainedMail("lunch", "Lunch", "Tuesday at noon?\r\n", "")},
		{"a question about an invoice", "gc-mail", explainedMail("asks", "Re: Your matter 10042-0070", "Could you check with accounting? I am waiting for the invoice.\r\n\r\nInvoice No. 4790\r\n", "")},
		{"a word, a file that is none, and a date", "gc-mail", explainedMail("word", "March", "The retainer is on my list for the call.\r\nDue date: March 9, 2026\r\n", "\x89PNG\r\n\x1a\n")},
		{"a newsletter", "gc-mail", explainedMail("news", "Invoice automation: register now", "Join our webinar. Save your seat. Read more. Click here to unsubscribe from this newsletter.\r\n", "")},
	} {
		mail := mime.ReadFor([]byte(m.raw), set.Need(), nil)
		ref := model.Ref{Source: model.SourceID(m.source), Mailbox: "INBOX", UIDValidity: 1, UID: uint32(len(ledger) + 1)}
		msg := &model.Message{Ref: ref, Ident: model.Ident(m.what), Arrived: mail.Date.Add(time.Duration(len(ledger)) * time.Hour), Body: model.Hide(mail)}
		c, v := model.Change{Op: model.Put, Ref: ref, Ident: msg.Ident, Message: msg}, model.View{Now: mail.Date.AddDate(0, 0, 1), Bills: ledger}
		out.WriteString(m.what + "\n")
		explainBill(&out, &loaded{cfg: cfg, set: set}, c, v)
		out.WriteString("\n")
		ledger = append(ledger, set.Decide(c, v).Bills...)
	}
	path := filepath.Join("testdata", "explain-bills.txt")
	if *updateSchema {
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != out.String() {
		t.Errorf("%s is not what is said now (%v); read it, then -update. got:\n%s", path, err, out.String())
	}
}
