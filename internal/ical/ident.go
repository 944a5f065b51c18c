package ical

import (
	"crypto/sha256"
	"encoding/hex"

	"chancery/internal/model"
)

// Ident names an object by its UID, so that the same meeting in two calendars, of
// whatever servers, has one name; without a UID by its place.
func Ident(uid, place string) model.Ident {
	prefix, s := "u:", uid
	if uid == "" {
		prefix, s = "h:", place
	}
	h := sha256.Sum256([]byte(s))
	return model.Ident(prefix + hex.EncodeToString(h[:16]))
}
