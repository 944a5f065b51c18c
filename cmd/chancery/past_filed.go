package main

import (
	"context"
	"slices"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// looker is a source that reads messages at known places.
type looker interface {
	Look(ctx context.Context, refs []model.Ref) ([]model.Change, error)
}

const filedAtOnce = 250

// readFiled reads the messages that rules filed to mailboxes which are not
// followed, where they lie now, and tells of them as if they lay where they came:
// else a rule that files could not be compared with another. seen are those that
// were read already.
func (p *pastMail) readFiled(ctx context.Context, src looker, source model.SourceID, seen map[model.Ident]bool, each func([]model.Change) error) error {
	from, err := filedSince(ctx, p.j, source, p.since)
	if err != nil {
		return err
	}
	var refs []model.Ref
	for ident, in := range from {
		if !seen[ident] {
			refs = append(refs, in.Ref)
		}
	}
	slices.SortFunc(refs, func(a, b model.Ref) int { return int(b.UID) - int(a.UID) })
	for part := range slices.Chunk(refs, filedAtOnce) {
		changes, err := src.Look(ctx, part)
		if err != nil {
			return err
		}
		var came []model.Change
		for _, c := range changes {
			in, ok := from[c.Ident]
			if !ok || c.Message == nil || c.Message.Arrived.Before(p.since) {
				continue
			}
			m := *c.Message
			m.Ref, c.Ref, c.Message = in.Step.Ref, in.Step.Ref, &m
			came = append(came, c)
		}
		if len(came) == 0 {
			continue
		}
		if err := each(came); err != nil {
			return err
		}
	}
	return nil
}

// filedSince returns the first filing of each message since a time, with the place
// that the last one left it at.
func filedSince(ctx context.Context, j *journal.Journal, source model.SourceID, since time.Time) (map[model.Ident]journal.Intent, error) {
	stats, err := j.RuleStats(ctx)
	if err != nil {
		return nil, err
	}
	out := map[model.Ident]journal.Intent{}
	for _, s := range stats {
		if s.Filed == 0 || s.Last.Before(since) {
			continue
		}
		err := j.ConfirmedSince(ctx, source, s.Rule, since, func(in journal.Intent) {
			if _, file := in.Step.Action.(model.File); !file || in.Ref.UID == 0 {
				return
			}
			first, known := out[in.Step.Ident]
			switch {
			case !known:
				out[in.Step.Ident] = in
			case in.EndedAt.After(first.EndedAt):
				first.Ref = in.Ref
				out[in.Step.Ident] = first
			default:
				in.Ref = first.Ref
				out[in.Step.Ident] = in
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
