package agenda

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"chancery/internal/model"
)

// Mirror shows the time that events take in another calendar of the principal, and
// nothing else of them.
type Mirror struct {
	Name, Place string
	Mode        string // as Options.Mode
	From        []model.SourceID
	To          model.SourceID
	As          string // the title
	// Shows says whether an event is shown; nil for every one that takes time. It is a
	// function of its arguments alone.
	Shows func(e *model.Event, o *model.Occurrence) bool
	// What Shows asks about itself, and what is else never shown: free time, what the
	// principal declined or did not answer, whole days.
	AsksShow, AsksAnswer, AsksDays bool
}

const (
	// maxMirrored bounds the instances one mirror shows; the next ones count.
	maxMirrored = 1_000
	// mirrorSteps bounds the writes of one look, so that a rule with a mistake does
	// not fill a calendar before anybody sees it; the rest follows after a pause.
	mirrorSteps = 250
	mirrorPause = time.Minute
)

// mirrorRule is in whose name mirrors are taken away that no rule wants any more.
const mirrorRule = "mirrors"

// reflection is one instance that a mirror shows.
type reflection struct {
	block
	m  *Mirror
	of model.Ident
}

// mirror brings the mirrors of the principal up to date. A mirrored instance that a
// person edited is theirs, and one that a person deleted is not shown again.
func (s *settlement) mirror() {
	if len(s.o.Mirrors) == 0 && !mirrors(s.v.Findings) {
		return
	}
	room := mirrorSteps
	spend := func(by as, to model.SourceID, ref model.Ref, of model.Ident, why string, a model.Action) {
		if room > 0 {
			s.actAs(by, to, ref, of, why, a)
		} else if by.mode == "enforce" {
			s.look(s.v.Now.Add(mirrorPause))
		}
		room--
	}
	standing := map[model.Ident]bool{}
	for _, r := range s.reflections() {
		standing[r.of] = true
		if hold, ok := s.shown(&r); ok {
			spend(r.m.as(), r.m.To, hold.Base, r.of, "shows that time is taken", hold)
		}
	}
	for _, of := range slices.Sorted(maps.Keys(s.v.Findings)) {
		f := s.v.Findings[of]
		if !IsMirror(of) || standing[of] || f.Hold == "" || touched(f) {
			continue
		}
		at, base := f.HoldRef.Source, based(f)
		if e := s.own[of]; e != nil && e.Own.Intact && e.Ref.Source != at {
			at, base = e.Ref.Source, e.Ref // the configuration calls its calendar otherwise now
		}
		if at == "" {
			s.look(s.v.Now.Add(mirrorPause)) // where it stands is not known yet
			continue
		}
		spend(s.mirrorInto(at), at, base, of, "what it shows is gone, past or not to be shown", model.Withdraw{UID: s.holdUID(of), Of: of, Base: base})
	}
}

// mirrors reports whether anything that mirrors wrote may stand.
func mirrors(found map[model.Ident]model.Finding) bool {
	for of, f := range found {
		if IsMirror(of) && f.Hold != "" {
			return true
		}
	}
	return false
}

// touched reports whether a person decided about what we wrote.
func touched(f model.Finding) bool { return f.Dismissed || f.Pinned || f.Confirmed }

// based is the version that an update replaces; zero while none is known.
func based(f model.Finding) model.Ref {
	if f.Hold == "" || f.HoldRef.Href == "" {
		return model.Ref{}
	}
	return f.HoldRef
}

// as says in whose name a step is taken.
type as struct{ rule, place, mode string }

func (m *Mirror) as() as { return as{m.Name, m.Place, m.Mode} }

// mirrorInto is as whose work what stands in a calendar is taken away. A mirror
// that is no more, or off, still cleans up.
func (s *settlement) mirrorInto(to model.SourceID) as {
	for _, m := range s.byMode() {
		if m.To == to {
			return m.as()
		}
	}
	return as{mirrorRule, "", "enforce"}
}

// byMode lists the mirrors that are not off, those that act first: one that only
// observes must not keep another from showing the same.
func (s *settlement) byMode() (out []*Mirror) {
	for _, mode := range []string{"enforce", "observe"} {
		for i := range s.o.Mirrors {
			if m := &s.o.Mirrors[i]; m.Mode == mode {
				out = append(out, m)
			}
		}
	}
	return out
}

