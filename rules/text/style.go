package text

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// style reads the inline declarations that decide whether text is seen. Rules in
// style sheets are not followed: that would need a browser.
func (a *attrs) style(v []byte) {
	v = v[:min(len(v), 4096)]
	var colour, ground, width, height []byte
	clipped := false
	for len(v) > 0 {
		decl := v
		if i := bytes.IndexByte(v, ';'); i >= 0 {
			decl, v = v[:i], v[i+1:]
		} else {
			v = nil
		}
		i := bytes.IndexByte(decl, ':')
		if i < 0 {
			continue
		}
		name, value := bytes.TrimSpace(decl[:i]), bytes.TrimSpace(decl[i+1:])
		if len(name) < 3 {
			continue
		}
		switch lowerASCII(name[0]) {
		case 'd':
			a.hidden = a.hidden || equalFold(name, "display") && hasPrefixFold(value, "none")
		case 'v':
			a.hidden = a.hidden || equalFold(name, "visibility") && (hasPrefixFold(value, "hidden") || hasPrefixFold(value, "collapse"))
		case 'f':
			a.hidden = a.hidden || equalFold(name, "font-size") && tiny(value)
		case 'o':
			a.hidden = a.hidden || equalFold(name, "opacity") && less(value, 0.1)
			clipped = clipped || equalFold(name, "overflow") && hasPrefixFold(value, "hidden")
		case 'm':
			a.hidden = a.hidden || equalFold(name, "mso-hide") && hasPrefixFold(value, "all")
			if equalFold(name, "max-height") {
				height = value
			} else if equalFold(name, "max-width") {
				width = value
			} else if equalFold(name, "margin") {
				a.tight = a.tight || zero(value)
				a.indent = a.indent || bytes.HasPrefix(value, []byte("0 0 0 40px")) || bytes.HasPrefix(value, []byte("0px 0px 0px 40px"))
			} else if equalFold(name, "margin-left") || equalFold(name, "margin-top") && less(value, 0) {
				a.hidden = a.hidden || less(value, -500)
			} else if equalFold(name, "margin-bottom") || equalFold(name, "margin-top") {
				a.tight = a.tight || zero(value)
			}
		case 'l', 't':
			if equalFold(name, "left") || equalFold(name, "top") || equalFold(name, "text-indent") {
				a.hidden = a.hidden || less(value, -500)
			}
		case 'h':
			if equalFold(name, "height") {
				height = value
			}
		case 'w':
			if equalFold(name, "width") {
				width = value
			} else if equalFold(name, "white-space") {
				a.pre = hasPrefixFold(value, "pre")
			}
		case 'c':
			if equalFold(name, "color") {
				colour = value
			}
		case 'b':
			if equalFold(name, "background") || equalFold(name, "background-color") {
				ground = value
			} else if equalFold(name, "background-image") {
				a.ground = coloured
			}
		}
	}
	if clipped && (height != nil && zero(height) || width != nil && zero(width)) {
		a.hidden = true
	}
	if colour != nil {
		a.hidden = a.hidden || canonical(colour) == "transparent" || ground != nil && sameColour(colour, ground)
		a.colour = tintOf(colour)
	}
	if ground != nil && a.ground != coloured {
		a.ground = tintOf(ground)
	}
}

// less reports whether a CSS length or number is below a limit, in pixels where
// it has a unit: an em is taken for sixteen.
func less(v []byte, limit float64) bool {
	n := 0
	for n < len(v) && (digit(v[n]) || v[n] == '.' || v[n] == '-' && n == 0) {
		n++
	}
	f, err := strconv.ParseFloat(string(v[:n]), 64)
	if err != nil {
		return false
	}
	switch unit := bytes.TrimSpace(v[n:]); {
	case hasPrefixFold(unit, "em"), hasPrefixFold(unit, "rem"):
		f *= 16
	case hasPrefixFold(unit, "%"):
		f *= 0.16
	}
	return f < limit
}

// zero reports whether a CSS length or number is nought: "0", "0px", "0.0em".
func zero(v []byte) bool {
	digits := false
	for _, c := range v {
		switch {
		case c == '0':
			digits = true
		case c == '.':
		case digit(c):
			return false
		default:
			return digits
		}
	}
	return digits
}

// tiny reports whether a font size cannot be read: less than two pixels.
func tiny(v []byte) bool {
	return zero(v) || less(v, 2) && !bytes.HasPrefix(v, []byte("-")) && unitOf(v)
}

// unitOf reports whether a number has a unit: one without is no font size.
func unitOf(v []byte) bool { return len(v) > 0 && (isLetter(v[len(v)-1]) || v[len(v)-1] == '%') }

// tintOf is the tint of a colour as CSS or HTML writes it.
func tintOf(v []byte) tint {
	s := canonical(bytes.TrimSpace(v))
	switch {
	case s == "", s == "inherit", s == "initial", s == "unset":
		return unsaid
	case s == "transparent", s == "none":
		return unsaid
	case len(s) == 7 && s[0] == '#' && s[1] == 'f' && s[2] >= '8' && s[3] == 'f' && s[4] >= '8' && s[5] == 'f' && s[6] >= '8':
		return white
	}
	return coloured
}

// sameColour compares two colours in the notations that mails use for white.
func sameColour(a, b []byte) bool {
	return canonical(a) == canonical(b)
}

func canonical(v []byte) string {
	v = bytes.TrimSpace(v[:min(len(v), 40)])
	if i := bytes.IndexByte(v, ' '); i > 0 && !hasPrefixFold(v, "rgb") {
		v = v[:i]
	}
	s := bytes.ToLower(v)
	if bytes.HasPrefix(s, []byte("rgb")) {
		return rgb(string(s))
	}
	switch string(s) {
	case "white":
		return "#ffffff"
	case "black":
		return "#000000"
	}
	if len(s) == 4 && s[0] == '#' {
		return string([]byte{'#', s[1], s[1], s[2], s[2], s[3], s[3]})
	}
	return string(s)
}

// rgb writes "rgb(255, 255, 255)" as "#ffffff"; what it cannot read it leaves.
func rgb(s string) string {
	_, inner, ok := strings.Cut(s, "(")
	if !ok {
		return s
	}
	inner, _, _ = strings.Cut(inner, ")")
	parts := strings.FieldsFunc(inner, func(r rune) bool { return r == ',' || r == ' ' || r == '/' })
	if len(parts) < 3 || len(parts) > 4 {
		return s
	}
	if len(parts) == 4 && zero([]byte(parts[3])) {
		return "transparent"
	}
	var c [3]int
	for i := range c {
		n, err := strconv.Atoi(parts[i])
		if err != nil {
			return s
		}
		c[i] = min(max(n, 0), 255)
	}
	return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2])
}
