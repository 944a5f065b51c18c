package sync

import (
	"testing"
	"time"

	"chancery/internal/filetext"
	"chancery/internal/model"
)

const rulesOfFiles = `version: 1
defaults: {mode: enforce, folders: [INBOX]}
marks:
  reminder: {keyword: lx-1}
terms:
  sealed: [attorneys' eyes only]
mail:
  - name: sealed
    when: terms.sealed.within("subject", "file")
    then: [mark: reminder]
`

// sealed is a mail whose PDF nobody can read until it is readable.
func (o *office) sealed(n int, arrived time.Time) model.Change {
	c := o.arrives(n, "Exhibit", n)
	m := o.mail[c.Ref]
	body := m.Body.Reveal()
	body.Files = []model.Attachment{{Name: "a.pdf", Unread: unreadLater}}
	m.Body, m.Arrived = model.Hide(body), arrived
	c.Message = m
	return c
}

func (o *office) readable(n int) {
	m := o.mail[at("INBOX", 1, uint32(n))]
	body := m.Body.Reveal()
	body.Files = []model.Attachment{{Name: "a.pdf", Text: "For attorneys' eyes only"}}
	m.Body = model.Hide(body)
}

// A file that nobody could read when the mail came is not lost to the rules.
func TestAFileIsReadLater(t *testing.T) {
	o := &office{newDesk(t, SourceSpec{}), map[model.Ref]*model.Message{}}
	o.set = rulesFrom(t, rulesOfFiles)
	o.applies, o.looks = o.carryOut, o.find
	o.start()
	o.says(o.sealed(1, o.now), o.arrives(2, "Lunch", 2))
	if got, want := o.next(), o.now.Add(leastLater); !got.Equal(want) {
		t.Errorf("the worker wakes at %v, want %v", got, want)
	}
	if n := o.w.e.UnreadMail(); n != 1 {
		t.Errorf("%d messages wait for a reader", n)
	}
	o.later(leastLater)
	o.want("nothing can be read yet")
	if got, want := o.next(), o.now.Add(leastLater); !got.Equal(want) {
		t.Errorf("the second time it wakes at %v, want %v", got, want)
	}
	o.readable(1)
	o.later(leastLater)
	o.want("when it was read", 1)
	if got := o.next(); !got.IsZero() {
		t.Errorf("it wakes once more at %v", got)
	}
	if n := o.w.e.UnreadMail(); n != 0 {
		t.Errorf("%d messages wait when all is read", n)
	}
	o.says(o.sealed(3, o.now))
	o.now = o.now.Add(mostLater + time.Hour)
	if n := o.w.e.UnreadMail(); n != 0 {
		t.Errorf("%d messages wait that are gone", n)
	}
}

// It takes an end, some day, and no more than a few looks until then.
func TestAFileThatIsNeverRead(t *testing.T) {
	if filetext.Codes[unreadLater] == "" {
		t.Fatalf("%s is no code", unreadLater)
	}
	o := &office{newDesk(t, SourceSpec{}), map[model.Ref]*model.Message{}}
	o.set = rulesFrom(t, rulesOfFiles)
	o.applies, o.looks = o.carryOut, o.find
	o.start()
	for _, tt := range []struct {
		n         int
		age       time.Duration
		least, at int // looks
	}{{1, 0, 20, 50}, {2, 30 * 24 * time.Hour, 1, 1}, {3, -time.Hour, 20, 150}} {
		begun, looks := o.now, 0
		o.says(o.sealed(tt.n, o.now.Add(-tt.age)))
		for at := o.next(); !at.IsZero() && looks < 1000; at = o.next() {
			looks++
			o.later(at.Sub(o.now))
		}
		if looks < tt.least || looks > tt.at || o.now.Sub(begun) > 2*laterFor {
			t.Errorf("mail %v old: %d looks in %v", tt.age, looks, o.now.Sub(begun))
		}
	}
}
