package caldav

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"chancery/connectors"
	"chancery/internal/model"
)

// Bounds of one batch.
const (
	batchChanges = 200
	batchBytes   = 8 << 20
)

// stage is a delta whose bodies are being fetched.
type stage struct {
	name  string
	whole bool
	gone  []model.Change
	work  []string          // paths to fetch, sorted
	etags map[string]string // as listed
	base  *listing
	next  *listing
}

// Pull reports what changed. Deletions stand before all else, so that an event
// that moved to another path does not end as gone.
func (s *Source) Pull(ctx context.Context, since connectors.Cursor) (connectors.Batch, error) {
	ctx, done := s.bound(ctx)
	defer done()
	b, err := s.pull(ctx, since)
	return b, failed(err)
}

func (s *Source) pull(ctx context.Context, since connectors.Cursor) (connectors.Batch, error) {
	if strings.HasPrefix(connectors.Uncounted(since), stagePrefix) {
		return s.resume(ctx, since)
	}
	given := s.stage
	s.stage = nil
	if since == "" {
		if s.next != nil {
			s.known, s.next = s.next, nil
		}
		return s.begin(ctx, s.known, true)
	}
	switch {
	case s.next != nil && s.next.cursor == since:
		s.known, s.next = s.next, nil
	case s.known != nil && s.known.cursor == since:
		s.known.doubt(s.next)
		if given != nil {
			s.known.doubt(given.next)
		}
	case strings.HasPrefix(connectors.Uncounted(since), syncPrefix) && s.sync:
		s.known, s.next = &listing{cursor: since, items: map[string]item{}, before: connectors.Counted(since), partly: true}, nil
	default:
		return connectors.Batch{}, connectors.ErrCursorExpired
	}
	return s.begin(ctx, s.known, false)
}

// doubt takes in what was reported after the cursor and not committed: the caller
// may hold it. A server that only compares two states does not tell of what came
// and went between them, so it is asked for.
func (n *listing) doubt(ahead *listing) {
	if ahead == nil {
		return
	}
	for path, it := range ahead.items {
		if old, had := n.items[path]; !had || old.version != it.version {
			it.missing = true
			n.items[path] = it
		}
	}
	for path, it := range n.items {
		if _, stays := ahead.items[path]; !stays {
			it.missing = true
			n.items[path] = it
		}
	}
}

// begin reads the listing and starts to fetch.
func (s *Source) begin(ctx context.Context, base *listing, whole bool) (connectors.Batch, error) {
	d, err := s.read(ctx, base, whole)
	if err != nil {
		return connectors.Batch{}, err
	}
	if d == nil {
		if retry := s.retries(base); len(retry) == 0 {
			return connectors.Batch{Next: base.cursor}, nil
		}
		d = &delta{changed: map[string]string{}, ctag: base.ctag, token: strings.TrimPrefix(connectors.Uncounted(base.cursor), syncPrefix)}
	}
	if d.whole && base != nil {
		for path := range base.items {
			if _, ok := d.changed[path]; !ok {
				d.gone = append(d.gone, path)
			}
		}
		slices.Sort(d.gone)
	}
	if err := s.guard(base, d); err != nil {
		return connectors.Batch{}, err
	}
	s.stages++
	name := connectors.Count(s.held(base), fmt.Sprintf("%s%s-%d:", stagePrefix, s.session, s.stages))
	st := &stage{name: string(name), whole: whole, base: base}
	st.next = s.advance(base, d, whole)
	st.etags = d.changed
	st.plan(s, d)
	if len(st.work) == 0 && len(st.gone) == 0 && !whole && d.ctag == base.ctag && !s.sync {
		return connectors.Batch{Next: base.cursor}, nil
	}
	s.stage = st
	return s.fetch(ctx, st, 0)
}

// retries lists what was listed before but could not be fetched.
func (s *Source) retries(base *listing) []string {
	var out []string
	if base != nil {
		for path, it := range base.items {
			if it.missing {
				out = append(out, path)
			}
		}
	}
	slices.Sort(out)
	return out
}

// advance makes the listing that will hold when d has been reported.
func (s *Source) advance(base *listing, d *delta, whole bool) *listing {
	n := &listing{ctag: d.ctag, items: map[string]item{}}
	if base != nil && !whole {
		n.items, n.before, n.partly = maps.Clone(base.items), base.before, base.partly
	}
	for _, path := range d.gone {
		delete(n.items, path)
	}
	if s.sync {
		n.cursor = connectors.Count(n.total(d), syncPrefix+d.token)
	} else {
		n.cursor = connectors.Count(n.total(d), fmt.Sprintf("%s%s-%d", listPrefix, s.session, s.stages))
	}
	n.before = max(0, n.before-len(d.gone))
	return n
}

// plan decides what to fetch and what is gone.
func (st *stage) plan(s *Source, d *delta) {
	for path, etag := range d.changed {
		old, had := st.next.items[path]
		if st.whole || !had || etag == "" || etag != old.version || old.missing {
			st.work = append(st.work, path)
		}
	}
	if !st.whole {
		for _, path := range s.retries(st.base) {
			if _, listed := d.changed[path]; !listed && !slices.Contains(d.gone, path) {
				st.work = append(st.work, path)
			}
		}
	}
	slices.Sort(st.work)
	if st.base == nil {
		return
	}
	for _, path := range d.gone {
		// What a cursor from before a restart listed is not known: then the path is all
		// there is.
		if it := st.base.items[path]; it.reported || st.base.partly {
			st.gone = append(st.gone, s.gone(path, it.ident))
		}
	}
}

func (s *Source) gone(path string, ident model.Ident) model.Change {
	return model.Change{Op: model.Gone, Ident: ident, Ref: model.Ref{Source: s.o.Source, Href: model.Name(path)}}
}

// resume goes on with a stage at the place the cursor names. Going back is legal:
// the caller may have failed to commit.
func (s *Source) resume(ctx context.Context, since connectors.Cursor) (connectors.Batch, error) {
	if s.stage == nil || !strings.HasPrefix(string(since), s.stage.name) {
		return connectors.Batch{}, connectors.ErrCursorExpired
	}
	var at int
	if _, err := fmt.Sscanf(string(since)[len(s.stage.name):], "%d", &at); err != nil || at < 0 || at > len(s.stage.work) {
		return connectors.Batch{}, connectors.ErrCursorExpired
	}
	return s.fetch(ctx, s.stage, at)
}

// fetch returns the changes from place at on.
func (s *Source) fetch(ctx context.Context, st *stage, at int) (connectors.Batch, error) {
	var b connectors.Batch
	if at == 0 {
		b.Changes = append(b.Changes, st.gone...)
	}
	size := 0
	for end := at + batchChanges; at < min(end, len(st.work)) && size < batchBytes; {
		paths := st.work[at:min(at+multigetSize, len(st.work))]
		bodies, err := s.bodies(ctx, paths)
		if err != nil {
			return connectors.Batch{}, err
		}
		for _, path := range paths {
			got := bodies[path]
			size += len(got.data)
			b.Changes = append(b.Changes, s.changes(st, path, got)...)
		}
		at += len(paths)
	}
	if at < len(st.work) {
		b.Next, b.More = connectors.Cursor(fmt.Sprintf("%s%d", st.name, at)), true
		return b, nil
	}
	b.Next, b.Whole = st.next.cursor, st.whole
	s.next = st.next
	return b, nil
}
