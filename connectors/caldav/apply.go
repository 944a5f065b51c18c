package caldav

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"chancery/internal/ical"
	"chancery/internal/model"
)

// maxTries bounds how often a step looks again after losing a race.
const maxTries = 3

// Apply writes and withdraws holds, and amends what a rule says may be amended.
// Before each write it reads the object: a hold never goes over what does not carry
// our valid tag, and what a person edited ends as Stale.
func (s *Source) Apply(ctx context.Context, steps []model.Step) ([]model.Result, error) {
	ctx, done := s.bound(ctx)
	defer done()
	var out []model.Result
	for _, step := range steps {
		r, err := s.apply(ctx, step)
		if err != nil {
			return out, failed(err)
		}
		r.ID = step.ID
		out = append(out, r)
	}
	return out, nil
}

func (s *Source) apply(ctx context.Context, step model.Step) (model.Result, error) {
	if s.o.ReadOnly {
		return refused("read-only"), nil
	}
	switch a := step.Action.(type) {
	case model.Hold:
		return s.hold(ctx, a)
	case model.Withdraw:
		return s.withdraw(ctx, a)
	case model.Amend:
		return s.amend(ctx, a)
	}
	return refused("not-mail"), nil
}

func refused(code string) model.Result {
	return model.Result{Outcome: model.Refused, Code: code}
}

// object is what stands at a path of ours.
type object struct {
	path     string
	etag     string
	schedule string // Schedule-Tag (RFC 6638 section 3.2.10); "" if there is none
	data     []byte
	own      *model.Own // nil: not ours
}

func (s *Source) ref(o *object) model.Ref {
	return model.Ref{Source: s.o.Source, Href: model.Name(o.path), Version: o.etag}
}

// look reads the object at path; nil if there is none.
func (s *Source) look(ctx context.Context, path string) (*object, error) {
	got, err := s.get(ctx, path)
	switch {
	case err != nil:
		return nil, err
	case got.status == http.StatusNotFound || got.status == http.StatusGone:
		return nil, nil
	case got.status > 0:
		return nil, &statusError{status: got.status}
	case got.status < 0:
		return nil, protocol("unreadable-object")
	}
	_, own, _, _ := ical.Parse(got.data, s.o.Sign)
	version := got.etag
	if version == "" {
		version = "digest:" + ical.Digest(got.data)
	}
	return &object{path, version, got.schedule, got.data, own}, nil
}

// place returns where an object of ours stands or shall stand: where it was
// written, where a listing saw its UID, or its own name.
func (s *Source) place(uid string, base model.Ref) string {
	if path, ok := s.member(string(base.Href)); ok && base.Href != "" {
		return path
	}
	return s.calendar + url.PathEscape(uid) + ".ics"
}

// elsewhere finds the UID at another path (RFC 4791 section 5.3.2.1,
// no-uid-conflict): a person's program may have copied it there.
func (s *Source) elsewhere(uid, path string) string {
	ident := ical.Ident(uid, path)
	for _, l := range []*listing{s.next, s.known} {
		if l == nil {
			continue
		}
		for at, it := range l.items {
			if it.ident == ident && at != path {
				return at
			}
		}
	}
	return ""
}

// hold writes a new hold, or a new version of one that nobody touched.
func (s *Source) hold(ctx context.Context, h model.Hold) (model.Result, error) {
	data := ical.Compose(h, s.o.Sign)
	path := s.place(h.UID, h.Base)
	update := h.Base.Href != ""
	for range maxTries {
		var at *object
		var err error
		if update {
			if at, err = s.look(ctx, path); err != nil {
				return forItem(err)
			}
			if at == nil { // a person deleted it: dismissed
				return model.Result{Outcome: model.Lost}, nil
			}
			if r, done := s.judge(at, h); done {
				return r, nil
			}
		}
		err = s.put(ctx, path, at, data)
		if err == nil {
			return s.written(ctx, path, h)
		}
		if !lostRace(err) {
			return forItem(err)
		}
		if at, err = s.look(ctx, path); err != nil {
			return forItem(err)
		}
		if at == nil && !update {
			other := s.elsewhere(h.UID, path)
			if other == "" {
				return refused("uid-conflict"), nil
			}
			path = other
		}
		update = true // someone, perhaps we before a crash, was first
	}
	return model.Result{Outcome: model.Later, Code: "race"}, nil
}

// judge says what to do about the object that stands where h shall stand; false
// to write over it.
func (s *Source) judge(at *object, h model.Hold) (model.Result, bool) {
	switch {
	case at.own == nil && h.Base.Href == "":
		return refused("occupied"), true
	case at.own == nil, !at.own.Intact:
		return model.Result{Outcome: model.Stale, Ref: s.ref(at)}, true
	case at.own.Of != h.Of:
		return refused("occupied"), true
	case at.own.Digest == h.Digest:
		return model.Result{Outcome: model.Done, Already: true, Ref: s.ref(at)}, true
	}
	return model.Result{}, false
}

