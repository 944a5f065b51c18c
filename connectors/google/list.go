package google

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"google.golang.org/api/googleapi"

	"chancery/internal/ical"
)

// Bounds of one listing.
const (
	pageSize  = 500 // Google's most is 2500; an event may have 100 KiB
	maxPages  = 10_000
	maxEmpty  = 100 // pages in a row without an event
	maxEvents = 200_000
	maxKept   = 256 << 20 // octets of what is kept of them
	maxToken  = 8 << 10   // octets
)

// eventsPage is one page of events. Items stay raw: an event of a wrong type must
// not fail the others.
type eventsPage struct {
	Items         []json.RawMessage `json:"items"`
	NextPageToken string            `json:"nextPageToken"`
	NextSyncToken string            `json:"nextSyncToken"`
}

// query is what every listing is asked with. All of it must be the same for a sync
// token to be good, so cursors carry its hash. showDeleted is left out: with a sync
// token it must not be false.
func (s *Source) query() url.Values {
	return url.Values{
		"maxResults":   {strconv.FormatInt(s.page, 10)},
		"maxAttendees": {strconv.Itoa(ical.MaxAttendees)},
		"singleEvents": {"false"},
	}
}

func (s *Source) paramHash() string {
	sum := sha256.Sum256([]byte(s.c.base.String() + "\n" + s.calendar + "\n" + s.query().Encode()))
	return hex.EncodeToString(sum[:8])
}

// list calls each for every event that changed since token, or for every event if
// token is empty, and returns the token to go on with: it stands on the last page
// only.
func (s *Source) list(ctx context.Context, token string, each func(json.RawMessage) int) (string, error) {
	q := s.query()
	if token != "" {
		q.Set("syncToken", token)
	}
	p, err := s.pages(ctx, q, each)
	switch {
	case err != nil:
		return "", err
	case p.NextSyncToken == "", len(p.NextSyncToken) > maxToken:
		return "", protocol("sync-token")
	}
	return p.NextSyncToken, nil
}

// pages reads page after page and returns the last one. each returns how many octets
// it keeps of an event.
func (s *Source) pages(ctx context.Context, q url.Values, each func(json.RawMessage) int) (*eventsPage, error) {
	seen, empty, kept, asked := 0, 0, 0, map[[sha256.Size]byte]bool{}
	for range maxPages {
		p, err := s.eventsPage(ctx, q)
		if err != nil {
			return nil, err
		}
		if seen += len(p.Items); seen > maxEvents {
			return nil, protocol("too-many-events")
		}
		for _, item := range p.Items {
			if kept += each(item); kept > maxKept {
				return nil, protocol("too-many-events")
			}
		}
		if empty++; len(p.Items) > 0 {
			empty = 0
		}
		token := sha256.Sum256([]byte(p.NextPageToken))
		switch {
		case p.NextPageToken == "": // a page may be empty and still not be the last
			return p, nil
		case asked[token], empty > maxEmpty, len(p.NextPageToken) > maxToken:
			return nil, protocol("page-token")
		}
		asked[token] = true
		q.Set("pageToken", p.NextPageToken)
	}
	return nil, protocol("page-token")
}

func (s *Source) eventsPage(ctx context.Context, q url.Values) (*eventsPage, error) {
	at := s.c.base.JoinPath("calendars", url.PathEscape(s.calendar), "events")
	at.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	resp, err := s.c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if err := googleapi.CheckResponse(resp); err != nil {
		return nil, err
	}
	var p eventsPage
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return &p, nil
}
