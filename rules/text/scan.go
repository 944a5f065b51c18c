package text

import "sync"

// automaton finds all phrases in one pass (Aho and Corasick, 1975): next is the
// state table, one row of `classes` entries for each state.
type automaton struct {
	class   [256]uint8 // byte to column; 0 is every byte that no phrase has
	classes int
	next    []uint16
	out     []uint8 // 1 + index of the phrase that ends in a state; 0 for none
	length  []uint8 // of its words
}

const spaceClass = 1

// boilerplate is built at first use, in about a millisecond.
var boilerplate = sync.OnceValue(func() *automaton { return compile(phrases) })

// anchored goes with it.
var anchored = sync.OnceValue(func() *anchors { return newAnchors(phrases) })

func compile(list []phrase) *automaton {
	a := &automaton{classes: 2}
	for _, c := range " \t\r\n\v\f" {
		a.class[c] = spaceClass
	}
	for _, p := range list {
		for _, w := range p.words {
			for i := range len(w) {
				a.column(w[i])
			}
		}
	}
	a.row()
	for i, p := range list {
		for _, w := range p.words {
			a.add(w, uint8(i+1))
		}
	}
	a.link()
	return a
}

func (a *automaton) column(c byte) {
	if a.class[c] != 0 {
		return
	}
	a.class[c] = uint8(a.classes)
	if c >= 'a' && c <= 'z' {
		a.class[c-0x20] = uint8(a.classes)
	}
	a.classes++
}

func (a *automaton) row() uint16 {
	a.next = append(a.next, make([]uint16, a.classes)...)
	a.out = append(a.out, 0)
	a.length = append(a.length, 0)
	return uint16(len(a.out) - 1)
}

func (a *automaton) add(w string, id uint8) {
	state := uint16(0)
	for i := range len(w) {
		at := int(state)*a.classes + int(a.class[w[i]])
		if a.next[at] == 0 {
			to := a.row()
			a.next[at] = to
		}
		state = a.next[at]
	}
	a.out[state], a.length[state] = id, uint8(len(w))
}

// link turns the tree into a complete table, breadth first: where a state has
// no way on, it goes where its longest suffix goes.
func (a *automaton) link() {
	fail := make([]uint16, len(a.out))
	queue := make([]uint16, 0, len(a.out))
	for c := range a.classes {
		if to := a.next[c]; to != 0 {
			queue = append(queue, to)
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if f := fail[s]; a.out[s] == 0 {
			a.out[s], a.length[s] = a.out[f], a.length[f]
		}
		for c := range a.classes {
			at := int(s)*a.classes + c
			back := a.next[int(fail[s])*a.classes+c]
			if to := a.next[at]; to != 0 {
				fail[to] = back
				queue = append(queue, to)
			} else {
				a.next[at] = back
			}
		}
	}
}

// hit is one phrase found: where it ends in the body, and in which line.
type hit struct {
	beg, end int32
	line     int32
	phrase   uint8
}

// scan appends to hits the phrases in the lines from..till. Quote marks and the
// place of line breaks do not matter; a blank line ends every phrase.
func (a *automaton) scan(hits []hit, body string, lines []line, from, till int) []hit {
	state, space := uint16(0), true
	for n := from; n < till; n++ {
		l := lines[n]
		if l.blank() {
			state, space = 0, true
			continue
		}
		for i := l.beg; i < l.end; i++ {
			c := a.class[body[i]]
			if c == spaceClass {
				if space {
					continue
				}
				space = true
			} else {
				space = false
			}
			state = a.next[int(state)*a.classes+int(c)]
			if id := a.out[state]; id != 0 {
				beg := max(l.beg, i+1-int32(a.length[state]))
				hits = append(hits, hit{beg, i + 1, int32(n), id - 1})
			}
		}
		if !space {
			state, space = a.next[int(state)*a.classes+spaceClass], true
		}
	}
	return hits
}
