package caldav

import (
	"context"
	"net/http"
	"time"

	"chancery/internal/ical"
	"chancery/internal/model"
)

// amend edits one thing in an event of others. The object is read, must be the
// version that was judged, and is written under the condition that it still is:
// by its strong ETag, by its Schedule-Tag, or both. Without either nothing is
// written, for an edit of a person in between would be lost.
func (s *Source) amend(ctx context.Context, a model.Amend) (model.Result, error) {
	path, ok := s.member(string(a.Base.Href))
	if !ok {
		return refused(ical.AmendImpossible), nil
	}
	at, err := s.look(ctx, path)
	if err != nil {
		return forItem(err)
	}
	if at == nil {
		return model.Result{Outcome: model.Lost}, nil
	}
	out, r, done := s.edit(at, a)
	if done {
		return r, nil
	}
	if err := s.overwrite(ctx, at, out); err != nil {
		if lostRace(err) {
			return s.amended(ctx, path, a, model.Result{Outcome: model.Stale, Code: ical.AmendChanged})
		}
		if e, ok := asStatus(err); ok && e.status == http.StatusForbidden && (e.precondition == "" || e.precondition == "need-privileges") {
			return refused("read-only"), nil // RFC 3744 section 7.1.1
		}
		return forItem(err)
	}
	return s.amended(ctx, path, a, refused("not-kept"))
}

// edit returns what to write, or what the step ends as.
func (s *Source) edit(at *object, a model.Amend) ([]byte, model.Result, bool) {
	if at.own != nil {
		return nil, refused(ical.AmendImpossible), true // ours is written by holds
	}
	if strong(a.Base.Version) && at.etag == "W/"+a.Base.Version {
		at.etag = a.Base.Version // the listing had it unweakened: the server knows it
	}
	out, code := ical.Amend(at.data, a, time.Now())
	switch {
	case code == ical.AmendAlready:
		return nil, model.Result{Outcome: model.Done, Already: true, Ref: s.ref(at)}, true
	case code == ical.AmendChanged, at.etag != a.Base.Version: // also where it is refused: another version may be judged otherwise
		return nil, model.Result{Outcome: model.Stale, Code: ical.AmendChanged, Ref: s.ref(at)}, true
	case code != "":
		return nil, model.Result{Outcome: model.Refused, Code: code, Ref: s.ref(at)}, true
	case !strong(at.etag) && at.schedule == "":
		return nil, model.Result{Outcome: model.Refused, Code: "no-version", Ref: s.ref(at)}, true
	}
	return out, model.Result{}, false
}

// overwrite sends an edited object. If-Schedule-Tag-Match fails when the organizer
// changed the meeting (RFC 6638 section 3.2.10), If-Match when anybody changed
// anything.
func (s *Source) overwrite(ctx context.Context, at *object, data []byte) error {
	header := map[string]string{"Content-Type": "text/calendar; charset=utf-8"}
	if strong(at.etag) {
		header["If-Match"] = at.etag
	}
	if at.schedule != "" {
		header["If-Schedule-Tag-Match"] = at.schedule
	}
	return s.send(ctx, at.path, header, data)
}

// amended reads back what stands: what was asked for, or the other result.
func (s *Source) amended(ctx context.Context, path string, a model.Amend, other model.Result) (model.Result, error) {
	at, err := s.look(ctx, path)
	switch {
	case err != nil:
		return forItem(err)
	case at == nil:
		return model.Result{Outcome: model.Lost}, nil
	}
	other.Ref = s.ref(at)
	if _, code := ical.Amend(at.data, a, time.Now()); code == ical.AmendAlready {
		return model.Result{Outcome: model.Done, Ref: s.ref(at)}, nil
	}
	return other, nil
}
