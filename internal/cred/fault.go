package cred

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/oauth2"
)

// maxSkew is how far clocks may differ before it is said.
const maxSkew = time.Minute

// Fault says what a failed exchange means for the account.
type Fault int

const (
	FaultProvider Fault = iota // out of reach or out of order: try again later
	FaultConsent               // a person must consent anew; trying again is useless
	FaultClient                // the configuration is wrong: client, secret, scope, grant
	FaultSecret                // a secret cannot be read, or a rotated one not be kept
	FaultClock                 // the clocks differ so much that nothing signed is believed
)

// TokenError is a failed exchange. Code is stable and safe to log. Err may quote
// the provider, never a token or a secret.
type TokenError struct {
	Fault      Fault
	Code       string
	RetryAfter time.Duration
	Err        error
}

func (e *TokenError) Error() string { return fmt.Sprintf("get token: %s: %v", e.Code, e.Err) }

func (e *TokenError) Unwrap() error { return e.Err }

// IsUnavailable reports whether the provider is to blame, not the account.
func IsUnavailable(err error) bool {
	e, ok := errors.AsType[*TokenError](err)
	return ok && e.Fault == FaultProvider
}

// fault reads what a failure means. RFC 6749 section 5.2 lists the codes;
// interaction_required and its like are OpenID Connect Core section 3.1.2.6 and
// Microsoft's.
func (q *question) fault(err error) error {
	e := &TokenError{Fault: FaultProvider, Code: "token-provider", RetryAfter: q.wait}
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case q.foreign:
		e.Fault, e.Code, e.Err = FaultClient, "token-redirect", errors.New("the token endpoint redirects to another host: write that one into token_url")
		return e
	case !ok || q.status >= 500 || q.status == 429:
		e.Err = q.clean(err)
		return e
	}
	code, text := refused.ErrorCode, refused.ErrorDescription
	if code == "" {
		var body struct {
			Code string `json:"error"`
			Text string `json:"error_description"`
		}
		if json.Unmarshal(refused.Body, &body) == nil {
			code, text = body.Code, body.Text
		}
	}
	e.Err = q.clean(errors.New(strings.TrimSuffix(fmt.Sprintf("%d %s: %s", q.status, code, text), ": ")))
	switch code {
	case "invalid_grant", "interaction_required", "consent_required", "login_required", "access_denied":
		e.Fault, e.Code = FaultConsent, "consent"
		if q.skew != 0 && q.t.o.OAuth.Grant == "service_account" {
			e.Fault, e.Code = FaultClock, "clock"
			e.Err = fmt.Errorf("this machine's clock is %s the provider's: set it right; %w", aheadOf(q.skew), e.Err)
		}
	case "temporarily_unavailable", "server_error", "slow_down":
	default:
		e.Fault, e.Code = FaultClient, "token-client"
	}
	return e
}

func aheadOf(skew time.Duration) string {
	if skew < 0 {
		return fmt.Sprintf("%s behind", -skew)
	}
	return fmt.Sprintf("%s ahead of", skew)
}

// clean keeps what a person can use of a provider's words: short, on one line,
// and with nothing in it that is a secret.
func (q *question) clean(err error) error {
	text := err.Error()
	if _, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		text = fmt.Sprintf("the token endpoint answers %d", q.status)
	}
	for _, s := range q.secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if r := []rune(text); len(r) > 300 {
		text = string(r[:300])
	}
	return errors.New(strings.TrimSpace(text))
}
