package imap

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"chancery/internal/model"
)

// maxSet is how many messages one STORE or MOVE may name.
const maxSet = 500

// Apply carries out steps strictly one command after the other. A run of steps
// that do the same to messages of one mailbox becomes one command, which is what
// makes a thousand marks fast; so do the keywords of one message. Refusals are
// answers, not errors. The results stand in the order of the steps.
func (s *Source) Apply(ctx context.Context, steps []model.Step) ([]model.Result, error) {
	if len(steps) == 0 {
		return []model.Result{}, nil
	}
	results := make([]model.Result, len(steps))
	err := s.call(ctx, "apply", func(ctx context.Context) error {
		s.sel.fresh = false
		for _, r := range runsOf(steps) {
			if err := s.applyRun(ctx, steps, r, results); err != nil {
				return err
			}
		}
		return nil
	})
	return slices.DeleteFunc(results, func(r model.Result) bool { return r.ID == "" }), err
}

// runLength returns how many steps from the first on can share a command.
func runLength(steps []model.Step) int {
	seen := map[uint32]bool{steps[0].Ref.UID: true}
	n := 1
	for n < len(steps) && n < maxSet && together(steps[0], steps[n]) && !seen[steps[n].Ref.UID] {
		seen[steps[n].Ref.UID] = true
		n++
	}
	return n
}

// together reports whether two steps do the same to messages of one mailbox.
func together(a, b model.Step) bool {
	if a.Ref.Mailbox != b.Ref.Mailbox || a.Ref.UIDValidity != b.Ref.UIDValidity {
		return false
	}
	switch x := a.Action.(type) {
	case model.Mark:
		y, ok := b.Action.(model.Mark)
		x.Name, y.Name = "", ""
		return ok && x == y
	case model.File:
		y, ok := b.Action.(model.File)
		return ok && x.Create == y.Create && slices.Equal(x.Mailbox, y.Mailbox)
	case model.Unmark:
		y, ok := b.Action.(model.Unmark)
		return ok && slices.Equal(x.Flags, y.Flags) && x.Label == y.Label
	case model.Return:
		return a.Action == b.Action
	}
	return false
}

