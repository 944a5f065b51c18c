package rules

import (
	"testing"
	"time"

	"chancery/internal/model"
)

// plainMail makes a raw mail to the leader.
func plainMail(from, subject, body string) []byte {
	return []byte("From: " + from + "\r\nTo: gc@firm.example\r\nDate: Mon, 2 Mar 2026 08:00:00 +0000\r\nMessage-ID: <m1@x.example>\r\nSubject: " +
		subject + "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body + "\r\n")
}

const ledes = "LEDES1998B[]\r\nINVOICE_DATE|INVOICE_NUMBER|CLIENT_ID|LAW_FIRM_MATTER_ID|INVOICE_TOTAL|BILLING_START_DATE|BILLING_END_DATE|" +
	"INVOICE_DESCRIPTION|LINE_ITEM_NUMBER|EXP/FEE/INV_ADJ_TYPE|LINE_ITEM_NUMBER_OF_UNITS|LINE_ITEM_ADJUSTMENT_AMOUNT|LINE_ITEM_TOTAL|" +
	"LINE_ITEM_DATE|LINE_ITEM_TASK_CODE|LINE_ITEM_EXPENSE_CODE|LINE_ITEM_ACTIVITY_CODE|TIMEKEEPER_ID|LINE_ITEM_DESCRIPTION|LAW_FIRM_ID|" +
	"LINE_ITEM_UNIT_COST|TIMEKEEPER_NAME|TIMEKEEPER_CLASSIFICATION|CLIENT_MATTER_ID[]\r\n" +
	"20260228|77120|ACME|N-881|1250.00|20260201|20260228|Lease|1|F|5||1250.00|20260210|L120||A104|7|Review of lease|98-7654321|250|\"Kim, Jo\"|PARTNR|10042.0070[]\r\n"

func TestShippedMailRules(t *testing.T) {
	s := shipped(t)
	counsel, stranger := "Jo Kim <jo@northcounsel.example>", "x@elsewhere.example"
	footer := "\r\n\r\n--\r\nThis message is intended only for the addressee and may contain privileged and confidential information.\r\n" +
		"If you are not the intended recipient, please notify the sender and delete this message."
	quote := "\r\n\r\nOn Mon, 2 Mar 2026, Jo Kim wrote:\r\n> Privileged and confidential: our advice on the lease.\r\n> attorney-client communication\r\n"
	withFile := func(name, content string) []byte {
		return []byte("From: " + counsel + "\r\nTo: gc@firm.example\r\nSubject: February\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
			"--b\r\nContent-Type: text/plain\r\n\r\nPlease find our bill attached.\r\n--b\r\nContent-Type: application/octet-stream; name=\"" + name +
			"\"\r\nContent-Disposition: attachment; filename=\"" + name + "\"\r\n\r\n" + content + "\r\n--b--\r\n")
	}
	tests := []struct {
		name string
		raw  []byte
		want string
	}{
		{"privileged", plainMail(counsel, "Privileged & Confidential: Pier 9", "Our view follows."), "privileged:mark privileged"},
		{"locked without saying why", plainMail(stranger, "Confidential: Pier 9", "x"), "locked:mark restricted"},
		{"privileged at the top", plainMail(counsel, "Pier 9", "ATTORNEY-CLIENT COMMUNICATION\r\n\r\nOur view follows."), "privileged:mark privileged"},
		{"broken in folding", plainMail(counsel, "Pier 9 Attorney ClientPrivil ege", "x"), "privileged:mark privileged"},
		{"work product in a file name", withFile("attorney_work-product_draft.txt", "x"), "work-product:mark privileged"},
		{"settlement", plainMail(stranger, "Offer - FRE 408", "x"), "settlement:mark settlement"},
		{"personnel from HR", plainMail("people@firm.example", "Meeting", "The grievance of a colleague is on the agenda."), "personnel:mark restricted, personnel:file Restricted|Personnel"},
		{"personnel words from elsewhere", plainMail(stranger, "Meeting", "The grievance procedure seminar."), ""},
		{"board", plainMail("corporate.secretary@firm.example", "Board book for March", "attached"), "board-confidential:mark restricted, board-confidential:file Restricted|Board"},
		{"footer alone", plainMail(stranger, "Lunch", "Tuesday at noon?\r\n\r\nRegards\r\nSam"+footer), ""},
		{"quote alone", plainMail(stranger, "Re: Lease", "Thanks, received."+quote), ""},
		{"newsletter about privilege", plainMail("news@cle.example", "Attorney-client privilege in 2026", "Register for our webinar. Unsubscribe here."), ""},
		{"invoice", plainMail(counsel, "Invoice No. 77120 - 10042.0070", "Amount due: USD 1,250.00 by March 31, 2026"), "invoices:mark billing, invoices:file Billing|Acme Robotics|10042.0070"},
		{"LEDES whatever its name", withFile("february.dat", ledes), "invoices:mark billing, invoices:file Billing|Acme Robotics|10042.0070"},
		{"bill without a matter", plainMail("accounts@hale-morrow.example", "Invoice 4711", "Amount due: $900.00"), "invoices-without-matter:mark billing"},
		{"matter, no bill", plainMail(counsel, "10042.0070 meeting", "Tuesday?"), ""},
		{"pre-bill stays", plainMail(counsel, "Pre-bill 10042.0070", "Invoice No. 77120, total due USD 1,250.00"), "prebills:mark billing"},
		{"new bank details stay in sight", plainMail(counsel, "Invoice No. 77120 - 10042.0070", "Amount due USD 1,250.00. Please note our new bank details."), "bill-to-verify:mark verify"},
		{"two matters", plainMail(counsel, "Invoice No. 77120: 10042.0070 and 10042.0071", "Amount due USD 1,250.00"), "invoices-without-matter:mark billing"},
		{"nothing", plainMail(stranger, "Hello", "How are you?"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := received(tt.raw)
			if got := shape(s.Decide(c, model.View{Now: now})); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestShippedRanks(t *testing.T) {
	s := shipped(t)
	leader := model.Principal{Zone: time.UTC, Addresses: []string{"gc@firm.example"}}
	people := func(addrs ...string) []model.Attendee {
		out := []model.Attendee{{Address: model.Address{Addr: "gc@firm.example"}, PartStat: "ACCEPTED"}}
		for _, a := range addrs {
			out = append(out, model.Attendee{Address: model.Address{Addr: a}})
		}
		return out
	}
	tests := []struct {
		title string
		who   []model.Attendee
		want  string
		fixed bool
	}{
		{"Hearing in Smith v. Acme", people(), "court", true},
		{"Depositions", people("a@firm.example", "b@firm.example"), "court", true},
		{"Deposition of R. Roe", people("x@brandt-kehoe.example"), "court", true},
		{"Call with SEC staff", people("x@sec.example"), "regulator", false},
		{"30 sec sync", people("a@firm.example"), "internal", false},
		{"Reply brief due", people(), "filing-deadline", false},
		{"Board meeting", people("board@firm.example"), "board", false},
		{"Call", people("x@brandt-kehoe.example", "c@client.example"), "opposing-counsel", false},
		{"Interview: associate", people("c@mail.example"), "candidates", false},
		{"Catch up", people("c@client.example"), "client", false},
		{"Team", people("a@firm.example"), "internal", false},
		{"Dentist", nil, "personal-hold", false},
		{"School play - do not move", nil, "do-not-move", true},
		{"Reminder: expenses", nil, "reminders", false},
		{"Flight JFK-HKG", nil, "travel", false},
		{"UA 79 EWR - NRT", nil, "travel", false},
		{"Train to Boston", people(), "travel", false},
		{"Train for the marathon", nil, "personal-hold", false},
		{"Flight risk: call", people("c@client.example"), "client", false},
	}
	for _, tt := range tests {
		t.Run(tt.title, func(t *testing.T) {
			start := model.Time{Wall: now.Add(time.Hour), Loc: time.UTC}
			o := &model.Occurrence{Summary: tt.title, Start: start, End: model.Time{Wall: now.Add(2 * time.Hour), Loc: time.UTC}, Attendees: tt.who}
			e := &model.Event{Ref: model.Ref{Source: "gc-cal/work"}, Body: model.Hide(model.Series{UID: "u", Master: o})}
			got := newRanker(s, &model.View{Now: now, Principal: leader}).rank(e, o)
			if got.Name != tt.want || got.Fixed != tt.fixed || got.Ignore != (tt.want == "reminders") {
				t.Errorf("got %+v, want %s", got, tt.want)
			}
		})
	}
}
