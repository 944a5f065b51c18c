package sync

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/sync/journal"
)

// applyEvery is how long marks may wait while a backlog is read.
const applyEvery = 2 * time.Second

// turn finishes what is open, then reads and works every change there is.
func (w *worker) turn(soft, hard context.Context) error {
	w.state.set("working", nil, w.e.now())
	// First what was under way when a connection or the process died: seen later,
	// its effect would look like a person's act.
	if err := w.applyPending(soft, hard, w.spec.Calendar); err != nil {
		return err
	}
	w.filed, w.round.late = false, late{}
	defer w.next.drop()
	for soft.Err() == nil {
		batch, err := w.pull(soft)
		if errors.Is(err, connectors.ErrCursorExpired) && w.cursor != "" {
			w.cursor, w.listing = "", nil
			continue
		}
		if err != nil {
			return err
		}
		if batch.More && !w.spec.Calendar && len(w.next) == 0 {
			w.next.begin(soft, w.src, batch.Next)
		}
		if err := w.take(hard, batch); err != nil {
			return err
		}
		w.state.pulled(w.e.now(), len(batch.Changes))
		if batch.More {
			if err := w.applyAtTimes(soft, hard); err != nil {
				return err
			}
			continue
		}
		if err := w.lookDue(soft, hard); err != nil {
			return err
		}
		w.throughMail()
		if err := w.endRound(soft, hard); err != nil {
			return err
		}
		// What was filed to a mailbox that is followed too is news there: read all of
		// them once more.
		if w.spec.Calendar || !w.filed {
			return nil
		}
		w.filed = false
	}
	return nil
}

// pull returns the next batch.
func (w *worker) pull(soft context.Context) (connectors.Batch, error) {
	if b, err, ok := w.next.take(); ok {
		return b, err
	}
	if w.spec.Calendar && w.cursor == "" && w.listing == nil {
		w.listing = map[model.Name]bool{}
	}
	return w.src.Pull(soft, w.cursor)
}

// applyAtTimes carries out what is planned so far, but no moves, when it is worth
// a command or people have waited long enough. What is more than one call of the
// source takes waits for the next time.
func (w *worker) applyAtTimes(soft, hard context.Context) error {
	if w.round.waiting == 0 || w.round.waiting < stepsPerCall && w.e.now().Sub(w.round.applied) < applyEvery {
		return nil
	}
	w.round.waiting = max(0, w.round.waiting-stepsPerCall)
	w.overdue = len(w.next) > 0
	_, err := w.applySome(soft, hard, w.spec.Calendar)
	w.overdue = false
	w.round.applied = w.e.now()
	return err
}

// endRound carries out everything that is due, unless it is so much that a person
// has to look at it first.
func (w *worker) endRound(soft, hard context.Context) error {
	for box, ids := range w.round.braked() {
		if err := w.e.opt.Journal.Hold(hard, w.lease, ids, w.e.now()); err != nil {
			return journalError(err)
		}
		w.e.opt.Log.Warn("moves wait for approval", "source", w.spec.ID, "steps", len(ids), "messages", w.round.messages[box])
	}
	w.round = newRound(&w.spec, w.e.now())
	if err := w.prune(hard); err != nil {
		return err
	}
	if err := w.e.pruneLedger(hard); err != nil {
		return err
	}
	return w.applyPending(soft, hard, true)
}

// resume begins a round with the moves that an earlier process planned and did
// not try: how many they are was not looked at yet.
func (w *worker) resume(ctx context.Context) error {
	w.round = newRound(&w.spec, w.e.now())
	if w.spec.Calendar {
		return nil
	}
	err := w.e.opt.Journal.Unfiled(ctx, w.spec.ID, func(in journal.Intent) {
		w.await(in.Step.Ref, sight{})
		w.round.recount(in)
	})
	if err != nil {
		return brokenJournal{err}
	}
	return nil
}

// take decides a batch and writes intents and cursor in one transaction.
func (w *worker) take(ctx context.Context, b connectors.Batch) error {
	var turn journal.Turn
	var err error
	if w.spec.Calendar {
		turn, err = w.takeCalendar(ctx, b)
	} else {
		w.round.see(b)
		maps.Copy(w.sizes, b.Messages)
		turn, _, err = w.e.decideMail(ctx, w.round, b.Changes)
	}
	if err != nil {
		return err
	}
	turn.Cursor = b.Next
	if err := w.write(ctx, turn, b.Changes); err != nil {
		return err
	}
	w.cursor = b.Next
	w.stirred = w.stirred || w.spec.Calendar && (len(b.Changes) > 0 || b.Whole)
	if !b.More { // a long list is settled at its end, not after every part
		w.stir()
	}
	return nil
}

