package sync

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
