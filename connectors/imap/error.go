package imap

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"time"

	"chancery/connectors"
)

// refusal is a NO or BAD to one of our commands. The connection is fine.
type refusal struct{ answer }

func (r *refusal) Error() string {
	text := r.status + " " + r.text
	if r.code != "" {
		text = r.status + " [" + r.code + "] " + r.text
	}
	return text[:min(len(text), 300)]
}

// maxRetry bounds what a server may ask us to wait.
const maxRetry = time.Hour

var (
	backoffText  = regexp.MustCompile(`(?i)backoff time:?\s*(\d{1,9})\s*milliseconds`)
	throttleText = regexp.MustCompile(`(?i)throttl|too many (simultaneous |concurrent )?(connections|logins|requests)|rate limit|bandwidth|maximum number of connections|\[LIMIT\]`)
	sickText     = regexp.MustCompile(`(?i)server unavailable|temporar|try again later|internal (server )?error`)
)

// classify turns a refusal of something that must work into the error of a
// call. Step refusals do not come here.
func classify(a answer, op string) *connectors.Error {
	err := &refusal{a}
	switch {
	case throttleText.MatchString(a.text) || a.code == "LIMIT":
		e := &connectors.Error{Class: connectors.Throttled, Code: "throttled", Err: err}
		if m := backoffText.FindStringSubmatch(a.text); m != nil {
			ms, _ := strconv.Atoi(m[1])
			e.RetryAfter = min(time.Duration(ms)*time.Millisecond, maxRetry)
		}
		return e
	case a.code == "UNAVAILABLE", a.code == "INUSE", a.code == "SERVERBUG", sickText.MatchString(a.text):
		return &connectors.Error{Class: connectors.Network, Code: "unavailable", Err: err}
	case a.status == "BYE":
		return &connectors.Error{Class: connectors.Network, Code: "bye", Err: err}
	case op == "login":
		return &connectors.Error{Class: connectors.Auth, Code: "login", Err: err}
	}
	// RFC 5530 section 3: the codes that speak of credentials.
	switch a.code {
	case "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED":
		return &connectors.Error{Class: connectors.Auth, Code: "login", Err: err}
	}
	return &connectors.Error{Class: connectors.Protocol, Code: op + "-refused", Err: err}
}

// passing reports whether a refusal says "not now" rather than "never".
func passing(a answer) bool {
	switch a.code {
	case "UNAVAILABLE", "INUSE", "SERVERBUG", "LIMIT":
		return true
	}
	return throttleText.MatchString(a.text) || sickText.MatchString(a.text)
}

// asRefusal returns the answer if err is a NO or BAD that has not been classified.
func asRefusal(err error) (answer, bool) {
	if _, ok := errors.AsType[*connectors.Error](err); ok {
		return answer{}, false
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.answer, true
	}
	return answer{}, false
}

// finish gives an error of a whole call its class: a cancelled context stays
// what it is, a refusal is classified, the rest is already one of ours.
func finish(ctx context.Context, err error, op string) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if a, ok := asRefusal(err); ok {
		return classify(a, op)
	}
	return err
}
