package google

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"

	"chancery/internal/ical"
	"chancery/internal/model"
)

// relation is a family as it stands now, with all that Google says of it.
type relation struct {
	key     string
	members []member
	events  []*calendar.Event
	version string
}

// family reads what an Amend is about; nil if nothing of it is there.
func (s *Source) family(ctx context.Context, key, uid string) (*relation, error) {
	r := &relation{key: key}
	q := s.query()
	q.Set("iCalUID", uid)
	var k kin
	events := map[string]*calendar.Event{}
	_, err := s.pages(ctx, q, func(raw json.RawMessage) int {
		m := readMember(raw, s.o.Sign)
		if m.family() != key {
			return 0
		}
		k.put(m)
		var e calendar.Event
		if m.fault == "" && json.Unmarshal(raw, &e) == nil {
			events[m.id] = &e
		}
		return len(raw)
	})
	if err != nil || !slices.ContainsFunc(k.members, func(m member) bool { return !m.cancelled }) {
		return nil, err
	}
	r.members, r.version = k.members, versionOf(k.members)
	for _, m := range k.members {
		if e := events[m.id]; e != nil {
			r.events = append(r.events, e)
		}
	}
	return r, nil
}

func (s *Source) refOf(r *relation) model.Ref {
	return model.Ref{Source: s.o.Source, Href: model.Name(r.key), Version: r.version}
}

// amend edits one thing in an event of others: by Patch, which leaves alone what it
// does not name, over exactly the version that was judged.
func (s *Source) amend(ctx context.Context, a model.Amend, again bool) (model.Result, error) {
	key := string(a.Base.Href)
	if !safeID(key) || !sound(a) {
		return refused(ical.AmendImpossible), nil
	}
	r, err := s.family(ctx, key, string(a.UID))
	if err != nil {
		return forItem(err)
	}
	if r == nil {
		return model.Result{Outcome: model.Lost}, nil
	}
	targets, code, err := s.targets(ctx, r, a)
	if err != nil {
		return forItem(err)
	}
	if code == "" {
		targets, code = judgeAmend(targets, a)
	}
	switch {
	case code == ical.AmendAlready:
		return model.Result{Outcome: model.Done, Already: true, Ref: s.refOf(r)}, nil
	case code == ical.AmendMixed && again:
		// Several events of a series were to change and the last time ended between.
	case code == ical.AmendChanged, r.version != a.Base.Version: // also where it is refused: another version may be judged otherwise
		return model.Result{Outcome: model.Stale, Code: ical.AmendChanged, Ref: s.refOf(r)}, nil
	case code != "":
		return model.Result{Outcome: model.Refused, Code: code, Ref: s.refOf(r)}, nil
	}
	for _, e := range targets {
		if !condition(e.Etag) {
			return refused("no-version"), nil
		}
		call := s.api.Events.Patch(s.calendar, e.Id, edit(e, a)).SendUpdates(noMail).Context(ctx)
		call.Header().Set("If-Match", e.Etag)
		if _, err = call.Do(); err != nil && !lostRace(err) {
			return forItem(err)
		}
		if err != nil {
			break
		}
	}
	return s.amended(ctx, a, err != nil)
}

// amended reads back what stands.
func (s *Source) amended(ctx context.Context, a model.Amend, lost bool) (model.Result, error) {
	r, err := s.family(ctx, string(a.Base.Href), string(a.UID))
	switch {
	case err != nil:
		return forItem(err)
	case r == nil:
		return model.Result{Outcome: model.Lost}, nil
	}
	targets, code, err := s.targets(ctx, r, a)
	if err != nil {
		return forItem(err)
	}
	if code == "" {
		_, code = judgeAmend(targets, a)
	}
	switch {
	case code == ical.AmendAlready:
		return model.Result{Outcome: model.Done, Ref: s.refOf(r)}, nil
	case lost:
		return model.Result{Outcome: model.Stale, Code: ical.AmendChanged, Ref: s.refOf(r)}, nil
	}
	return model.Result{Outcome: model.Refused, Code: "not-kept", Ref: s.refOf(r)}, nil
}

