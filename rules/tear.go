package rules

// mayTearAt reports whether a damaged term can begin at s[i:], in whatever case.
// It goes along the terms without blanks for as long as the letters do, and says
// no to one that stands there as it should.
func (w *words) mayTearAt(s string, i int) bool {
	var room [64]byte
	read, gap, state := room[:0], 0, int32(0) // gap: signs since the last letter
	for ; i < len(s) && len(read) < cap(read)-2; i++ {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c |= 0x20
		case state != 0 && (c == '&' || c == 0xe2 || c == 0xef): // may be a word, a hyphen or a quote
			return true
		case !inWordOctet(c) && c != '\'':
			if w.glued.edges[state].find(c) != 0 {
				return true
			}
			if gap++; gap > maxGap {
				return true
			}
			continue
		}
		if state = w.glued.step(state, c); state == 0 {
			return false
		}
		if gap > 0 {
			read = append(read, ' ')
			if gap > 1 || !blankOrJoint(s[i-1]) {
				read = append(read, ' ') // stands in no term
			}
			gap = 0
		}
		read = append(read, c)
		if word := w.glued.out[state]; word >= 0 {
			for _, term := range w.long[word] {
				if w.list[term] != octets(read) {
					return true
				}
			}
		}
	}
	return i < len(s)
}

// maxGap is how many signs between two letters are read here.
const maxGap = 256

// blankOrJoint reports whether a sign between two letters is as good as a blank.
func blankOrJoint(c byte) bool {
	return c == ' ' || c == '\n' || c == '-' || c == '_' || c == '/'
}

// step is the next state for as long as one word goes on; 0 where it does not.
func (a *automaton) step(state int32, c byte) int32 {
	if state == 0 {
		return a.root[c]
	}
	return a.edges[state].find(c)
}
