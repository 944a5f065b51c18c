package caldav

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"chancery/connectors"
)

// login proves who we are: by a token (RFC 6750 section 2.1), by Digest where the
// server asks for it (RFC 7616 section 3.4), else by Basic (RFC 7617 section 2).
// Who was once asked for Digest is never given the password itself again: a server
// that forgets it is another one, or somebody stands in between.
type login struct {
	user     string
	password func(context.Context) (string, error)
	token    func(context.Context) (string, error)
	renew    func(ctx context.Context, refused string) (string, error)

	digest *atomic.Pointer[challenge] // the newest, of this Source or of one before

	mu     sync.Mutex
	secret string // password as read last
	have   bool
	asked  *challenge // nil until the server asks for Digest
	worked string     // nonce that was accepted
}

// proof is what one request was sent with.
type proof struct {
	header string // Authorization; "" for none
	secret string // password or token
	nonce  string // of Digest
}

// prove makes the Authorization of one request.
func (l *login) prove(ctx context.Context, method, uri string) (proof, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.token != nil:
		t, err := l.token(ctx)
		if err != nil {
			return proof{}, tokenError(err)
		}
		return bearer(t)
	case l.user == "":
		return proof{}, nil
	}
	if err := l.read(ctx, false); err != nil {
		return proof{}, err
	}
	if c := l.digest.Load(); l.asked == nil && c != nil {
		l.asked, l.worked = c, c.nonce // a nonce that ran out is answered with another
	}
	if l.asked == nil {
		req := http.Request{Header: http.Header{}}
		req.SetBasicAuth(l.user, l.secret)
		return proof{header: req.Header.Get("Authorization"), secret: l.secret}, nil
	}
	l.asked.used++
	header, err := l.asked.answer(l.user, l.secret, method, uri, l.asked.used)
	return proof{header, l.secret, l.asked.nonce}, err
}

func bearer(token string) (proof, error) {
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return proof{}, &connectors.Error{Class: connectors.Auth, Code: "secret", Err: errors.New("the token holds what no token holds")}
	}
	return proof{header: "Bearer " + token, secret: token}, nil
}

// tokenError keeps the class that the source of the tokens gave.
func tokenError(err error) error {
	if _, ok := errors.AsType[*connectors.Error](err); ok {
		return err
	}
	return &connectors.Error{Class: connectors.Config, Code: "secret", Err: err}
}

// read reads the password, again if fresh.
func (l *login) read(ctx context.Context, fresh bool) error {
	if l.password == nil || l.have && !fresh {
		return nil
	}
	s, err := l.password(ctx)
	if err != nil {
		return misconfigured("password", fmt.Errorf("read password: %w", err))
	}
	l.secret, l.have = s, true
	return nil
}

// refused says whether a request that ended as 401 with p can be proved in another
// way: the server asked for Digest, its nonce ran out, or the secret was changed
// on disk. The proof to send again is nil if there is none.
func (l *login) refused(ctx context.Context, p proof, method, uri string, r *reply) (*proof, error) {
	if l.token != nil {
		if l.renew == nil {
			return nil, nil
		}
		t, err := l.renew(ctx, p.secret)
		if err != nil {
			return nil, tokenError(err)
		}
		again, err := bearer(t)
		if err != nil || t == p.secret {
			return nil, err
		}
		return &again, nil
	}
	if l.user == "" {
		return nil, nil
	}
	if again, err := l.adopt(ctx, p, r.header.Values("Www-Authenticate")); err != nil || !again {
		return nil, err
	}
	again, err := l.prove(ctx, method, uri)
	return &again, err
}

func (l *login) adopt(ctx context.Context, p proof, offers []string) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	offer, basic := pickDigest(offers)
	if offer != nil {
		l.digest.Store(offer)
	}
	if offer == nil && l.asked != nil && basic {
		return false, &connectors.Error{Class: connectors.Auth, Code: "auth-downgrade", Err: errors.New("the server asked for Digest before and asks for the password itself now")}
	}
	switch {
	case offer == nil:
	case p.nonce == "", offer.stale && offer.nonce != p.nonce, p.nonce == l.worked && offer.nonce != p.nonce:
		// A nonce that was good and is no more ran out, also where the server does not
		// say "stale" (RFC 7616 section 3.3).
		l.asked, l.worked = offer, ""
		return true, nil
	}
	before := l.secret
	if err := l.read(ctx, true); err != nil || l.secret == before && l.secret == p.secret {
		return false, err
	}
	if offer != nil {
		l.asked, l.worked = offer, ""
	}
	return true, nil
}

// accepted notes that p was good, and takes the nonce the server wants next
// (RFC 7616 section 3.5).
func (l *login) accepted(p proof, r *reply) {
	if p.nonce == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked == nil || l.asked.nonce != p.nonce {
		return // another request was told of a newer one
	}
	l.worked = p.nonce
	if next := parameters(r.header.Get("Authentication-Info"))["nextnonce"]; next != "" && next != p.nonce {
		fresh := *l.asked
		fresh.nonce, fresh.used = next, 0
		l.asked, l.worked = &fresh, next
		l.digest.Store(&fresh)
	}
}