// sound reports whether a changes exactly one thing into another.
func sound(a model.Amend) bool {
	part := func(m model.Amended) int {
		switch {
		case m.Answer != "" && m == model.Amended{Answer: m.Answer} && googleAnswer(m.Answer) != "":
			return 1
		case m.Class != "" && m == model.Amended{Class: m.Class} && visibilities[m.Class] != "":
			return 2
		case m.Answer == "" && m.Class == "" && m.Start > 0 && m.End >= m.Start:
			return 3
		}
		return 0
	}
	return a.UID != "" && a.Was != a.Now && part(a.Was) != 0 && part(a.Was) == part(a.Now)
}

// targets returns the events a is about: the instance, or the series and what of
// it has an answer or a class of its own, the series last: until it is done, the
// step is not.
func (s *Source) targets(ctx context.Context, r *relation, a model.Amend) ([]*calendar.Event, string, error) {
	if len(r.events) < len(r.members) {
		return nil, ical.AmendImpossible, nil
	}
	for _, m := range r.members {
		if m.own != nil || m.tagged {
			return nil, ical.AmendImpossible, nil // ours is written by holds
		}
	}
	if !a.Instance.IsZero() {
		e, err := s.instance(ctx, r, a.Instance)
		if e == nil || e.Status == "cancelled" {
			return nil, ical.AmendNoInstance, err
		}
		if a.Now.Class != "" {
			return nil, ical.AmendImpossible, nil // "can affect all instances of the series"
		}
		return []*calendar.Event{e}, "", nil
	}
	var out []*calendar.Event
	for _, e := range r.events {
		if e.Status == "cancelled" {
			continue
		}
		if a.Now.Start != 0 && (e.RecurringEventId != "" || len(e.Recurrence) > 0) {
			return nil, ical.AmendNoInstance, nil
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(x, y *calendar.Event) int {
		return cmp.Or(strings.Compare(y.RecurringEventId, x.RecurringEventId), strings.Compare(x.Id, y.Id))
	})
	return out, "", nil
}

// instance finds the exception for a place in the series, or what the series says
// of it. nil: there is none.
func (s *Source) instance(ctx context.Context, r *relation, at model.Time) (*calendar.Event, error) {
	for _, e := range r.events {
		if e.RecurringEventId == r.key && sameMoment(e.OriginalStartTime, at) {
			return e, nil
		}
	}
	i := slices.IndexFunc(r.events, func(e *calendar.Event) bool { return e.Id == r.key && len(e.Recurrence) > 0 })
	if i < 0 {
		return nil, nil
	}
	call := s.api.Events.Instances(s.calendar, r.key).Context(ctx)
	if at.Date {
		// How originalStart names a day is not said; a day of its own lies in its place.
		call.TimeMin(at.Wall.AddDate(0, 0, -1).Format(time.RFC3339)).TimeMax(at.Wall.AddDate(0, 0, 2).Format(time.RFC3339))
	} else {
		call.OriginalStart(at.In(time.UTC).UTC().Format(time.RFC3339))
	}
	list, err := call.Do()
	if err != nil {
		return nil, err
	}
	for _, e := range list.Items {
		if e != nil && e.RecurringEventId == r.key && sameMoment(e.OriginalStartTime, at) && safeID(e.Id) {
			return e, nil
		}
	}
	return nil, nil
}

func sameMoment(t *calendar.EventDateTime, at model.Time) bool {
	if t == nil || at.Date != (t.Date != "") {
		return false
	}
	if at.Date {
		return t.Date == at.Wall.Format(time.DateOnly)
	}
	u, ok := unix(t)
	return ok && int64(u) == at.In(time.UTC).Unix()
}

// unix reads a time as an instant, a day as midnight in UTC.
func unix(t *calendar.EventDateTime) (model.UnixTime, bool) {
	if t == nil {
		return 0, false
	}
	form, text := time.RFC3339, t.DateTime
	if t.Date != "" {
		form, text = time.DateOnly, t.Date
	}
	at, err := time.Parse(form, text)
	return model.UnixTime(at.Unix()), err == nil
}
