package journal

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"chancery/internal/model"
)

// idealThreads is the law of conversations, written a second time and without a
// database.
type idealThreads struct {
	of    map[string]string          // message: conversation
	state map[string]map[string]bool // conversation: marks that spread, or that a person cleared
	hands map[string]bool            // conversation, mark and item
}

func (m *idealThreads) join(t Threaded) string {
	name := m.of[t.MessageID]
	all := append(slices.Clone(t.References), t.MessageID)
	first := ""
	for _, id := range t.References {
		first = cmp.Or(first, m.of[id])
	}
	if first != "" && !slices.ContainsFunc(t.References, func(id string) bool { return name != "" && m.of[id] == name }) {
		name = first
	}
	name = cmp.Or(name, all[0])
	for _, id := range []string{t.MessageID, name} {
		if m.of[id] == "" {
			m.of[id] = name
		}
	}
	return name
}

// act is what a rule or a person does to a mark of a message.
func (m *idealThreads) act(c, mark string, of model.Ident, on, hand bool) {
	if m.state[c] == nil {
		m.state[c] = map[string]bool{}
	}
	item := c + " " + mark + " " + string(of)
	_, known := m.state[c][mark]
	switch {
	case !on:
		delete(m.hands, item)
		m.state[c][mark] = false
	case hand && m.hands[item]:
	case hand:
		m.hands[item] = true
		m.state[c][mark] = true
	case !known:
		m.state[c][mark] = true
	}
}

// testRandomThreads lets messages arrive in any order and batch, and people and
// rules do what they like, and compares what spreads.
func testRandomThreads(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	for seed := range uint64(4) {
		r := seeded(seed)
		m := &idealThreads{map[string]string{}, map[string]map[string]bool{}, map[string]bool{}}
		id := func(n int) string { return fmt.Sprintf("<%d.%d@firm.example>", seed, n) }
		any := func() Threaded {
			n := r.IntN(40)
			said := Threaded{MessageID: id(n)}
			for k := n; k > 0 && len(said.References) < r.IntN(5); {
				k = r.IntN(k)
				said.References = append([]string{id(k)}, said.References...)
			}
			return said
		}
		for range 60 {
			var ms []Threaded
			for range 1 + r.IntN(4) {
				ms = append(ms, any())
			}
			th := j.Threads("gc-mail")
			must(t, th.Read(t.Context(), ms))
			turn := Turn{Lease: l, KeepCursor: true}
			for i, said := range ms {
				c := m.join(said)
				ms[i] = th.Join(said)
				turn.Threads = append(turn.Threads, ms[i])
				if r.IntN(2) == 0 {
					continue
				}
				hand, on := r.IntN(2) == 0, r.IntN(3) > 0
				mark := ThreadMark{Conversation: ms[i].Conversation, Mark: []string{"a", "b"}[r.IntN(2)], Ident: model.Ident(said.MessageID), On: on, Hand: hand || !on}
				m.act(c, mark.Mark, mark.Ident, mark.On, mark.Hand)
				if th.Mark(mark) {
					turn.Spread = append(turn.Spread, mark)
				}
			}
			commit(t, j, turn)
			compareThreads(t, j, m, th, any())
			for _, said := range ms {
				compareThreads(t, j, m, th, said)
			}
		}
	}
}

func compareThreads(t *testing.T, j *Journal, m *idealThreads, planned *Threads, said Threaded) {
	t.Helper()
	c := m.of[said.MessageID]
	if c == "" {
		return // it did not arrive yet
	}
	var want []string
	for mark, on := range m.state[c] {
		if on {
			want = append(want, mark)
		}
	}
	slices.Sort(want)
	said.Conversation, said.References = 0, nil // its name is enough
	written, err := j.ThreadMarks(t.Context(), "gc-mail", []Threaded{said})
	must(t, err)
	if !slices.Equal(written[0], want) {
		t.Fatalf("%s: %v spread, want %v", said.MessageID, written[0], want)
	}
	if known := planned.of[planned.token(said.MessageID)]; known != 0 {
		if got := planned.Marks(known, ""); !slices.Equal(got, want) {
			t.Fatalf("%s: %v are planned to spread, want %v", said.MessageID, got, want)
		}
	}
}
