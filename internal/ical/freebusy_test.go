package ical

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

var (
	busyFrom = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	busyTill = busyFrom.AddDate(0, 0, 1)
)

func busyAnswer(lines ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nBEGIN:VFREEBUSY\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n")
}

func TestFreeBusy(t *testing.T) {
	hour := func(a, b int, soft bool) model.Stretch {
		return model.Stretch{Start: model.UnixTime(busyFrom.Unix() + int64(a)*3600), End: model.UnixTime(busyFrom.Unix() + int64(b)*3600), Soft: soft}
	}
	for _, test := range []struct {
		name  string
		lines []string
		want  []model.Stretch
	}{
		{"nothing taken", []string{"DTSTART:20260302T000000Z"}, nil},
		{"forms of a period", []string{"FREEBUSY:20260302T120000Z/PT1H,20260302T090000Z/20260302T100000Z"}, []model.Stretch{hour(9, 10, false), hour(12, 13, false)}},
		{"kinds", []string{"FREEBUSY;FBTYPE=FREE:20260302T010000Z/PT1H", "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260302T030000Z/PT1H", "FREEBUSY;FBTYPE=X-ANY:20260302T050000Z/PT1H"},
			[]model.Stretch{hour(3, 4, true), hour(5, 6, false)}},
		{"joined and cut at the ends", []string{"FREEBUSY:20260301T220000Z/PT4H,20260302T010000Z/PT3H", "FREEBUSY:20260302T230000Z/P2D"}, []model.Stretch{hour(0, 4, false), hour(23, 24, false)}},
		{"soft beside hard", []string{"FREEBUSY:20260302T090000Z/PT2H", "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260302T093000Z/PT90M,20260302T110000Z/PT1H"},
			[]model.Stretch{hour(9, 11, false), {Start: hour(9, 0, false).Start + 1800, End: hour(0, 12, false).End, Soft: true}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			fb, ok := FreeBusy(busyAnswer(test.lines...), busyFrom, busyTill)
			if !ok || !slices.Equal(fb.Taken, test.want) || fb.From != model.UnixTime(busyFrom.Unix()) {
				t.Errorf("%v %+v", ok, fb)
			}
		})
	}
	fb, ok := FreeBusy(busyAnswer("DTSTART:20260302T060000Z", "DTEND:20260302T120000Z", "FREEBUSY:20260302T110000Z/PT5H"), busyFrom, busyTill)
	if !ok || fb.From != hour(6, 0, false).Start || fb.Till != hour(0, 12, false).End || fb.Taken[0].End != fb.Till {
		t.Errorf("what is known: %v %+v", ok, fb)
	}
	for name, data := range map[string][]byte{
		"nothing":         {},
		"an event":        event("UID:1", startLine),
		"local time":      busyAnswer("FREEBUSY:20260302T090000/PT1H"),
		"no period":       busyAnswer("FREEBUSY:20260302T090000Z"),
		"backwards":       busyAnswer("FREEBUSY:20260302T090000Z/20260302T080000Z"),
		"cut off":         []byte("BEGIN:VCALENDAR\r\nBEGIN:VFREEBUSY\r\nFREEBUSY:20260302T090000Z/PT1H\r\n"),
		"another week":    busyAnswer("DTSTART:20270302T000000Z"),
		"without bound":   busyAnswer("FREEBUSY:" + strings.Repeat("20260302T090000Z/PT1H,", MaxTaken) + "20260302T090000Z/PT1H"),
		"one of two dark": append(busyAnswer("FREEBUSY:20260302T090000Z/PT1H"), busyAnswer("FREEBUSY:x")...),
	} {
		if fb, ok := FreeBusy(data, busyFrom, busyTill); ok {
			t.Errorf("%s: %+v", name, fb)
		}
	}
}

// FuzzFreeBusy: what is read lies in the window, is sorted and in order.
func FuzzFreeBusy(f *testing.F) {
	f.Add(busyAnswer("FREEBUSY:20260302T120000Z/PT1H,20260302T090000Z/20260302T100000Z"))
	f.Add(busyAnswer("DTSTART:20260302T060000Z", "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260302T110000Z/P5D"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fb, ok := FreeBusy(data, busyFrom, busyTill)
		if !ok {
			return
		}
		last := map[bool]model.UnixTime{}
		for _, s := range fb.Taken {
			if s.Start >= s.End || s.Start < fb.From || s.End > fb.Till || s.Start < last[s.Soft] {
				t.Fatal(fmt.Sprint(s))
			}
			last[s.Soft] = s.End
		}
	})
}
