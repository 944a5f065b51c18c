package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"chancery/internal/model"
)

// Lease is the right to write about a source, until another owner claims it.
type Lease struct {
	Source model.SourceID
	Epoch  int64
}

// Position says how far a source was followed. The zero Position belongs to a
// source that was never claimed.
type Position struct {
	Cursor   model.Name
	Baseline time.Time // first claim: what arrived before is old
	Pulled   time.Time // when the cursor was last written
}

// Claim makes owner the owner of source and fences the former one off. Cursor
// and baseline stay. owner is a name safe to show, such as "host:pid".
func (j *Journal) Claim(ctx context.Context, source model.SourceID, owner string, now time.Time) (Lease, error) {
	l := Lease{Source: source}
	err := j.write(ctx, "claim source", now, func(t *tx) error {
		const claim = `insert into source (id, owner, epoch, claimed, baseline, pulled) values ($1, $2, 1, $3, $3, 0)
			on conflict (id) do update set owner = excluded.owner, epoch = source.epoch + 1, claimed = excluded.claimed
			returning epoch`
		err := t.QueryRowContext(ctx, claim, string(source), clear(owner), millis(now)).Scan(&l.Epoch)
		t.log = append(t.log, Entry{Source: source, Kind: KindClaimed, Code: "epoch " + strconv.FormatInt(l.Epoch, 10)})
		return err
	})
	return l, err
}

// fence fails unless l is the latest lease, and keeps it the latest until the
// transaction ends.
func (t *tx) fence(l Lease) error {
	var epoch int64
	err := t.QueryRowContext(t.ctx, `select epoch from source where id = $1`+t.j.eng.forUpdate, string(l.Source)).Scan(&epoch)
	if errors.Is(err, sql.ErrNoRows) || err == nil && epoch != l.Epoch {
		return ErrFenced
	}
	return err
}

// Position returns how far source was followed.
func (j *Journal) Position(ctx context.Context, source model.SourceID) (Position, error) {
	var sealed []byte
	var baseline, pulled int64
	err := j.r.QueryRowContext(ctx, `select cursor, baseline, pulled from source where id = $1`, string(source)).
		Scan(&sealed, &baseline, &pulled)
	if errors.Is(err, sql.ErrNoRows) {
		return Position{}, nil
	}
	p := Position{Baseline: moment(baseline), Pulled: moment(pulled)}
	if err == nil && sealed != nil {
		var plain []byte
		plain, err = j.keys.open(sealed, "source.cursor", string(source))
		p.Cursor = model.Name(plain)
	}
	if err != nil {
		return Position{}, fmt.Errorf("read position: %w", err)
	}
	return p, nil
}

// moveCursor is the last write of a turn.
func (t *tx) moveCursor(source model.SourceID, c model.Name) error {
	sealed := t.j.keys.seal([]byte(c), "source.cursor", string(source))
	return t.exec(`update source set cursor = $1, pulled = $2 where id = $3`, sealed, millis(t.now), string(source))
}