// actAs adds a step of a rule of its own, or the report of it when that rule only
// observes.
func (s *settlement) actAs(by as, to model.SourceID, ref model.Ref, of model.Ident, why string, a model.Action) {
	if by.mode != "enforce" {
		s.reports = append(s.reports, model.Report{Rule: by.rule, Place: by.place, What: "observe", Why: model.Hide(why), Would: a.Kind(), Of: of})
		return
	}
	s.steps = append(s.steps, model.Step{
		Rule: by.rule, Version: s.o.Version, Place: by.place, Why: model.Hide(why),
		Source: to, Ref: ref, Ident: of, Action: a,
	})
}

// reflections lists what the mirrors show, from the midnight before now: an
// instance that several would show in one calendar once.
func (s *settlement) reflections() (out []reflection) {
	from, till := s.midnight(s.v.Now, 0), s.midnight(s.v.Now.Add(s.horizon()), 1)
	seen := map[model.Ident]bool{}
	for _, m := range s.byMode() {
		there := s.meetings(m.To, from, till)
		n := 0
		for _, b := range s.taking(m, from, till) {
			of := s.mirrorIdent(m, &b)
			if seen[of] || there[whichDate(&b)] {
				continue
			}
			if n++; n > maxMirrored {
				s.reports = append(s.reports, model.Report{Rule: m.Name, Place: m.Place, What: "limit", Why: model.Hide("there are more events than a mirror can show"), Would: "hold"})
				break
			}
			seen[of] = true
			out = append(out, reflection{b, m, of})
		}
	}
	return out
}

// mirrorIdent names what shows an instance in a calendar, whatever the mirror is
// called. An event that does not repeat keeps its name when it moves. Who knows or
// guesses the UID of an event, as of a feed whose UIDs are dockets, must not find it
// out by the name.
func (s *settlement) mirrorIdent(m *Mirror, b *block) model.Ident {
	at := strconv.FormatInt(whichDate(b).at, 36)
	return model.Ident(kindMirror + short(20, "mirror", s.v.Principal.Secret.Reveal(), s.v.Principal.Name, string(m.To), string(b.key), at))
}

// shown returns the hold that shows an instance; ok unless it stands or is a
// person's. Nothing in it comes from the event but its time.
func (s *settlement) shown(r *reflection) (h model.Hold, ok bool) {
	f := s.v.Findings[r.of]
	told := func(what string) {
		s.reports = append(s.reports, model.Report{Rule: r.m.Name, Place: r.m.Place, What: what, Why: model.Hide("a person decided about it"), Would: "hold", Of: r.of})
	}
	switch {
	case f.Dismissed:
		told("dismissed")
		return h, false
	case touched(f):
		told("pinned")
		return h, false
	case f.Hold != "" && f.HoldRef.Source != "" && f.HoldRef.Source != r.m.To:
		return h, false // a person put it into another calendar before the state was lost
	}
	body := model.HoldBody{
		Start: model.UnixTime(r.Start.Unix()), End: model.UnixTime(r.End.Unix()), Stamp: model.UnixTime(s.v.Now.Unix()),
		Summary: cmp.Or(clean(r.m.As), "Busy"), Private: true, Blocks: true,
	}
	if r.Occurrence.Start.Date {
		body.Date, body.Start, body.End = true, s.utcMidnight(r.Start), s.utcMidnight(r.End)
	}
	digest := short(12, "mirror 1", strconv.FormatInt(int64(body.Start), 36), strconv.FormatInt(int64(body.End), 36), strconv.FormatBool(body.Date), body.Summary)
	if f.Hold == digest {
		return h, false
	}
	return model.Hold{UID: s.holdUID(r.of), Of: r.of, Digest: digest, Base: based(f), Body: model.Hide(body)}, true
}

// utcMidnight is the midnight in UTC of the day of t in the principal's zone.
func (s *settlement) utcMidnight(t time.Time) model.UnixTime {
	y, m, d := t.In(s.zone).Date()
	return model.UnixTime(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix())
}