// write writes down what changes led to, and takes note of it.
func (w *worker) write(ctx context.Context, turn journal.Turn, changes []model.Change) error {
	turn.Lease, turn.Now = w.lease, w.e.now()
	fresh, err := w.e.opt.Journal.Commit(ctx, turn)
	if err != nil {
		return journalError(err)
	}
	w.e.billed(turn.Bills)
	w.countFresh(turn.Planned, fresh)
	w.sayBraked(turn.Planned, fresh)
	w.notice(changes, turn.Now)
	w.watch(turn, changes)
	w.round.late, w.round.ours = late{}, nil
	for _, p := range turn.Parked {
		w.e.opt.Log.Warn("item parked", "source", w.spec.ID, "code", p.Code, "place", p.Place)
	}
	for _, p := range turn.Planned {
		if p.Step.Source != w.spec.ID {
			w.e.Wake(p.Step.Source)
		}
	}
	return nil
}

// countFresh counts the steps of this source that were not planned before.
func (w *worker) countFresh(planned []journal.Planned, fresh []model.StepID) {
	if w.spec.Calendar || len(fresh) == 0 {
		return
	}
	byID := make(map[model.StepID]model.Step, len(planned))
	for _, p := range planned {
		byID[p.Step.ID] = p.Step
	}
	for _, id := range fresh {
		if s := byID[id]; s.Source == w.spec.ID {
			w.round.count(s)
		}
	}
}

// stepsPerCall is how many steps go to the source between two journal writes:
// steps that do the same share a command, so many are cheaper than few.
const stepsPerCall = 2000

// applyPending applies the open steps of this source until none is due; without
// moves it leaves out those that were not tried yet.
func (w *worker) applyPending(soft, hard context.Context, moves bool) error {
	for soft.Err() == nil {
		if some, err := w.applySome(soft, hard, moves); !some || err != nil {
			return err
		}
	}
	return nil
}

// applySome applies as many as go to the source at once. It reports whether there
// were any.
func (w *worker) applySome(soft, hard context.Context, moves bool) (some bool, err error) {
	open, err := w.due(hard, moves)
	if err != nil {
		return false, err
	}
	together, alone := w.ready(open)
	together = byEffect(together, func(in journal.Intent) model.Step { return in.Step })
	switch {
	case len(together) > 0:
		return true, w.apply(soft, hard, together)
	case len(alone) > 0:
		return true, w.applyAlone(soft, hard, ofOneItem(alone))
	}
	return false, nil
}

// due returns open steps that nothing stands against.
func (w *worker) due(ctx context.Context, moves bool) ([]journal.Intent, error) {
	pending := w.e.opt.Journal.Pending
	if !moves {
		pending = w.e.opt.Journal.PendingButMoves
	}
	for {
		open, err := pending(ctx, w.spec.ID, w.e.now(), stepsPerCall)
		if err != nil {
			return nil, journalError(err)
		}
		if open, err = w.current(ctx, open); err != nil {
			return nil, err
		}
		rest, err := w.undisturbed(ctx, open)
		if len(rest) > 0 || len(open) == 0 || err != nil {
			return rest, err
		}
	}
}

// ready divides the steps that can be tried now. It leaves out what may still be
// on its way: notes, and with each the later ones about the same finding, because
// a note that replaces another must not come before it, or the replaced one would
// be written last and stay; and copies, with the marks of their messages.
func (w *worker) ready(open []journal.Intent) (together, alone []journal.Intent) {
	waiting, copying := map[model.Ident]bool{}, map[model.Ident]bool{}
	for _, in := range open {
		if filing(in) && w.unsettled(in) {
			copying[in.Step.Ident] = true
		}
	}
	for _, in := range open {
		of, tired := in.Step.Ident, in.Attempts >= triesTogether
		if copying[of] && !isNote(in.Step.Action) {
			continue
		}
		if isNote(in.Step.Action) {
			held := waiting[of] || w.unsettled(in)
			waiting[of] = held || tired
			if held {
				continue
			}
		}
		if tired {
			alone = append(alone, in)
		} else {
			together = append(together, in)
		}
	}
	return together, alone
}

func isNote(a model.Action) bool {
	switch a.(type) {
	case model.Note, model.DropNote:
		return true
	}
	return false
}

// flagging reports whether an action changes the flags of a message.
func flagging(a model.Action) bool {
	switch a.(type) {
	case model.Mark, model.Unmark:
		return true
	}
	return false
}

// triesTogether is how often a step may fail together with others. Then the steps
// of its item are tried alone and after them: one step that kills every
// connection must not keep a mailbox from being worked on.
const triesTogether = 3

// ofOneItem returns the steps about the first step's item: what is marked and
// filed belongs together.
func ofOneItem(open []journal.Intent) []journal.Intent {
	if isNote(open[0].Step.Action) {
		return open[:1] // notes about one finding follow each other
	}
	return slices.DeleteFunc(slices.Clone(open), func(in journal.Intent) bool { return in.Step.Ident != open[0].Step.Ident })
}

