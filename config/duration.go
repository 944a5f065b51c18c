package config

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	daysPart   = regexp.MustCompile(`^(\d{1,5})d(.*)$`)
	inWords    = regexp.MustCompile(`(?i)^\s*(\d{1,6})\s*(s|sec|second|m|min|minute|h|hr|hour|d|day|w|week)s?\s*$`)
	bareNumber = regexp.MustCompile(`^\d{1,9}$`)
)

// parseDuration reads 90s, 10m, 1h30m, 60d and 1d12h. Where that fails the hint
// says how to write what was probably meant.
func parseDuration(s string) (d time.Duration, hint string, ok bool) {
	rest := s
	if m := daysPart.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1])
		d, rest = time.Duration(n)*24*time.Hour, m[2]
		if rest == "" {
			return d, "", true
		}
	}
	if more, err := time.ParseDuration(rest); err == nil && rest[0] >= '0' && rest[0] <= '9' && (rest != "0" || s == "0") {
		return d + more, "", true
	}
	if m := inWords.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1])
		unit := strings.ToLower(m[2][:1])
		if unit == "w" {
			n, unit = n*7, "d"
		}
		if short := strconv.Itoa(n) + unit; short != s {
			return 0, "write " + short, false
		}
	}
	if bareNumber.MatchString(s) {
		return 0, "add a unit: " + s + "s, " + s + "m, " + s + "h or " + s + "d", false
	}
	return 0, "write for example 30s, 10m, 2h or 14d", false
}

// formatDuration is the shortest text parseDuration reads back.
func formatDuration(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
