package ical

import (
	"crypto/subtle"
	"encoding/base64"
	"strings"

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

const tagVersion = "1"

func makeTag(uid string, of model.Ident, digest, object string, sign connectors.Sign) string {
	fields := []string{tagVersion, string(of), digest, object, signature(uid, string(of), digest, object, sign)}
	for i := range fields {
		fields[i] = base64.RawURLEncoding.EncodeToString([]byte(fields[i]))
	}
	return strings.Join(fields, ".")
}

func signature(uid, of, digest, object string, sign connectors.Sign) string {
	return sign("calendar", tagVersion, uid, of, digest, object)
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
	of, digest, object := fields[1], fields[2], fields[3]
	want := signature(uid, of, digest, object, verify)
	if fields[0] != tagVersion || want == "" || subtle.ConstantTimeCompare([]byte(fields[4]), []byte(want)) != 1 {
		return nil
	}
	return &model.Own{Of: model.Ident(of), Digest: digest, Intact: Digest(data) == object}
}
