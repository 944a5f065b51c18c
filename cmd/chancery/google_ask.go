package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"chancery/config"
	"chancery/connectors"
)

// googleAsker asks Google's Calendar API the few things that a person who sets an
// account up wants to know. It changes nothing and reads no event.
type googleAsker struct {
	base   string
	client *http.Client
	peer   *connectors.Peer
	dialed time.Duration
	spoke  string         // address that took the connection
	skew   *time.Duration // the server's clock minus ours, as its last answer tells
}

// googleCalendar is a CalendarListEntry of the API.
type googleCalendar struct {
	ID      string `json:"id"`
	Summary string `json:"summary"`
	Own     string `json:"summaryOverride"`
	Role    string `json:"accessRole"`
	Primary bool   `json:"primary"`
	Deleted bool   `json:"deleted"`
	Hidden  bool   `json:"hidden"`
}

// googleRefusal is an answer that is no success.
type googleRefusal struct {
	Status int
	Reason string // of the first error, e.g. "accessNotConfigured"
	Text   string
}

func (e *googleRefusal) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the calendar API answers %d %s: %s", e.Status, e.Reason, e.Text))
}

const (
	askTimeout   = 30 * time.Second
	maxAskBytes  = 4 << 20
	maxListPages = 20 // of 250 calendars
)

func newGoogleAsker(cfg *config.Config, a config.Account) (*googleAsker, error) {
	roots, err := rootCAs(cfg.Service.Dir, a.Google.CAFile)
	if err != nil {
		return nil, err
	}
	g := &googleAsker{base: strings.TrimSuffix(a.Google.URL.Value, "/")}
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10}
	transport.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		socket, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		host, _, _ := net.SplitHostPort(address)
		c := transport.TLSClientConfig.Clone()
		c.ServerName = host
		conn, peer := connectors.Handshake(ctx, socket, c)
		g.peer = &peer
		if peer.Err != nil {
			return nil, errors.Join(peer.Err, socket.Close())
		}
		return conn, nil
	}
	g.client = &http.Client{Transport: transport, Timeout: askTimeout,
		// A token goes to the host that IT named and to no other.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return g, nil
}

// get reads one resource into out.
func (g *googleAsker) get(ctx context.Context, token, path string, q url.Values, out any) error {
	began := time.Now()
	trace := &httptrace.ClientTrace{ConnectDone: func(_, addr string, err error) {
		if err == nil {
			g.spoke, g.dialed = addr, time.Since(began)
		}
	}}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodGet, g.base+path+"?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token) // RFC 6750 section 2.1
	resp, err := g.client.Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // without the address
		}
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		skew := time.Until(date)
		g.skew = &skew
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAskBytes))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return refusal(resp.StatusCode, raw)
	}
	if json.Unmarshal(raw, out) != nil {
		return errors.New("what answers at url: does not speak as the calendar API does")
	}
	return nil
}

func refusal(status int, raw []byte) error {
	var body struct {
		Error struct {
			Message string `json:"message"`
			Errors  []struct {
				Reason string `json:"reason"`
			} `json:"errors"`
		} `json:"error"`
	}
	e := &googleRefusal{Status: status}
	if json.Unmarshal(raw, &body) == nil {
		e.Text = printable(body.Error.Message)
		e.Text = e.Text[:min(len(e.Text), 300)]
		if len(body.Error.Errors) > 0 {
			e.Reason = printable(body.Error.Errors[0].Reason)
		}
	}
	return e
}

// calendars lists the calendars of the account.
func (g *googleAsker) calendars(ctx context.Context, token string) ([]googleCalendar, error) {
	var all []googleCalendar
	q := url.Values{"maxResults": {"250"}, "showHidden": {"true"}}
	for range maxListPages {
		var page struct {
			Items []googleCalendar `json:"items"`
			Next  string           `json:"nextPageToken"`
		}
		if err := g.get(ctx, token, "/users/me/calendarList", q, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			break
		}
		q.Set("pageToken", page.Next)
	}
	return all, nil
}

// primaryOf asks whose token it is: the id of a primary calendar is the address of
// its owner.
func primaryOf(ctx context.Context, cfg *config.Config, a config.Account, token string) (string, error) {
	g, err := newGoogleAsker(cfg, a)
	if err != nil {
		return "", err
	}
	all, err := g.calendars(ctx, token)
	if err != nil {
		return "", err
	}
	for _, c := range all {
		if c.Primary && strings.Contains(c.ID, "@") {
			return c.ID, nil
		}
	}
	return "", errors.New("the account has no primary calendar")
}
