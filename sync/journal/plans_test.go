package journal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
	"testing"

	"chancery/internal/model"
)

// spy is the SQLite driver, and remembers what was asked.
type spy struct {
	driver.Driver
	dsn  string
	mu   sync.Mutex
	seen map[string]int // statement: number of its arguments
}

func (s *spy) Connect(context.Context) (driver.Conn, error) {
	c, err := s.Open(s.dsn)
	return spyConn{c, s}, err
}

func (s *spy) note(query string, args []driver.NamedValue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[query] = len(args)
}

type spyConn struct {
	driver.Conn
	spy *spy
}

func (c spyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.spy.note(query, args)
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

func (c spyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.spy.note(query, args)
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c spyConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
}

// Nothing a worker does in its loop may read a table from end to end, nor all
// steps of a source: a journal grows for years. SQLite keeps no statistics of its
// own accord, so its choice of an index depends on the text alone.
func TestNoStatementReadsATable(t *testing.T) {
	j := open(t, Options{Driver: "sqlite", Path: t.TempDir(), Key: testKey})
	s := &spy{seen: map[string]int{}}
	s.dsn, s.Driver = "file:"+j.path+"?_txlock=immediate", j.w.Driver()
	w, r := j.w, j.r
	db := sql.OpenDB(connector{s})
	j.w, j.r = db, db
	everything(t, j)
	j.w, j.r = w, r
	must(t, db.Close())
	if len(s.seen) < 25 {
		t.Errorf("only %d statements were seen", len(s.seen))
	}
	for query, n := range s.seen {
		if strings.HasPrefix(query, "begin") || strings.HasPrefix(query, "commit") {
			continue
		}
		args := make([]any, n)
		for i := range args {
			args[i] = "x"
		}
		err := scan(t.Context(), w, "explain query plan "+query, args, func(r *sql.Rows) error {
			var id, parent, unused int
			var detail string
			err := r.Scan(&id, &parent, &unused, &detail)
			for _, table := range []string{"source", "intent", "released", "parked", "thread", "thread_mark", "thread_step", "look", "audit", "bill", "bill_key", "x", "y"} {
				if strings.HasPrefix(detail, "SCAN "+table) {
					t.Errorf("%s\n\tby: %.300s", detail, query)
				}
			}
			byID := strings.Contains(query, " id in (") || strings.Contains(query, "intent.id = v")
			if strings.Contains(detail, "intent_ended") || byID && strings.Contains(detail, "intent") && !strings.Contains(detail, "(id=?)") {
				t.Errorf("all steps of a source are read: %s\n\tby: %.300s", detail, query)
			}
			return err
		})
		if err != nil {
			t.Errorf("%v: %.300s", err, query)
		}
	}
}

// connector fits a spy to database/sql, whose Driver method has the field's name.
type connector struct{ *spy }

func (c connector) Driver() driver.Driver { return c.spy.Driver }

// everything asks each method of the loop once.
func everything(t *testing.T, j *Journal) {
	fill(t, j)
	l := claim(t, j, "gc-mail")
	for _, n := range []int{1, 5, 50, 300} { // the sizes of lists
		turn := Turn{Lease: l, Cursor: "1"}
		var rs []model.Result
		var idents []model.Ident
		var refs []model.Ref
		var words []string
		for i := range n {
			p := mark(fmt.Sprint(n, "/", i), uint32(n*1000+i))
			p.Supersede = true
			turn.Planned = append(turn.Planned, p)
			turn.Unparked, turn.UnparkedAt = append(turn.Unparked, p.Step.Ident), append(turn.UnparkedAt, p.Step.Ref)
			turn.Located = append(turn.Located, Located{p.Step.Ident, p.Step.Ref})
			turn.Released = append(turn.Released, Release{p.Step.Ident, "x", "moved"})
			rs = append(rs, model.Result{ID: p.Step.ID, Outcome: model.Stale})
			turn.Planned[i].Conversation = Conversation(i + 1)
			turn.Threads = append(turn.Threads, Threaded{MessageID: fmt.Sprint(i), Conversation: Conversation(i + 1)})
			turn.Spread = append(turn.Spread, ThreadMark{Conversation: Conversation(i + 1), Mark: "m", On: i%3 > 0, Hand: i%3 > 1, Ref: p.Step.Ref})
			turn.Looks = append(turn.Looks, Look{Ident: p.Step.Ident, Ref: p.Step.Ref, At: start}, Look{Ident: model.Ident(fmt.Sprint(i))})
			b := bill(n*1000+i, fmt.Sprint("m:", i), fmt.Sprint("v:", i%7))
			turn.Bills, words = append(turn.Bills, b), append(words, b.Keys...)
			idents, refs = append(idents, p.Step.Ident), append(refs, p.Step.Ref)
		}
		commit(t, j, turn)
		must(t, j.Sent(t.Context(), l, ids(turn.Planned...), start))
		must(t, j.Settle(t.Context(), l, rs, start, 0))
		commit(t, j, turn)
		for i := range rs { // other steps about the same
			turn.Planned[i].Step.ID = stepID(fmt.Sprint("next ", n, "/", i))
		}
		commit(t, j, turn)
		must(t, j.Postpone(t.Context(), l, ids(turn.Planned...), start, start))
		must(t, j.Hold(t.Context(), l, ids(turn.Planned...), start))
		_, err := j.ByIdent(t.Context(), idents)
		must(t, err)
		_, err = j.ByPlace(t.Context(), refs)
		must(t, err)
		_, err = j.Released(t.Context(), idents)
		must(t, err)
		_, err = j.ThreadMarks(t.Context(), "gc-mail", turn.Threads)
		must(t, err)
		_, err = j.HandMarks(t.Context(), refs)
		must(t, err)
		_, err = j.Bills(t.Context(), words)
		must(t, err)
		_, err = j.ForgetBills(t.Context(), []string{turn.Bills[0].ID}, start)
		must(t, err)
		_, err = j.ConversationsOf(t.Context(), ids(turn.Planned...))
		must(t, err)
	}
	for _, f := range []func() error{
		func() error { _, err := j.Position(t.Context(), "gc-mail"); return err },
		func() error { _, err := j.Pending(t.Context(), "gc-mail", start, 10); return err },
		func() error { _, err := j.PendingButMoves(t.Context(), "gc-mail", start, 10); return err },
		func() error { _, _, err := j.PendingCount(t.Context(), "gc-mail"); return err },
		func() error { _, err := j.Waiting(t.Context(), "gc-mail", start); return err },
		func() error { _, err := j.Held(t.Context()); return err },
		func() error { _, err := j.HeldSteps(t.Context(), "gc-mail", 10); return err },
		func() error { return j.Unfiled(t.Context(), "gc-mail", func(Intent) {}) },
		func() error { _, err := j.Approve(t.Context(), "gc-mail", start); return err },
		func() error { _, err := j.Approve(t.Context(), "", start); return err },
		func() error { _, err := j.Reject(t.Context(), "", start); return err },
		func() error { _, err := j.ByGroup(t.Context(), "gc"); return err },
		func() error { _, err := j.ByMessageID(t.Context(), "x"); return err },
		func() error { _, err := j.OfThread(t.Context(), 1, "m"); return err },
		func() error { _, err := j.DueLooks(t.Context(), "gc-mail", start, 10); return err },
		func() error { _, err := j.NextLook(t.Context(), "gc-mail"); return err },
		func() error { _, err := j.BillsOf(t.Context(), []model.SourceID{"gc-mail"}, start); return err },
		func() error {
			_, _, err := j.SomeBillsOf(t.Context(), []model.SourceID{"gc-mail"}, start, 3)
			return err
		},
		func() error { _, err := j.BillPast(t.Context(), bill(1).ID); return err },
		func() error { _, err := j.PruneBills(t.Context(), start, 10, start); return err },
		func() error {
			_, err := j.SetBillState(t.Context(), bill(1001).ID, BillPaid, ByPerson, start)
			return err
		},
		func() error { return j.Note(t.Context(), "", "reloaded", "v2", start) },
	} {
		must(t, f())
	}
}
