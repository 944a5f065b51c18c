package agenda

import (
	"strconv"
	"strings"
	"time"

	"chancery/internal/model"
)

// The identity of a finding begins with a letter for its kind. What belongs to
// one finding shares its root, and what stands for a time ends in the minute:
// so all of it is found again after the state was lost.
const (
	kindConflict = "c:" // two meetings that clash: the hold that tells it, and the note
	kindSlot     = "s:" // a hold on one of the times offered instead
	kindReply    = "r:" // the draft to the organizer
	kindAmend    = "a:" // what was changed in an event; the root names the event
	kindMany     = "h:" // one of several holds that somebody asked for
	kindMirror   = "m:" // one instance as a mirror shows it; the root is all there is
	kindClass    = "k:" // the class of an event of the principal; likewise
)

// IsMirror reports whether what we wrote shows time that another calendar takes.
func IsMirror(of model.Ident) bool { return strings.HasPrefix(string(of), kindMirror) }

// IsSlot reports whether a hold stands for a time that a person may choose: such
// a hold can be confirmed.
func IsSlot(of model.Ident) bool {
	return strings.HasPrefix(string(of), kindSlot) || strings.HasPrefix(string(of), kindMany)
}

// IsReply reports whether a finding is about a draft to an organizer.
func IsReply(of model.Ident) bool { return strings.HasPrefix(string(of), kindReply) }

// Root is what all that belongs to one finding has in common.
func Root(of model.Ident) string {
	s := string(of)
	if len(s) >= 2 && s[1] == ':' {
		s, _, _ = strings.Cut(s[2:], ".")
	}
	return s
}

// split takes an identity apart; at is the zero time where it has none.
func split(of model.Ident) (kind, root string, at time.Time) {
	s := string(of)
	if len(s) < 2 || s[1] != ':' {
		return "", s, at
	}
	kind = s[:2]
	root, minute, ok := strings.Cut(s[2:], ".")
	if !ok {
		return kind, root, at
	}
	if n, err := strconv.ParseInt(minute, 36, 64); err == nil && n > 0 && n < 1<<32 {
		at = time.Unix(n*60, 0).UTC()
	}
	return kind, root, at
}

// OfferedAt is the time that a hold was made for, in UTC; the zero time if it stands
// for none. A person may have moved the hold since.
func OfferedAt(of model.Ident) time.Time {
	_, _, at := split(of)
	return at
}

// identAt names what stands for a time.
func identAt(kind, root string, at time.Time) model.Ident {
	minute := int64(0)
	if !at.IsZero() {
		minute = at.Unix() / 60
	}
	return model.Ident(kind + root + "." + strconv.FormatInt(minute, 36))
}

// kin is another kind of finding about the same.
func kin(kind string, of model.Ident) model.Ident {
	return model.Ident(kind + Root(of))
}
