package agenda

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/internal/model"
)

// short hashes words to n octets in hex. Words are kept apart by their length.
func short(n int, words ...string) string {
	text := make([]byte, 0, 512) // mostly enough, and not on the heap
	for _, w := range words {
		text = strconv.AppendInt(text, int64(len(w)), 10)
		text = append(text, ':')
		text = append(text, w...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:n])
}

// fingerprint names the conflict of two meetings of this principal, whenever
// they clash. The principal is part of it: two leaders may share two meetings.
func (s *settlement) fingerprint(a, b model.Ident) model.Ident {
	return model.Ident("c:" + short(20, "conflict", s.v.Principal.Name, string(min(a, b)), string(max(a, b))))
}

// holdUID is the UID of the hold for a finding.
func (s *settlement) holdUID(of model.Ident) string {
	return "chancery-" + short(16, "hold", s.v.Principal.Name, string(of))
}

// noteID is the Message-ID of the note that says digest about a finding.
func (s *settlement) noteID(of model.Ident, digest string) string {
	return "<" + short(8, "note", digest) + "." + short(8, s.v.Principal.Name, string(of)) + "@chancery.invalid>"
}

// digestOf is a hash of what a hold or note means, followed by what the slots
// were looked for and the slots themselves: so an offer can be kept as long as
// it holds. Nothing in it depends on the clock, on where a rule stands in its
// file, or on the wording of the texts, so that none of these writes a hold anew.
func (t telling) digestOf(wanted string) string {
	c := t.c
	meaning := append(make([]string, 0, 40),
		"1", t.s.v.Principal.Name, string(c.of), t.s.zone.String(), wanted, c.reason,
		strconv.FormatBool(c.person), strconv.FormatBool(c.more > 0), strconv.FormatBool(t.s.private(c)))
	for _, b := range [2]*block{c.keeps, c.yields} {
		meaning = append(meaning, string(b.key), t.s.title(b), name(b), b.Start.UTC().Format(time.RFC3339), b.End.UTC().Format(time.RFC3339),
			gapOf(c.keeps, c.yields).String(), strconv.FormatBool(b.r.Fixed), strconv.FormatBool(b.soft), strconv.FormatBool(b.whole()))
		if z := t.s.zoneOf(b.Start).String(); z != t.s.zone.String() {
			meaning = append(meaning, "zone", z)
		}
	}
	for _, w := range t.moved {
		meaning = append(meaning, "moved", w.start.UTC().Format(time.RFC3339), w.end.UTC().Format(time.RFC3339))
	}
	for _, a := range c.done {
		meaning = append(meaning, "done", deed(a.f.Amended), strconv.FormatInt(int64(a.f.Amended.Now.Start), 36), strconv.FormatInt(a.at.Unix(), 36))
	}
	if s := t.s; s.o.Slots && s.v.Principal.Holds != "" && len(t.slots)+len(t.moved) > 0 {
		meaning = append(meaning, "slots")
	}
	var offers strings.Builder
	for _, w := range t.slots {
		offers.WriteString("-" + strconv.FormatInt(w.start.Unix()/60, 36))
	}
	return short(12, append(meaning, offers.String())...) + "-" + wanted + offers.String()
}

// wanted names what slots are looked for.
func (s *settlement) wanted(c *conflict) string {
	b := c.yields
	return short(4, string(b.key), b.Start.UTC().Format(time.RFC3339), b.End.UTC().Format(time.RFC3339), strconv.Itoa(s.o.Alternatives), s.zone.String())
}

// offered reads back the slots of the finding that stands, if they were looked
// for the same purpose.
func offered(f model.Finding, wanted string, length time.Duration) []slot {
	for _, d := range []string{f.Hold, f.Note} {
		parts := strings.Split(d, "-")
		if len(parts) < 2 || parts[1] != wanted {
			continue
		}
		var out []slot
		for _, p := range parts[2:] {
			m, err := strconv.ParseInt(p, 36, 64)
			if err != nil || m < 0 || m > 1<<32 {
				return nil
			}
			at := time.Unix(m*60, 0).UTC()
			out = append(out, slot{at, at.Add(length)})
		}
		return slices.Clip(out)
	}
	return nil
}
