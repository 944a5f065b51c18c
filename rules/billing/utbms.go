package billing

import "strings"

// The published code sets of the Uniform Task-Based Management System: litigation,
// e-discovery, counseling, project and bankruptcy tasks, activities and expenses. Of
// litigation, activities to A111 and expenses it is the bar association's own table;
// the committee adds to the others, so an unknown code is never an error.
const utbmsSets = `
L100 L110 L120 L130 L140 L150 L160 L190 L200 L210 L220 L230 L240 L250 L260 L300 L310 L320 L330 L340 L350 L390
L400 L410 L420 L430 L440 L450 L460 L470 L500 L510 L520 L530
L600 L601 L602 L609 L610 L611 L612 L619 L620 L621 L622 L629 L630 L631 L632 L633 L634 L639 L650 L651 L652 L653 L654 L655 L656 L659
L660 L669 L670 L671 L679 L680 L689 L690
C100 C200 C300 C400
P100 P200 P210 P220 P230 P240 P250 P260 P270 P280 P300 P400 P500 P600 P700 P800
B100 B110 B120 B130 B140 B150 B160 B170 B180 B185 B190 B195 B200 B210 B220 B230 B240 B250 B260 B300 B310 B320 B400 B410 B420
A101 A102 A103 A104 A105 A106 A107 A108 A109 A110 A111 A112 A113 A114 A115 A116 A117 A118 A119 A120 A121 A122 A123 A124 A125 A126 A127
E101 E102 E103 E104 E105 E106 E107 E108 E109 E110 E111 E112 E113 E114 E115 E116 E117 E118 E119 E120 E121 E122 E123 E124`

var utbmsCodes = func() (known [26][1000]bool) {
	for code := range strings.FieldsSeq(utbmsSets) {
		known[code[0]-'A'][atoi(code[1:])] = true
	}
	return known
}()

// utbmsKind tells what kind of code it is by its form: 'T' for a task, 'A' for an
// activity, 'E' for an expense, '?' for anything else; and whether it is known. The
// sets for patents and trademarks are known by their letters only.
func utbmsKind(b []byte) (kind byte, known bool) {
	if len(b) == 5 && (b[0] == 'P' && b[1] == 'A' || b[0] == 'T' && b[1] == 'R') && utbmsNumber(b[2:]) >= 0 {
		return 'T', true
	}
	if len(b) != 4 || b[0] < 'A' || b[0] > 'Z' {
		return '?', false
	}
	n := utbmsNumber(b[1:])
	if n < 0 {
		return '?', false
	}
	switch b[0] {
	case 'A', 'E':
		kind = b[0]
	case 'L', 'C', 'P', 'B':
		kind = 'T'
	case 'I':
		return 'T', true
	default:
		kind = '?'
	}
	return kind, utbmsCodes[b[0]-'A'][n]
}

func utbmsNumber(b []byte) int {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
