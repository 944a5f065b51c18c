package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// EncodeStep writes a step with its content, for the journal alone, which seals
// it under the install key. No other package calls it. Order is left out: it
// matters only until the step is planned; and Again: the attempts say it.
func EncodeStep(s Step) ([]byte, error) {
	b := appendStep(make([]byte, 0, 256), s)
	var w actionWire
	switch a := s.Action.(type) {
	case Mark, File:
		return b, nil
	case Note:
		w.Note = &noteWire{a.Mailbox, a.Replaces, wireNote(a.Body.Reveal()), a.Draft, a.Flagged}
	case Hold:
		w.Hold = &holdWire{a.UID, string(a.Of), a.Digest, wireRef(a.Base), a.Body.Reveal()}
	case Amend:
		w.Amend = wireAmend(a)
	case Withdraw:
		w.Withdraw = &withdrawWire{a.UID, string(a.Of), wireRef(a.Base)}
	case Unmark:
		w.Unmark = &a
	case Return:
		w.Return = &returnWire{string(a.To)}
	case DropNote:
		w.DropNote = &dropNoteWire{a.Mailbox, a.MessageID, string(a.Of), a.Twins}
	default:
		return nil, fmt.Errorf("encode step: unknown action %T", s.Action)
	}
	action, err := json.Marshal(w)
	return append(b, action...), err
}

// DecodeStep reads what EncodeStep wrote, and JSON that it wrote in an earlier
// version of the program.
func DecodeStep(b []byte) (Step, error) {
	if len(b) > 0 && b[0] == compactVersion {
		r := compactReader{b: b}
		return r.step()
	}
	var w stepWire
	if err := json.Unmarshal(b, &w); err != nil {
		return Step{}, fmt.Errorf("decode step: %w", err)
	}
	s := Step{
		ID: w.ID, Rule: w.Rule, Version: w.Version, Place: w.Place, Why: Hide(w.Why),
		Source: w.Source, Ref: w.Ref.ref(), Ident: Ident(w.Ident), Action: w.action(),
	}
	if s.Action == nil {
		return Step{}, errors.New("decode step: no action")
	}
	return s, nil
}

// EncodeRef and DecodeRef do the same for a place, again for the journal alone.
func EncodeRef(r Ref) []byte { return appendRef([]byte{compactVersion}, r) }

// DecodeRef reads what EncodeRef wrote, in this version of the program or before.
func DecodeRef(b []byte) (Ref, error) {
	if len(b) > 0 && b[0] == compactVersion {
		r := compactReader{b: b[1:]}
		ref := r.ref()
		if r.err != nil || len(r.b) > 0 {
			return Ref{}, fmt.Errorf("decode ref: %w", errCompact)
		}
		return ref, nil
	}
	var w refWire
	if err := json.Unmarshal(b, &w); err != nil {
		return Ref{}, fmt.Errorf("decode ref: %w", err)
	}
	return w.ref(), nil
}

// The wire types repeat the shapes with plain strings, because Name and Private
// refuse to be encoded.
type stepWire struct {
	ID      StepID
	Rule    string
	Version string
	Place   string
	Why     string
	Source  SourceID
	Ref     refWire
	Ident   string
	actionWire
}

// actionWire holds one action. Mark and File stand here in old journals only.
type actionWire struct {
	Mark     *Mark         `json:",omitempty"`
	File     *File         `json:",omitempty"`
	Note     *noteWire     `json:",omitempty"`
	Hold     *holdWire     `json:",omitempty"`
	Withdraw *withdrawWire `json:",omitempty"`
	Amend    *amendWire    `json:",omitempty"`
	DropNote *dropNoteWire `json:",omitempty"`
	Unmark   *Unmark       `json:",omitempty"`
	Return   *returnWire   `json:",omitempty"`
}

