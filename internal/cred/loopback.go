package cred

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// page is the small web server that a browser on this machine comes back to
// (RFC 8252 section 7.3). It serves two addresses, to this machine alone, as long
// as one login lasts.
type page struct {
	listener net.Listener
	server   *http.Server
	take     func(url.Values) error

	sent  chan struct{} // a browser was sent on to the end
	shown chan struct{} // and came there
	ended chan struct{} // how it went is known
	well  bool
	once  [3]sync.Once
}

// lastWord is how long a browser may take to fetch the last page.
const lastWord = 2 * time.Second

func newPage(take func(url.Values) error) (*page, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on 127.0.0.1: %w", err)
	}
	p := &page{listener: l, take: take, sent: make(chan struct{}), shown: make(chan struct{}), ended: make(chan struct{})}
	p.server = &http.Server{
		Handler: p, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 32 << 10,
		ErrorLog: log.New(io.Discard, "", 0), // it would quote what a browser sent
	}
	go func() { _ = p.server.Serve(l) }() // until finish
	return p, nil
}

func (p *page) address() string { return "http://" + p.listener.Addr().String() + "/" }

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	switch {
	case r.Host != p.listener.Addr().String(): // a name that points here is not us
		p.say(w, http.StatusMisdirectedRequest, "Nothing is here.")
	case r.Method != http.MethodGet:
		p.say(w, http.StatusMethodNotAllowed, "Nothing is here.")
	case r.URL.Path == "/done":
		p.last(w, r)
	case r.URL.Path != "/":
		p.say(w, http.StatusNotFound, "Nothing is here.")
	default:
		p.receive(w, r)
	}
}

// receive takes the answer and sends the browser on, so that its history does not
// keep the code.
func (p *page) receive(w http.ResponseWriter, r *http.Request) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err == nil {
		err = p.take(q)
	}
	switch {
	case errors.Is(err, ErrStray):
		p.say(w, http.StatusBadRequest, "This does not belong to the login that is under way. Please use the address that chancery shows.")
	case err != nil:
		p.say(w, http.StatusBadRequest, "This cannot be read.")
	default:
		p.once[0].Do(func() { close(p.sent) })
		http.Redirect(w, r, "/done", http.StatusSeeOther)
	}
}

// last says how it went, once that is known.
func (p *page) last(w http.ResponseWriter, r *http.Request) {
	defer p.once[1].Do(func() { close(p.shown) })
	select {
	case <-p.ended:
	case <-r.Context().Done():
		return
	}
	if p.well {
		p.say(w, http.StatusOK, "Thank you. Chancery has what it needs; you may close this window.")
		return
	}
	p.say(w, http.StatusOK, "This did not work. Chancery says why, where the login was started. You may close this window.")
}

func (p *page) say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<!doctype html><html lang=\"en\"><title>Chancery</title><body><p>%s</p></body></html>\n", text)
}

func (p *page) finish(well bool) {
	p.once[2].Do(func() {
		p.well = well
		close(p.ended)
		select {
		case <-p.sent:
			select {
			case <-p.shown:
			case <-time.After(lastWord):
			}
		default: // nobody came by browser
		}
		ctx, cancel := context.WithTimeout(context.Background(), lastWord)
		defer cancel()
		if p.server.Shutdown(ctx) != nil {
			_ = p.server.Close()
		}
	})
}
