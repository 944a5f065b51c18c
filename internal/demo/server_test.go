package demo

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"chancery/config"
)

func open(t *testing.T) *Office {
	t.Helper()
	o, err := Open(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	before := len(o.Letters)
	late, err := o.Arrive()
	if err != nil || len(late) != 1 || !late[0].Late || len(o.Letters) != before {
		t.Fatalf("%d mails came late: %v", len(late), err)
	}
	return o
}

func TestLookSeesEveryMailAsItIs(t *testing.T) {
	o := open(t)
	seen, err := o.Look()
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != len(o.Letters) {
		t.Errorf("%d mails are there, %d were delivered", len(seen), len(o.Letters))
	}
	for _, l := range o.Letters {
		i := slices.IndexFunc(seen, func(s Seen) bool { return s.Account == l.Account && bytes.Equal(s.Raw, l.Raw) })
		switch {
		case i < 0:
			t.Errorf("%s is not there", l.Name)
		case seen[i].Mailbox != "INBOX" || slices.Contains(seen[i].Flags, `\seen`) != l.Seen || seen[i].MessageID != l.MessageID || seen[i].Note:
			t.Errorf("%s: %s %v %s", l.Name, seen[i].Mailbox, seen[i].Flags, seen[i].MessageID)
		}
	}
	again, err := o.Look()
	if err != nil || !slices.EqualFunc(seen, again, func(a, b Seen) bool { return a.UID == b.UID && slices.Equal(a.Flags, b.Flags) }) {
		t.Errorf("looking changed something: %v", err)
	}
}

func TestMailServerServesManyAtOnce(t *testing.T) {
	o := open(t)
	before := len(o.Letters)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 10 {
				raw := fmt.Appendf(nil, "Subject: %d %d\r\n\r\n.\r\n", i, n)
				if err := o.mail.deliver("gc@hartwell.example", "Archive", raw, time.Now(), imap.FlagFlagged); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			if _, err := o.Look(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen, err := o.Look()
	if err != nil || len(seen) != before+40 {
		t.Errorf("%d mails: %v", len(seen), err)
	}
}

func TestMailServerKnowsItsPeople(t *testing.T) {
	o := open(t)
	p := People()[0]
	p.Password = "harbour-light-5"
	if _, err := look(o.mail.listen.Addr().String(), p); err == nil || !strings.Contains(err.Error(), "AUTHENTICATIONFAILED") {
		t.Errorf("a wrong password: %v", err)
	}
	if err := o.mail.deliver("nobody@hartwell.example", "INBOX", nil, time.Now()); err == nil {
		t.Error("mail for nobody was delivered")
	}
	if err := o.mail.deliver("gc@hartwell.example", "No/Such", nil, time.Now()); err == nil {
		t.Error("mail for no mailbox was delivered")
	}
}

// dav makes one request as a person.
func dav(t *testing.T, o *Office, p Person, method, path, body string, header ...string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(o.CalendarURL(), "/")+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(p.Login, p.Password)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b), res.Header
}

const lunch = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:lunch\r\nDTSTAMP:20261101T090000Z\r\n" +
	"DTSTART:20261102T120000Z\r\nDTEND:20261102T130000Z\r\nSUMMARY:%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

func TestCalendarServerKeepsConditions(t *testing.T) {
	o, p := open(t), People()[0]
	const at = "/hartwell/calendars/work/lunch.ics"
	put := func(title string, header ...string) (int, string) {
		status, _, h := dav(t, o, p, http.MethodPut, at, fmt.Sprintf(lunch, title), append(header, "Content-Type", "text/calendar")...)
		return status, h.Get("ETag")
	}
	status, first := put("Soup", "If-None-Match", "*")
	if status != http.StatusCreated && status != http.StatusNoContent || first == "" {
		t.Fatalf("create: %d, ETag %s", status, first)
	}
	if status, _ := put("Salad", "If-None-Match", "*"); status != http.StatusPreconditionFailed {
		t.Errorf("create again: %d", status)
	}
	status, second := put("Salad", "If-Match", first)
	if status/100 != 2 || second == first {
		t.Errorf("change: %d, ETag %s after %s", status, second, first)
	}
	if status, _ := put("Steak", "If-Match", first); status != http.StatusPreconditionFailed {
		t.Errorf("change of an old version: %d", status)
	}
	if status, _, _ := dav(t, o, p, http.MethodDelete, at, "", "If-Match", first); status != http.StatusPreconditionFailed {
		t.Errorf("delete of an old version: %d", status)
	}
	if _, text, _ := dav(t, o, p, http.MethodGet, at, ""); !strings.Contains(text, "SUMMARY:Salad") {
		t.Errorf("read: %s", text)
	}
	if status, _, _ := dav(t, o, p, http.MethodDelete, at, "", "If-Match", second); status/100 != 2 {
		t.Errorf("delete: %d", status)
	}
	if status, _, _ := dav(t, o, p, http.MethodGet, at, ""); status != http.StatusNotFound {
		t.Errorf("read what is gone: %d", status)
	}
}

func TestCalendarServerKeepsPeopleApart(t *testing.T) {
	o := open(t)
	gc, vance := People()[0], People()[1]
	stranger := gc
	stranger.Password = "x"
	for name, tt := range map[string]struct {
		p            Person
		method, path string
		want         int
	}{
		"wrong password": {stranger, http.MethodGet, "/hartwell/calendars/work/hearing.ics", http.StatusUnauthorized},
		"no user":        {Person{}, "PROPFIND", "/", http.StatusUnauthorized},
		"own event":      {gc, http.MethodGet, "/hartwell/calendars/court/hearing.ics", http.StatusOK},
		"another's":      {vance, http.MethodGet, "/hartwell/calendars/court/hearing.ics", http.StatusNotFound},
		"delete there":   {vance, http.MethodDelete, "/hartwell/calendars/court/hearing.ics", http.StatusNotFound},
		"write there":    {vance, http.MethodPut, "/hartwell/calendars/work/x.ics", http.StatusForbidden},
		"no calendar":    {gc, http.MethodPut, "/hartwell/calendars/nowhere/x.ics", http.StatusConflict},
		"broken event":   {gc, http.MethodPut, "/hartwell/calendars/work/x.ics", http.StatusBadRequest},
	} {
		body := ""
		if tt.method == http.MethodPut {
			body = fmt.Sprintf(lunch, "Soup")
		}
		if name == "broken event" {
			body = "BEGIN:VCALENDAR\r\nBEGIN"
		}
		if got, _, _ := dav(t, o, tt.p, tt.method, tt.path, body, "Content-Type", "text/calendar"); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
	if n := len(o.Calendar(gc, "Court")); n != 3 {
		t.Errorf("%d events in court", n)
	}
}

// A calendar program asks for a month; a rule that repeats every second and never
// matches must not keep the server busy for ever.
func TestCalendarServerSurvivesItsOwnOffice(t *testing.T) {
	o, p := open(t), People()[0]
	endless := strings.Replace(fmt.Sprintf(lunch, "For ever"), "END:VEVENT", "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\r\nEND:VEVENT", 1)
	o.cal.store(p.Login, "Work", "endless.ics", []byte(endless), time.Now())
	const query = `<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop>` +
		`<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="%s" end="%s"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`
	from := time.Now().UTC()
	body := fmt.Sprintf(query, from.Format(icalUTC), from.AddDate(0, 0, 40).Format(icalUTC))
	status, text, _ := dav(t, o, p, "REPORT", "/hartwell/calendars/work/", body, "Depth", "1", "Content-Type", "application/xml")
	for _, want := range []string{"Parking permit", "Dentist", "Staff meeting", "Call with Northbridge", "For ever"} {
		if status != http.StatusMultiStatus || !strings.Contains(text, want) {
			t.Errorf("status %d, %q is missing", status, want)
		}
	}
	if strings.Contains(text, "New chairs") {
		t.Error("last week's meeting is in the answer")
	}
}

func TestConfigurationIsWhatITWouldWrite(t *testing.T) {
	o, dir := open(t), t.TempDir()
	if err := o.Configure(dir); err != nil {
		t.Fatal(err)
	}
	cfg, problems := config.LoadDir(dir)
	if len(problems) > 0 {
		t.Fatalf("problems:\n%v", problems)
	}
	if len(cfg.Service.Accounts) != 5 || len(cfg.Service.Principals) != 2 || len(cfg.Rules.Matters.List) == 0 {
		t.Errorf("%d accounts, %d principals", len(cfg.Service.Accounts), len(cfg.Service.Principals))
	}
	for _, r := range cfg.Rules.Mail {
		if r.Mode != config.Enforce {
			t.Errorf("%s: rule %s is in mode %s", r.Name.Pos, r.Name.Value, r.Mode)
		}
	}
	service, err := os.ReadFile(filepath.Join(dir, "chancery.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range People() {
		if strings.Contains(string(service), p.Password) {
			t.Errorf("the password of %s stands in chancery.yaml", p.Account)
		}
		info, err := os.Stat(filepath.Join(dir, "secrets", p.Account))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("secret of %s: %v %v", p.Account, info, err)
		}
	}
	sameRules(t, dir)
}

// The demonstration shows the shipped rules; only their mode differs.
func sameRules(t *testing.T, dir string) {
	t.Helper()
	files := map[string]bool{}
	for _, at := range []fs.FS{config.Example(), os.DirFS(dir)} {
		names, err := fs.Glob(at, "rules.d/*")
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			files[n] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		shipped, err := fs.ReadFile(config.Example(), name)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Split(string(shipped), "\n")
		for i, line := range strings.Split(string(ours), "\n") {
			if i >= len(want) || line != want[i] && strings.ReplaceAll(line, "mode: enforce", "mode: observe") != want[i] {
				t.Errorf("%s:%d: %q differs from what is shipped", name, i+1, line)
			}
		}
	}
}
