package sync

import (
	"slices"
	"sync"
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

// unreadMail is the mail that waits for a reader of its files, as far as this process
// came across it.
type unreadMail struct {
	mu sync.Mutex
	at map[model.Ident]time.Time // when it is decided again
}

// note keeps in mind when a message is decided again because of its files; never for
// the zero time.
func (u *unreadMail) note(of model.Ident, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if at.IsZero() {
		delete(u.at, of)
		return
	}
	if u.at == nil {
		u.at = map[model.Ident]time.Time{}
	}
	u.at[of] = at
}

// count is how many messages wait. One that was to be decided long ago and was not is
// gone.
func (u *unreadMail) count(now time.Time) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	for of, at := range u.at {
		if now.Sub(at) > mostLater {
			delete(u.at, of)
		}
	}
	return len(u.at)
}

// UnreadMail is how many messages are decided again once their PDFs can be read, as far
// as this process came across them.
func (e *Engine) UnreadMail() int { return e.unread.count(e.now()) }
