package journal

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"chancery/internal/model"
)

// State says what became of a step.
type State string

// The states of a step. Planned, Held and Sent are open, the others are ends.
const (
	StatePlanned    State = "planned"
	StateHeld       State = "held" // it waits for a person: Approve or Reject
	StateSent       State = "sent" // the effect may be on the server
	StateConfirmed  State = "confirmed"
	StateLost       State = "lost"       // the item went away
	StateRefused    State = "refused"    // the server never accepts it; parked
	StateSuperseded State = "superseded" // something newer is wanted, or it must be decided again
)

// Intent is a step and what became of it.
type Intent struct {
	Step     model.Step
	State    State
	Cause    model.SourceID // source of the change that led to it
	Group    string         // "" or the principal it belongs to
	Attempts int            // how often it was sent
	Approved bool           // a person let it pass: it is not held again

	PlannedAt, SentAt, NotBefore, HeldAt, EndedAt time.Time // zero: not yet, at once, not held

	Code  string      // of the last result
	Ref   model.Ref   // where the last result left the item; zero if unknown
	Flags model.Flags // flags that stand for a mark, by the last result
}

// family groups the kinds of which the latest one is meant.
func family(kind string) string {
	switch kind {
	case "note", "drop-note":
		return "note"
	case "hold", "withdraw":
		return "hold"
	}
	return kind
}

// place returns what stands in a lookup column for a place; "" for the zero Ref.
// The version is left out: a place stays the same when its item changes.
func (k keys) place(r model.Ref) string {
	if r.UID == 0 && r.Href == "" {
		return ""
	}
	return k.find("place", string(r.Source), string(r.Mailbox), strconv.FormatUint(uint64(r.UIDValidity), 10),
		strconv.FormatUint(uint64(r.UID), 10), string(r.Href))
}

func (k keys) ident(i model.Ident) string { return k.find("ident", string(i)) }

// message ignores the angle brackets, which people leave out.
func (k keys) message(id string) string {
	id = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(id), "<"), ">")
	if id == "" {
		return ""
	}
	return k.find("message", id)
}

func (k keys) group(g string) string {
	if g == "" {
		return ""
	}
	return k.find("group", g)
}

// sealBody keeps a step and its group: the length of the group, the group, the
// step.
func (k keys) sealBody(s model.Step, group string) ([]byte, error) {
	b, err := model.EncodeStep(s)
	if err != nil {
		return nil, err
	}
	plain := binary.AppendUvarint(make([]byte, 0, len(b)+len(group)+2), uint64(len(group)))
	plain = append(append(plain, group...), b...)
	return k.seal(plain, "intent.body", string(s.ID)), nil
}

func (k keys) openBody(sealed []byte, id model.StepID) (model.Step, string, error) {
	plain, err := k.open(sealed, "intent.body", string(id))
	if err != nil {
		return model.Step{}, "", err
	}
	n, w := binary.Uvarint(plain)
	if w <= 0 || n > uint64(len(plain)-w) {
		return model.Step{}, "", errors.New("read step: bad length")
	}
	group, b := plain[w:w+int(n)], plain[w+int(n):]
	s, err := model.DecodeStep(b)
	return s, string(group), err
}

// resultForm begins the form of a result that is not JSON: the number of flags,
// each with its length, and the place.
const resultForm = 1

func (k keys) sealResult(r model.Result) []byte {
	plain := binary.AppendUvarint([]byte{resultForm}, uint64(len(r.Flags)))
	for _, f := range r.Flags {
		plain = append(binary.AppendUvarint(plain, uint64(len(f))), f...)
	}
	return k.seal(append(plain, model.EncodeRef(r.Ref)...), "intent.result", string(r.ID))
}

func (k keys) openResult(sealed []byte, id model.StepID) (ref model.Ref, flags model.Flags, err error) {
	if sealed == nil {
		return ref, nil, nil
	}
	b, err := k.open(sealed, "intent.result", string(id))
	if err != nil {
		return ref, nil, err
	}
	if len(b) == 0 || b[0] != resultForm {
		return oldResult(b)
	}
	b = b[1:]
	bad := errors.New("read result: bad length")
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)) {
		return ref, nil, bad
	}
	for b = b[w:]; n > 0; n-- {
		size, w := binary.Uvarint(b)
		if w <= 0 || size > uint64(len(b)-w) {
			return ref, nil, bad
		}
		flags, b = append(flags, string(b[w:w+int(size)])), b[w+int(size):]
	}
	ref, err = model.DecodeRef(b)
	return ref, flags, err
}

// oldResult reads the JSON in which the first version of the program kept results.
func oldResult(b []byte) (ref model.Ref, flags model.Flags, err error) {
	var w struct {
		Ref   json.RawMessage
		Flags []string
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return ref, nil, errors.New("read result: bad form")
	}
	if w.Ref != nil {
		ref, err = model.DecodeRef(w.Ref)
	}
	return ref, w.Flags, err
}

// A query of intents selects one word of its own first, the key that was looked
// for, and ends in a condition.
const intentColumns = `, id, cause, state, attempts, planned_at, sent_at, not_before, held_at, approved, ended_at, code, body, result from intent where `

// storedIntent is a row of such a query.
type storedIntent struct {
	key                                         string
	id                                          model.StepID
	in                                          Intent // what stands in clear
	planned, sent, after, held, approved, ended int64
	body, result                                []byte
}

func (s *storedIntent) scan(r *sql.Rows) error {
	return r.Scan(&s.key, &s.id, &s.in.Cause, &s.in.State, &s.in.Attempts, &s.planned, &s.sent, &s.after, &s.held, &s.approved,
		&s.ended, &s.in.Code, &s.body, &s.result)
}

func (k keys) openIntent(s storedIntent) (in Intent, err error) {
	in = s.in
	in.PlannedAt, in.SentAt, in.NotBefore, in.HeldAt, in.EndedAt = moment(s.planned), moment(s.sent), moment(s.after), moment(s.held), moment(s.ended)
	in.Approved = s.approved != 0
	if in.Step, in.Group, err = k.openBody(s.body, s.id); err != nil {
		return in, fmt.Errorf("step %s: %w", s.id, err)
	}
	if in.Ref, in.Flags, err = k.openResult(s.result, s.id); err != nil {
		return in, fmt.Errorf("result of step %s: %w", s.id, err)
	}
	return in, nil
}

// intents collects the intents of a query in its order.
func (j *Journal) intents(ctx context.Context, query string, args ...any) ([]Intent, error) {
	var out []Intent
	err := scan(ctx, j.r, query, args, func(r *sql.Rows) error {
		var s storedIntent
		if err := s.scan(r); err != nil {
			return err
		}
		in, err := j.keys.openIntent(s)
		out = append(out, in)
		return err
	})
	return out, err
}
