package ical

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"chancery/internal/model"
)

// testSign signs with a key of the tests.
func testSign(parts ...string) string {
	h := hmac.New(sha256.New, []byte("install key of the tests"))
	for _, p := range parts {
		_, _ = h.Write([]byte(p + "\x00"))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// event wraps lines into the smallest object.
func event(lines ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
}

// only parses an object of one master.
func only(t testing.TB, data []byte) (model.Occurrence, []string) {
	t.Helper()
	s, _, problems, f := Parse(data, nil)
	if f != nil {
		t.Fatalf("fault %v", f)
	}
	if s.Master == nil {
		t.Fatalf("no master; problems %v", problems)
	}
	return *s.Master, problems
}
