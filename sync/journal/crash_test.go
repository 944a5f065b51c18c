package journal

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"chancery/internal/model"
)

// crashVar makes the test binary the process that is to be killed.
const crashVar = "CHANCERY_JOURNAL_CRASH"

const crashSource = "gc-mail"

// crashSteps is how many steps turn i plans.
func crashSteps(i int) int { return 1 + i%7 }

// together is whether turn i writes its steps as sent and leaves their answers to
// the next turn.
func together(i int) bool { return i%2 == 0 }

func crashTurn(l Lease, i int) Turn {
	t := Turn{Lease: l, Now: start, Cursor: model.Name(strconv.Itoa(i))}
	for n := range crashSteps(i) {
		p := mark(fmt.Sprintf("turn %d step %d", i, n), uint32(i))
		p.Supersede = i%3 == 0
		p.Sent = together(i)
		t.Planned = append(t.Planned, p)
	}
	t.Released = []Release{{model.Ident(fmt.Sprintf("released-%d", i)), "r", "moved"}}
	t.Parked = []Parked{{Ident: model.Ident(fmt.Sprintf("parked-%d", i)), Code: "x"}}
	said := Threaded{MessageID: fmt.Sprintf("m%d@firm.example", i), References: []string{fmt.Sprintf("m%d@firm.example", i-i%5)}, Conversation: Conversation(1 + i/5)}
	t.Threads = []Threaded{said}
	t.Spread = []ThreadMark{{Conversation: said.Conversation, Mark: strconv.Itoa(i), Ident: "m", On: true}}
	t.Bills = []model.Bill{bill(i, fmt.Sprint("m:", i), "v:vendor.example"), paidBy(i - 1)}
	t.Looks = []Look{{Ident: model.Ident(fmt.Sprintf("look-%d", i)), At: start}}
	return t
}

// paidBy is the bill of a turn as the next turn pays it.
func paidBy(i int) model.Bill {
	b := bill(i, fmt.Sprint("m:", i), "v:vendor.example")
	b.State, b.By = BillPaid, ByMail
	return b
}

// crashChild follows a source until it is killed: it commits a turn, says so,
// and works the steps off, all of a turn together.
func crashChild() {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	var o Options
	fail(json.Unmarshal([]byte(os.Getenv(crashVar)), &o))
	ctx := context.Background()
	j, err := Open(ctx, o)
	fail(err)
	l, err := j.Claim(ctx, crashSource, "child", start)
	fail(err)
	p, err := j.Position(ctx, crashSource)
	fail(err)
	done, _ := strconv.Atoi(string(p.Cursor))
	fail(crashWork(ctx, j, l))
	var answers []model.Result
	for i := done + 1; ; i++ {
		turn := crashTurn(l, i)
		turn.Settled, answers = answers, nil
		_, err := j.Commit(ctx, turn)
		fail(err)
		fmt.Println(i)
		if !together(i) {
			fail(crashWork(ctx, j, l))
			continue
		}
		for _, p := range turn.Planned {
			answers = append(answers, model.Result{ID: p.Step.ID, Outcome: model.Done, Ref: p.Step.Ref})
		}
	}
}

// crashWork works off what is open.
func crashWork(ctx context.Context, j *Journal, l Lease) error {
	pending, err := j.Pending(ctx, crashSource, start, 100)
	var ids []model.StepID
	var rs []model.Result
	for _, in := range pending {
		ids = append(ids, in.Step.ID)
		rs = append(rs, model.Result{ID: in.Step.ID, Outcome: model.Done, Ref: in.Step.Ref})
	}
	if err == nil {
		err = j.Sent(ctx, l, ids, start)
	}
	if err == nil {
		err = j.Settle(ctx, l, rs, start, 0)
	}
	return err
}

// lawKill kills a process that writes, again and again, and looks for half
// turns, lost answers and broken chains.
func lawKill(t *testing.T, fresh func(testing.TB) Options) {
	o := fresh(t)
	r := seeded(uint64(len(o.Driver)))
	kills := 30
	if testing.Short() {
		kills = 5
	}
	last := 0
	for range kills {
		acked := runAndKill(t, o, r.IntN(12), time.Duration(r.IntN(5000))*time.Microsecond)
		last = checkAfterKill(t, o, max(acked, last))
	}
	t.Logf("%d kills, %d turns", kills, last)
}

