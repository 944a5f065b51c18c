package servertest

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// DAV is a real CalDAV server with one user, and at the same time the second
// client: Put, Get, Delete and List speak raw HTTP, independent of our connector.
type DAV struct {
	URL      string // of the server
	Home     string // path of the user's calendars, with a slash at the end
	User     string
	Password string
	Store    string // folder of what it keeps

	t     testing.TB
	start func() *Process
	run   *Process
}

// Radicale starts a Radicale with an empty store.
func Radicale(t testing.TB) *DAV {
	t.Helper()
	bin := Need(t, "radicale", "radicale")
	dir := t.TempDir()
	port := FreePort(t)
	d := &DAV{URL: "http://127.0.0.1:" + strconv.Itoa(port), Home: "/assistant/", User: "assistant", Password: "correct horse", Store: filepath.Join(dir, "store"), t: t}
	WriteFile(t, filepath.Join(dir, "users"), d.User+":"+d.Password+"\n")
	WriteFile(t, filepath.Join(dir, "config"), fmt.Sprintf(`[server]
hosts = 127.0.0.1:%d
[auth]
type = htpasswd
htpasswd_filename = %s/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = %s/store
[logging]
level = warning
`, port, dir, dir))
	d.start = func() *Process {
		return Start(t, exec.Command(bin, "--config", filepath.Join(dir, "config")), net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	}
	d.run = d.start()
	return d
}

// Xandikos starts a Xandikos with an empty store. It knows no passwords.
func Xandikos(t testing.TB) *DAV {
	t.Helper()
	bin := Need(t, "xandikos", "xandikos")
	dir := t.TempDir()
	port := FreePort(t)
	d := &DAV{URL: "http://127.0.0.1:" + strconv.Itoa(port), Home: "/assistant/calendars/", User: "assistant", Password: "any", Store: dir, t: t}
	d.start = func() *Process {
		cmd := exec.Command(bin, "-d", dir, "--listen-address", "127.0.0.1", "--port", strconv.Itoa(port),
			"--current-user-principal", "/assistant/", "--defaults", "--autocreate")
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@firm.example", "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@firm.example")
		return Start(t, cmd, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	}
	d.run = d.start()
	return d
}

// WriteFile writes a file only the user may read.
func WriteFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Kill ends the server at once.
func (d *DAV) Kill() { d.run.Kill() }

// Restart ends the server at once and starts it on the same store and port.
func (d *DAV) Restart() {
	d.run.Kill()
	d.run = d.start()
}

// MakeCalendar makes an empty calendar and returns its path.
func (d *DAV) MakeCalendar(name string) string {
	d.t.Helper()
	path := d.Home + url.PathEscape(name) + "/"
	status, body, _ := d.Do("MKCALENDAR", path, nil, fmt.Sprintf(`<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop><displayname>%s</displayname></prop></set></C:mkcalendar>`, name))
	if status != http.StatusCreated {
		d.t.Fatalf("make calendar: %d %s", status, body)
	}
	return path
}

// Do sends one request and returns the whole answer.
func (d *DAV) Do(method, path string, header map[string]string, body string) (int, []byte, http.Header) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.URL+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if strings.HasPrefix(body, "<") {
		req.Header.Set("Content-Type", "application/xml; charset=utf-8")
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	req.SetBasicAuth(d.User, d.Password)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatalf("%s: %v", method, err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.StatusCode, b, resp.Header
}

// Put writes an object as a person's program does: without any condition.
func (d *DAV) Put(path string, ics []byte) {
	d.t.Helper()
	status, body, _ := d.Do(http.MethodPut, path, map[string]string{"Content-Type": "text/calendar; charset=utf-8"}, string(ics))
	if status/100 != 2 || status == http.StatusMultiStatus {
		d.t.Fatalf("put: %d %s", status, body)
	}
}

// Get reads an object; false if there is none.
func (d *DAV) Get(path string) ([]byte, bool) {
	d.t.Helper()
	status, body, _ := d.Do(http.MethodGet, path, nil, "")
	switch status {
	case http.StatusOK:
		return body, true
	case http.StatusNotFound, http.StatusGone:
		return nil, false
	}
	d.t.Fatalf("get: %d %s", status, body)
	return nil, false
}

// Delete removes an object.
func (d *DAV) Delete(path string) {
	d.t.Helper()
	if status, body, _ := d.Do(http.MethodDelete, path, nil, ""); status/100 != 2 {
		d.t.Fatalf("delete: %d %s", status, body)
	}
}

// List returns the paths of the objects in a calendar, sorted.
func (d *DAV) List(calendar string) []string {
	d.t.Helper()
	status, body, _ := d.Do("PROPFIND", calendar, map[string]string{"Depth": "1"}, `<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>`)
	if status != http.StatusMultiStatus {
		d.t.Fatalf("list: %d %s", status, body)
	}
	var out []string
	dec := xml.NewDecoder(bytes.NewReader(body))
	for {
		tok, err := dec.Token()
		if err != nil {
			break
		}
		start, ok := tok.(xml.StartElement)
		if !ok || start.Name.Local != "href" {
			continue
		}
		var href string
		if err := dec.DecodeElement(&href, &start); err != nil {
			d.t.Fatal(err)
		}
		if u, err := url.Parse(strings.TrimSpace(href)); err == nil && strings.HasSuffix(u.Path, ".ics") {
			out = append(out, u.EscapedPath())
		}
	}
	slices.Sort(out)
	return out
}
