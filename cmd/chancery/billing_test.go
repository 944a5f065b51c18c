package main

import (
	"testing"

	"chancery/internal/servertest"
)

// billingFirm works on gc's mail with the shipped rules, and keeps due dates in the
// calendar bills.
func billingFirm(t testing.TB, d *servertest.DovecotServer, dav *servertest.DAV) *firm {
	t.Helper()
	f := newFirm(t, d, dav)
	f.ship(nil)
	dav.MakeCalendar("work")
	f.edit("chancery.yaml", "{name: holds, match: holds, create: true}]", "{name: holds, match: holds, create: true}, {name: bills, match: bills, create: true}]")
	f.edit("chancery.yaml", "    holds: cal/holds\n", "    holds: cal/holds\n    mail: [gc-mail]\n    billing: {calendar: cal/bills, due_before: 3}\n")
	return f
}
