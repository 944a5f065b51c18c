package sync

import (
	"slices"
	"time"

	"chancery/internal/model"
)

// Mail with a file that nobody could read just then is decided without, and again: soon
// at first, then each time it has become twice as old. Old mail has one chance.
const (
	leastLater = time.Minute
	mostLater  = 6 * time.Hour
	laterFor   = 7 * 24 * time.Hour
	onceLater  = time.Hour
)

// unreadLater is the code of filetext.Codes of such a file.
const unreadLater = "pdf-later"

// readLater returns when a message is to be decided again because of its files; zero for
// never. again says that this is such a time.
func readLater(m *model.Message, now time.Time, again bool) time.Time {
	if m == nil || !slices.ContainsFunc(m.Body.Reveal().Files, func(f model.Attachment) bool { return f.Unread == unreadLater }) {
		return time.Time{}
	}
	age := now.Sub(m.Arrived)
	switch {
	case age < laterFor:
		return now.Add(min(max(age, leastLater), mostLater))
	case again:
		return time.Time{}
	}
	return now.Add(onceLater)
}
