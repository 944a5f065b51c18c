package journal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"chancery/internal/model"
)

// Kinds of entries the journal makes itself; Note adds others, such as
// "reloaded". The states are kinds too.
const (
	KindReleased = "released"
	KindParked   = "parked"
	KindUnparked = "unparked"
	KindClaimed  = "claimed"
	KindLater    = "later"    // the server asked to wait: planned again
	KindApproved = "approved" // a person let a held step pass: planned again
	KindRejected = "rejected" // a person stopped a held step: superseded
)

// Entry is one row of the audit chain. Nothing in it is content.
type Entry struct {
	Seq     int64 // from 1, without gaps
	Time    time.Time
	Source  model.SourceID // "" for the house
	Kind    string
	Rule    string
	Version string // of the rules
	Step    model.StepID
	Action  string // kind of the step's action
	Ref     string // first 16 digits of Token("ref", ident); "" without an item
	Code    string
	Hash    []byte // SHA-256 of the hash before and this row
}

const hashSize = sha256.Size

// hash chains e to the entry before it.
func (e Entry) hash(prev []byte) []byte {
	h := sha256.New()
	h.Write(prev)
	var n [16]byte
	binary.BigEndian.PutUint64(n[:8], uint64(e.Seq))
	binary.BigEndian.PutUint64(n[8:], uint64(millis(e.Time)))
	h.Write(n[:])
	h.Write(encode(string(e.Source), []string{e.Kind, e.Rule, e.Version, string(e.Step), e.Action, e.Ref, e.Code}))
	return h.Sum(nil)
}

// head is the authenticated end of the chain.
type head struct {
	seq  int64
	hash []byte
}

func (h head) mac(k keys) []byte {
	sum := k.chain.sum("head", []string{strconv.FormatInt(h.seq, 10), string(h.hash)})
	return sum[:]
}

// readHead returns the end of the chain, or ErrChain if it is not ours.
func readHead(ctx context.Context, q queryer, k keys, suffix string) (head, error) {
	var h head
	var m []byte
	err := q.QueryRowContext(ctx, `select seq, hash, mac from head where id = 1`+suffix).Scan(&h.seq, &h.hash, &m)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !hmac.Equal(m, h.mac(k)) {
		return head{}, ErrChain
	}
	return h, err
}

// append writes what the transaction logged. It comes last, because the head is
// one row that all writers share: it is locked from here to the commit only.
func (t *tx) append() error {
	if len(t.log) == 0 {
		return nil
	}
	h, err := readHead(t.ctx, t, t.j.keys, t.j.eng.forUpdate)
	if err != nil {
		return err
	}
	rows := make([][]any, len(t.log))
	for i, e := range t.log {
		prev := h.hash
		h.seq++
		e.Seq, e.Time = h.seq, t.now
		h.hash = e.hash(prev)
		rows[i] = []any{e.Seq, millis(e.Time), string(e.Source), e.Kind, e.Rule, e.Version,
			string(e.Step), e.Action, e.Ref, e.Code, prev, h.hash}
	}
	const into = `insert into audit (seq, at, source, kind, rule, version, step, action, ref, code, prev, hash)`
	if err := t.insert(into, "", rows, nil); err != nil {
		return err
	}
	return t.exec(`update head set seq = $1, hash = $2, mac = $3 where id = 1`, h.seq, h.hash, h.mac(t.j.keys))
}

// Note appends an entry about the house or a source: "reloaded" with the version
// of the rules, "started", "stopped". Both words must be safe to show.
func (j *Journal) Note(ctx context.Context, source model.SourceID, kind, detail string, now time.Time) error {
	return j.write(ctx, "note "+clear(kind), now, func(t *tx) error {
		t.log = append(t.log, Entry{Source: source, Kind: clear(kind), Code: clear(detail)})
		return nil
	})
}

// Filter selects entries; zero fields select all.
type Filter struct {
	Source model.SourceID
	Rule   string
	Since  time.Time
	After  int64 // entries with a higher Seq
	Limit  int   // only so many, the latest
}

// Entries yields the selected entries, oldest first, up to the end of the chain
// as it was at the call or later. It ends after the first error.
func (j *Journal) Entries(ctx context.Context, f Filter) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		after, err := j.start(ctx, f)
		for err == nil {
			var page []Entry
			page, err = j.page(ctx, f, after)
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				after = e.Seq
			}
			if err == nil && len(page) < pageSize {
				return
			}
		}
		yield(Entry{}, fmt.Errorf("read entries: %w", err))
	}
}

const pageSize = 500

func (f Filter) where() (string, []any) {
	conds, args := []string{"seq > $1"}, []any{f.After}
	add := func(cond string, arg any) {
		args = append(args, arg)
		conds = append(conds, cond+" $"+strconv.Itoa(len(args)))
	}
	if f.Source != "" {
		add("source =", string(f.Source))
	}
	if f.Rule != "" {
		add("rule =", f.Rule)
	}
	if !f.Since.IsZero() {
		add("at >=", millis(f.Since))
	}
	return strings.Join(conds, " and "), args
}

// start returns the Seq after which the latest f.Limit entries begin.
func (j *Journal) start(ctx context.Context, f Filter) (int64, error) {
	if f.Limit <= 0 {
		return f.After, nil
	}
	where, args := f.where()
	args = append(args, f.Limit)
	var first int64
	err := j.r.QueryRowContext(ctx, `select coalesce(min(seq), 0) from (select seq from audit where `+where+
		` order by seq desc limit $`+strconv.Itoa(len(args))+`) as latest`, args...).Scan(&first)
	return max(f.After, first-1), err
}

func (j *Journal) page(ctx context.Context, f Filter, after int64) ([]Entry, error) {
	f.After = after
	where, args := f.where()
	var page []Entry
	err := scan(ctx, j.r, entryQuery+where+` order by seq limit `+strconv.Itoa(pageSize), args, func(r *sql.Rows) error {
		e, _, err := scanEntry(r)
		page = append(page, e)
		return err
	})
	return page, err
}

const entryQuery = `select seq, at, source, kind, rule, version, step, action, ref, code, prev, hash from audit where `

func scanEntry(r *sql.Rows) (e Entry, prev []byte, err error) {
	var at int64
	err = r.Scan(&e.Seq, &at, &e.Source, &e.Kind, &e.Rule, &e.Version, &e.Step, &e.Action, &e.Ref, &e.Code, &prev, &e.Hash)
	e.Time = moment(at)
	return e, prev, err
}
