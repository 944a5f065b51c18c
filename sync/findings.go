package sync

import (
	"maps"
	"slices"

	"chancery/internal/model"
	"chancery/rules/agenda"
	"chancery/rules/billdesk"
	"chancery/sync/journal"
)

// stand is what the journal says of one finding.
type stand struct {
	model.Finding
	last      model.StepID   // the newest step about it
	at        model.SourceID // the calendar of its hold
	confirmed bool           // its hold is known to have been on the server
	withdrawn bool           // its hold was taken away by us, or is being
}

// standing folds the intents about findings, oldest first, into how each stands.
// What is planned counts as done: planning it again would do it twice.
func standing(intents []journal.Intent) map[model.Ident]stand {
	out := map[model.Ident]stand{}
	for _, in := range intents {
		of := in.Step.Ident
		s := out[of]
		if in.State == journal.StateSuperseded {
			continue
		}
		s.last = in.Step.ID
		switch a := in.Step.Action.(type) {
		case model.Hold:
			s.hold(in, a)
		case model.Withdraw:
			s.withdrawn, s.confirmed, s.Hold, s.HoldRef = true, false, "", model.Ref{}
		case model.Note:
			if in.State != journal.StateRefused {
				body := a.Body.Reveal()
				s.Note, s.NoteID = body.Digest, body.MessageID
			}
		case model.DropNote:
			s.drop(in)
		case model.Amend:
			s.amend(in, a)
		}
		out[of] = s
	}
	return out
}

func (s *stand) hold(in journal.Intent, a model.Hold) {
	s.withdrawn = false
	s.Hold, s.at = a.Digest, in.Step.Source
	switch in.State {
	case journal.StateConfirmed:
		s.confirmed, s.HoldRef = true, in.Ref
	case journal.StateLost:
		// The hold we wanted to change was gone: a person deleted it.
		s.Dismissed = true
	default:
		if s.HoldRef == (model.Ref{}) {
			s.HoldRef = a.Base
		}
		// A mirror or a desk that is no more does not say where it showed what.
		if (agenda.IsMirror(in.Step.Ident) || billdesk.IsDue(in.Step.Ident)) && s.HoldRef.Source == "" {
			s.HoldRef.Source = s.at
		}
	}
}

// drop takes a note for gone as soon as that is planned. A draft is asked for
// first: one that is not there any more was sent, and no other may follow it.
func (s *stand) drop(in journal.Intent) {
	draft := agenda.IsReply(in.Step.Ident)
	s.Open = draft && in.EndedAt.IsZero()
	if s.Open {
		return
	}
	s.Note, s.NoteID = "", ""
	if draft && (in.Already || in.State != journal.StateConfirmed) {
		s.Pinned = true
	}
}

// amend takes down how a change of an event of others ended.
func (s *stand) amend(in journal.Intent, a model.Amend) {
	s.Open, s.Held, s.Amended, s.Asked = false, false, nil, nil
	switch in.State {
	case journal.StatePlanned, journal.StateSent:
		s.Open, s.Asked = true, &a
	case journal.StateHeld:
		s.Held, s.Asked = true, &a
	case journal.StateConfirmed:
		s.Amended = &a
	case journal.StateRefused:
		s.Pinned = true // the server will never take it
	}
}

// findings adds what people decided to how things stand.
func findings(intents []journal.Intent, released map[model.Ident]map[string]string) (map[model.Ident]model.Finding, map[model.Ident]model.StepID) {
	out := map[model.Ident]model.Finding{}
	last := map[model.Ident]model.StepID{}
	for of, s := range standing(intents) {
		out[of], last[of] = overruledFinding(s.Finding, howReleased(released[of])), s.last
	}
	return out, last
}

// howReleased says how a person overruled a finding, whatever the rule is called
// that it belongs to.
func howReleased(by map[string]string) string {
	if how := by[conflictRule]; how != "" {
		return how
	}
	for _, rule := range slices.Sorted(maps.Keys(by)) {
		return by[rule]
	}
	return ""
}

// overruledFinding adds what a person did to a hold, or to an event we changed.
func overruledFinding(f model.Finding, how string) model.Finding {
	switch how {
	case "deleted":
		f.Dismissed = true
	case "confirmed":
		f.Confirmed = true
	case "edited", journal.HowUndone, journal.HowRejected:
		f.Pinned = true
	}
	return f
}
