package sync

import (
	"strings"

	"chancery/internal/model"
)

// Retry ends the pause of an account's sources that failed, because a person has
// mended what they failed for: a refused login is otherwise left alone for up to six
// hours. It returns how many sources the account has.
func (e *Engine) Retry(account string) int {
	n := 0
	for id, w := range e.workers {
		if accountOf(id) != account {
			continue
		}
		n++
		select {
		case w.retry <- struct{}{}:
		default:
		}
	}
	return n
}

// accountOf is the account of a source: a calendar is named account/calendar.
func accountOf(id model.SourceID) string {
	name, _, _ := strings.Cut(string(id), "/")
	return name
}
