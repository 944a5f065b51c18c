package google

import (
	"context"
	"encoding/json"
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
	batchAsked   = 40 // series read again
)

const (
	syncPrefix  = "s:"
	stagePrefix = "p:"
)

// listing is what the calendar held at a cursor.
type listing struct {
	cursor connectors.Cursor
	token  string
	// partial: the cursor is of another life, and items are only what came since.
	partial bool
	before  int             // families there were, of a cursor whose listing is not in memory
	items   map[string]item // by id of the master or single event
}

// item is one family as it was last reported.
type item struct {
	ident model.Ident
	kin   bool   // there are exceptions
	doubt bool   // it came after the cursor, and the caller may hold it
	uid   string // of exceptions without their series: a cancelled one does not tell it
}

// stage is a delta that is being reported.
type stage struct {
	name  string
	whole bool
	gone  []model.Change
	work  []string // families, sorted
	found map[string]*kin
	base  *listing
	next  *listing
}

// kin are the members of a family that a listing gave; not all of them unless
// complete.
type kin struct {
	members  []member
	at       map[string]int // place by id
	complete bool
}

// Pull reports what changed. Deletions stand before all else, so that an event
// that has another id now does not end as gone.
func (s *Source) Pull(ctx context.Context, since connectors.Cursor) (connectors.Batch, error) {
	ctx, done := s.bound(ctx)
	defer done()
	b, err := s.pull(ctx, since)
	return b, s.failed(err)
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
	token, ours := strings.CutPrefix(connectors.Uncounted(since), syncPrefix+s.params+":")
	switch {
	case s.next != nil && s.next.cursor == since:
		s.known, s.next = s.next, nil
	case s.known != nil && s.known.cursor == since:
		s.known.doubt(s.next)
		if given != nil {
			s.known.doubt(given.next)
		}
	case ours && token != "":
		s.known, s.next = &listing{cursor: since, token: token, partial: true, before: connectors.Counted(since), items: map[string]item{}}, nil
	default:
		// Of another calendar, or of another set of parameters: Google would answer
		// with a mixture.
		return connectors.Batch{}, connectors.ErrCursorExpired
	}
	return s.begin(ctx, s.known, false)
}

// begin reads what changed and starts to report it.
func (s *Source) begin(ctx context.Context, base *listing, whole bool) (connectors.Batch, error) {
	token := ""
	if !whole {
		token = base.token
	}
	found := map[string]*kin{}
	token, err := s.list(ctx, token, func(raw json.RawMessage) int {
		m := readMember(raw, s.o.Sign)
		k := found[m.family()]
		if k == nil {
			k = &kin{}
			found[m.family()] = k
		}
		k.put(m)
		return m.size()
	})
	if err != nil {
		if !whole && expired(err) {
			return connectors.Batch{}, connectors.ErrCursorExpired
		}
		return connectors.Batch{}, err
	}
	s.stages++
	name := connectors.Count(s.held(base), fmt.Sprintf("%s%s-%d:", stagePrefix, s.session, s.stages))
	st := &stage{name: string(name), whole: whole, base: base, found: found}
	st.next = &listing{token: token, items: map[string]item{}}
	if base != nil && !whole {
		st.next.items, st.next.partial = maps.Clone(base.items), base.partial
	}
	gone := st.plan()
	if err := s.guard(base, len(found), gone, whole); err != nil {
		return connectors.Batch{}, err
	}
	if st.next.partial {
		st.next.before = max(0, base.before-len(gone))
	}
	for _, key := range gone {
		st.gone = append(st.gone, s.gone(key, base.items[key].ident))
		delete(st.next.items, key)
	}
	st.next.cursor = connectors.Count(st.total(), syncPrefix+s.params+":"+token)
	s.stage = st
	return s.fetch(ctx, st, 0)
}

// doubt takes in what was reported after the cursor and not committed: the caller
// may hold it, so its end must be told, too.
func (n *listing) doubt(ahead *listing) {
	if ahead == nil {
		return
	}
	for key, it := range ahead.items {
		if _, had := n.items[key]; !had {
			it.doubt = true
			n.items[key] = it
		}
	}
}

// total is how many families there will be when all has been reported.
func (st *stage) total() int {
	n := len(st.next.items)
	for _, key := range st.work {
		if _, had := st.next.items[key]; !had {
			n++
		}
	}
	return max(n, st.next.before)
}

// put takes a member; of two with one id, as when an event changes while pages are
// read, the later one stands.
func (k *kin) put(m member) {
	if i, there := k.at[m.id]; there {
		k.members[i] = m
		return
	}
	if k.at == nil {
		k.at = map[string]int{}
	}
	k.at[m.id] = len(k.members)
	k.members = append(k.members, m)
}

