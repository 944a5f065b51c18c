package google

import (
	"context"
	"net/http"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"

	"chancery/internal/model"
)

// noMail asks Google to tell nobody (its parameter sendUpdates). Events of ours
// have no guests besides: with it alone "some emails might still be sent".
const noMail = "none"

// compose makes the event of a hold, in UTC. It has no guest, no alarm and no place
// where a text could become anything else.
func compose(h model.Hold) *calendar.Event {
	body := h.Body.Reveal()
	end := max(body.Start, body.End)
	if body.Date && end == body.Start {
		end += 24 * 60 * 60 // a day has an exclusive end
	}
	e := &calendar.Event{
		Id: eventID(h.UID), Summary: clean(body.Summary), Description: clean(body.Description),
		Status: "tentative", Transparency: "transparent",
		Start: at(body.Start, body.Date), End: at(end, body.Date),
		// The default would ring at every hold.
		Reminders: &calendar.EventReminders{ForceSendFields: []string{"UseDefault"}},
	}
	if body.Blocks {
		e.Status, e.Transparency = "confirmed", "opaque"
	}
	if body.Private {
		e.Visibility = "private"
	}
	return e
}

// sealed returns the event with our tag for what it says.
func (s *Source) sealed(h model.Hold, e *calendar.Event, digest string) *calendar.Event {
	kind := "t:"
	if h.Body.Reveal().Blocks {
		kind = "b:"
	}
	t := tag{uid: h.UID, of: h.Of, digest: h.Digest, event: kind + digest}
	e.ExtendedProperties = &calendar.EventExtendedProperties{Private: map[string]string{tagKey: t.write(e.Id, s.o.Sign)}}
	return e
}

func at(t model.UnixTime, date bool) *calendar.EventDateTime {
	when := time.Unix(int64(t), 0).UTC()
	if date {
		return &calendar.EventDateTime{Date: when.Format(time.DateOnly)}
	}
	return &calendar.EventDateTime{DateTime: when.Format(time.RFC3339), TimeZone: "UTC"}
}

// clean takes out of a text what is no text, and bounds it as Google does.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029:
			return '\n'
		case r < ' ' || r >= 0x7f && r < 0xa0:
			return -1
		}
		return r
	}, s)
	const most = 8 << 10
	return strings.TrimSpace(strings.ToValidUTF8(s[:min(len(s), most)], ""))
}

func (s *Source) ref(e *calendar.Event) model.Ref {
	return model.Ref{Source: s.o.Source, Href: model.Name(e.Id), Version: e.Etag}
}

// hold writes a new hold, or a new version of one that nobody touched.
func (s *Source) hold(ctx context.Context, h model.Hold) (model.Result, error) {
	update := h.Base.Href != ""
	id := eventID(h.UID)
	if update {
		id = string(h.Base.Href)
	}
	for range maxTries {
		var was *calendar.Event
		var err error
		if update {
			if was, err = s.get(ctx, id); err != nil {
				return forItem(err)
			}
			if was == nil || was.Status == "cancelled" && h.Base.Href != "" { // a person deleted it: dismissed
				return model.Result{Outcome: model.Lost}, nil
			}
			if was.Status != "cancelled" {
				if r, done := s.judge(was, h); done {
					return r, nil
				}
			}
		}
		now, err := s.put(ctx, was, h, id)
		if err == nil {
			s.o.Guard.Put(id)
			return s.written(ctx, now, h)
		}
		if !lostRace(err) {
			return forItem(err)
		}
		update = true // someone, perhaps we before a crash, was first
	}
	return model.Result{Outcome: model.Later, Code: "race"}, nil
}

// judge says what may be done over an event that stands; done is false for a hold
// of ours that nobody touched: it may be written over.
func (s *Source) judge(was *calendar.Event, h model.Hold) (model.Result, bool) {
	own := readOwn(was, s.o.Sign)
	switch {
	case own == nil && h.Base.Href == "":
		return refused("occupied"), true
	case own == nil, !own.Intact:
		return model.Result{Outcome: model.Stale, Ref: s.ref(was)}, true
	case own.Of != h.Of:
		return refused("occupied"), true
	case own.Digest == h.Digest:
		return model.Result{Outcome: model.Done, Already: true, Ref: s.ref(was)}, true
	}
	return model.Result{}, false
}

