package journal

import (
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

func testEntries(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	must(t, j.Note(t.Context(), "", "reloaded", "v2\x00 of\xff rules", start.Add(time.Second)))
	var ps []Planned
	for i := range 1100 { // more than two pages
		ps = append(ps, mark(fmt.Sprint(i), uint32(i+1)))
	}
	ps[7].Step.Rule = "billing"
	commit(t, j, Turn{Lease: l, Now: start.Add(time.Minute), Planned: ps, Cursor: "1"})
	claim(t, j, "cfo-mail")
	all := kinds(t, j, Filter{})
	if len(all) != 1103 || !slices.Equal(all[:3], []string{"claimed", "reloaded", "planned"}) {
		t.Fatalf("%d entries: %v", len(all), all[:3])
	}
	for _, c := range []struct {
		name   string
		filter Filter
		want   int
	}{
		{"source", Filter{Source: "cfo-mail"}, 1},
		{"rule", Filter{Rule: "billing"}, 1},
		{"since", Filter{Since: start.Add(time.Minute)}, 1100},
		{"after", Filter{After: 1000}, 103},
		{"limit", Filter{Limit: 600}, 600},
		{"limit above", Filter{Limit: 6000}, 1103},
		{"all of them", Filter{Source: "gc-mail", Rule: "privileged", Since: start, After: 10, Limit: 5}, 5},
		{"none", Filter{Source: "nobody", Limit: 5}, 0},
	} {
		if got := kinds(t, j, c.filter); len(got) != c.want {
			t.Errorf("%s: %d entries, want %d", c.name, len(got), c.want)
		}
	}
	var seqs []int64
	for e, err := range j.Entries(t.Context(), Filter{Limit: 3}) {
		must(t, err)
		seqs = append(seqs, e.Seq)
		// The consumer may ask the journal again.
		if _, err := j.Position(t.Context(), "gc-mail"); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(seqs, []int64{1101, 1102, 1103}) {
		t.Errorf("the latest three: %v", seqs)
	}
	for e, err := range j.Entries(t.Context(), Filter{Rule: "billing"}) {
		must(t, err)
		want := Entry{Seq: e.Seq, Time: start.Add(time.Minute), Source: "gc-mail", Kind: "planned", Rule: "billing", Version: "v1",
			Step: ps[7].Step.ID, Action: "mark", Ref: j.Token("ref", "ident-8")[:16], Hash: e.Hash}
		if fmt.Sprint(e) != fmt.Sprint(want) {
			t.Errorf("got  %+v\nwant %+v", e, want)
		}
		break
	}
	for e, err := range j.Entries(t.Context(), Filter{After: 1, Limit: 2000}) {
		must(t, err)
		if e.Kind == "reloaded" && e.Code != "v2 of? rules" {
			t.Errorf("detail is stored as %q", e.Code)
		}
	}
}

// lawTamper changes the chain behind the journal's back in every way and wants
// the first bad number named.
func lawTamper(t *testing.T, fresh func(testing.TB) Options) {
	const n = 12 // one claim, a turn of ten, one claim
	for _, c := range []struct {
		name string
		sql  []string
		bad  int64
	}{
		{"nothing", nil, 0},
		{"time", []string{`update audit set at = at + 1 where seq = 5`}, 5},
		{"source", []string{`update audit set source = 'cfo-mail' where seq = 5`}, 5},
		{"kind", []string{`update audit set kind = 'confirmed' where seq = 12`}, 12},
		{"rule", []string{`update audit set rule = 'x' where seq = 2`}, 2},
		{"version", []string{`update audit set version = 'x' where seq = 2`}, 2},
		{"step", []string{`update audit set step = 'x' where seq = 2`}, 2},
		{"action", []string{`update audit set action = 'x' where seq = 2`}, 2},
		{"ref", []string{`update audit set ref = 'x' where seq = 2`}, 2},
		{"code", []string{`update audit set code = 'x' where seq = 1`}, 1},
		{"words pushed over", []string{`update audit set rule = '', version = 'privilegedv1' where seq = 6`}, 6},
		{"previous hash", []string{`update audit set prev = hash where seq = 4`}, 4},
		{"hash", []string{`update audit set hash = prev where seq = 4`}, 4},
		{"deleted", []string{`delete from audit where seq = 7`}, 7},
		{"first deleted", []string{`delete from audit where seq = 1`}, 1},
		{"cut in the middle", []string{`delete from audit where seq between 4 and 9`}, 4},
		{"cut off", []string{`delete from audit where seq > 9`}, 10},
		{"emptied", []string{`delete from audit`}, 1},
		{"put elsewhere", []string{`update audit set seq = 100 where seq = 3`, `update audit set seq = 3 where seq = 4`, `update audit set seq = 4 where seq = 100`}, 3},
		{"closed up", []string{`delete from audit where seq = 12`, `update head set seq = 11, hash = (select hash from audit where seq = 11)`}, 11},
		{"added", []string{`insert into audit select 13, at, source, kind, rule, version, step, action, ref, code, prev, hash from audit where seq = 12`}, 13},
		{"head gone", []string{`delete from head`}, 12},
		{"head changed", []string{`update head set seq = 11`}, 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := open(t, fresh(t))
			l := claim(t, j, "gc-mail")
			var ps []Planned
			for i := range n - 2 {
				ps = append(ps, mark(fmt.Sprint(i), uint32(i+1)))
			}
			commit(t, j, Turn{Lease: l, Planned: ps, Cursor: "1"})
			claim(t, j, "cfo-mail")
			for _, s := range c.sql {
				_, err := j.w.ExecContext(t.Context(), s)
				must(t, err)
			}
			sound, bad, err := j.Verify(t.Context())
			must(t, err)
			if bad != c.bad || bad == 0 && sound != n || bad != 0 && sound != bad-1 {
				t.Errorf("first bad %d after %d sound, want %d", bad, sound, c.bad)
			}
		})
	}
}

// Someone without the key can compute the whole chain anew, but not its end. What
// is written afterwards must not vouch for it either.
func lawForgedChain(t *testing.T, fresh func(testing.TB) Options) {
	j := open(t, fresh(t))
	l := claim(t, j, "gc-mail")
	commit(t, j, Turn{Lease: l, Planned: []Planned{mark("a", 1), mark("b", 2)}, Cursor: "1"})
	prev := make([]byte, hashSize)
	for e, err := range j.Entries(t.Context(), Filter{}) {
		must(t, err)
		if e.Seq == 2 {
			e.Rule = "forged"
		}
		hash := e.hash(prev)
		_, err := j.w.ExecContext(t.Context(), `update audit set rule = $1, prev = $2, hash = $3 where seq = $4`, e.Rule, prev, hash, e.Seq)
		must(t, err)
		prev = hash
	}
	if _, bad, err := j.Verify(t.Context()); err != nil || bad != 3 {
		t.Errorf("first bad %d, %v", bad, err)
	}
	_, err := j.w.ExecContext(t.Context(), `update head set hash = $1`, prev)
	must(t, err)
	if _, bad, err := j.Verify(t.Context()); err != nil || bad != 3 {
		t.Errorf("forged head: first bad %d, %v", bad, err)
	}
	if _, err := j.Commit(t.Context(), Turn{Lease: l, Now: start, Planned: []Planned{mark("c", 3)}, Cursor: "2"}); err == nil {
		t.Error("the chain goes on after a forged end")
	}
}

const (
	goldenHash   = "1fd5609c0465f2dbd798cb92295d1e7209c4630572caf06ceac8d571ff08194a"
	goldenToken  = "d81a0ee922ed84757766f7d22d3060cf"
	goldenIdent  = "190fba0a4f4edce19d4847da7f7c1a29"
	goldenPlace  = "8a284910911ee66bd5b54b958d8411d8"
	goldenSealed = "0168a40ec85dbe9d3405009c78f9d7ebb9a61ebe8bf6658bf7d7af537003196e4a7031"
)

// The form of an entry and of a token is kept for ever: other machines and older
// copies rely on it.
func TestFormsStay(t *testing.T) {
	e := Entry{Seq: 3, Time: start, Source: "gc-mail", Kind: "planned", Rule: "r", Version: "v", Step: "s", Action: "mark", Ref: "0123", Code: "c"}
	if got := hex.EncodeToString(e.hash(make([]byte, hashSize))); got != goldenHash {
		t.Errorf("hash of an entry: %s", got)
	}
	k, err := derive(testKey)
	must(t, err)
	j := &Journal{keys: k}
	if got := j.Token("sign", "a", "b"); got != goldenToken {
		t.Errorf("token: %s", got)
	}
	if got := k.ident("ident-1"); got != goldenIdent {
		t.Errorf("lookup key: %s", got)
	}
	if got := k.place(model.Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 7, UID: 1}); got != goldenPlace {
		t.Errorf("place: %s", got)
	}
	sealed, err := hex.DecodeString(goldenSealed)
	must(t, err)
	if plain, err := k.open(sealed, "source.cursor", "gc-mail"); err != nil || string(plain) != "cursor" {
		t.Errorf("sealed value: %v; now it is %x", err, k.seal([]byte("cursor"), "source.cursor", "gc-mail"))
	}
}
