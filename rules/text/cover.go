package text

// covers reports whether nearly all words of b are words of a: b then says
// nothing that a does not say. Links, which HTML hides, do not count.
func covers(a, b string) bool { return follows(a, b) || includes(a, b) }

// includes is covers in whatever order the words stand.
func includes(a, b string) bool {
	have := make(map[uint64]struct{}, len(a)/6)
	words(a, func(h uint64) { have[h] = struct{}{} })
	total, missing := 0, 0
	words(b, func(h uint64) {
		total++
		if _, ok := have[h]; !ok {
			missing++
		}
	})
	return missing*20 <= total
}

// ahead is how many words of the one text may be missing in the other at a place.
const ahead = 8

// follows reports whether b says what a says, word by word, but for few: most
// letters in two forms do. False means that it is not known.
func follows(a, b string) bool {
	i, j, missing := 0, 0, 0
	for {
		from := j
		for i+8 <= len(a) && j+8 <= len(b) && eight(a, i) == eight(b, j) {
			i, j = i+8, j+8
		}
		for j > from && wordly[b[j-1]] {
			i, j = i-1, j-1
		}
		beg, end := nextWord(b, j)
		if beg == end {
			break
		}
		j = end
		word, found := b[beg:end], false
		for k, n := i, 0; n < ahead && !found; n++ {
			if beg, end = nextWord(a, k); beg == end {
				break
			}
			k = end
			if found = sameWord(a[beg:end], word); found {
				i = end
			}
		}
		if !found {
			if missing++; missing > len(b)/(20*4) {
				return false
			}
		}
	}
	if missing == 0 {
		return true
	}
	total := 0
	for beg, end := nextWord(b, 0); beg < end; beg, end = nextWord(b, end) {
		total++
	}
	return missing*20 <= total
}

// wordly are the octets words are made of.
var wordly = func() (t [256]bool) {
	for c := range t {
		t[c] = alnum(byte(c)) || c >= 0x80
	}
	return t
}()

// nextWord returns where the next word of at least three octets stands in s[i:].
func nextWord(s string, i int) (beg, end int) {
	for i < len(s) {
		for i < len(s) && !wordly[s[i]] {
			i++
		}
		beg = i
		for i < len(s) && wordly[s[i]] {
			i++
		}
		if i-beg > 2 {
			return beg, i
		}
	}
	return i, i
}

func sameWord(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lowerASCII(a[i]) != lowerASCII(b[i]) {
			return false
		}
	}
	return true
}

// words gives the hash (FNV-1a) of each run of letters and digits of at least
// three octets, ASCII case folded.
func words(s string, yield func(uint64)) {
	h, n := uint64(fnvBasis), 0
	for i := 0; i <= len(s); i++ {
		c := byte(' ')
		if i < len(s) {
			c = lowerASCII(s[i])
		}
		if c >= 'a' && c <= 'z' || digit(c) || c >= 0x80 {
			h = (h ^ uint64(c)) * fnvPrime
			n++
			continue
		}
		if n > 2 {
			yield(h)
		}
		h, n = fnvBasis, 0
	}
}

const (
	fnvBasis = 14695981039346656037
	fnvPrime = 1099511628211
)
