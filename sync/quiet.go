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

// sight is what is known of a message that waits to be filed.
type sight struct {
	flags   model.Flags
	known   bool // flags is what it had when it was last seen
	touched time.Time
}

// place is a Ref without its version.
type place struct {
	box           model.Name
	validity, uid uint32
}

func placeOf(r model.Ref) place { return place{foldInbox(r.Mailbox), r.UIDValidity, r.UID} }

// maxSights bounds what is remembered of messages whose filing was given up.
const maxSights = 50_000

// watch begins to watch the messages that wait to be filed.
func (w *worker) watch(planned []journal.Planned, changes []model.Change) {
	if len(w.sights) > maxSights {
		clear(w.sights)
	}
	flags := map[place]model.Flags{}
	for _, p := range planned {
		if _, file := p.Step.Action.(model.File); file {
			flags[placeOf(p.Step.Ref)] = nil
		}
	}
	for _, c := range changes {
		at := placeOf(c.Ref)
		if _, waits := flags[at]; waits && c.Op == model.Put {
			w.sights[at] = sight{flags: c.Message.Flags, known: true}
		}
	}
}

// notice looks for signs of a reader among changed flags. Flags that we set
// ourselves are none.
func (w *worker) notice(changes []model.Change, now time.Time) {
	for _, c := range changes {
		at := placeOf(c.Ref)
		was, watched := w.sights[at]
		if !watched || c.Op != model.Marked {
			continue
		}
		if !was.known || !sameFlags(was.flags, c.Message.Flags) {
			was.touched = now
		}
		was.flags, was.known = c.Message.Flags, true
		w.sights[at] = was
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
		until := seen.touched.Add(quietTime)
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
