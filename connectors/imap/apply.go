package imap

import (
	"context"
	"fmt"
	"slices"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"chancery/internal/model"
)

// maxSet is how many messages one STORE or MOVE may name.
const maxSet = 500

// Apply carries out steps strictly one command after the other. A run of steps
// that do the same to messages of one mailbox becomes one command, which is what
// makes a thousand marks fast. Refusals are answers, not errors.
func (s *Source) Apply(ctx context.Context, steps []model.Step) ([]model.Result, error) {
	results := make([]model.Result, 0, len(steps))
	if len(steps) == 0 {
		return results, nil
	}
	err := s.call(ctx, "apply", func(ctx context.Context) error {
		for rest := steps; len(rest) > 0; {
			n := runLength(rest)
			out, err := s.applyRun(ctx, rest[:n])
			if err != nil {
				return err
			}
			results = append(results, out...)
			rest = rest[n:]
		}
		return nil
	})
	return results, err
}

// runLength returns how many steps from the first on can share a command.
func runLength(steps []model.Step) int {
	key := runKey(steps[0])
	seen := map[uint32]bool{steps[0].Ref.UID: true}
	n := 1
	for n < len(steps) && n < maxSet && key != "" && runKey(steps[n]) == key && !seen[steps[n].Ref.UID] {
		seen[steps[n].Ref.UID] = true
		n++
	}
	return n
}

func runKey(s model.Step) string {
	switch a := s.Action.(type) {
	case model.Mark:
		a.Name = ""
		return fmt.Sprintf("mark %q %d %#v", string(s.Ref.Mailbox), s.Ref.UIDValidity, a)
	case model.File:
		return fmt.Sprintf("file %q %d %q %t", string(s.Ref.Mailbox), s.Ref.UIDValidity, a.Mailbox, a.Create)
	}
	return ""
}

func (s *Source) applyRun(ctx context.Context, steps []model.Step) ([]model.Result, error) {
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
	now    flagged
	gone   bool
	result *model.Result
}

// end answers the step.
func (t target) end(r model.Result) {
	r.ID = t.step.ID
	*t.result = r
}

// onMessages enters the mailbox of the steps, looks which messages are still
// there, and lets act answer each step.
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
	uids := make([]uint32, len(steps))
	for i, step := range steps {
		uids[i] = step.Ref.UID
	}
	slices.Sort(uids)
	if err := s.probe(uids[0]); err != nil {
		return nil, err
	}
	list, err := s.flagsOf(formatSet(uids), "")
	if _, refused := asRefusal(err); err != nil && !refused {
		return nil, err
	}
	there := make(map[uint32]flagged, len(list))
	for _, f := range list {
		there[f.uid] = f
	}
	results := make([]model.Result, len(steps))
	targets := make([]target, len(steps))
	for i, step := range steps {
		now, ok := there[step.Ref.UID]
		targets[i] = target{step: step, now: now, gone: !ok, result: &results[i]}
	}
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

// store adds flags to messages of the selected mailbox.
func (s *Source) store(uids []uint32, flags []string) error {
	set := make([]goimap.UID, len(uids))
	for i, u := range uids {
		set[i] = goimap.UID(u)
	}
	list := make([]goimap.Flag, len(flags))
	for i, f := range flags {
		list[i] = goimap.Flag(f)
	}
	return s.c.library(longTimeout, func(client *imapclient.Client) error {
		// RFC 9051 section 6.4.6: .SILENT, because what comes back is not needed.
		return client.Store(goimap.UIDSetNum(set...), &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: list}, nil).Close()
	})
}

// expunge removes exactly the named messages (RFC 4315 section 2.1). Callers
// have checked for UIDPLUS, marked the messages \Deleted, and proved that each
// stands elsewhere or is a note of ours.
func (s *Source) expunge(uids ...uint32) error {
	set := make([]goimap.UID, len(uids))
	for i, u := range uids {
		set[i] = goimap.UID(u)
	}
	return s.c.library(longTimeout, func(client *imapclient.Client) error {
		return client.UIDExpunge(goimap.UIDSetNum(set...)).Close()
	})
}

// halves runs a command on all targets, and where it is refused on each half,
// down to the single one that gets the refusal.
func halves(targets []target, run func([]target) error, refused func(target, answer)) error {
	if len(targets) == 0 {
		return nil
	}
	err := run(targets)
	a, no := asRefusal(err)
	if !no {
		return err
	}
	if passing(a) {
		for _, t := range targets {
			t.end(model.Result{Outcome: model.Later, Code: "refused-for-now"})
		}
		return nil
	}
	if len(targets) == 1 {
		refused(targets[0], a)
		return nil
	}
	half := len(targets) / 2
	if err := halves(targets[:half], run, refused); err != nil {
		return err
	}
	return halves(targets[half:], run, refused)
}
