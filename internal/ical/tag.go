package ical

import (
	"crypto/subtle"
	"encoding/base64"
	"strings"

	goical "github.com/emersion/go-ical"

	"chancery/connectors"
	"chancery/internal/model"
)

// tagName is the property that makes an object ours. Its value is
//
//	1.finding.hold digest.object digest.signature
//
// with each field in base64url, so that it holds no character that a server may
// want to escape, unescape or split at: Xandikos turns %3A into a colon. The
// signature binds the fields to the UID: a copy of the event under another UID is
// not ours.
const tagName = "X-CHANCERY-TAG"

// A hold that blocks time has a version of its own, so that what it was written
// as is no news of a person.
const (
	tagAsks   = "1"
	tagBlocks = "1b"
)

func makeTag(h model.Hold, object string, sign connectors.Sign) string {
	version := tagAsks
	if h.Body.Reveal().Blocks {
		version = tagBlocks
	}
	of, digest := string(h.Of), h.Digest
	fields := []string{version, of, digest, object, signature(version, h.UID, of, digest, object, sign)}
	for i := range fields {
		fields[i] = base64.RawURLEncoding.EncodeToString([]byte(fields[i]))
	}
	return strings.Join(fields, ".")
}

func signature(version, uid, of, digest, object string, sign connectors.Sign) string {
	return sign("calendar", version, uid, of, digest, object)
}

// tagged reports whether any event carries a tag, of whatever installation.
func tagged(parts []*component) bool {
	for _, c := range parts {
		if _, ok := c.get(tagName); ok {
			return true
		}
	}
	return false
}

// readOwn verifies the tag of an object. It stands for the object as a whole:
// further events beside the tagged one are an edit.
func readOwn(events []*component, uid string, data []byte, verify connectors.Sign) *model.Own {
	if verify == nil || uid == "" {
		return nil
	}
	tag, ok := events[0].get(tagName)
	if !ok {
		return nil
	}
	fields := strings.Split(strings.TrimSpace(tag.Value), ".")
	if len(fields) != 5 {
		return nil
	}
	for i := range fields {
		v, err := base64.RawURLEncoding.DecodeString(fields[i])
		if err != nil {
			return nil
		}
		fields[i] = string(v)
	}
	version, of, digest, object := fields[0], fields[1], fields[2], fields[3]
	want := signature(version, uid, of, digest, object, verify)
	if version != tagAsks && version != tagBlocks || want == "" || subtle.ConstantTimeCompare([]byte(fields[4]), []byte(want)) != 1 {
		return nil
	}
	own := &model.Own{Of: model.Ident(of), Digest: digest, Intact: Digest(data) == object}
	own.Confirmed = !own.Intact && version == tagAsks && confirmed(events[0])
	return own
}

// confirmed reports whether a hold that was tentative and transparent has become
// an appointment. Programs that know no status show its time as busy: some write
// TRANSP:OPAQUE, some leave the property out, which says the same (RFC 5545
// section 3.8.2.7). Outlook's own word is finer than TRANSP and goes before it:
// it writes what is tentative as opaque.
func confirmed(c *component) bool {
	switch word(c, goical.PropStatus) {
	case "CONFIRMED":
		return true
	case "CANCELLED", "CANCELED":
		return false
	}
	switch word(c, busyStatus) {
	case "BUSY", "OOF":
		return true
	case "TENTATIVE", "FREE", "WORKINGELSEWHERE":
		return false
	}
	transp := word(c, goical.PropTransparency)
	return transp == "" || transp == "OPAQUE"
}
