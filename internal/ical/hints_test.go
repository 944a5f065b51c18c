package ical

import (
	"testing"
	"time"
)

// What programs say about an event in words of their own.
func TestHints(t *testing.T) {
	for line, want := range map[string]struct {
		focus     bool
		travel    time.Duration
		noCounter bool
	}{
		"X-NOTHING:1": {},
		"X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT45M":             {travel: 45 * time.Minute},
		"X-APPLE-TRAVEL-DURATION:P1DT2H":                           {travel: 24 * time.Hour},
		"X-APPLE-TRAVEL-DURATION:P3000D":                           {travel: 24 * time.Hour},
		"X-APPLE-TRAVEL-DURATION:-PT45M":                           {},
		"X-APPLE-TRAVEL-DURATION:an hour":                          {},
		"X-APPLE-TRAVEL-DURATION:PT99999999999999999999999999999S": {},
		"X-MICROSOFT-DISALLOW-COUNTER:TRUE":                        {noCounter: true},
		"X-MICROSOFT-DISALLOW-COUNTER:true ":                       {noCounter: true},
		"X-MICROSOFT-DISALLOW-COUNTER:FALSE":                       {},
		"CATEGORIES:Work,Focus time":                               {focus: true},
		"CATEGORIES:Out of focus":                                  {},
		"SUMMARY:Focus time":                                       {},
	} {
		o, problems := only(t, event("UID:1", startLine, line))
		if o.Focus != want.focus || o.Travel != want.travel || o.NoCounter != want.noCounter || len(problems) > 0 {
			t.Errorf("%.60s: focus %v, travel %v, no counter %v, problems %q", line, o.Focus, o.Travel, o.NoCounter, problems)
		}
	}
}
