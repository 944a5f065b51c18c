package billing

import "strings"

// utbmsSet is one published code set of the Uniform Task-Based Management System.
type utbmsSet struct {
	name  string // and the year of its publication
	kind  byte   // 'T' for tasks, 'A' for activities, 'E' for expenses
	codes string
}

// utbmsSets are the sets that are known code by code. The LEDES Oversight Committee
// and clients add to them, so an unknown code is never an error.
var utbmsSets = [...]utbmsSet{
	{"Litigation, ABA 1995", 'T', `L100 L110 L120 L130 L140 L150 L160 L190 L200 L210 L220 L230 L240 L250 L260 L300 L310 L320 L330 L340 L350 L390
L400 L410 L420 L430 L440 L450 L460 L470 L500 L510 L520 L530`},
	{"e-Discovery, LOC 2011", 'T', `L600 L601 L602 L609 L610 L611 L612 L619 L620 L621 L622 L629 L630 L631 L632 L633 L634 L639
L650 L651 L652 L653 L654 L655 L656 L659 L660 L669 L670 L671 L679 L680 L689 L690`},
	{"Counseling, ABA 1996", 'T', `C100 C200 C300 C400`},
	{"Project, ABA 1996", 'T', `P100 P200 P210 P220 P230 P240 P250 P260 P270 P280 P300 P400 P500 P600 P700 P800`},
	{"Bankruptcy, ABA 1996", 'T', `B100 B110 B120 B130 B140 B150 B160 B170 B180 B185 B190 B195 B200 B210 B220 B230 B240 B250 B260
B300 B310 B320 B400 B410 B420`},
	// Phases end with 00 and stand here too: clients that want no more than the phase take them.
	{"EW-UTBMS J-Codes for England and Wales, LOC 2014", 'T', `JA00 JA10 JB00 JB10 JB20 JB30 JC00 JC10 JC20 JD00 JD10 JD20 JD30 JD40 JE00 JE10 JE20 JE30
JF00 JF10 JF20 JG00 JG10 JG20 JG30 JH00 JH10 JI00 JI10 JI20 JI30 JI40 JI50 JI60 JI70 JJ00 JJ10 JJ20 JK00 JK10 JK20 JK30
JL00 JL10 JL20 JL30 JL40 JM00 JM10 JM20 JM30`},
	{"Activities, ABA 1995", 'A', `A101 A102 A103 A104 A105 A106 A107 A108 A109 A110 A111`},
	{"Activities, LOC 2012", 'A', `A112 A113 A114 A115 A116 A117 A118 A119 A120 A121 A122 A123 A124 A125 A126 A127`},
	{"Expenses, ABA 1995", 'E', `E101 E102 E103 E104 E105 E106 E107 E108 E109 E110 E111 E112 E113 E114 E115 E116 E117 E118 E119 E120 E121 E122 E123 E124`},
	{"Expenses of patents and trademarks, LOC 2009", 'E', `E125 E126 E127 E128 E129 E130 E131`},
}

// utbmsForms are sets of which only the form of the codes is known: letters, and then
// digits up to the length.
var utbmsForms = [...]struct {
	set, letters string
	length       int
	kind         byte
}{
	{"Patents, LOC 2009", "PA", 5, 'T'},
	{"Trademarks, LOC 2009", "TR", 5, 'T'},
	{"Intellectual property, before 2009", "I", 4, 'T'},
	{"Expenses as revised, LOC 2013", "X", 4, 'E'},
}

// utbmsCode is a code of at most five octets, in upper case.
type utbmsCode [5]byte

var utbmsCodes = func() map[utbmsCode]byte {
	known := make(map[utbmsCode]byte)
	for _, set := range utbmsSets {
		for code := range strings.FieldsSeq(set.codes) {
			c, _ := utbmsFold([]byte(code))
			known[c] = set.kind
		}
	}
	return known
}()

// utbmsFold puts a code into upper case: portals do not tell l120 from L120.
func utbmsFold(b []byte) (c utbmsCode, ok bool) {
	if len(b) < 4 || len(b) > len(c) {
		return c, false
	}
	for i, x := range b {
		if x >= 'a' && x <= 'z' {
			x -= 'a' - 'A'
		}
		c[i] = x
	}
	return c, true
}

// utbmsKind tells what kind of code it is by its set, or else by its form: 'T' for a
// task, 'A' for an activity, 'E' for an expense, '?' for anything else; and whether it
// is known.
func utbmsKind(b []byte) (kind byte, known bool) {
	c, ok := utbmsFold(b)
	if !ok {
		return '?', false
	}
	if kind, known = utbmsCodes[c]; known {
		return kind, true
	}
	for _, f := range utbmsForms {
		n := len(f.letters)
		if len(b) == f.length && string(c[:n]) == f.letters && utbmsDigits(b[n:]) {
			return f.kind, true
		}
	}
	if len(b) != 4 || !utbmsDigits(b[1:]) {
		return '?', false
	}
	switch c[0] {
	case 'A', 'E':
		return c[0], false
	case 'L', 'C', 'P', 'B':
		return 'T', false
	}
	return '?', false
}

func utbmsDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
