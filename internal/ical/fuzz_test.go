package ical

import (
	"testing"

	"chancery/internal/model"
)

func seed(f *testing.F) {
	for _, data := range corpusFiles(f) {
		if len(data) < 16<<10 {
			f.Add(data)
		}
	}
	f.Add([]byte("BEGIN:VCALENDAR\r\nDTSTART;TZID=x\r\n"))
	f.Add(event("UID:1", startLine, `X="a"0`))
	f.Add(Compose(hold("a", "b"), testSign))
}

// FuzzParse: no input panics or breaks the promises of Parse.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, own, problems, fault := Parse(data, testSign)
		nothing := s.Master == nil && len(s.Overrides) == 0
		switch {
		case fault != nil && (!nothing || own != nil || fault.Code == ""):
			t.Fatalf("fault %v and a series", fault)
		case fault == nil && nothing && !contains(problems, NotAnEvent):
			t.Fatalf("nothing read, problems %q", problems)
		}
		all := s.Overrides
		if s.Master != nil {
			all = append(all, *s.Master)
		}
		for _, o := range all {
			if o.Start.IsZero() || o.End.In(zoneOf(o.End)).Before(o.Start.In(zoneOf(o.Start))) && o.Start.Loc != nil && o.End.Loc != nil {
				t.Fatalf("from %s until %s", showTime(o.Start), showTime(o.End))
			}
			if len(o.Attendees) > MaxAttendees || len(o.ExDates) > MaxDates || len(o.RDates) > MaxDates {
				t.Fatal("over the limits")
			}
		}
	})
}

// FuzzDigest: the digest of an object does not depend on line ends, and no edit
// of the text leaves an Own intact.
func FuzzDigest(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if d := Digest(data); len(d) != 64 || d != Digest(data) {
			t.Fatalf("digest %q", d)
		}
	})
}

// FuzzCompose: any text of a hold stays a text.
func FuzzCompose(f *testing.F) {
	f.Add("u", "of", "digest", "summary", "description", "related")
	for _, s := range nasty {
		f.Add("u"+s, s, s, s+"x"+s, s+s, s)
	}
	f.Fuzz(func(t *testing.T, uid, of, digest, summary, description, related string) {
		if len(uid)+len(of)+len(digest)+len(summary)+len(description)+len(related) > 4<<10 || said(uid) == "" {
			return
		}
		h := hold(summary, description, related)
		h.UID, h.Of, h.Digest = uid, model.Ident(of), digest
		checkComposed(t, h)
	})
}
