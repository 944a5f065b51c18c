package google

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"google.golang.org/api/googleapi"

	"chancery/connectors"
)

// Pauses after a quota was met: the first, the longest, and the one after a quota
// of a day.
const (
	firstPause = time.Second
	mostPause  = 64 * time.Second
	dayPause   = 15 * time.Minute
)

// refusal is an answer other than success. Reason is Google's word for it.
type refusal struct {
	status     int
	reason     string
	retryAfter time.Duration
}

func (e *refusal) Error() string {
	if e.reason != "" {
		return fmt.Sprintf("http status %d, %s", e.status, e.reason)
	}
	return fmt.Sprintf("http status %d", e.status)
}

// asRefusal finds the answer inside an error of the library, or of ours. What else
// Google says is left out: it may quote an event.
func asRefusal(err error) (*refusal, bool) {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r, true
	}
	g, ok := errors.AsType[*googleapi.Error](err)
	if !ok {
		return nil, false
	}
	r := &refusal{status: g.Code, retryAfter: retryAfter(g.Header.Get("Retry-After"), time.Now())}
	if len(g.Errors) > 0 {
		r.reason = word(g.Errors[0].Reason)
	}
	return r, true
}

// word keeps what a server says out of error texts unless it looks like a name.
func word(s string) string {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return ""
		}
	}
	return s[:min(len(s), 64)]
}

// retryAfter reads seconds or a date (RFC 9110 section 10.2.3), at most a day.
func retryAfter(s string, now time.Time) time.Duration {
	const most = 24 * time.Hour
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return time.Duration(min(n, 86400)) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil {
		return min(max(0, t.Sub(now)), most)
	}
	return 0
}

// failed turns any error of a call into what the contract promises.
func (s *Source) failed(err error) error {
	if err == nil {
		s.c.strikes.Store(0)
		return nil
	}
	if e, ok := errors.AsType[*connectors.Error](err); ok {
		return e
	}
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	if errors.Is(err, connectors.ErrCursorExpired) {
		return connectors.ErrCursorExpired
	}
	r, ok := asRefusal(err)
	if !ok {
		if broken(err) {
			return protocol("bad-json")
		}
		return &connectors.Error{Class: connectors.Network, Code: networkCode(err), Err: withoutURL(err)}
	}
	e := classify(r)
	if e.Class == connectors.Throttled {
		e.RetryAfter = s.c.pause(r)
	}
	return e
}

// classify says what a refused call means for the calendar.
func classify(r *refusal) *connectors.Error {
	e := &connectors.Error{Class: connectors.Protocol, Code: "http-" + strconv.Itoa(r.status), Err: r}
	switch {
	case r.status == http.StatusUnauthorized:
		e.Class, e.Code = connectors.Auth, "token"
	case r.overQuota():
		e.Class, e.Code = connectors.Throttled, "quota"
	case r.status == http.StatusForbidden:
		e.Class = connectors.Auth
		switch r.reason {
		case "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
			e.Code = "scope" // the person agreed to less than is needed
		case "accessNotConfigured", "SERVICE_DISABLED":
			e.Class, e.Code = connectors.Config, "api-disabled"
		}
	case r.status == http.StatusNotFound, r.status == http.StatusGone:
		e.Class = connectors.Config
	case r.status == http.StatusServiceUnavailable:
		e.Class = connectors.Throttled
	case r.status >= 500:
		e.Class = connectors.Network
	}
	return e
}

// overQuota reports the answers that ask to wait. Google says so with 403, too.
func (r *refusal) overQuota() bool {
	if r.status == http.StatusTooManyRequests {
		return true
	}
	if r.status != http.StatusForbidden {
		return false
	}
	switch r.reason {
	case "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "calendarLimitExceeded", "RATE_LIMIT_EXCEEDED":
		return true
	}
	return false
}

// pause says how long to wait: what the server asks for, else twice as long as the
// last time, and each time a little more by chance, so that many calendars do not
// come back at once.
func (c *client) pause(r *refusal) time.Duration {
	wait := min(firstPause<<min(c.strikes.Add(1)-1, 10), mostPause)
	if r.reason == "dailyLimitExceeded" || r.reason == "quotaExceeded" || r.reason == "calendarLimitExceeded" {
		wait = dayPause
	}
	wait = max(wait, r.retryAfter)
	return wait + mathrand.N(max(wait/4, time.Millisecond))
}

// broken reports an answer that is no JSON of the expected form.
func broken(err error) bool {
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return true
	}
	_, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok
}

func networkCode(err error) string {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "tls"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "tls"
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "timeout"
	}
	return "connection"
}

// secretError passes on what the giver of tokens says: that a person has to agree
// again is not to be tried again.
func secretError(err error) error {
	if e, ok := errors.AsType[*connectors.Error](err); ok {
		return e
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &connectors.Error{Class: connectors.Auth, Code: "secret", Err: err}
}

func protocol(code string) error {
	return &connectors.Error{Class: connectors.Protocol, Code: code}
}

func misconfigured(code string, err error) error {
	return &connectors.Error{Class: connectors.Config, Code: code, Err: err}
}

// status returns the HTTP status inside err, or 0.
func status(err error) int {
	if r, ok := asRefusal(err); ok {
		return r.status
	}
	return 0
}

// withoutURL keeps the ids of events out of error texts.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
