package agenda

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

// Who sees the calendar for holds reads nothing in it of a calendar whose time
// alone is shown there: not in the hold of a conflict, not in offered times, not
// in several holds.
func TestHoldsKeepWhatAMirrorHides(t *testing.T) {
	at := wall(tuesday + "10:00")
	secret := meeting("oncology-7731", at, time.Hour, private("x"), title("Oncologist"))
	for _, c := range []struct {
		name  string
		event model.Event
	}{
		{"a conflict", secret},
		{"several holds", meeting("oncology-7731", at, time.Hour, private("x"), title("Oncologist #hold3"))},
	} {
		for _, mode := range []string{"off", "observe", "enforce"} {
			v := view(t, c.event, meeting("board", at.Add(30*time.Minute), time.Hour, title("Board"), ranked("court")))
			o := mirroring(mode)
			o.Mode, o.Slots, o.Alternatives = "enforce", true, 2
			o.Mirrors[0].To = v.Principal.Holds
			steps, _, _ := Settle(v, o, rankByCategory)
			holds, said := 0, false
			for _, s := range steps {
				h, ok := s.Action.(model.Hold)
				if !ok || IsMirror(h.Of) {
					continue
				}
				holds++
				b := h.Body.Reveal()
				leaks := strings.Contains(fmt.Sprintf("%+v", b), "ncolog")
				said = said || leaks
				if leaks && mode != "off" || !b.Private && mode != "off" {
					t.Errorf("%s, the mirror is %s: %+v", c.name, mode, b)
				}
			}
			if holds == 0 || mode == "off" && !said {
				t.Errorf("%s, the mirror is %s: %d holds, told %v", c.name, mode, holds, said)
			}
		}
	}
}

// Whoever knows the UID of an event cannot tell from the name of an entry that it
// shows this event: another installation calls the same entry otherwise.
func TestNamesOfMirrorsAreNotGuessed(t *testing.T) {
	names := map[model.Ident]bool{}
	for _, secret := range []string{"", "one", "two", "one"} {
		v := view(t, meeting("hearing-26-cv-1042", wall(tuesday+"10:00"), time.Hour, private("x")))
		v.Principal.Secret = model.Hide(secret)
		steps, _, _ := Settle(v, mirroring("enforce"), rankByCategory)
		if len(steps) != 1 {
			t.Fatalf("%d steps", len(steps))
		}
		names[steps[0].Ident] = true
	}
	if len(names) != 3 {
		t.Errorf("%d names under three secrets", len(names))
	}
}
