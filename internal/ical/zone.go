package ical

import (
	"regexp"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a container may have no zone data

	goical "github.com/emersion/go-ical"
)

// zones finds the zones of one object. Names come first, the object's own
// VTIMEZONE last: names follow the changes of law, a VTIMEZONE is as old as the
// program that wrote it.
type zones struct {
	defined map[string]*component // VTIMEZONE by TZID
	found   map[string]foundZone
	onsets  int // laid out for all of them
	p       *problems
}

// Bounds of the search: a name that is not known costs a look into the zone
// database, and an object has room for thirty thousand of them.
const (
	maxZones    = 50 // different TZIDs of one object
	maxZoneName = 255
	maxPrefixes = 8 // before a name of the zone database
)

type foundZone struct {
	loc    *time.Location
	unsure bool
}

func newZones(parts []*component, p *problems) *zones {
	z := &zones{defined: map[string]*component{}, found: map[string]foundZone{}, p: p}
	for _, c := range parts {
		if c.name != goical.CompTimezone {
			continue
		}
		if id, ok := c.get(goical.PropTimezoneID); ok {
			z.defined[zoneName(id.Value)] = c
		}
	}
	return z
}

// find returns the location of a TZID (RFC 5545 section 3.2.19). A nil location
// stands for the principal's zone; unsure says that it is a guess.
func (z *zones) find(tzid string) (*time.Location, bool) {
	tzid = zoneName(tzid)
	if f, ok := z.found[tzid]; ok {
		return f.loc, f.unsure
	}
	var f foundZone
	if len(z.found) == maxZones || len(tzid) > maxZoneName {
		z.p.add("zone-cut")
		z.p.add("zone-unsure")
		return nil, true
	}
	f.loc, f.unsure = z.resolve(tzid)
	if f.unsure {
		z.p.add("zone-unsure")
	}
	z.found[tzid] = f
	return f.loc, f.unsure
}

func (z *zones) resolve(tzid string) (*time.Location, bool) {
	if tzid == "" {
		return nil, false // a blank TZID means floating
	}
	vtimezone := z.defined[tzid]
	if loc := ianaZone(tzid, vtimezone != nil); loc != nil {
		return loc, false
	}
	rest := strings.Trim(tzid, "/")
	for range maxPrefixes {
		// "/freeassociation.sourceforge.net/Tzfile/Europe/Berlin" and the like
		_, after, ok := strings.Cut(rest, "/")
		if !ok {
			break
		}
		if loc := ianaZone(after, true); loc != nil {
			return loc, false
		}
		rest = after
	}
	if loc := windowsZone(tzid); loc != nil {
		return loc, false
	}
	if vtimezone != nil {
		if loc := z.build(tzid, vtimezone); loc != nil {
			return loc, false
		}
	}
	if m := offsetName.FindStringSubmatch(tzid); m != nil {
		if d, ok := readOffset(m[1]); ok {
			// Summer time is unknown: the offset alone is a guess.
			return time.FixedZone("", int(d/time.Second)), true
		}
	}
	return nil, true
}

var (
	offsetName = regexp.MustCompile(`^\(?(?:UTC|GMT)? ?([+-]\d{1,2}(?:[:.]?\d\d)?)\b`)
	ianaName   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$`)
)

// zoneName takes off what programs put around a TZID.
func zoneName(s string) string {
	s = strings.Trim(unescape(s), " \t\"'")
	return strings.TrimPrefix(s, "tzone://Microsoft/")
}

// loaded keeps the zones of the zone database that were asked for: some 600 at
// most, since only names that exist are kept.
var loaded sync.Map // string -> *time.Location

// ianaZone loads a zone of the database. Names without a slash are taken only if
// the object does not define them itself: "Eastern" or "EST" mean what their
// author says. Local and the empty name are traps of time.LoadLocation.
func ianaZone(name string, defined bool) *time.Location {
	switch strings.ToUpper(name) {
	case "UTC", "GMT", "Z", "ETC/UTC", "ETC/GMT", "ZULU", "COORDINATED UNIVERSAL TIME", "(UTC) COORDINATED UNIVERSAL TIME":
		return time.UTC
	case "LOCAL", "":
		return nil
	}
	if !ianaName.MatchString(name) || defined && !strings.Contains(name, "/") {
		return nil
	}
	// right/ counts leap seconds, which no calendar does.
	if strings.HasPrefix(name, "right/") || strings.HasPrefix(name, "posix/") {
		name = name[len("right/"):]
	}
	if v, ok := loaded.Load(name); ok {
		return v.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	loaded.Store(name, loc)
	return loc
}
