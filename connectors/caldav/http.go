package caldav

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Limits of one answer.
const (
	maxBody      = 32 << 20 // octets after decompression
	maxDiscovery = 2 << 20  // the same for what go-webdav reads
	maxHops      = 5
	maxProofs    = 2               // more than one after a refusal could lock an account
	callTimeout  = 5 * time.Minute // Radicale lists 5,000 new objects in 14 s
)

// client speaks HTTP to one origin and to no other.
type client struct {
	http  *http.Client
	base  *url.URL
	login login
}

// reply is a whole answer.
type reply struct {
	status int
	header http.Header
	body   []byte
	path   string // escaped path that answered, after redirects
}

func newClient(o Options) (*client, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, misconfigured("bad-url", nil)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	// RFC 7617 section 4: Basic authentication needs TLS.
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, misconfigured("insecure-url", nil)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	var h http.Client
	if o.Client != nil {
		h = *o.Client
	} else {
		h.Transport = &http.Transport{
			// No proxy from the environment: the configuration names the only host.
			TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
			DialContext:            (&net.Dialer{Timeout: 30 * time.Second, Resolver: o.Resolver}).DialContext,
			TLSHandshakeTimeout:    30 * time.Second,
			ResponseHeaderTimeout:  callTimeout,
			IdleConnTimeout:        5 * time.Minute,
			MaxResponseHeaderBytes: 256 << 10,
			MaxIdleConnsPerHost:    2,
			ForceAttemptHTTP2:      true,
		}
	}
	h.Jar = nil
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c := &client{http: &h, base: u, login: login{user: o.User, password: o.Password, token: o.Token, renew: o.Renew, digest: new(atomic.Pointer[challenge])}}
	if o.Guard != nil {
		c.login.digest = &o.Guard.digest
	}
	return c, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// do sends one request and reads the whole answer, following redirects within the
// origin with the same method and body. An answer other than 2xx is a
// *statusError.
func (c *client) do(ctx context.Context, method, path string, header map[string]string, body []byte, limit int64) (*reply, error) {
	u, err := c.resolve(c.base, path)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var p *proof
	tries := 0
	for range maxHops {
		if p == nil {
			next, err := c.login.prove(ctx, method, u.RequestURI())
			if err != nil {
				return nil, err
			}
			p = &next
		}
		r, err := c.once(ctx, method, u, p.header, header, body, limit)
		if err != nil {
			return nil, err
		}
		switch r.status {
		case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
			if u, err = c.resolve(u, r.header.Get("Location")); err != nil {
				return nil, err
			}
			p = nil
			continue
		case http.StatusUnauthorized:
			if tries++; tries <= maxProofs {
				again, err := c.login.refused(ctx, *p, method, u.RequestURI(), r)
				if err != nil {
					return nil, err
				}
				if again != nil {
					p = again
					continue
				}
			}
		}
		if r.status != http.StatusUnauthorized {
			c.login.accepted(*p, r)
		}
		if r.status/100 != 2 {
			return r, newStatusError(r)
		}
		return r, nil
	}
	return nil, protocol("redirect-loop")
}

func (c *client) once(ctx context.Context, method string, u *url.URL, authorization string, header map[string]string, body []byte, limit int64) (*reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	req.Header.Set("User-Agent", "chancery")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, withoutURL(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, protocol("body-too-large")
	}
	return &reply{resp.StatusCode, resp.Header, b, u.EscapedPath()}, nil
}

// withoutURL keeps the paths of objects out of error texts.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// resolve makes an URL of the origin; whatever leads elsewhere is refused before
// a name is looked up.
func (c *client) resolve(from *url.URL, ref string) (*url.URL, error) {
	r, err := url.Parse(ref)
	if err != nil || ref == "" {
		return nil, protocol("bad-href")
	}
	u := from.ResolveReference(r)
	if !sameOrigin(u, c.base) || u.User != nil {
		return nil, misconfigured("foreign-origin", nil)
	}
	u.Fragment = ""
	return u, nil
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

// Do lets go-webdav send its requests through the guard. Its body is bounded and
// scanned: go-webdav recurses into XML.
func (c *client) Do(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		b, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		body = b
	}
	header := map[string]string{}
	for k := range req.Header {
		header[k] = req.Header.Get(k)
	}
	r, err := c.do(req.Context(), req.Method, req.URL.String(), header, body, maxDiscovery)
	if err != nil {
		return nil, err
	}
	if err := scanXML(r.body); err != nil {
		return nil, err
	}
	return &http.Response{
		Status: http.StatusText(r.status), StatusCode: r.status, Header: r.header,
		Body: io.NopCloser(bytes.NewReader(r.body)), ContentLength: int64(len(r.body)), Request: req,
	}, nil
}