// applyAlike carries out steps that do the same.
func (s *Source) applyAlike(ctx context.Context, steps []model.Step) ([]model.Result, error) {
	if s.o.ReadOnly {
		return same(steps, model.Result{Outcome: model.Refused, Code: "read-only"}), nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch a := steps[0].Action.(type) {
	case model.Mark:
		return s.onMessages(steps, func(there []target) error { return s.mark(a, there) })
	case model.File:
		return s.onMessages(steps, func(there []target) error { return s.file(a, there) })
	case model.Unmark:
		return s.onMessages(steps, func(there []target) error { return s.unmark(a, there) })
	case model.Return:
		return s.onMessages(steps, func(there []target) error { return s.giveBack(a, there) })
	case model.Note:
		r, err := s.note(a)
		return same(steps, r), err
	case model.DropNote:
		r, err := s.dropNote(a)
		return same(steps, r), err
	}
	return same(steps, model.Result{Outcome: model.Refused, Code: "not-a-calendar"}), nil
}

func same(steps []model.Step, r model.Result) []model.Result {
	out := make([]model.Result, len(steps))
	for i := range steps {
		out[i] = r
		out[i].ID = steps[i].ID
	}
	return out
}

// target is one step with what the server shows of its message now.
type target struct {
	step   model.Step
	now    state
	gone   bool
	result *model.Result
}

// end answers the step.
func (t target) end(r model.Result) {
	r.ID = t.step.ID
	*t.result = r
}

func (t target) open() bool { return t.result.Outcome == 0 }

// unfinished reports whether the step was tried, and will be tried again.
func (t target) unfinished() bool {
	return t.result.Outcome == model.Later || t.result.Outcome == model.Refused
}

// onMessages enters the mailbox of the steps and lets act answer each. act looks
// for itself what it has to know of the messages: see observe.
func (s *Source) onMessages(steps []model.Step, act func([]target) error) ([]model.Result, error) {
	ref := steps[0].Ref
	if ref.Mailbox == "" || ref.UID == 0 {
		return same(steps, model.Result{Outcome: model.Refused, Code: "no-place"}), nil
	}
	b := s.known(string(ref.Mailbox))
	err := s.enterBox(b, true)
	if _, refused := asRefusal(err); refused {
		if other, ok := s.odd(b); ok {
			b = other
			err = s.enterBox(b, true)
		}
	}
	if a, refused := asRefusal(err); refused {
		if passing(a) {
			return same(steps, model.Result{Outcome: model.Later, Code: "mailbox-unavailable"}), nil
		}
		return same(steps, model.Result{Outcome: model.Lost, Code: "no-mailbox"}), nil
	}
	switch {
	case err != nil:
		return nil, err
	case s.sel.validity != ref.UIDValidity:
		return same(steps, model.Result{Outcome: model.Stale, Code: "uidvalidity"}), nil
	case !s.sel.writable:
		return same(steps, model.Result{Outcome: model.Refused, Code: "read-only"}), nil
	}
	if err := s.catchUp(); err != nil {
		return nil, err
	}
	results := make([]model.Result, len(steps))
	targets := make([]target, len(steps))
	for i, step := range steps {
		targets[i] = target{step: step, now: state{uid: step.Ref.UID}, result: &results[i]}
	}
	slices.SortFunc(targets, func(a, b target) int { return cmp.Compare(a.now.uid, b.now.uid) })
	return results, act(targets)
}

func uidsOf(targets []target) []uint32 {
	out := make([]uint32, len(targets))
	for i, t := range targets {
		out[i] = t.now.uid
	}
	slices.Sort(out)
	return out
}

// run is a command of ours in the selected mailbox. What the server says of its
// flags on the way is kept: a keyword that is new to it makes it list them again.
func (s *Source) run(k *command, each func(response []byte)) (answer, error) {
	return s.c.do(longTimeout, k, func(response []byte) {
		numbered := len(response) > 2 && response[2] >= '0' && response[2] <= '9'
		if numbered && each == nil {
			return // a line per message, of no interest
		}
		if numbered {
			each(response)
			return
		}
		switch _, kind, rest, _ := untagged(response); kind {
		case "FLAGS":
			s.sel.list(rest)
		case "OK":
			if a := condition(kind, response[min(rest.i, len(response)):]); a.code == "PERMANENTFLAGS" {
				s.sel.note(a)
			}
		}
		if each != nil {
			each(response)
		}
	})
}

// store adds flags to messages of the selected mailbox; labels of Gmail stand
// among them, written as flags are.
func (s *Source) store(uids []uint32, flags []string) error { return s.alter(uids, "+", flags) }

// alter adds ("+") or takes away ("-") flags and labels.
func (s *Source) alter(uids []uint32, sign string, flags []string) error {
	flags, labels := divide(flags)
	if len(flags) > 0 {
		// RFC 9051 section 6.4.6: .SILENT, because what comes back is not needed.
		if _, err := s.run(cmd("UID STORE %s %sFLAGS.SILENT (%s)", formatSet(uids), sign, strings.Join(flags, " ")), nil); err != nil {
			return err
		}
	}
	return s.label(uids, sign, labels)
}

// expunge removes exactly the named messages (RFC 4315 section 2.1). Callers
// have checked for UIDPLUS, marked the messages \Deleted, and proved that each
// stands elsewhere or is a note of ours.
func (s *Source) expunge(uids ...uint32) error {
	slices.Sort(uids)
	_, err := s.run(cmd("UID EXPUNGE %s", formatSet(uids)), nil)
	return err
}

// refused is the answer to a step whose command got a NO or BAD. Room may come
// back by itself, so a full mailbox is no end.
func refused(a answer, otherwise string, ref model.Ref) model.Result {
	r := model.Result{Outcome: model.Refused, Code: refusalCode(a, otherwise), Ref: ref}
	switch {
	case passing(a):
		r.Outcome, r.Code = model.Later, "refused-for-now"
	case r.Code == "overquota":
		r.Outcome = model.Later
	}
	return r
}

// ofMailbox reports whether a refusal speaks of the mailbox rather than of one of
// the messages.
func ofMailbox(a answer) bool {
	switch refusalCode(a, "") {
	case "overquota", "no-permission", "no-mailbox":
		return true
	}
	return passing(a)
}

// halves runs a command on all targets, and where it is refused on each half,
// down to the single one that gets the refusal.
func halves(targets []target, run func([]target) error, code string) error {
	targets = slices.DeleteFunc(slices.Clone(targets), func(t target) bool { return !t.open() })
	if len(targets) == 0 {
		return nil
	}
	err := run(targets)
	a, no := asRefusal(err)
	if !no {
		return err
	}
	if len(targets) == 1 || ofMailbox(a) {
		for _, t := range targets {
			if t.open() {
				t.end(refused(a, code, t.step.Ref))
			}
		}
		return nil
	}
	half := len(targets) / 2
	if err := halves(targets[:half], run, code); err != nil {
		return err
	}
	return halves(targets[half:], run, code)
}
