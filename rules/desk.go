package rules

import (
	"chancery/internal/model"
	"chancery/rules/billdesk"
)

// Billing says what is intended about the billing of the principal of v: due dates in
// the billing calendar, reminders and the billing note. It depends on v.Now, v.Principal,
// v.Billing and v.Findings alone. With known false, not all calendars are known: nothing
// is written into any then.
func (s *Set) Billing(v model.View, known bool) model.Plan {
	return billdesk.Decide(v, known, s.version)
}
