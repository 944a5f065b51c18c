package sync

import (
	"context"
	"slices"

	"chancery/internal/model"
	"chancery/rules"
	"chancery/sync/journal"
)

// answeredBills lets the ledger remember of which prebills and portal notices the mail
// has been answered, as its flag says: nobody needs to be reminded of them. Mail
// programs set the flag (RFC 9051 section 2.3.2) whoever answered from them; of an
// answer from elsewhere only newer mail tells.
func (e *Engine) answeredBills(ctx context.Context, set *rules.Set, known memory, changes []model.Change, turn *journal.Turn) error {
	if !set.Need().Bills {
		return nil
	}
	answered := map[model.Ident]bool{}
	var words []string
	for i, c := range changes {
		if c.Op != model.Put && c.Op != model.Marked || c.Message == nil || !c.Message.Flags.Has(`\Answered`) {
			continue
		}
		idents := []model.Ident{c.Ident}
		if c.Ident == "" {
			idents = nil
			for _, in := range known.byPlace[i] {
				idents = append(idents, in.Step.Ident)
			}
		}
		for _, of := range idents {
			if !answered[of] {
				answered[of], words = true, append(words, journal.MailWord(of))
			}
		}
	}
	if len(words) == 0 {
		return nil
	}
	bills, err := e.opt.Journal.Bills(ctx, words)
	if err != nil {
		return journalError(err)
	}
	for i, b := range turn.Bills {
		turn.Bills[i].Answered = b.Answered || answered[b.Ident]
	}
	for _, b := range bills {
		same := func(x model.Bill) bool { return x.ID == b.ID }
		if waits := b.Class == "prebill" || b.Class == "portal"; waits && answered[b.Ident] && !b.Answered && !slices.ContainsFunc(turn.Bills, same) {
			b.Answered = true
			turn.Bills = append(turn.Bills, b)
		}
	}
	return nil
}
