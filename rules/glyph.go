package rules

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// confusable maps a letter to the plain one it is taken for, in the small print of
// a mail program. The pairs are the usual ones of Latin, Cyrillic and Greek; a
// person does not see them, and forgers know.
var confusable = glyphTable(
	"0o 1l il |l 5s 8b 3e 4a 2z 9g 6b 7t",
	"аa вb сc ԁd еe ёe єe һh нh іl їl јj кk ӏl мm пn оo рp ԛq гr ѕs тt уy цu ѵv ԝw шw хx ьb зe иu",
	"αa βb ϲc εe ηn ιl κk νv οo ρp σo τt υu χx γy ωw ζz μu θo",
	"ıl ɩl łl øo đd ðd ɡg ɑa ßb ħh ŧt ʟl ᴏo ɴn ʀr œo æa ƅb ĸk",
)

func glyphTable(lines ...string) map[rune]rune {
	m := map[rune]rune{}
	for _, line := range lines {
		for pair := range strings.FieldsSeq(line) {
			rs := []rune(pair)
			m[rs[0]] = rs[1]
		}
	}
	return m
}

// runsTogether are two letters that look like one.
var runsTogether = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d", "c1", "d")

// skeleton is what the eye reads: two names with one skeleton look the same.
func skeleton(name string) string {
	ascii := true
	for i := range len(name) {
		ascii = ascii && name[i] < 0x80
	}
	if !ascii {
		name = norm.NFKD.String(name)
	}
	var b strings.Builder
	b.Grow(len(name))
	for _, r := range runsTogether.Replace(name) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if to, ok := confusable[r]; ok {
			r = to
		}
		b.WriteRune(r)
	}
	return b.String()
}

// oneEdit reports whether one letter more, less or other, or two neighbours that
// changed places, make b of a (Damerau, 1964).
func oneEdit(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(y) > len(x) {
		return string(x[i:]) == string(y[i+1:])
	}
	if i == len(x) {
		return false // the same
	}
	if string(x[i+1:]) == string(y[i+1:]) {
		return true
	}
	return i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && string(x[i+2:]) == string(y[i+2:])
}
