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
	// Added are those of Flags that the mark put there. Journals of schema 2 and
	// before do not know it: nil, and Already is false.
	Added   model.Flags
	Already bool // the effect was there before the step was sent
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

// The forms of a result that is not JSON. The first one is the number of flags,
// each with its length, and the place; the second has a list of the flags that
// were added and an octet for Already before the place.
const (
	flagsForm  = 1
	resultForm = 2
)

func (k keys) sealResult(r model.Result) []byte {
	plain := appendFlags(appendFlags([]byte{resultForm}, r.Flags), r.Added)
	already := byte(0)
	if r.Already {
		already = 1
	}
	plain = append(plain, already)
	return k.seal(append(plain, model.EncodeRef(r.Ref)...), "intent.result", string(r.ID))
}

func appendFlags(b []byte, flags model.Flags) []byte {
	b = binary.AppendUvarint(b, uint64(len(flags)))
	for _, f := range flags {
		b = append(binary.AppendUvarint(b, uint64(len(f))), f...)
	}
	return b
}

// openResult fills in what the last result of an intent said.
func (k keys) openResult(sealed []byte, id model.StepID, in *Intent) error {
	if sealed == nil {
		return nil
	}
	b, err := k.open(sealed, "intent.result", string(id))
	if err != nil {
		return err
	}
	if len(b) == 0 || b[0] != flagsForm && b[0] != resultForm {
		in.Ref, in.Flags, err = oldResult(b)
		return err
	}
	form := b[0]
	if in.Flags, b, err = cutFlags(b[1:]); err != nil {
		return err
	}
	if form == resultForm {
		if in.Added, b, err = cutFlags(b); err != nil {
			return err
		}
		if len(b) == 0 {
			return errResult
		}
		in.Already, b = b[0] == 1, b[1:]
	}
	in.Ref, err = model.DecodeRef(b)
	return err
}

var errResult = errors.New("read result: bad length")

func cutFlags(b []byte) (flags model.Flags, rest []byte, err error) {
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)) {
		return nil, nil, errResult
	}
	for b = b[w:]; n > 0; n-- {
		size, w := binary.Uvarint(b)
		if w <= 0 || size > uint64(len(b)-w) {
			return nil, nil, errResult
		}
		flags, b = append(flags, string(b[w:w+int(size)])), b[w+int(size):]
	}
	return flags, b, nil
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
	if err := k.openResult(s.result, s.id, &in); err != nil {
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
