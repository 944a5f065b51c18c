package ical

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"slices"
	"strings"

	goical "github.com/emersion/go-ical"
)

// Digest returns 64 hex digits that name what the object says. Servers rewrite
// what they are given, so bytes prove nothing: properties, parameters and
// components are sorted, folding and needless escapes undone, and what programs
// write for themselves is left out. Zone definitions do not count: servers
// replace them, the TZID stays.
//
// An object that cannot be read has the digest of its bytes.
func Digest(data []byte) string {
	p := &problems{}
	root, f := read(data, p, true)
	if f != nil || len(root.children) == 0 {
		sum := sha256.Sum256(append([]byte("bytes\n"), data...))
		return hex.EncodeToString(sum[:])
	}
	var parts []string
	for _, c := range root.parts(p) {
		if c.name != goical.CompTimezone {
			parts = append(parts, digestComponent(c))
		}
	}
	slices.Sort(parts)
	return sum("calendar", parts)
}

// sum hashes strings so that no two lists look the same.
func sum(name string, parts []string) string {
	h := sha256.New()
	for _, s := range append([]string{name}, parts...) {
		// hash.Hash never fails.
		_, _ = io.WriteString(h, strings.ReplaceAll(s, "\n", "\n ")+"\n")
	}
	return hex.EncodeToString(h.Sum(nil))
}

// digestComponent recurses at most MaxDepth times.
func digestComponent(c *component) string {
	var lines []string
	for _, p := range c.props {
		if !bookkeeping(p.Name) && !says(p, goical.PropClass, "PUBLIC") {
			lines = append(lines, canonical(p))
		}
	}
	for _, child := range c.children {
		lines = append(lines, digestComponent(child))
	}
	slices.Sort(lines)
	return sum(c.name, lines)
}

// bookkeeping names the properties that change without a person's doing.
func bookkeeping(name string) bool {
	switch name {
	case goical.PropDateTimeStamp, goical.PropCreated, goical.PropLastModified, goical.PropSequence,
		goical.PropProductID, tagName, "X-MOZ-LASTACK", "X-MOZ-GENERATION", "X-MOZ-SNOOZE-TIME",
		"X-MICROSOFT-CDO-APPT-SEQUENCE", "X-MICROSOFT-CDO-OWNERAPPTID", "REQUEST-STATUS", "ACKNOWLEDGED":
		return true
	}
	return strings.HasPrefix(name, "X-RADICALE-") || strings.HasPrefix(name, "X-LIC-")
}

// canonical writes one property in the only form that counts. A line that is no
// property has no name and counts as it stands.
func canonical(p prop) string {
	var b strings.Builder
	b.WriteString(p.Name)
	for _, name := range slices.Sorted(maps.Keys(p.Params)) {
		if name == "SCHEDULE-STATUS" || name == "SCHEDULE-FORCE-SEND" || strings.HasPrefix(name, "X-RADICALE-") {
			continue
		}
		values := slices.Clone(p.Params[name])
		if enumParams[name] {
			for i := range values {
				values[i] = strings.ToUpper(values[i])
			}
		}
		if len(values) == 1 && isDefault(p.Name, name, values[0]) {
			continue
		}
		b.WriteString(";" + name)
		for _, v := range values {
			b.WriteString("\x00" + v)
		}
	}
	b.WriteString("\x01" + canonicalValue(p))
	return b.String()
}

var enumParams = map[string]bool{
	goical.ParamValue: true, goical.ParamRole: true, goical.ParamParticipationStatus: true,
	goical.ParamCalendarUserType: true, goical.ParamRSVP: true, goical.ParamRange: true,
}

// isDefault reports a parameter that says what stands without it: the type of a
// property, and the answer of one who gave none (RFC 5545 section 3.2.12).
func isDefault(prop, param, value string) bool {
	switch param {
	case goical.ParamValue:
		return defaultType(prop) == value
	case goical.ParamParticipationStatus:
		return prop == goical.PropAttendee && value == "NEEDS-ACTION"
	}
	return false
}

// says reports a property without parameters that has this value.
func says(p prop, name, value string) bool {
	return p.Name == name && len(p.Params) == 0 && strings.EqualFold(strings.TrimSpace(p.Value), value)
}

func defaultType(name string) string {
	switch {
	case dateProps[name]:
		return "DATE-TIME"
	case textProps[name]:
		return "TEXT"
	}
	return ""
}

// textProps are the properties of one TEXT value: escapes are no difference.
var textProps = map[string]bool{
	goical.PropSummary: true, goical.PropDescription: true, goical.PropLocation: true,
	goical.PropComment: true, goical.PropContact: true, goical.PropUID: true, goical.PropRelatedTo: true,
}

func canonicalValue(p prop) string {
	switch {
	case textProps[p.Name]:
		return percents.Replace(unescape(p.Value))
	case p.Name == goical.PropRecurrenceRule:
		parts := strings.Split(strings.ToUpper(strings.Trim(p.Value, "; ")), ";")
		slices.Sort(parts)
		return strings.Join(parts, ";")
	}
	return p.Value
}

// percents undoes what python-icalendar, the library of Xandikos, does to texts.
var percents = strings.NewReplacer("%2C", ",", "%3A", ":", "%3B", ";", "%5C", `\`)