// runAndKill lets the child answer for some turns, waits a little more to hit any
// instant, kills it, and returns the last turn it answered for.
func runAndKill(t *testing.T, o Options, turns int, more time.Duration) int {
	t.Helper()
	spec, err := json.Marshal(o)
	must(t, err)
	exe, err := os.Executable()
	must(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), crashVar+"="+string(spec))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	acked := 0
	lines := bufio.NewScanner(out)
	for range turns {
		if !lines.Scan() {
			break
		}
		acked, _ = strconv.Atoi(lines.Text())
	}
	<-time.After(more) // the instant of the kill is to be anywhere
	must(t, cmd.Process.Kill())
	for lines.Scan() { // what it still said counts
		acked, _ = strconv.Atoi(lines.Text())
	}
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Fatalf("the child ended by itself: %v", err)
	}
	return acked
}

func checkAfterKill(t *testing.T, o Options, acked int) int {
	t.Helper()
	j, err := Open(t.Context(), o)
	must(t, err)
	defer func() { must(t, j.Close()) }()
	claim(t, j, crashSource) // on PostgreSQL a commit of the dead may still be under way
	p, err := j.Position(t.Context(), crashSource)
	must(t, err)
	last, _ := strconv.Atoi(string(p.Cursor))
	if last < acked {
		t.Fatalf("turn %d was committed, the cursor stands at %d", acked, last)
	}
	var idents, released []model.Ident
	for i := 1; i <= last+1; i++ {
		idents = append(idents, model.Ident(fmt.Sprintf("ident-%d", i)))
		released = append(released, model.Ident(fmt.Sprintf("released-%d", i)))
	}
	steps, err := j.ByIdent(t.Context(), idents)
	must(t, err)
	rel, err := j.Released(t.Context(), released)
	must(t, err)
	planned := 0
	for i := 1; i <= last+1; i++ {
		want := crashSteps(i)
		if i > last {
			want = 0
		}
		in := steps[idents[i-1]]
		planned += len(in)
		if len(in) != want || (len(rel[released[i-1]]) == 1) != (i <= last) {
			t.Fatalf("turn %d of %d has %d steps, want %d", i, last, len(in), want)
		}
		for _, s := range in {
			if s.State != in[0].State {
				t.Fatalf("turn %d of %d is half in state %s", i, last, s.State)
			}
		}
	}
	ps, err := j.ParkedItems(t.Context())
	must(t, err)
	if len(ps) != last {
		t.Fatalf("%d parked, want %d", len(ps), last)
	}
	verify(t, j)
	checkThreads(t, j, last)
	checkBills(t, j, last)
	told, confirmed := 0, 0
	for _, k := range kinds(t, j, Filter{}) {
		switch State(k) {
		case StatePlanned:
			told++
		case StateConfirmed:
			confirmed++
		}
	}
	stats, err := j.RuleStats(t.Context())
	must(t, err)
	counted := 0
	for _, s := range stats {
		counted += s.Marked
	}
	if counted != confirmed {
		t.Fatalf("%d steps confirmed, %d counted", confirmed, counted)
	}
	if told != planned {
		t.Fatalf("%d steps, %d are told", planned, told)
	}
	return last
}

// checkBills looks for what turns told the ledger: each bill once, with the state that
// the next turn gave it, and its keys.
func checkBills(t *testing.T, j *Journal, last int) {
	t.Helper()
	states := map[string]int{}
	must(t, j.Ledger(t.Context(), func(b model.Bill) { states[b.State]++ }))
	open := min(last, 1)
	if states[BillOpen] != open || states[BillPaid] != last {
		t.Fatalf("after turn %d the ledger has %v", last, states)
	}
	for _, i := range []int{1, last - 1, last} {
		if got := billsFor(t, j, fmt.Sprint("m:", i)); i > 0 && i <= last && len(got) != 1 {
			t.Fatalf("turn %d of %d: %d bills are found", i, last, len(got))
		}
	}
	var words, rows int
	must(t, j.w.QueryRowContext(t.Context(), `select count(*) from bill`).Scan(&rows))
	must(t, j.w.QueryRowContext(t.Context(), `select count(*) from bill_key`).Scan(&words))
	if words != 3*rows {
		t.Fatalf("%d bills have %d keys", rows, words)
	}
}

// checkThreads looks for what turns said of conversations and looks.
func checkThreads(t *testing.T, j *Journal, last int) {
	t.Helper()
	looks, err := j.DueLooks(t.Context(), crashSource, start, last+9)
	must(t, err)
	if len(looks) != last {
		t.Fatalf("%d looks, want %d", len(looks), last)
	}
	marks := 0
	for i := 0; i <= last+1; i += 5 {
		got, err := j.ThreadMarks(t.Context(), crashSource, []Threaded{{MessageID: "new@firm.example", References: []string{fmt.Sprintf("m%d@firm.example", i), fmt.Sprintf("m%d@firm.example", i+1)}}})
		must(t, err)
		marks += len(got[0])
	}
	if marks != last {
		t.Fatalf("%d marks of conversations, want %d", marks, last)
	}
}
