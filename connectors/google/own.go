package google

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"

	"chancery/connectors"
	"chancery/internal/model"
)

// tagKey names the private extended property that makes an event ours. It belongs
// to this calendar's copy of the event alone. Its value is
//
//	1.uid.finding.hold digest.event digest.signature
//
// with each field in base64url. The signature binds the fields to the event's id: a
// copy under another id is not ours. The event digest begins with "t:" for a hold
// that was written tentative and "b:" for one that takes time.
const tagKey = "chancery"

const tagVersion = "1"

// eventID makes the id under which a hold stands: the same for the same UID, in the
// letters Google allows (RFC 4648 section 7, lower case).
func eventID(uid string) string {
	h := sha256.Sum256([]byte(uid))
	return "ch" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(h[:20]))
}

// tag is what an event of ours says of itself.
type tag struct {
	uid    string
	of     model.Ident
	digest string
	event  string
}

func (t tag) sign(id string, sign connectors.Sign) string {
	return sign("google", tagVersion, id, t.uid, string(t.of), t.digest, t.event)
}

func (t tag) write(id string, sign connectors.Sign) string {
	fields := []string{tagVersion, t.uid, string(t.of), t.digest, t.event, t.sign(id, sign)}
	for i := range fields {
		fields[i] = base64.RawURLEncoding.EncodeToString([]byte(fields[i]))
	}
	return strings.Join(fields, ".")
}

// tagOf returns the tag an event carries, whoever wrote it.
func tagOf(e *calendar.Event) string {
	if e.ExtendedProperties == nil {
		return ""
	}
	return e.ExtendedProperties.Private[tagKey]
}

// readTag verifies the tag of an event.
func readTag(e *calendar.Event, verify connectors.Sign) (tag, bool) {
	text := tagOf(e)
	if verify == nil || text == "" || len(text) > maxText || e.RecurringEventId != "" {
		return tag{}, false
	}
	fields := strings.Split(text, ".")
	if len(fields) != 6 {
		return tag{}, false
	}
	for i := range fields {
		v, err := base64.RawURLEncoding.DecodeString(fields[i])
		if err != nil {
			return tag{}, false
		}
		fields[i] = string(v)
	}
	t := tag{uid: fields[1], of: model.Ident(fields[2]), digest: fields[3], event: fields[4]}
	want := t.sign(e.Id, verify)
	if fields[0] != tagVersion || want == "" || subtle.ConstantTimeCompare([]byte(fields[5]), []byte(want)) != 1 {
		return tag{}, false
	}
	return t, true
}

// readOwn says what our tag proves. A hold whose time a person shows as busy, or
// whose status is confirmed, has become a real appointment.
func readOwn(e *calendar.Event, verify connectors.Sign) *model.Own {
	t, ok := readTag(e, verify)
	if !ok || e.Status == "cancelled" {
		return nil
	}
	o := &model.Own{Of: t.of, Digest: t.digest}
	kind, was, _ := strings.Cut(t.event, ":")
	o.Intact = was == digestOf(e)
	o.Confirmed = kind == "t" && (e.Status == "confirmed" || e.Status == "") && !o.Intact ||
		kind == "t" && e.Transparency != "transparent"
	return o
}

// holdUID returns the UID an event of ours was made for, else Google's: a client
// that chooses the id may not choose the UID.
func holdUID(e *calendar.Event, verify connectors.Sign) string {
	if t, ok := readTag(e, verify); ok {
		return t.uid
	}
	return e.ICalUID[:min(len(e.ICalUID), maxID)]
}

// digestOf names what a person can see and change in an event. Bookkeeping of
// Google's, and how it writes a time, do not count.
func digestOf(e *calendar.Event) string {
	seen := struct {
		Summary, Description, Location, Status, Show, Class, Start, End, Call string
		Recurrence, Guests                                                    []string
		Color, Type                                                           string
	}{
		Summary: strings.TrimSpace(e.Summary), Description: strings.TrimSpace(e.Description), Location: strings.TrimSpace(e.Location),
		Status: e.Status, Show: e.Transparency, Class: e.Visibility, Start: instant(e.Start), End: instant(e.End),
		Call: callOf(e), Recurrence: e.Recurrence, Type: e.EventType,
	}
	if seen.Status == "" {
		seen.Status = "confirmed"
	}
	if seen.Show == "" {
		seen.Show = "opaque"
	}
	if seen.Class == "" {
		seen.Class = "default"
	}
	if seen.Type == "" {
		seen.Type = "default"
	}
	for _, a := range e.Attendees {
		if a != nil {
			seen.Guests = append(seen.Guests, strings.ToLower(a.Email))
		}
	}
	b, err := json.Marshal(seen)
	if err != nil {
		return ""
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// instant writes a time so that the zone it is shown in does not count.
func instant(t *calendar.EventDateTime) string {
	switch {
	case t == nil:
		return ""
	case t.Date != "":
		return t.Date
	}
	at, err := time.Parse(time.RFC3339, t.DateTime)
	if err != nil {
		return "?" + t.DateTime
	}
	return at.UTC().Format(time.RFC3339)
}
