package sync

import (
	"chancery/internal/model"
	"chancery/sync/journal"
)

// stand is what the journal says of one finding.
type stand struct {
	model.Finding
	last      model.StepID // the newest step about it
	confirmed bool         // its hold is known to have been on the server
	withdrawn bool         // its hold was taken away by us, or is being
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
			s.Note, s.NoteID = "", ""
		}
		out[of] = s
	}
	return out
}

func (s *stand) hold(in journal.Intent, a model.Hold) {
	s.withdrawn = false
	s.Hold = a.Digest
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
	}
}

// findings adds what people decided to how things stand.
func findings(intents []journal.Intent, released map[model.Ident]map[string]string) (map[model.Ident]model.Finding, map[model.Ident]model.StepID) {
	out := map[model.Ident]model.Finding{}
	last := map[model.Ident]model.StepID{}
	for of, s := range standing(intents) {
		out[of], last[of] = overruledFinding(s.Finding, released[of][conflictRule]), s.last
	}
	return out, last
}

// overruledFinding adds what a person did to a hold.
func overruledFinding(f model.Finding, how string) model.Finding {
	switch how {
	case "deleted":
		f.Dismissed = true
	case "edited":
		f.Pinned = true
	}
	return f
}
