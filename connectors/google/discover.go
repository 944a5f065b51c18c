package google

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/api/calendar/v3"
)

// maxCalendars bounds how many calendars of an account are looked at.
const maxCalendars = 5000

// find sets the calendar's id and what may be done with it.
func (s *Source) find(ctx context.Context) error {
	list, err := s.calendars(ctx)
	if err != nil {
		return err
	}
	found, err := choose(list, s.o.Match)
	switch {
	case err != nil:
		return err
	case found != nil && found.AccessRole == "freeBusyReader":
		return misconfigured("no-access", nil)
	case found != nil:
		s.calendar, s.canWrite = found.Id, found.AccessRole != "reader"
		return nil
	case !s.o.Create || s.o.ReadOnly || own(s.o.Match):
		return misconfigured("no-calendar", nil)
	}
	made, err := s.api.Calendars.Insert(&calendar.Calendar{Summary: s.o.Match}).Context(ctx).Do()
	if err != nil {
		return err
	}
	s.calendar, s.canWrite = made.Id, true
	return nil
}

// calendars lists what the principal has in view.
func (s *Source) calendars(ctx context.Context) ([]*calendar.CalendarListEntry, error) {
	var out []*calendar.CalendarListEntry
	page := ""
	for range maxCalendars {
		call := s.api.CalendarList.List().MaxResults(250).ShowHidden(true).Context(ctx)
		if page != "" {
			call.PageToken(page)
		}
		list, err := call.Do()
		if err != nil {
			return nil, err
		}
		for _, c := range list.Items {
			if c != nil && !c.Deleted && c.Id != "" && len(out) < maxCalendars {
				out = append(out, c)
			}
		}
		if list.NextPageToken == "" || list.NextPageToken == page {
			return out, nil
		}
		page = list.NextPageToken
	}
	return nil, protocol("page-token")
}

// own reports whether the principal's own calendar is meant.
func own(match string) bool { return match == "" || match == "primary" }

// owned returns what is the principal's own: a calendar that others share under the
// same name must neither stand for it nor keep it from being found.
func owned(list []*calendar.CalendarListEntry) []*calendar.CalendarListEntry {
	return slices.DeleteFunc(slices.Clone(list), func(c *calendar.CalendarListEntry) bool { return c.AccessRole != "owner" })
}

// choose returns the calendar that match names: the principal's own, or by id, by
// the name the principal gave it, by its name.
func choose(list []*calendar.CalendarListEntry, match string) (*calendar.CalendarListEntry, error) {
	for _, same := range []func(*calendar.CalendarListEntry) bool{
		func(c *calendar.CalendarListEntry) bool { return own(match) && c.Primary },
		func(c *calendar.CalendarListEntry) bool { return strings.EqualFold(c.Id, match) },
		func(c *calendar.CalendarListEntry) bool { return match != "" && c.SummaryOverride == match },
		func(c *calendar.CalendarListEntry) bool { return match != "" && c.Summary == match },
		func(c *calendar.CalendarListEntry) bool {
			return match != "" && strings.EqualFold(strings.TrimSpace(c.Summary), strings.TrimSpace(match))
		},
	} {
		var hits []*calendar.CalendarListEntry
		for _, c := range list {
			if same(c) {
				hits = append(hits, c)
			}
		}
		if own := owned(hits); len(own) == 1 {
			hits = own
		}
		switch {
		case len(hits) > 1:
			return nil, misconfigured("ambiguous-calendar", nil)
		case len(hits) == 1:
			return hits[0], nil
		}
	}
	return nil, nil
}