// applyAlone tries steps that failed before. If the source fails again, they are
// put off longer and longer.
func (w *worker) applyAlone(soft, ctx context.Context, open []journal.Intent) error {
	failed := w.apply(soft, ctx, open)
	class, code := connectors.Classify(failed)
	if failed == nil || ctx.Err() != nil || isJournal(failed) || errors.Is(failed, journal.ErrFenced) ||
		class != connectors.Network && class != connectors.Protocol {
		return failed
	}
	var put []model.Result
	for _, in := range open {
		put = append(put, model.Result{ID: in.Step.ID, Outcome: model.Later, Code: code})
	}
	delay := grow(laterDelay, time.Hour, open[0].Attempts-triesTogether+1, 2)
	if err := w.e.opt.Journal.Settle(ctx, w.lease, put, w.e.now(), delay); err != nil {
		return journalError(err)
	}
	w.e.opt.Log.Warn("steps put off", "source", w.spec.ID, "step", string(open[0].Step.ID), "code", code, "retry_in", delay.String())
	return failed
}

// copier is a source that files by COPY. Its server may go on copying for a
// connection that died, and shows nothing of it before the end.
type copier interface{ Copies() bool }

// unsettled reports whether a note, or a copy, may still be on its way from a
// connection that died. Every other effect can be asked for at once.
func (w *worker) unsettled(in journal.Intent) bool {
	if in.State != journal.StateSent || !w.e.now().Before(w.settles(in)) {
		return false
	}
	c, ok := w.src.(copier)
	_, note := in.Step.Action.(model.Note)
	return note || filing(in) && ok && c.Copies()
}

// settles returns when a sent step can be on its way no longer.
func (w *worker) settles(in journal.Intent) time.Time {
	begun := in.SentAt // at the latest
	if w.parted.After(begun) {
		begun = w.parted
	}
	return begun.Add(w.e.opt.SettleDelay)
}

// nextTry returns when an open step can be tried: due, or the end of a note's
// settle delay.
func (w *worker) nextTry(due time.Time) time.Time {
	if soon := w.e.now(); due.Before(soon) {
		return soon.Add(min(w.e.opt.SettleDelay/4, 5*time.Second))
	}
	return due
}

// toSend returns steps as a source gets them: it is told which were sent before.
func toSend(open []journal.Intent) (steps []model.Step, ids []model.StepID) {
	for _, in := range open {
		step := in.Step
		step.Again = in.Attempts > 0
		steps, ids = append(steps, step), append(ids, step.ID)
	}
	return steps, ids
}

// apply sends steps and writes how they ended. What is read ahead comes in
// meanwhile: before the source is needed, and after.
func (w *worker) apply(soft, ctx context.Context, open []journal.Intent) error {
	steps, ids := toSend(open)
	err := w.e.opt.Journal.Sent(ctx, w.lease, ids, w.e.now())
	if errors.Is(err, journal.ErrNotPending) {
		// The settler replaced one of them since they were read: read again.
		return nil
	}
	if err != nil {
		return journalError(err)
	}
	w.next.rest()
	results, failed := w.src.Apply(ctx, steps)
	complete := len(results) == len(steps)
	if failed == nil {
		if results, failed = w.retrace(ctx, steps, results); isJournal(failed) {
			return failed
		}
	}
	if failed == nil {
		w.next.extend(soft, w.src)
	}
	if len(results) > 0 {
		if err := w.settle(ctx, open, results); err != nil {
			return err
		}
	}
	if failed == nil && !complete {
		failed = &connectors.Error{Class: connectors.Protocol, Code: "answers-missing"}
	}
	if failed != nil && slices.ContainsFunc(open, func(in journal.Intent) bool { return filing(in) || isNote(in.Step.Action) }) {
		w.parted = w.e.now()
	}
	return failed
}

func (w *worker) settle(ctx context.Context, open []journal.Intent, results []model.Result) error {
	now := w.e.now()
	byID := make(map[model.StepID]journal.Intent, len(open))
	for _, in := range open {
		byID[in.Step.ID] = in
	}
	results = givenUp(results, byID)
	w.amending(byID, results)
	turn := journal.Turn{Lease: w.lease, Now: now, Settled: results, Retry: laterDelay, KeepCursor: true}
	for _, r := range results {
		if p, ok := w.e.twinSweep(byID[r.ID], r, now); ok {
			turn.Planned = append(turn.Planned, p)
		}
		if changedMeanwhile(byID[r.ID], r) {
			turn.Released = append(turn.Released, journal.Release{Ident: byID[r.ID].Step.Ident, Rule: byID[r.ID].Step.Rule, How: "edited"})
		}
	}
	if _, err := w.e.opt.Journal.Commit(ctx, turn); err != nil {
		return journalError(err)
	}
	for _, r := range results {
		in := byID[r.ID]
		w.expect(in.Step, r)
		w.ours(in.Step, r)
		if flagging(in.Step.Action) && w.overdue {
			w.round.late.mark(in.Step)
		}
		w.state.applied(r.Outcome)
		w.filed = w.filed || filing(in) && r.Outcome == model.Done && !r.Already
		if r.Outcome == model.Refused {
			w.e.opt.Log.Warn("step refused", "source", w.spec.ID, "step", string(r.ID), "code", r.Code)
		}
	}
	// A hold that was refused, lost or found edited changes what the settler
	// would decide.
	if w.spec.Calendar {
		w.e.changed(w.spec.ID)
	}
	w.e.answered(open)
	return nil
}

// laterDelay is how long a step rests that the server would not take now.
const laterDelay = time.Minute
