package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/mime"
	"chancery/internal/model"
)

// scheduling makes a mail with a scheduling message.
type scheduling struct {
	from, method, header, organizer, attendee string
	auth, sentBy, uid, more                   string
	day, seq                                  int
	twoAuthors                                bool
}

func (m scheduling) raw() []byte {
	or := func(s, d string) string {
		if s == "" {
			return d
		}
		return s
	}
	method := or(m.method, "REQUEST")
	var b strings.Builder
	if m.auth != "" {
		b.WriteString("Authentication-Results: mx.firm.example; " + m.auth + "\r\n")
	}
	fmt.Fprintf(&b, "From: %s\r\n", or(m.from, "jo@bar.example"))
	if m.twoAuthors {
		b.WriteString("From: jo@bar.example\r\n")
	}
	organizer := or(m.organizer, "jo@bar.example")
	if m.sentBy != "" {
		organizer = ";SENT-BY=\"mailto:" + m.sentBy + "\":mailto:" + organizer
	} else {
		organizer = ":mailto:" + organizer
	}
	day := m.day
	if day == 0 {
		day = 12
	}
	fmt.Fprintf(&b, "To: gc@firm.example\r\nDate: Mon, 2 Mar 2026 08:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=%s\r\n\r\n", or(m.header, method))
	fmt.Fprintf(&b, "BEGIN:VCALENDAR\r\nMETHOD:%s\r\nBEGIN:VEVENT\r\nUID:%s\r\nSEQUENCE:%d\r\nDTSTART:202603%02dT150000Z\r\nDTEND:202603%02dT160000Z\r\nSUMMARY:Call\r\n",
		method, or(m.uid, "m1"), m.seq, day, day)
	if m.organizer != "none" {
		b.WriteString("ORGANIZER" + organizer + "\r\n")
	}
	fmt.Fprintf(&b, "ATTENDEE:mailto:%s\r\n%sEND:VEVENT\r\nEND:VCALENDAR\r\n", or(m.attendee, "gc@firm.example"), m.more)
	return []byte(b.String())
}

func (m scheduling) change() model.Change {
	mail := mime.ReadFor(m.raw(), model.Need{Text: true, Files: true, Invite: true}, nil)
	ref := model.Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 1, UID: 1}
	return model.Change{Op: model.Put, Ref: ref, Ident: "i", Message: &model.Message{Ref: ref, Ident: "i", Arrived: mail.Date, Body: model.Hide(mail)}}
}

var invitedAt = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// dayOf is the leader's time: a board meeting on the 12th, at three.
func dayOf(events ...model.Event) model.View {
	return model.View{Now: invitedAt, Known: true, Agenda: events, Reading: invitedAt,
		Principal: model.Principal{Name: "gc", Zone: time.UTC, Addresses: []string{"gc@firm.example"}}}
}

func standing(uid, organizer string, day, seq int) model.Event {
	o := &model.Occurrence{Summary: "Board", Status: "CONFIRMED", Sequence: seq, Organizer: model.Address{Addr: organizer}}
	o.Start = model.Time{Wall: time.Date(2026, 3, day, 15, 0, 0, 0, time.UTC), Loc: time.UTC}
	o.End = model.Time{Wall: o.Start.Wall.Add(time.Hour), Loc: time.UTC}
	name := model.Ident("")
	if in := (scheduling{uid: uid}).change().Message.Body.Reveal().Invite; in != nil {
		name = in.Ident
	}
	return model.Event{Ref: model.Ref{Source: "cal", Href: model.Name(uid)}, Ident: name, Body: model.Hide(model.Series{UID: uid, Master: o})}
}

// saying is the set of rules that tells one field of an invitation by a mark.
func saying(t testing.TB) *Set {
	t.Helper()
	r := office()
	r.House.Firm, r.House.AuthServ = tx("firm"), txs("mx.firm.example")
	word := func(name, when string) {
		r.Marks = append(r.Marks, config.Mark{Name: tx(name), Keyword: "k" + name})
		r.Mail = append(r.Mail, mailRule("r-"+name, 1, when, config.Then{Mark: ptr(tx(name))}))
	}
	for _, w := range effectWords {
		word(w, `msg.invite.effect == "`+w+`"`)
	}
	word("spoofed", `msg.invite.spoofed`)
	word("proved", `msg.invite.proved`)
	return compiled(t, r)
}

func ptr[T any](v T) *T { return &v }

// marksOfPlan lists the marks of a plan.
func marksOfPlan(p model.Plan) string {
	var out []string
	for _, s := range p.Steps {
		if m, ok := s.Action.(model.Mark); ok {
			out = append(out, m.Name)
		}
	}
	return strings.Join(out, " ")
}

