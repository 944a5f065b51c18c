package connectortest

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
)

// Lived is how a life in a calendar ended, in words that depend on no server.
type Lived struct {
	State  map[string]string // of each object, by UID
	Steps  []string          // how each step of ours ended
	Events []model.Event     // what the caller of the Source holds
}

// Life lets a person and the program work on one calendar: the person writes
// meetings, whole days and series, retitles, answers and deletes them, and does all
// that to holds of ours; the program writes, moves and withdraws holds and amends
// meetings, now and then over what it knows of an older day, or twice because the
// answer was lost. The same seed is the same life everywhere, ends in the same
// state, and every step of it ends in the same way. Whoever follows and whoever
// lists anew in the end know the same.
func Life(t testing.TB, seed int64, acts int, env CalendarEnv) Lived {
	t.Helper()
	l := &life{t: t, seed: seed, env: env, m: open(t, env), texts: map[int][]byte{}, holds: map[int]*heldTime{}}
	l.m.pull()
	for i := range acts {
		// What is drawn for an act depends on no server and on no act before.
		l.rng, l.act = rand.New(rand.NewSource(seed*10_000+int64(i))), i
		l.next()
	}
	l.m.pull()
	end := l.m.fullState()
	fresh := open(t, env)
	fresh.pull()
	if again := fresh.fullState(); !maps.Equal(again, end) {
		t.Errorf("seed %d: a fresh listing differs:\n%s", seed, Compare(end, again))
	}
	out := Lived{State: end, Steps: l.said}
	for _, c := range fresh.events {
		if c.Event != nil {
			out.Events = append(out.Events, *c.Event)
		}
	}
	return out
}

type life struct {
	t     testing.TB
	seed  int64
	env   CalendarEnv
	rng   *rand.Rand
	act   int
	m     *mirror
	texts map[int][]byte // what the person's program shows of each meeting
	holds map[int]*heldTime
	last  model.Action // of ours
	said  []string
}

// heldTime is what a journal would keep of a hold.
type heldTime struct {
	base, before model.Ref
	href         model.Name // where it was seen at last
}

const (
	livedMeetings = 6
	livedHolds    = 3
)

func (l *life) next() {
	n, h := l.rng.Intn(livedMeetings), l.rng.Intn(livedHolds)
	switch l.rng.Intn(16) {
	case 0, 1:
		raw, invited := someObject(l.rng, n, l.act), l.rng.Intn(2) == 0
		for invited && !bytes.Contains(raw, []byte("ORGANIZER")) {
			raw = someObject(l.rng, n, l.act)
		}
		l.texts[n] = bytes.ReplaceAll(raw, fmt.Appendf(nil, "UID:s%d@", n), fmt.Appendf(nil, "UID:s%d-%d@", n, l.seed))
		l.put(n)
	case 2:
		l.retitle(n)
	case 3:
		l.answer(n)
	case 4:
		if l.texts[n] != nil && l.rng.Intn(2) == 0 {
			l.env.Delete(l.t, fmt.Sprintf("s%d", n))
			delete(l.texts, n)
		}
	case 5, 6:
		l.touch(h)
	case 7:
		before := l.m.cursor
		if l.m.pull(); l.rng.Intn(3) == 0 {
			l.m.cursor = before // not committed
		}
	case 8:
		_ = l.m.s.Close()
		was := l.m
		if l.m = open(l.t, l.env); l.rng.Intn(2) == 0 { // a restart; who keeps a cursor goes on with it
			l.m.cursor, l.m.events = was.cursor, was.events
			l.resume()
		} else {
			l.m.pull()
		}
	case 9, 10:
		l.hold(h)
	case 11:
		if at := l.holds[h]; at != nil {
			l.step("withdraw", model.Withdraw{UID: l.holdUID(h), Of: ofHold(h), Base: at.base})
		}
	case 12, 13, 14:
		l.amend(n)
	case 15:
		l.again()
	}
}

// resume goes on with a cursor of the process before, as far as the source takes it.
func (l *life) resume() {
	if _, err := l.m.s.Pull(l.t.Context(), l.m.cursor); err != nil {
		if err != connectors.ErrCursorExpired {
			l.t.Fatalf("pull: %v", err)
		}
		l.m.cursor, l.m.events = "", map[model.Name]model.Change{}
	}
	l.m.pull()
}

