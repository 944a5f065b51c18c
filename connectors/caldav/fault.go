package caldav

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"chancery/connectors"
)

// statusError is an answer other than success.
type statusError struct {
	status       int
	precondition string // local name of the first DAV:error child (RFC 4918 section 16), e.g. "valid-sync-token"
	retryAfter   time.Duration
}

func (e *statusError) Error() string {
	if e.precondition != "" {
		return fmt.Sprintf("http status %d, %s", e.status, e.precondition)
	}
	return fmt.Sprintf("http status %d", e.status)
}

// newStatusError reads the answer's precondition and Retry-After.
func newStatusError(r *reply) *statusError {
	e := &statusError{status: r.status, retryAfter: retryAfter(r.header.Get("Retry-After"), time.Now())}
	var body struct {
		XMLName xml.Name `xml:"DAV: error"`
		Any     []struct {
			XMLName xml.Name
		} `xml:",any"`
	}
	if scanXML(r.body) == nil && xml.Unmarshal(r.body, &body) == nil && len(body.Any) > 0 {
		e.precondition = word(body.Any[0].XMLName.Local)
	}
	return e
}

// word keeps what a server says out of error texts unless it looks like a name.
func word(s string) string {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return ""
		}
	}
	return s[:min(len(s), 64)]
}

// retryAfter reads seconds or a date (RFC 9110 section 10.2.3), at most a day.
func retryAfter(s string, now time.Time) time.Duration {
	const most = 24 * time.Hour
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return min(time.Duration(min(n, 86400))*time.Second, most)
	}
	if t, err := http.ParseTime(s); err == nil {
		return min(max(0, t.Sub(now)), most)
	}
	return 0
}

// failed turns any error of a call into what the contract promises.
func failed(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*connectors.Error](err); ok || errors.Is(err, context.Canceled) || errors.Is(err, connectors.ErrCursorExpired) {
		return err
	}
	s, ok := asStatus(err)
	if !ok {
		return &connectors.Error{Class: connectors.Network, Code: networkCode(err), Err: err}
	}
	e := &connectors.Error{Class: connectors.Protocol, Code: "http-" + strconv.Itoa(s.status), RetryAfter: s.retryAfter, Err: err}
	switch {
	case s.status == http.StatusUnauthorized, s.status == http.StatusForbidden:
		e.Class = connectors.Auth
	case s.status == http.StatusTooManyRequests, s.status == http.StatusServiceUnavailable:
		e.Class = connectors.Throttled
	case s.status == http.StatusNotFound, s.status == http.StatusGone, s.status == http.StatusMethodNotAllowed:
		e.Class = connectors.Config
	case s.status >= 500:
		e.Class = connectors.Network
	}
	return e
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

func protocol(code string) error {
	return &connectors.Error{Class: connectors.Protocol, Code: code}
}

func misconfigured(code string, err error) error {
	return &connectors.Error{Class: connectors.Config, Code: code, Err: err}
}

// status returns the HTTP status inside err, or 0.
func status(err error) int {
	if s, ok := asStatus(err); ok {
		return s.status
	}
	return 0
}

// isProtocol reports an answer that no reader can understand.
func isProtocol(err error) bool {
	class, _ := connectors.Classify(err)
	return class == connectors.Protocol
}

func asStatus(err error) (*statusError, bool) { return errors.AsType[*statusError](err) }