func TestInviteEffect(t *testing.T) {
	s := saying(t)
	board := standing("board", "chair@firm.example", 12, 0)
	mine := standing("m1", "jo@bar.example", 13, 3)
	tests := []struct {
		name string
		mail scheduling
		view model.View
		want string
	}{
		{"free", scheduling{day: 13}, dayOf(board), "fits"},
		{"taken", scheduling{}, dayOf(board), "conflicts"},
		{"taken by itself", scheduling{day: 13, seq: 3}, dayOf(board, mine), "fits"},
		{"moved onto another", scheduling{day: 12, seq: 4}, dayOf(board, mine), "conflicts"},
		{"an older state", scheduling{day: 12, seq: 2}, dayOf(board, mine), "outdated"},
		{"over", scheduling{day: 1}, dayOf(board), "outdated"},
		{"called off", scheduling{method: "CANCEL", day: 13, seq: 4}, dayOf(board, mine), "cancelled"},
		{"called off, in no calendar", scheduling{method: "CANCEL", day: 13}, dayOf(board), "none"},
		{"called off long ago", scheduling{method: "CANCEL", day: 13, seq: 2}, dayOf(board, mine), "outdated"},
		{"an answer", scheduling{method: "REPLY", from: "al@bar.example", attendee: "al@bar.example", organizer: "gc@firm.example"}, dayOf(board), "none"},
		{"another time is proposed", scheduling{method: "COUNTER", from: "al@bar.example", attendee: "al@bar.example", organizer: "gc@firm.example"}, dayOf(board), "conflicts"},
		{"a free one is proposed", scheduling{method: "COUNTER", day: 13, from: "al@bar.example", attendee: "al@bar.example", organizer: "gc@firm.example"}, dayOf(board), "fits"},
		{"a question", scheduling{method: "REFRESH", from: "al@bar.example", attendee: "al@bar.example"}, dayOf(board), "none"},
		{"a proposal is declined", scheduling{method: "DECLINECOUNTER"}, dayOf(board), "none"},
		{"calendars not read yet", scheduling{}, model.View{Now: invitedAt, Principal: dayOf().Principal}, "unknown"},
		{"nobody's calendars", scheduling{}, model.View{Now: invitedAt}, "unknown"},
		{"over, whatever the calendars", scheduling{day: 1}, model.View{Now: invitedAt}, "outdated"},
		{"a rule that cannot be followed", scheduling{day: 13, more: "RRULE:FREQ=SECONDLY\r\n"}, dayOf(board), "unknown"},
		{"the same, and its first date is taken", scheduling{day: 12, more: "RRULE:FREQ=SECONDLY\r\n"}, dayOf(board), "conflicts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := marksOfPlan(s.Decide(tt.mail.change(), tt.view)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := marksOfPlan(s.Decide(received(plainMail("x@y.example", "Lunch", "Tuesday?")), dayOf(board))); got != "none" {
		t.Errorf("a mail without an invitation: %q", got)
	}
}

func TestInviteSpoofed(t *testing.T) {
	s := saying(t)
	pass, fail := "dmarc=pass header.from=bar.example", "dmarc=fail header.from=bar.example"
	known := dayOf(standing("m1", "jo@bar.example", 13, 0))
	tests := []struct {
		name string
		mail scheduling
		view model.View
		want string // without the effect
	}{
		{"the organizer, nothing known", scheduling{}, dayOf(), ""},
		{"the organizer, proved", scheduling{auth: pass}, dayOf(), "proved"},
		{"DMARC failed", scheduling{auth: fail}, dayOf(), "spoofed"},
		{"DMARC says nothing", scheduling{auth: "dmarc=none header.from=bar.example"}, dayOf(), ""},
		{"another house", scheduling{from: "jo@bar-example.example"}, dayOf(), "spoofed"},
		{"another house, proved", scheduling{from: "jo@evil.example", auth: "dmarc=pass header.from=evil.example"}, dayOf(), "spoofed"},
		{"an assistant of the house", scheduling{from: "pa@bar.example", auth: pass}, dayOf(), "proved"},
		{"a house below", scheduling{from: "jo@mail.bar.example"}, dayOf(), ""},
		{"somebody at the same provider", scheduling{from: "jo.kim@gmail.com", organizer: "jokim@gmail.com"}, dayOf(), "spoofed"},
		{"the same address at a provider", scheduling{from: "jokim@gmail.com", organizer: "jokim@gmail.com"}, dayOf(), ""},
		{"acts openly for a stranger", scheduling{from: "pa@office.example", sentBy: "pa@office.example"}, dayOf(), ""},
		{"acts openly for our own", scheduling{from: "pa@office.example", sentBy: "pa@office.example", organizer: "chair@firm.example"}, dayOf(), "spoofed"},
		{"acts openly, unproved", scheduling{from: "pa@office.example", sentBy: "pa@office.example", auth: "dkim=none"}, dayOf(), "spoofed"},
		{"says another acts", scheduling{from: "x@evil.example", sentBy: "pa@office.example"}, dayOf(), "spoofed"},
		{"two methods", scheduling{header: "CANCEL", auth: pass}, dayOf(), "spoofed proved"},
		{"two authors", scheduling{from: "x@evil.example", twoAuthors: true}, dayOf(), "spoofed"},
		{"no organizer", scheduling{organizer: "none"}, dayOf(), ""},
		{"cancelled by the organizer", scheduling{method: "CANCEL", day: 13, seq: 1}, known, ""},
		{"cancelled by a stranger who names himself", scheduling{method: "CANCEL", day: 13, from: "x@evil.example", organizer: "x@evil.example"}, known, "spoofed"},
		{"cancelled by a stranger who names nobody", scheduling{method: "CANCEL", day: 13, from: "x@evil.example", organizer: "none"}, known, "spoofed"},
		{"moved by a stranger who names himself", scheduling{day: 14, seq: 9, from: "x@evil.example", organizer: "x@evil.example"}, known, "spoofed"},
		{"cancelled by a stranger in the organizer's name", scheduling{method: "CANCEL", day: 13, from: "x@evil.example"}, known, "spoofed"},
		{"answered by an attendee", scheduling{method: "REPLY", from: "al@bar.example", attendee: "al@bar.example", organizer: "gc@firm.example", auth: pass}, dayOf(), "proved"},
		{"answered by another", scheduling{method: "REPLY", from: "x@evil.example", attendee: "al@bar.example", organizer: "gc@firm.example"}, dayOf(), "spoofed"},
		{"countered by another", scheduling{method: "COUNTER", from: "x@evil.example", attendee: "al@bar.example", organizer: "gc@firm.example"}, dayOf(), "spoofed"},
		{"asked by another", scheduling{method: "REFRESH", from: "x@evil.example", attendee: "al@bar.example", organizer: "gc@firm.example"}, dayOf(), "spoofed"},
		{"published by another", scheduling{method: "PUBLISH", from: "x@evil.example"}, dayOf(), "spoofed"},
		{"added by another", scheduling{method: "ADD", from: "x@evil.example"}, dayOf(), "spoofed"},
		{"declined by another", scheduling{method: "DECLINECOUNTER", from: "x@evil.example"}, dayOf(), "spoofed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			words := strings.Fields(marksOfPlan(s.Decide(tt.mail.change(), tt.view)))
			got := strings.Join(words[1:], " ")
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestInviteIsLookedAtAgain: soon while calendars are being read, in pauses that
// grow and end, and once when all of it is over; never for mail that rules do not
// ask about.
func TestInviteIsLookedAtAgain(t *testing.T) {
	s := saying(t)
	c := scheduling{}.change()
	end := time.Date(2026, 3, 12, 16, 0, 0, 0, time.UTC)
	if at := s.Decide(c, dayOf()).LookAgain; !at.Equal(end) {
		t.Errorf("a known day: again at %v, want %v", at, end)
	}
	v := dayOf()
	v.Known = false
	looks := 0
	for ; looks < 100; looks++ {
		at := s.Decide(c, v).LookAgain
		if at.Equal(end) {
			break
		}
		if !at.After(v.Now) || at.Sub(v.Now) < firstWait {
			t.Fatalf("at %v: again at %v", v.Now, at)
		}
		v.Now = at
	}
	if looks < 5 || looks > 40 {
		t.Errorf("%d looks in vain", looks)
	}
	v = dayOf()
	v.Now = end
	if at := s.Decide(c, v).LookAgain; !at.IsZero() {
		t.Errorf("when it is over: again at %v", at)
	}
	v = dayOf()
	v.Known, v.Principal, v.Reading = false, model.Principal{}, time.Time{}
	if at := s.Decide(c, v).LookAgain; !at.Equal(end) {
		t.Errorf("nobody's calendars: again at %v", at)
	}
	if at := compiled(t, office(mailRule("a", 1, `msg.subject == "x"`))).Decide(c, dayOf()).LookAgain; !at.IsZero() {
		t.Errorf("no rule asks: again at %v", at)
	}
}

// TestAroundIsAskedForOnlyIfNeeded: calendars are looked at for mail and rules that
// depend on them.
func TestAroundIsAskedForOnlyIfNeeded(t *testing.T) {
	s, p := saying(t), dayOf().Principal
	if _, from, till, ok := s.Around(scheduling{}.change().Message, p); !ok || !from.Before(till) {
		t.Error("an invitation needs the calendars")
	}
	if _, _, _, ok := s.Around(scheduling{method: "REPLY"}.change().Message, p); ok {
		t.Error("an answer needs no calendar")
	}
	if _, _, _, ok := s.Around(received(plainMail("x@y.example", "Lunch", "Tuesday?")).Message, p); ok {
		t.Error("a plain mail needs no calendar")
	}
	if compiled(t, office(mailRule("a", 1, `msg.bulk`))).Need().Invite {
		t.Error("no rule asks")
	}
}

// TestLawGateKnowsInvitations: with and without the gate the plan is the same, for
// conditions of every sort.
func TestLawGateKnowsInvitations(t *testing.T) {
	when := []string{
		`msg.invite.method == "REQUEST"`, `"CANCEL" == msg.invite.method`, `msg.invite.method != ""`, `msg.invite.method == ""`,
		`msg.invite.effect == "fits"`, `msg.invite.effect == "none"`, `msg.invite.effect in ["conflicts", "none"]`, `msg.invite.method in ["ADD", "REQUEST"]`,
		`msg.invite.spoofed || msg.bulk`, `!msg.invite.spoofed`, `msg.invite.people.exists(p, p.is_in(lists.firm))`, `msg.invite.problems.size() > 0`,
		`msg.invite.problems.size() >= 0`, `msg.invite.title.contains("Call")`, `msg.invite.start > timestamp("2026-01-01T00:00:00Z")`, `has(msg.invite)`,
		`msg.invite.organizer.endsWith("")`, `msg.invite.title.matches("^$")`,
	}
	var list []config.MailRule
	for i, w := range when {
		list = append(list, mailRule(fmt.Sprintf("r%02d", i), 1, w, config.Then{Star: true}))
	}
	for i := range list {
		r := office(list[i])
		s := compiled(t, r)
		open := compiled(t, r)
		open.ungated = true
		for name, c := range map[string]model.Change{
			"invitation": scheduling{}.change(), "cancelled": scheduling{method: "CANCEL"}.change(), "reply": scheduling{method: "REPLY"}.change(),
			"plain": received(plainMail("x@y.example", "Lunch", "Tuesday?")),
		} {
			gated, ungated := s.Decide(c, dayOf()), open.Decide(c, dayOf())
			if shape(gated) != shape(ungated) || !gated.LookAgain.Equal(ungated.LookAgain) {
				t.Errorf("%s, %s: %q with the gate, %q without", when[i], name, shape(gated), shape(ungated))
			}
		}
	}
}

func TestInviteWordsAreChecked(t *testing.T) {
	for _, when := range []string{`msg.invite.effect == "clash"`, `msg.invite.method == "Request"`, `msg.invite.organizer == "Jo@bar.example"`} {
		if _, errs := Compile(office(mailRule("a", 1, when, config.Then{Star: true}))); len(errs) == 0 {
			t.Errorf("%s is taken", when)
		}
	}
}

// TestHostileInvitesAreCheap: no scheduling message takes long to be held against a
// full calendar.
func TestHostileInvitesAreCheap(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	s := saying(t)
	var events []model.Event
	for i := range 2000 {
		e := standing("x", "", 3+i%25, 0)
		e.Ident, e.Ref.Href = model.Ident(fmt.Sprint(i)), model.Name(fmt.Sprint(i))
		events = append(events, e)
	}
	for name, more := range map[string]string{
		"daily for ever":    "RRULE:FREQ=DAILY\r\n",
		"never":             "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31\r\n",
		"every leap second": "RRULE:FREQ=YEARLY;BYDAY=1MO;BYSETPOS=366\r\n",
		"many dates":        strings.Repeat("RDATE:20260312T150000Z,20260313T150000Z,20260314T150000Z\r\n", 5000),
		"many exceptions":   "RRULE:FREQ=DAILY\r\n" + strings.Repeat("EXDATE:20260312T150000Z\r\n", 5000),
		"long ago":          "RRULE:FREQ=DAILY;INTERVAL=3;BYMONTH=1,2,3\r\n",
	} {
		c := scheduling{more: more}.change()
		began := time.Now()
		_ = s.Decide(c, dayOf(events...))
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}