// action returns nil if there is none.
func (w actionWire) action() Action {
	switch {
	case w.Mark != nil:
		return *w.Mark
	case w.File != nil:
		return *w.File
	case w.Note != nil:
		return Note{w.Note.Mailbox, Hide(w.Note.Body.note()), w.Note.Replaces, w.Note.Draft, w.Note.Flagged}
	case w.Hold != nil:
		return Hold{w.Hold.UID, Ident(w.Hold.Of), w.Hold.Digest, w.Hold.Base.ref(), Hide(w.Hold.Body)}
	case w.Amend != nil:
		return w.Amend.amend()
	case w.Withdraw != nil:
		return Withdraw{w.Withdraw.UID, Ident(w.Withdraw.Of), w.Withdraw.Base.ref()}
	case w.Unmark != nil:
		return *w.Unmark
	case w.Return != nil:
		return Return{Name(w.Return.To)}
	case w.DropNote != nil:
		return DropNote{w.DropNote.Mailbox, w.DropNote.MessageID, Ident(w.DropNote.Of), w.DropNote.Twins}
	}
	return nil
}

type refWire struct {
	Source      SourceID
	Mailbox     string `json:",omitempty"`
	UIDValidity uint32 `json:",omitempty"`
	UID         uint32 `json:",omitempty"`
	Href        string `json:",omitempty"`
	Version     string `json:",omitempty"`
}

type noteWire struct {
	Mailbox  []string
	Replaces []string `json:",omitempty"`
	Body     noteBodyWire
	Draft    bool `json:",omitempty"`
	Flagged  bool `json:",omitempty"`
}

type noteBodyWire struct {
	NoteBody
	Of string
}

type holdWire struct {
	UID, Of, Digest string
	Base            refWire
	Body            HoldBody
}

type withdrawWire struct {
	UID, Of string
	Base    refWire
}

type amendWire struct {
	UID, Of  string
	Instance timeWire
	Self     []string `json:",omitempty"`
	Base     refWire
	Was, Now Amended
	Zone     string `json:",omitempty"`
}

// timeWire is a Time; Zone is "" for a floating time or a date.
type timeWire struct {
	Wall UnixTime
	Zone string `json:",omitempty"`
	Date bool   `json:",omitempty"`
}

func wireAmend(a Amend) *amendWire {
	w := &amendWire{UID: string(a.UID), Of: string(a.Of), Self: a.Self.Reveal(), Base: wireRef(a.Base), Was: a.Was, Now: a.Now}
	if a.Zone != nil {
		w.Zone = a.Zone.String()
	}
	if !a.Instance.IsZero() {
		w.Instance = timeWire{Wall: UnixTime(a.Instance.Wall.Unix()), Date: a.Instance.Date}
		if a.Instance.Loc != nil {
			w.Instance.Zone = a.Instance.Loc.String()
		}
	}
	return w
}

func (w *amendWire) amend() Amend {
	a := Amend{UID: Name(w.UID), Of: Ident(w.Of), Self: Hide(w.Self), Base: w.Base.ref(), Was: w.Was, Now: w.Now}
	if w.Zone != "" {
		if loc, err := time.LoadLocation(w.Zone); err == nil {
			a.Zone = loc
		}
	}
	if w.Instance != (timeWire{}) {
		a.Instance = Time{Wall: time.Unix(int64(w.Instance.Wall), 0).UTC(), Date: w.Instance.Date}
		if w.Instance.Zone != "" {
			// A zone of an object's own has no name that loads: then the wall clock counts.
			if loc, err := time.LoadLocation(w.Instance.Zone); err == nil {
				a.Instance.Loc = loc
			}
		}
	}
	return a
}

type dropNoteWire struct {
	Mailbox   []string
	MessageID string
	Of        string
	Twins     bool `json:",omitempty"`
}

type returnWire struct{ To string }

func wireRef(r Ref) refWire {
	return refWire{r.Source, string(r.Mailbox), r.UIDValidity, r.UID, string(r.Href), r.Version}
}

func (w refWire) ref() Ref {
	return Ref{w.Source, Name(w.Mailbox), w.UIDValidity, w.UID, Name(w.Href), w.Version}
}

func wireNote(b NoteBody) noteBodyWire { return noteBodyWire{b, string(b.Of)} }

func (w noteBodyWire) note() NoteBody {
	b := w.NoteBody
	b.Of = Ident(w.Of)
	return b
}
