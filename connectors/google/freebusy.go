package google

import (
	"context"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"

	"chancery/internal/model"
)

const (
	// maxAsked is Google's bound for one query.
	maxAsked = 50
	// maxTaken bounds the stretches of one person.
	maxTaken = 10_000
)

// FreeBusy returns the time of those addresses of whom Google tells it, by address
// in lower case. An address with an error of its own is left out: unknown is not
// free. Google does not tell what is tentative.
func (s *Source) FreeBusy(ctx context.Context, addresses []string, from, till time.Time) (map[string]model.FreeBusy, error) {
	ctx, done := s.bound(ctx)
	defer done()
	var asked []string
	for _, a := range addresses {
		if a = strings.ToLower(strings.TrimSpace(a)); a != "" && !slices.Contains(asked, a) {
			asked = append(asked, a)
		}
	}
	out := map[string]model.FreeBusy{}
	if !till.After(from) {
		return out, nil
	}
	for part := range slices.Chunk(asked, maxAsked) {
		q := &calendar.FreeBusyRequest{
			TimeMin: from.UTC().Format(time.RFC3339), TimeMax: till.UTC().Format(time.RFC3339), CalendarExpansionMax: maxAsked,
		}
		for _, a := range part {
			q.Items = append(q.Items, &calendar.FreeBusyRequestItem{Id: a})
		}
		r, err := s.api.Freebusy.Query(q).Context(ctx).Do()
		if err != nil {
			return nil, s.failed(err)
		}
		for id, c := range r.Calendars {
			if a := strings.ToLower(id); slices.Contains(part, a) && len(c.Errors) == 0 {
				if taken, ok := stretches(c.Busy); ok {
					out[a] = model.FreeBusy{From: model.UnixTime(from.Unix()), Till: model.UnixTime(till.Unix()), Taken: taken}
				}
			}
		}
	}
	return out, nil
}

// stretches reads a list of times; false if one of them is no time: then all of it
// is unknown.
func stretches(busy []*calendar.TimePeriod) ([]model.Stretch, bool) {
	if len(busy) > maxTaken {
		return nil, false
	}
	var out []model.Stretch
	for _, p := range busy {
		if p == nil {
			return nil, false
		}
		start, err := time.Parse(time.RFC3339, p.Start)
		end, err2 := time.Parse(time.RFC3339, p.End)
		if err != nil || err2 != nil || end.Before(start) {
			return nil, false
		}
		out = append(out, model.Stretch{Start: model.UnixTime(start.Unix()), End: model.UnixTime(end.Unix())})
	}
	slices.SortFunc(out, func(a, b model.Stretch) int { return int(a.Start - b.Start) })
	return out, true
}
