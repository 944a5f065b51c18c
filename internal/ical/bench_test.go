package ical

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// BenchmarkParse reads an invitation of Outlook, and events of many attendees: the
// time per octet must not grow.
func BenchmarkParse(b *testing.B) {
	invitation, err := os.ReadFile("testdata/outlook.in.ics")
	if err != nil {
		b.Fatal(err)
	}
	inputs := map[string][]byte{"invitation": invitation}
	for _, n := range []int{100, 1000} {
		inputs[fmt.Sprintf("attendees=%d", n)] = event("UID:1", startLine, strings.Repeat("ATTENDEE;CN=\"Doe, Jo\";PARTSTAT=ACCEPTED:mailto:jo@firm.example\r\n", n)+"X:1")
	}
	for name, data := range inputs {
		b.Run("size="+name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				Parse(data, nil)
			}
		})
	}
}
