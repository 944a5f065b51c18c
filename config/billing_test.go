package config

import "testing"

// Who has a billing desk has bills read, whatever the rule files say.
func TestABillingDeskIsToldToTheRules(t *testing.T) {
	person := service + "principals:\n  - {name: jane, zone: UTC, addresses: [jane@firm.example]"
	for in, want := range map[string]bool{
		service:                                  false,
		person + "}\n":                           false,
		person + ", billing: {notes: off}}\n":    true,
		person + ", billing: {due_before: 2}}\n": true,
	} {
		cfg, errs := Load(files("chancery.yaml", in, "rules.d/1.yaml", "version: 1\n"), "")
		if errs.Fatal() || cfg.Rules.Billing.Desks != want {
			t.Errorf("%s: %v, %v", in, cfg.Rules.Billing.Desks, errs)
		}
	}
}
