package filetext

import (
	"strconv"
	"strings"
)

// format is what of the format of a number is shown (ECMA-376 part 1 section 18.8.31).
type format struct {
	day, time bool
	plain     bool // as many decimals as there are
	decimals  int
	digits    int // before the point, at least
	percent   bool
	before    string // the sign of a currency
	behind    string
}

var general = format{plain: true}

// builtIn are the formats that have a number only.
var builtIn = map[int]string{
	1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 14: "d", 15: "d", 16: "d", 17: "d", 18: "h", 19: "h", 20: "h", 21: "h", 22: "d h",
	37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 41: "#,##0", 42: "#,##0", 43: "#,##0.00", 44: "#,##0.00", 45: "h", 46: "h", 47: "h",
	27: "d", 28: "d", 29: "d", 30: "d", 31: "d", 32: "h", 33: "h", 34: "h", 35: "h", 36: "d", 50: "d", 51: "d", 52: "d", 53: "d", 54: "d", 55: "h", 56: "h", 57: "d", 58: "d",
}

// formatOf reads a format by its number, or its code if it has one: of the code the
// part for positive numbers.
func formatOf(id int, code string) format {
	if code == "" {
		code = builtIn[id]
	}
	if code == "" || strings.EqualFold(code, "general") || code == "@" {
		return general
	}
	f := format{}
	var signs strings.Builder // of a currency, or words
	var digits, point bool
	put := func(s string) {
		signs.WriteString(s)
	}
	turn := func() {
		if !digits {
			f.before = strings.TrimSpace(signs.String())
			signs.Reset()
			digits = true
		}
	}
scan:
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case ';':
			break scan
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				break scan
			}
			put(code[i+1 : i+1+end])
			i += end + 1
		case '\\', '_', '*':
			if i++; c == '\\' && i < len(code) && code[i] >= 0x80 {
				i-- // of a longer character the octets come as they are
			} else if c == '\\' && i < len(code) {
				put(code[i : i+1])
			}
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				break scan
			}
			f.bracket(code[i+1:i+end], put)
			i += end
		case '0', '#', '?':
			turn()
			if point {
				f.decimals++
			} else if c == '0' {
				f.digits++
			}
		case '.':
			point = digits
		case '%':
			f.percent = true
		case 'y', 'Y', 'd', 'D':
			f.day = true
		case 'h', 'H', 's', 'S':
			f.time = true
		case 'm', 'M', ',', '/', ':', 'E', 'e', '+', '-', '(', ')', ' ', '@', 'a', 'A', 'p', 'P':
			if (c == 'm' || c == 'M') && !f.time && !strings.ContainsAny(code[i:], "sS") {
				f.day = true
			}
			if c == ' ' {
				put(" ")
			}
		default:
			put(code[i : i+1])
		}
	}
	f.decimals = min(f.decimals, 10)
	f.digits = min(f.digits, 30)
	if f.behind = strings.TrimSpace(signs.String()); !digits && !f.day && !f.time {
		return general
	}
	return f
}

// bracket reads what stands in brackets: "$€-407" is the sign of a currency, "h" hours
// that go on beyond a day; colours and conditions show nothing.
func (f *format) bracket(s string, put func(string)) {
	if sign, ok := strings.CutPrefix(s, "$"); ok {
		sign, _, _ = strings.Cut(sign, "-")
		put(sign)
		return
	}
	if s != "" && strings.Trim(strings.ToLower(s), "hms") == "" {
		f.time = true
	}
}

// number shows a number; raw is how the file writes it.
func (f format) number(n float64, raw string) string {
	if f.plain {
		if strings.Trim(raw, "0123456789") == "" {
			return raw // no digit of a long number is lost
		}
		return shortest(n)
	}
	if f.percent {
		n *= 100
	}
	s := rounded(shortest(n), f.decimals)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	if whole, _, _ := strings.Cut(s, "."); len(whole) < f.digits {
		s = strings.Repeat("0", f.digits-len(whole)) + s
	}
	if f.percent {
		s += "%"
	}
	if n := len(f.before); n > 0 && letter(f.before[n-1]) {
		s = f.before + " " + s
	} else {
		s = f.before + s
	}
	if neg {
		s = "-" + s
	}
	if f.behind != "" {
		s += " " + f.behind
	}
	return s
}

// shortest writes a number with at most 15 digits that mean something, as programs
// for tables do, so that 0.1+0.2 is 0.3.
func shortest(n float64) string {
	n, _ = strconv.ParseFloat(strconv.FormatFloat(n, 'e', 14, 64), 64)
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// rounded rounds a decimal number, half away from zero.
func rounded(s string, decimals int) string {
	neg := strings.HasPrefix(s, "-")
	whole, part, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	up := len(part) > decimals && part[decimals] >= '5'
	part = (part + strings.Repeat("0", decimals))[:decimals]
	b := []byte(whole + part)
	for i := len(b) - 1; up && i >= 0; i-- {
		if b[i]++; b[i] <= '9' {
			up = false
		} else {
			b[i] = '0'
		}
	}
	s = string(b)
	if up {
		s = "1" + s
	}
	zero := strings.Trim(s, "0") == ""
	if decimals > 0 {
		s = s[:len(s)-decimals] + "." + s[len(s)-decimals:]
	}
	if neg && !zero {
		s = "-" + s
	}
	return s
}
