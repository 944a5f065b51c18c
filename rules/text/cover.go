package text

// covers reports whether nearly all words of b are words of a: b then says
// nothing that a does not say. Links, which HTML hides, do not count.
func covers(a, b string) bool {
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