func (l *life) put(n int) { l.env.Put(l.t, fmt.Sprintf("s%d", n), l.texts[n]) }

var titleLine = regexp.MustCompile(`SUMMARY:Version [0-9]+`)

func (l *life) retitle(n int) {
	if l.texts[n] != nil {
		l.texts[n] = titleLine.ReplaceAll(l.texts[n], fmt.Appendf(nil, "SUMMARY:Version %d", l.act))
		l.put(n)
	}
}

var selfLine = regexp.MustCompile(`PARTSTAT=[A-Z-]+:mailto:` + regexp.QuoteMeta(AmendSelf))

func (l *life) answer(n int) {
	if l.texts[n] == nil {
		return
	}
	said := []string{"ACCEPTED", "DECLINED", "NEEDS-ACTION"}[l.rng.Intn(3)]
	l.texts[n] = selfLine.ReplaceAll(l.texts[n], []byte("PARTSTAT="+said+":mailto:"+AmendSelf))
	l.retitle(n)
}

func (l *life) holdUID(h int) string { return fmt.Sprintf("hold-%d-%d@chancery", h, l.seed) }

func ofHold(h int) model.Ident { return model.Ident(fmt.Sprintf("f:%d", h)) }

// touch is what a person does to a hold that stands.
func (l *life) touch(h int) {
	how, at := l.rng.Intn(5), l.holds[h]
	data := l.env.Objects(l.t)[l.holdUID(h)]
	if data == nil || at == nil {
		return
	}
	edit := func(from, to string) {
		l.env.Overwrite(l.t, string(at.href), regexp.MustCompile(from).ReplaceAll(data, []byte(to)))
	}
	switch how {
	case 0:
		edit(`DTSTART:20260302T(..)0000Z`, "DTSTART:20260302T${1}1500Z")
	case 1:
		edit(`SUMMARY:[^\r]*`, fmt.Sprintf("SUMMARY:Mine since %d", l.act))
	case 2:
		edit(`STATUS:TENTATIVE`, "STATUS:CONFIRMED")
	case 3:
		edit(`TRANSP:TRANSPARENT`, "TRANSP:OPAQUE")
	case 4:
		l.env.Overwrite(l.t, string(at.href), nil)
	}
}

// hold writes a hold, at an hour of its own in every version; sometimes over an older
// version than the last, or as if it were new.
func (l *life) hold(h int) {
	at := l.holds[h]
	if at == nil {
		at = &heldTime{}
		l.holds[h] = at
	}
	base := at.base
	switch l.rng.Intn(5) {
	case 0:
		base = model.Ref{}
	case 1:
		base = at.before
	}
	start := model.UnixTime(time.Date(2026, 3, 2, 8+l.rng.Intn(8), 0, 0, 0, time.UTC).Unix())
	l.step("hold", model.Hold{UID: l.holdUID(h), Of: ofHold(h), Digest: fmt.Sprintf("v%d", l.act), Base: base,
		Body: model.Hide(model.HoldBody{Start: start, End: start + 3600, Stamp: 1772000000, Summary: fmt.Sprintf("Hold of %d; at %d", h, l.act),
			Private: l.rng.Intn(3) == 0, Blocks: l.rng.Intn(6) == 0})})
}

