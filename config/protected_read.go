package config

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v4"
)

// protected reads one stretch of time that meetings should leave alone.
func (l *loader) protected(f *file, n *yaml.Node) {
	defer func() { f.rule = "" }()
	f.rule = peekName(n)
	b, ok := f.block(n, "an entry of protected", "name", "rank", "hours", "principals")
	if !ok {
		return
	}
	var p Protected
	p.Name, ok = l.ruleName(f, b, "protected")
	if n := b.need("rank", fmt.Sprintf("a number from 0 to %d; a meeting needs a higher one to take the time", maxRank)); n != nil {
		p.Rank, _ = f.number(n, 0, maxRank)
	}
	if n := b.need("hours", `["Mon-Fri 12:30-13:15"]`); n != nil {
		p.Hours = f.hours(n)
	}
	if n := b.get("principals"); n != nil {
		names, listed := f.texts(n, "[general-counsel]")
		if listed && len(n.Content) == 0 {
			f.fail(f.at(n), "principals names nobody", "delete the key: it is for every principal then")
		}
		for _, name := range names {
			if l.principalExists(f, name) {
				p.Principals = append(p.Principals, name)
			}
		}
		// Without a name it would be for every principal.
		ok = ok && len(p.Principals) > 0
	}
	if ok && len(p.Hours) > 0 {
		l.cfg.Rules.Calendar.Protected = append(l.cfg.Rules.Calendar.Protected, p)
	}
}

func (l *loader) principalExists(f *file, name Text) bool {
	if l.words["principal "+name.Value].Line > 0 {
		return true
	}
	f.fail(name.Pos, fmt.Sprintf("there is no principal %q", clip(name.Value)), meant(name.Value, "principals", l.defined("principal")))
	return false
}

// Location is the zone itself; nil if there is none of that name.
func (z ZoneDays) Location() *time.Location {
	zone, err := time.LoadLocation(z.Zone.Value)
	if err != nil || z.Zone.Value == "" {
		return nil
	}
	return zone
}

// zoneDays reads which events take the principal to another zone.
func (l *loader) zoneDays(f *file, n *yaml.Node) {
	defer func() { f.rule = "" }()
	f.rule = peekName(n)
	b, ok := f.block(n, "an entry of zones", "name", "zone", "when")
	if !ok {
		return
	}
	var z ZoneDays
	z.Name, ok = l.ruleName(f, b, "zone")
	if n := b.need("zone", "Asia/Tokyo"); n != nil {
		z.Zone = f.zone(n)
	}
	read := false
	if n := b.need("when", `'ev.title.matches("(?i)tokyo")'`); n != nil {
		z.When, read = f.expr(n)
	}
	if ok && read && z.Zone.Value != "" {
		l.cfg.Rules.Calendar.Zones = append(l.cfg.Rules.Calendar.Zones, z)
	}
}
