package text

import (
	"slices"
	"unicode/utf8"
)

// lookalikes are the letters of other scripts that look like a Latin one, by
// what they look like. A letter that looks so in one case only stands in both:
// folding a text twice must change nothing.
var lookalikes = func() map[rune]byte {
	m := map[rune]byte{}
	for _, p := range []struct {
		latin  byte
		others string
	}{
		{'a', "аАαΑ"}, {'b', "вВьЬβΒ"}, {'c', "сС"}, {'d', "ԁԀ"}, {'e', "еЕεΕ"}, {'g', "ցՑ"}, {'h', "нНһҺհՀΗ"}, {'i', "іІιΙıӀ"},
		{'j', "јЈ"}, {'k', "кКκΚ"}, {'l', "ӏ"}, {'m', "мМμΜ"}, {'n', "пПηΝոՈ"}, {'o', "оОοΟօՕ"}, {'p', "рРρΡ"}, {'q', "ԛԚզԶ"},
		{'r', "гГ"}, {'s', "ѕЅ"}, {'t', "тТτΤ"}, {'u', "υսՍ"}, {'v', "ѵѴν"}, {'w', "ԝԜ"}, {'x', "хХχΧ"}, {'y', "уУΥ"}, {'z', "ζΖ"},
	} {
		for _, r := range p.others {
			m[r] = p.latin
		}
	}
	return m
}()

// beside reports whether a lookalike can be found among r and its like at all.
func beside(r rune) bool { return r == 'ı' || r >= 0x370 && r < 0x590 }

// disguised writes the letters s[i:j] as what they look like, if all of them look
// like Latin letters and one stands beside a Latin letter: nobody writes a word in
// two scripts but to hide it.
func (f *folding) disguised(s string, i, j int) bool {
	left := !f.space && len(f.out) > 0 && isLetter(f.out[len(f.out)-1])
	if !left && (j >= len(s) || !isLetter(s[j])) {
		return false
	}
	letters := 0
	for _, r := range s[i:j] {
		if lookalikes[r] != 0 {
			letters++
		} else if out, ok := simple(r); !ok || out != 0 {
			return false
		}
	}
	if letters == 0 {
		return false
	}
	f.flush()
	for _, r := range s[i:j] {
		if c := lookalikes[r]; c != 0 {
			f.out = append(f.out, c)
		}
	}
	return true
}

// reveal does the same for what was written from at on, where compatibility forms
// became Latin letters only now. next is the octet that follows.
func (f *folding) reveal(at int, next byte) {
	left := at > 0 && at <= len(f.out) && isLetter(f.out[at-1])
	ascii := slices.ContainsFunc(f.out[at:], isLetter)
	if !left && !ascii && !isLetter(next) {
		return
	}
	written := string(f.out[at:])
	out := f.out[:at]
	for i := 0; i < len(written); {
		if written[i] < utf8.RuneSelf {
			out = append(out, written[i])
			i++
			continue
		}
		j := i
		for j < len(written) && written[j] >= utf8.RuneSelf {
			j++
		}
		before, after := byte(' '), next
		if len(out) > 0 {
			before = out[len(out)-1]
		}
		if j < len(written) {
			after = written[j]
		}
		piece := written[i:j]
		if (isLetter(before) || isLetter(after)) && alike(piece) {
			for _, r := range piece {
				out = append(out, lookalikes[r])
			}
		} else {
			out = append(out, piece...)
		}
		i = j
	}
	f.out = out
}

func alike(s string) bool {
	for _, r := range s {
		if lookalikes[r] == 0 {
			return false
		}
	}
	return true
}

// smallCaps are letters that Unicode does not make others of.
var smallCaps = map[rune]rune{
	'ᴀ': 'a', 'ʙ': 'b', 'ᴄ': 'c', 'ᴅ': 'd', 'ᴇ': 'e', 'ꜰ': 'f', 'ɢ': 'g', 'ʜ': 'h', 'ɪ': 'i', 'ᴊ': 'j', 'ᴋ': 'k', 'ʟ': 'l', 'ᴍ': 'm', 'ɴ': 'n',
	'ᴏ': 'o', 'ᴘ': 'p', 'ꞯ': 'q', 'ʀ': 'r', 'ꜱ': 's', 'ᴛ': 't', 'ᴜ': 'u', 'ᴠ': 'v', 'ᴡ': 'w', 'ʏ': 'y', 'ᴢ': 'z', 'ɡ': 'g', 'ɑ': 'a',
}

// letterOf is the letter that a sign is drawn around, or r.
func letterOf(r rune) rune {
	switch {
	case r >= 0x1f150 && r <= 0x1f169:
		return 'a' + r - 0x1f150
	case r >= 0x1f170 && r <= 0x1f189:
		return 'a' + r - 0x1f170
	case r >= 0x1f1e6 && r <= 0x1f1ff:
		return 'a' + r - 0x1f1e6
	case r >= 0x250 && r <= 0x299 || r >= 0x1d00 && r <= 0x1d22 || r >= 0xa730 && r <= 0xa7af || r == 0x29c || r == 0x29f:
		if c, ok := smallCaps[r]; ok {
			return c
		}
	}
	return r
}

// ornament reports whether a mark that made no letter with the one before it is
// one of those that only decorate: lines through, under and around letters.
func ornament(r rune) bool {
	return r >= 0x300 && r <= 0x36f || r >= 0x1ab0 && r <= 0x1aff || r >= 0x1dc0 && r <= 0x1dff || r >= 0x20d0 && r <= 0x20ff || r >= 0xfe20 && r <= 0xfe2f
}