// expired reports the answers that mean that the token is of no use any more: 410
// with fullSyncRequired or updatedMinTooLongAgo, or 400 for a token that is none.
func expired(err error) bool {
	r, ok := asRefusal(err)
	return ok && (r.status == 410 || r.status == 400)
}

// plan sorts what was found into what is gone, what is complete and what must be
// read again, and returns the ids of families that are gone.
func (st *stage) plan() (gone []string) {
	for key, k := range st.found {
		master, ok := k.master(key)
		if ok && master.cancelled && !k.orphans() {
			if _, had := st.baseItem(key); had && !st.whole {
				gone = append(gone, key)
			}
			delete(st.found, key)
			continue
		}
		switch {
		case st.whole:
			k.complete = true
		case ok && master.cancelled:
		case ok && !master.recurring:
			k.complete = true
		case ok && !st.mayHaveKin(key):
			// All its exceptions are new, so they are here.
			k.complete = true
		}
		st.work = append(st.work, key)
	}
	if st.base != nil {
		for key, it := range st.base.items {
			if st.found[key] == nil && (st.whole || it.doubt) {
				gone = append(gone, key)
			}
		}
	}
	slices.Sort(gone)
	slices.Sort(st.work)
	return slices.Compact(gone)
}

// mayHaveKin reports whether a series may have exceptions that did not change now.
func (st *stage) mayHaveKin(key string) bool {
	it, ok := st.base.items[key]
	return it.kin || !ok && st.base.partial
}

// baseItem returns what was known of a family. Of a cursor from before a restart
// anything may have been.
func (st *stage) baseItem(key string) (item, bool) {
	if st.base == nil {
		return item{}, false
	}
	it, ok := st.base.items[key]
	return it, ok || st.base.partial
}

// orphans reports whether exceptions live on without their series, as for one who
// is invited to one meeting of many.
func (k *kin) orphans() bool {
	return slices.ContainsFunc(k.members, func(m member) bool { return m.parent != "" && !m.cancelled })
}

func (k *kin) master(key string) (member, bool) {
	for _, m := range k.members {
		if m.id == key && m.parent == "" {
			return m, true
		}
	}
	return member{}, false
}

func (s *Source) gone(key string, ident model.Ident) model.Change {
	return model.Change{Op: model.Gone, Ident: ident, Ref: model.Ref{Source: s.o.Source, Href: model.Name(key)}}
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
	size, asked := 0, 0
	for end := at + batchChanges; at < min(end, len(st.work)) && size < batchBytes && asked < batchAsked; at++ {
		key := st.work[at]
		k := st.found[key]
		members := k.members
		if !k.complete {
			asked++
			whole, err := s.again(ctx, st, key, members)
			if err != nil {
				return connectors.Batch{}, err
			}
			members = whole
		}
		for _, m := range members {
			size += len(m.lines)
		}
		if c, ok := s.change(st, key, members); ok {
			b.Changes = append(b.Changes, c)
		}
	}
	if at < len(st.work) {
		b.Next, b.More = connectors.Cursor(fmt.Sprintf("%s%d", st.name, at)), true
		return b, nil
	}
	b.Next, b.Whole = st.next.cursor, st.whole
	s.next = st.next
	return b, nil
}

// change reports one family, and notes it in the listing that is being built.
func (s *Source) change(st *stage, key string, members []member) (model.Change, bool) {
	if !slices.ContainsFunc(members, func(m member) bool { return !m.cancelled }) {
		// Cancelled exceptions of a series that is not here, or not any more.
		delete(st.next.items, key)
		old, had := st.baseItem(key)
		return s.gone(key, old.ident), had && !st.whole
	}
	c := eventOf(s.o.Source, key, slices.Clone(members))
	if c.Fault != nil && !named(members) {
		if old, had := st.baseItem(key); had && old.ident != "" {
			c.Ident = old.ident
		}
	}
	it := item{ident: c.Ident, kin: len(members) > 1 || members[0].parent != ""}
	if k := (kin{members: members}); !k.has(key) {
		it.uid = uidOf(members)
	}
	st.next.items[key] = it
	return c, true
}

func (k *kin) has(key string) bool {
	_, ok := k.master(key)
	return ok
}

func named(members []member) bool { return uidOf(members) != "" }

// uidOf returns the UID that Google gave a family.
func uidOf(members []member) string {
	for _, m := range members {
		if m.uid != "" && m.own == nil {
			return m.uid
		}
	}
	return ""
}
