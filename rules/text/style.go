package text

import "bytes"

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
			a.hidden = a.hidden || equalFold(name, "opacity") && zero(value)
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
			} else if equalFold(name, "margin-bottom") || equalFold(name, "margin-top") {
				a.tight = a.tight || zero(value)
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
			}
		}
	}
	if clipped && (height != nil && zero(height) || width != nil && zero(width)) {
		a.hidden = true
	}
	if colour != nil && (equalFold(colour, "transparent") || ground != nil && sameColour(colour, ground)) {
		a.hidden = true
	}
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

// tiny reports whether a font size cannot be read: nought or one pixel or point.
func tiny(v []byte) bool {
	if zero(v) {
		return true
	}
	return len(v) == 3 && v[0] == '1' && lowerASCII(v[1]) == 'p'
}

// sameColour compares two colours in the notations that mails use for white.
func sameColour(a, b []byte) bool {
	return canonical(a) == canonical(b)
}

func canonical(v []byte) string {
	if i := bytes.IndexByte(v, ' '); i > 0 {
		v = v[:i]
	}
	s := bytes.ToLower(v)
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
