package google

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/api/calendar/v3"
	"google.golang.org/api/option"

	"chancery/connectors"
)

// Limits of one answer.
const (
	maxBody     = 64 << 20 // octets after decompression
	callTimeout = 2 * time.Minute
)

// client speaks HTTP to one origin and to no other.
type client struct {
	http  *http.Client
	base  *url.URL
	gate  *gate
	quota string // names the principal to the quota, without saying who it is
	// strikes counts quotas met in a row.
	strikes atomic.Int32
}

func newClient(o Options) (*client, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, misconfigured("bad-url", nil)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	// RFC 6750 section 5.3: a bearer token needs TLS.
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, misconfigured("insecure-url", nil)
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	if o.Token == nil {
		return nil, misconfigured("secret", errors.New("there is no token"))
	}
	var h http.Client
	if o.Client != nil {
		h = *o.Client
	}
	if h.Transport == nil {
		h.Transport = &http.Transport{
			// No proxy from the environment: the configuration names the only host.
			TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
			DialContext:            (&net.Dialer{Timeout: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout:    30 * time.Second,
			ResponseHeaderTimeout:  callTimeout,
			IdleConnTimeout:        5 * time.Minute,
			MaxResponseHeaderBytes: 256 << 10,
			MaxIdleConnsPerHost:    2,
			ForceAttemptHTTP2:      true,
		}
	}
	c := &client{http: &h, base: u}
	if o.User != "" {
		sum := sha256.Sum256([]byte(strings.ToLower(o.User)))
		c.quota = hex.EncodeToString(sum[:16])
	}
	c.gate = &gate{next: h.Transport, base: u, quota: c.quota, token: o.Token, renew: o.Renew}
	h.Transport = c.gate
	h.Jar = nil
	h.Timeout = 2 * callTimeout // a refused token is followed by a second try
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// service makes the calls of the library go through the gate. Its logger would
// print calendars if an environment variable asked for it.
func (c *client) service(ctx context.Context) (*calendar.Service, error) {
	return calendar.NewService(ctx, option.WithHTTPClient(c.http), option.WithEndpoint(c.base.String()),
		option.WithLogger(slog.New(slog.DiscardHandler)))
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// gate is the one way out: it lets requests to the configured origin through,
// with a token, and reads whole answers of a bounded size.
type gate struct {
	next  http.RoundTripper
	base  *url.URL
	quota string
	token func(context.Context) (string, error)
	renew func(context.Context, string) (string, error)
}

// RoundTrip sends one request. A token that is refused is exchanged once: it may
// have been withdrawn before its time.
func (g *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if !sameOrigin(req.URL, g.base) || req.URL.User != nil || !strings.HasPrefix(req.URL.EscapedPath(), g.base.EscapedPath()) {
		return nil, misconfigured("foreign-origin", nil)
	}
	var body []byte
	if req.Body != nil {
		b, err := io.ReadAll(io.LimitReader(req.Body, maxBody))
		_ = req.Body.Close()
		if err != nil {
			return nil, err
		}
		body = b
	}
	token, err := g.token(ctx)
	if err != nil {
		return nil, secretError(err)
	}
	resp, err := g.once(req, body, token)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || g.renew == nil {
		return resp, err
	}
	fresh, err := g.renew(ctx, token)
	if err != nil {
		return nil, secretError(err)
	}
	if fresh == token {
		return resp, nil
	}
	return g.once(req, body, fresh)
}

func (g *gate) once(req *http.Request, body []byte, token string) (*http.Response, error) {
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, &connectors.Error{Class: connectors.Auth, Code: "secret", Err: errors.New("the token holds what no token holds")}
	}
	ctx, cancel := context.WithTimeout(req.Context(), callTimeout)
	defer cancel()
	out := req.Clone(ctx)
	out.Body, out.GetBody = nil, nil
	if body != nil {
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	out.Header.Del("X-Goog-Api-Client") // tells versions of this program's parts
	out.Header.Set("User-Agent", "chancery")
	out.Header.Set("Authorization", "Bearer "+token)
	if g.quota != "" {
		q := out.URL.Query()
		q.Set("quotaUser", g.quota)
		out.URL.RawQuery = q.Encode()
	}
	resp, err := g.next.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if len(b) > maxBody {
		return nil, protocol("body-too-large")
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
	return resp, nil
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}
