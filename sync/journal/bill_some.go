package journal

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"chancery/internal/model"
)

// SomeBillsOf is BillsOf for who holds what it returns: at most so many bills, and how
// many are left out. The bills have no Keys, which take more room than all the rest. If
// there are more, the first bill of every mail comes before the second of any, and of
// equals the newer: one mail with a hundred bills, and a flood of such mails, drives out
// no mail that has one. What it needs beside the bills it returns is 40 octets for each
// that there is.
func (j *Journal) SomeBillsOf(ctx context.Context, sources []model.SourceID, since time.Time, most int) (bills []model.Bill, left int, err error) {
	var out billList
	err = j.eachOf(ctx, billColumns, sources, since, func(r *sql.Rows) error {
		if err := out.addSlim(j.keys, r); err != nil || len(out.bills) <= most {
			return err
		}
		return errTooMany
	})
	if errors.Is(err, errTooMany) {
		out = billList{}
		var seqs []int64
		if seqs, left, err = j.fairest(ctx, sources, since, most); err == nil {
			err = j.eng.numbers(ctx, j.r, billColumns+`where seq in`, "", seqs, func(r *sql.Rows) error { return out.addSlim(j.keys, r) })
		}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read bills: %w", err)
	}
	return out.sorted(), left, nil
}

// errTooMany ends a reading.
var errTooMany = errors.New("too many bills")

// eachOf calls each for the rows of BillsOf.
func (j *Journal) eachOf(ctx context.Context, columns string, sources []model.SourceID, since time.Time, each func(*sql.Rows) error) error {
	for _, id := range sources {
		err := scan(ctx, j.r, columns+`where source = $1 and state = 'open'`, []any{string(id)}, each)
		if err == nil {
			err = scan(ctx, j.r, columns+`where source = $1 and at >= $2 and state || '' <> 'open'`, []any{string(id), millis(since)}, each)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addSlim adds a bill without its keys, and without the memory that they stand in.
func (l *billList) addSlim(k keys, r *sql.Rows) error {
	b, err := l.read(k, r)
	if err != nil || l.known[b.ID] {
		return err
	}
	b.Keys = nil
	if b, err = model.DecodeBill(model.EncodeBill(b)); err == nil {
		l.add(b)
	}
	return err
}

// candidate is a bill that is not read yet. id and mail are the beginnings of the HMACs
// that stand for it and for its mail.
type candidate struct {
	id, mail uint64
	seq, at  int64
	turn     int // of the bills of its mail, from 0 on
}

// fairest chooses the rows that SomeBillsOf returns, and counts the bills that it leaves.
func (j *Journal) fairest(ctx context.Context, sources []model.SourceID, since time.Time, most int) (seqs []int64, left int, err error) {
	var all []candidate
	err = j.eachOf(ctx, `select seq, id_key, short, at from bill `, sources, since, func(r *sql.Rows) error {
		var c candidate
		var id, mail sql.RawBytes
		err := r.Scan(&c.seq, &id, &mail, &c.at)
		c.id, c.mail = firstDigits(id), firstDigits(mail)
		all = append(all, c)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	// A bill that came to two sources is one.
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.seq, b.seq)) })
	all = slices.CompactFunc(all, func(a, b candidate) bool { return a.id == b.id })
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.mail, b.mail), cmp.Compare(a.seq, b.seq)) })
	for i := 1; i < len(all); i++ {
		if all[i].mail == all[i-1].mail {
			all[i].turn = all[i-1].turn + 1
		}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.turn, b.turn), cmp.Compare(b.at, a.at), cmp.Compare(b.seq, a.seq))
	})
	left = max(0, len(all)-most)
	for _, c := range all[:len(all)-left] {
		seqs = append(seqs, c.seq)
	}
	return seqs, left, nil
}

// firstDigits is the number that the first 16 hex digits of an HMAC are.
func firstDigits(hex []byte) uint64 {
	n, _ := strconv.ParseUint(string(hex[:min(len(hex), 16)]), 16, 64)
	return n
}