// amend changes a meeting as it was seen at last. What it is said to replace is, now
// and then, not what stands.
func (l *life) amend(n int) {
	kind, wrong, day, fits := l.rng.Intn(4), l.rng.Intn(6) == 0, l.rng.Intn(8), l.rng.Intn(4) > 0
	said := []string{"ACCEPTED", "DECLINED", "TENTATIVE"}[l.rng.Intn(3)]
	if l.rng.Intn(2) == 0 {
		l.m.pull()
	}
	var of *model.Change
	for _, c := range l.m.events {
		if c.Event != nil && c.Event.Body.Reveal().UID == fmt.Sprintf("s%d-%d@firm.example", n, l.seed) {
			of = &c
		}
	}
	if of == nil || of.Event.Body.Reveal().Master == nil {
		return
	}
	o := of.Event.Body.Reveal().Master
	a := model.Amend{UID: model.Name(of.Event.Body.Reveal().UID), Of: "f:a", Self: model.Hide([]string{AmendSelf}), Base: of.Ref}
	if fits { // what the principal may do to it
		if kind %= 2; o.Organizer.Addr != AmendLead {
			kind += 2
		}
	}
	name := "amend "
	switch kind {
	case 0, 1:
		if a.Was, a.Now = answered(answerOf(o)), answered(said); answerOf(o) == "" {
			a.Was = answered("NEEDS-ACTION")
		}
		if wrong {
			a.Was = answered("NEEDS-ACTION")
		}
		name += "answer"
		if kind == 1 {
			at := o.Start
			at.Wall = at.Wall.AddDate(0, 0, 7*day)
			a.Instance = at
			name += " of one"
		}
	case 2:
		start, end := o.Start.In(time.UTC).Unix(), o.End.In(time.UTC).Unix()
		a.Was = model.Amended{Start: model.UnixTime(start), End: model.UnixTime(end)}
		a.Now = model.Amended{Start: a.Was.Start + model.UnixTime(86400*(1+day)), End: a.Was.End + model.UnixTime(86400*(1+day))}
		if wrong {
			a.Was.End += 86400
		}
		name += "time"
	case 3:
		if a.Was, a.Now = (model.Amended{Class: o.Class}), (model.Amended{Class: "CONFIDENTIAL"}); o.Class == "CONFIDENTIAL" || wrong {
			a.Was, a.Now = model.Amended{Class: "PRIVATE"}, model.Amended{Class: "PUBLIC"}
		}
		name += "class"
	}
	if a.Was != a.Now {
		l.step(name, a)
	}
}

// again is what follows a lost answer, or an undo: the last step once more by a new
// process, or the other way round.
func (l *life) again() {
	fresh, back := l.rng.Intn(2) == 0, l.rng.Intn(2) == 0
	a, ok := l.last.(model.Amend)
	switch {
	case l.last == nil:
	case ok && back:
		a.Was, a.Now = a.Now, a.Was
		for _, c := range l.m.events {
			if c.Event != nil && c.Event.Body.Reveal().UID == string(a.UID) {
				a.Base = c.Ref
			}
		}
		l.step("amend back", a)
	case fresh:
		now := l.m
		l.m = open(l.t, l.env)
		l.step("again", l.last)
		l.m = now
	default:
		l.step("again", l.last)
	}
}

// step lets the source do something and says how it ended.
func (l *life) step(name string, a model.Action) {
	r := l.m.step(a)
	l.last = a
	said := fmt.Sprintf("%d: %s: outcome %d", l.act, name, r.Outcome)
	if r.Code != "" {
		said += " " + r.Code
	}
	if r.Already {
		said += " already"
	}
	switch a := a.(type) {
	case model.Hold:
		var h int
		_, _ = fmt.Sscanf(string(a.Of), "f:%d", &h)
		at := l.holds[h]
		switch r.Outcome {
		case model.Done:
			if r.Ref.Href == "" || r.Ref.Version == "" {
				l.t.Errorf("seed %d: %s: no place", l.seed, said)
			}
			at.before, at.base, at.href = at.base, r.Ref, r.Ref.Href
		case model.Lost:
			at.base, at.before = model.Ref{}, model.Ref{}
		}
	case model.Withdraw:
		var h int
		_, _ = fmt.Sscanf(string(a.Of), "f:%d", &h)
		if r.Outcome == model.Done {
			*l.holds[h] = heldTime{}
		}
	case model.Amend:
		if r.Outcome == model.Done && r.Ref.Href != a.Base.Href {
			l.t.Errorf("seed %d: %s: another place", l.seed, said)
		}
	}
	l.said = append(l.said, said)
}

// fullState is state with what is known of holds of ours, as the rules see it.
func (m *mirror) fullState() map[string]string {
	out := m.state()
	for _, c := range m.events {
		if c.Event == nil {
			continue
		}
		uid := c.Event.Body.Reveal().UID
		if own := c.Event.Own; own != nil {
			out[uid] += fmt.Sprintf(" | own of %s %s intact %v confirmed %v", string(own.Of), own.Digest, own.Intact, own.Confirmed)
		}
		problems := slices.Sorted(slices.Values(c.Event.Problems))
		out[uid] += fmt.Sprintf(" | tagged %v %s", c.Event.Tagged, strings.Join(problems, " "))
	}
	return out
}