// put inserts the event of a hold, or writes it over exactly the version that was
// judged. Update and not Patch: what a hold does not say shall not stay. An id of a
// deleted event stays taken: it is written over, too.
func (s *Source) put(ctx context.Context, was *calendar.Event, h model.Hold, id string) (*calendar.Event, error) {
	e := compose(h)
	e.Id = id
	s.sealed(h, e, digestOf(e))
	if was == nil {
		return s.api.Events.Insert(s.calendar, e).SendUpdates(noMail).Context(ctx).Do()
	}
	e.Sequence = was.Sequence
	call := s.api.Events.Update(s.calendar, id, e).SendUpdates(noMail).Context(ctx)
	onlyIf(call.Header(), was)
	return call.Do()
}

// onlyIf makes a write depend on the version that was read. A server without ETags
// is trusted not to have changed since: for events of ours only.
func onlyIf(h http.Header, e *calendar.Event) {
	if condition(e.Etag) {
		h.Set("If-Match", e.Etag)
	}
}

// condition reports whether an ETag can be one (RFC 9110 section 8.8.3): what no header
// may hold would make every write fail.
func condition(etag string) bool {
	return etag != "" && len(etag) <= maxID && !strings.ContainsFunc(etag, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// lostRace reports the answers that mean "look again".
func lostRace(err error) bool {
	switch status(err) {
	case http.StatusPreconditionFailed, http.StatusConflict, http.StatusNotFound, http.StatusGone:
		return true
	}
	return false
}

// written checks what the server made of a hold. Where it changed a text, the tag
// is written for what stands: else our own writing would look like a person's.
func (s *Source) written(ctx context.Context, now *calendar.Event, h model.Hold) (model.Result, error) {
	own := readOwn(now, s.o.Sign)
	switch {
	case own == nil:
		// Without the tag it is nobody's: it would be written again and again.
		return model.Result{Outcome: model.Refused, Code: "tag-dropped", Ref: s.ref(now)}, nil
	case own.Intact:
		return model.Result{Outcome: model.Done, Ref: s.ref(now)}, nil
	}
	patch := s.sealed(h, &calendar.Event{Id: now.Id}, digestOf(now))
	patch.Id = ""
	call := s.api.Events.Patch(s.calendar, now.Id, patch).SendUpdates(noMail).Context(ctx)
	onlyIf(call.Header(), now)
	again, err := call.Do()
	switch {
	case lostRace(err): // a person was quicker
		return model.Result{Outcome: model.Stale, Ref: s.ref(now)}, nil
	case err != nil:
		return forItem(err)
	}
	return model.Result{Outcome: model.Done, Ref: s.ref(again)}, nil
}

// withdraw deletes a hold that nobody touched.
func (s *Source) withdraw(ctx context.Context, w model.Withdraw) (model.Result, error) {
	id := string(w.Base.Href)
	if id == "" {
		id = eventID(w.UID)
	}
	for range maxTries {
		was, err := s.get(ctx, id)
		if err != nil {
			return forItem(err)
		}
		if was == nil || was.Status == "cancelled" {
			return model.Result{Outcome: model.Done, Already: true}, nil
		}
		if own := readOwn(was, s.o.Sign); own == nil || !own.Intact || own.Of != w.Of {
			return model.Result{Outcome: model.Stale, Ref: s.ref(was)}, nil
		}
		call := s.api.Events.Delete(s.calendar, id).SendUpdates(noMail).Context(ctx)
		onlyIf(call.Header(), was)
		err = call.Do()
		switch code := status(err); {
		case err == nil, code == http.StatusNotFound, code == http.StatusGone:
			s.o.Guard.Took(id)
			return model.Result{Outcome: model.Done}, nil
		case !lostRace(err):
			return forItem(err)
		}
	}
	return model.Result{Outcome: model.Later, Code: "race"}, nil
}
