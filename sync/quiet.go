package sync

import (
	"context"
	"slices"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// quietTime is how long the flags of a message must have been left alone before
// it is filed: who has just opened, flagged or answered it is still reading.
const quietTime = 2 * time.Minute

// maxQuiet is how long a message whose flags never come to rest is left where it
// is: that is no reader, but another program.
const maxQuiet = time.Hour

// sight is what is known of a message that waits to be filed.
type sight struct {
	flags   model.Flags
	known   bool // flags is what it had when it was last seen
	touched time.Time
	since   time.Time // when it was touched first, without a rest after it
}

// touch notes that somebody is at work on the message.
func (s *sight) touch(now time.Time) {
	if s.since.IsZero() || now.Sub(s.touched) > quietTime {
		s.since = now
	}
	s.touched = now
}

// quiet returns until when the message is left where it is.
func (s sight) quiet() time.Time {
	until := s.touched.Add(quietTime)
	if most := s.since.Add(maxQuiet); until.After(most) {
		return most
	}
	return until
}

// place is a Ref without its version.
type place struct {
	box           model.Name
	validity, uid uint32
}

func placeOf(r model.Ref) place { return place{foldInbox(r.Mailbox), r.UIDValidity, r.UID} }

// maxSights bounds how many waiting messages are watched, the first ones first:
// those are the newest.
const maxSights = 50_000

// await begins to watch a message.
func (w *worker) await(at model.Ref, s sight) {
	if len(w.sights) < maxSights {
		w.sights[placeOf(at)] = s
	}
}

// prune ends watching what waits no more: a rejected step tells nobody.
func (w *worker) prune(ctx context.Context) error {
	now := w.e.now()
	if len(w.sights) < maxSights || now.Sub(w.pruned) < time.Hour {
		return nil
	}
	w.pruned = now
	kept := map[place]sight{}
	err := w.e.opt.Journal.Unfiled(ctx, w.spec.ID, func(in journal.Intent) {
		if s, ok := w.sights[placeOf(in.Step.Ref)]; ok {
			kept[placeOf(in.Step.Ref)] = s
		}
	})
	w.sights = kept
	return journalError(err)
}

// watch begins to watch the messages that wait to be filed.
func (w *worker) watch(turn journal.Turn, changes []model.Change) {
	waits := map[place]bool{}
	for _, p := range turn.Planned {
		if _, file := p.Step.Action.(model.File); file {
			waits[placeOf(p.Step.Ref)] = true
		}
	}
	for _, l := range turn.Located {
		waits[placeOf(l.Ref)] = true
	}
	for _, c := range changes {
		if waits[placeOf(c.Ref)] && c.Op == model.Put {
			w.await(c.Ref, sight{flags: c.Message.Flags, known: true})
		}
	}
}

// notice looks for signs of a reader among changed flags. Flags that we set
// ourselves are none.
func (w *worker) notice(changes []model.Change, now time.Time) {
	for _, c := range changes {
		at := placeOf(c.Ref)
		was, watched := w.sights[at]
		switch {
		case !watched:
		case c.Op == model.Gone:
			delete(w.sights, at)
		case c.Op == model.Marked && !w.round.late.at[at]:
			if was.known && !sameFlags(was.flags, c.Message.Flags) || !was.known && !hasAll(w.round.ours[at], c.Message.Flags) {
				was.touch(now)
			}
			was.flags, was.known = c.Message.Flags, true
			w.sights[at] = was
		}
	}
}

// ours adds the flags of a mark to what a message is expected to have.
func (w *worker) ours(s model.Step, r model.Result) {
	at := placeOf(s.Ref)
	switch s.Action.(type) {
	case model.Mark:
		if was, watched := w.sights[at]; watched && r.Outcome == model.Done {
			was.flags = slices.Concat(was.flags, r.Flags)
			w.sights[at] = was
		}
	case model.File:
		if r.Outcome != model.Later {
			delete(w.sights, at)
		}
	}
}

func sameFlags(a, b model.Flags) bool { return hasAll(a, b) && hasAll(b, a) }

// undisturbed puts off filing what is being read, and returns the other steps.
func (w *worker) undisturbed(ctx context.Context, open []journal.Intent) ([]journal.Intent, error) {
	now := w.e.now()
	put := map[time.Time][]model.StepID{}
	rest := make([]journal.Intent, 0, len(open))
	for _, in := range open {
		seen := w.sights[placeOf(in.Step.Ref)]
		until := seen.quiet()
		if filing(in) && in.State == journal.StatePlanned && !seen.touched.IsZero() && until.After(now) {
			put[until] = append(put[until], in.Step.ID)
			continue
		}
		rest = append(rest, in)
	}
	for until, ids := range put {
		if err := w.e.opt.Journal.Postpone(ctx, w.lease, ids, until, now); err != nil {
			return nil, journalError(err)
		}
	}
	return rest, nil
}
