package rules

import "chancery/internal/model"

// Bills says what the ledger would be told about a message: each invoice that it tells
// of, without what only the ledger knows (Twins, and what the message settles). Their
// Keys are what the ledger is to be asked for before Decide. It is nil for nearly all
// mail.
func (s *Set) Bills(c model.Change, v model.View) []model.Bill { return nil }
