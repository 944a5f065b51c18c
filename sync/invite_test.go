package sync

import (
	"testing"
	"testing/synctest"
	"time"

	"chancery/internal/model"
)

const rulesOfInvitations = `version: 1
defaults: {mode: enforce}
marks:
  fits: {keyword: lx-7, thunderbird: $label3, apple: green}
calendar:
  ranks: [{name: any, rank: 1, when: true}]
mail:
  - {name: fits, when: 'msg.invite.effect == "fits"', then: [mark: fits]}
`

// Mail with an invitation is decided when the calendars are known, or when it is
// known that they will not be soon; other mail at once.
func TestInvitationsWaitForCalendarsThatAreRead(t *testing.T) {
	set := rulesFrom(t, rulesOfInvitations)
	begin := monday.AddDate(0, 0, 1)
	asks := model.Change{Op: model.Put, Ref: model.Ref{Source: "gc-mail", Mailbox: "INBOX", UID: 1}, Ident: "ask", Message: &model.Message{
		Ident: "ask", Arrived: monday, Body: model.Hide(model.Mail{Invite: &model.Invite{Method: "REQUEST", Series: model.Series{UID: "u", Master: &model.Occurrence{
			Summary: "Call", Status: "CONFIRMED", Start: model.Time{Wall: begin, Loc: time.UTC}, End: model.Time{Wall: begin.Add(time.Hour), Loc: time.UTC},
		}}}}),
	}}
	plain := model.Change{Op: model.Put, Ref: model.Ref{Source: "gc-mail", Mailbox: "INBOX", UID: 2}, Ident: "plain", Message: &model.Message{Ident: "plain", Arrived: monday, Body: model.Hide(model.Mail{})}}
	for _, tt := range []struct {
		name  string
		mail  []model.Change
		then  func(e *Engine) // happens a second after the start
		after time.Duration   // when the mail is decided
	}{
		{"the calendar is read", []model.Change{plain, asks}, func(e *Engine) { e.agenda.keep("gc/work", nil) }, time.Second},
		{"the calendar fails", []model.Change{asks}, func(e *Engine) { e.agenda.fail("gc/work") }, time.Second},
		{"another calendar is read", []model.Change{asks}, func(e *Engine) { e.agenda.keep("other/work", nil) }, readingPatience},
		{"nothing happens", []model.Change{asks}, func(*Engine) {}, readingPatience},
		{"no invitation", []model.Change{plain}, func(*Engine) {}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				e := &Engine{opt: Options{Principals: []PrincipalSpec{leader("gc", "gc/work")}}, agenda: newAgenda(), now: time.Now}
				e.workers = map[model.SourceID]*worker{"gc-mail": {e: e, spec: SourceSpec{ID: "gc-mail", Principal: "gc"}}}
				e.began.Store(start.Unix())
				e.running.Store(true)
				time.AfterFunc(time.Second, func() { tt.then(e) })
				e.awaitCalendars(t.Context(), set, tt.mail)
				if got := time.Since(start); got != tt.after {
					t.Errorf("decided after %v, want %v", got, tt.after)
				}
			})
		})
	}
}
