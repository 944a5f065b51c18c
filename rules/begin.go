package rules

// mayBeginAt reports whether a term can begin at s[i:], which text.Looked gave. It
// reads along the terms and stops where none goes on, which is soon. Where signs
// stand that may be written otherwise in a zone, it says yes.
func (w *words) mayBeginAt(s string, i int) bool {
	a, state := w.machine, int32(0)
	for i < len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z':
		case c >= 'A' && c <= 'Z':
			c |= 0x20
		case blank(c):
			for i+1 < len(s) && blank(s[i+1]) {
				i++
			}
			if i+1 < len(s) && s[i+1] == '>' {
				return true
			}
			c = ' '
		case c == '&', state != 0 && (c == '-' || c == '/' || c == '_' || c == 0xe2 || c == 0xef):
			return true
		}
		if state = a.step(state, c); state == 0 {
			return false
		}
		if a.out[state] >= 0 {
			return true
		}
		i++
	}
	return false
}

func blank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