// put sends an object: as new if at is nil, else over exactly the version that
// was judged. A weak ETag cannot be a condition (RFC 9110 section 13.1.1): then
// the reading just before must do, which is allowed for objects of ours only.
func (s *Source) put(ctx context.Context, path string, at *object, data []byte) error {
	header := map[string]string{"Content-Type": "text/calendar; charset=utf-8"}
	if at == nil {
		header["If-None-Match"] = "*"
	} else if strong(at.etag) {
		header["If-Match"] = at.etag
	}
	err := s.send(ctx, path, header, data)
	if err == nil {
		s.o.Guard.Put(path)
	}
	return err
}

func (s *Source) send(ctx context.Context, path string, header map[string]string, data []byte) error {
	r, err := s.c.do(ctx, http.MethodPut, path, header, data, maxBody)
	if err != nil {
		return err
	}
	if r.status == http.StatusMultiStatus {
		// Xandikos wraps a refused PUT into 207.
		return &statusError{status: wrapped(r.body)}
	}
	return nil
}

// wrapped returns the first status inside a multistatus that should have been
// the status of the answer.
func wrapped(b []byte) int {
	ms, err := readMultistatus(b)
	if err != nil || len(ms.responses) == 0 {
		return http.StatusMultiStatus
	}
	if c := ms.responses[0].code(); c != 0 {
		return c
	}
	return http.StatusMultiStatus
}

func strong(etag string) bool {
	return len(etag) >= 2 && strings.HasPrefix(etag, `"`) && strings.HasSuffix(etag, `"`)
}

// lostRace reports the answers that mean "look again": the condition failed, or
// the UID stands elsewhere (RFC 4791 section 5.3.2.1).
func lostRace(err error) bool {
	switch status(err) {
	case http.StatusPreconditionFailed, http.StatusConflict, http.StatusNotFound, http.StatusGone:
		return true
	}
	e, ok := asStatus(err)
	return ok && e.status == http.StatusForbidden && e.precondition == "no-uid-conflict"
}

// written reads back what was put: servers rewrite bodies, so the ETag of the
// answer to PUT proves nothing (RFC 4791 section 5.3.4).
func (s *Source) written(ctx context.Context, path string, h model.Hold) (model.Result, error) {
	at, err := s.look(ctx, path)
	if err != nil {
		return forItem(err)
	}
	if at == nil {
		return model.Result{Outcome: model.Lost}, nil
	}
	if at.own == nil {
		// Without the tag it is nobody's: it would be written again and again.
		return model.Result{Outcome: model.Refused, Code: "tag-dropped", Ref: s.ref(at)}, nil
	}
	return model.Result{Outcome: model.Done, Ref: s.ref(at)}, nil
}

// withdraw deletes a hold that nobody touched.
func (s *Source) withdraw(ctx context.Context, w model.Withdraw) (model.Result, error) {
	path := s.place(w.UID, w.Base)
	for range maxTries {
		at, err := s.look(ctx, path)
		switch {
		case err != nil:
			return forItem(err)
		case at == nil:
			return model.Result{Outcome: model.Done, Already: true}, nil
		case at.own == nil || !at.own.Intact || at.own.Of != w.Of:
			return model.Result{Outcome: model.Stale, Ref: s.ref(at)}, nil
		}
		header := map[string]string{}
		if strong(at.etag) {
			header["If-Match"] = at.etag
		}
		_, err = s.c.do(ctx, http.MethodDelete, path, header, nil, maxBody)
		switch {
		case err == nil, status(err) == http.StatusNotFound, status(err) == http.StatusGone:
			s.o.Guard.Took(at.path)
			return model.Result{Outcome: model.Done}, nil
		case !lostRace(err):
			return forItem(err)
		}
	}
	return model.Result{Outcome: model.Later, Code: "race"}, nil
}

// forItem splits errors: what concerns this object alone becomes its result, all
// else ends the call.
func forItem(err error) (model.Result, error) {
	e, ok := asStatus(err)
	if !ok {
		return model.Result{}, err
	}
	code := "http-" + strconv.Itoa(e.status)
	switch {
	case connectorAuth(err):
		return model.Result{}, err
	case e.status == http.StatusInsufficientStorage:
		return model.Result{Outcome: model.Later, Code: "overquota"}, nil
	case e.status == http.StatusLocked, e.status >= 500:
		return model.Result{Outcome: model.Later, Code: code}, nil
	case e.precondition != "":
		return refused(e.precondition), nil
	}
	return refused(code), nil
}
