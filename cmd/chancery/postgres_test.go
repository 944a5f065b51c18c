package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"chancery/internal/servertest"
)

// onPostgres moves a firm's journal to a database. Machines that share one share
// the install key and differ in their state folders.
func (f *firm) onPostgres(dsn, key, state string) {
	f.t.Helper()
	path := filepath.Join(f.dir, "chancery.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		f.t.Fatal(err)
	}
	old := fmt.Sprintf("state: {dir: %s}", filepath.Join(f.dir, "state"))
	moved := fmt.Sprintf("state: {dir: %s, journal: postgres, postgres: {file: %s}, key: {file: %s}}", state, f.secret(dsn), key)
	if !strings.Contains(string(text), old) {
		f.t.Fatal("the state stands elsewhere")
	}
	f.write("chancery.yaml", strings.Replace(string(text), old, moved, 1))
}

func sharedKey(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "install.key")
	if err := os.WriteFile(path, []byte(strings.Repeat("shared key ", 4)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// states returns the state of each source as the running service tells it.
func (f *firm) states() map[string]string {
	f.t.Helper()
	out, _ := f.cli("status", "--json")
	if strings.Contains(out, "older schema") {
		return nil // the service is about to make its tables, one version after the other
	}
	var r statusReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		f.t.Fatalf("status: %v\n%s", err, out)
	}
	states := map[string]string{}
	for _, s := range r.Sources {
		states[string(s.Source)] = s.State
	}
	return states
}

// smallOffice is mail and appointments with something to do for each job.
func smallOffice(t testing.TB, d *servertest.DovecotServer, dav *servertest.DAV) {
	t.Helper()
	d.Client(t, gc).Append("INBOX",
		mail("1", "Privileged and confidential: merger", "See attached."),
		mail("2", "Invoice 881 for 10042.0070", "Total due: $1,250.00"),
		mail("3", "Lunch", "Noon?"),
	)
	work, day := dav.MakeCalendar("work"), nextWeekday(3)
	dav.Put(work+"hearing.ics", meeting("hearing", "Hearing Smith v. Jones", day, 10, 12))
	dav.Put(work+"staff.ics", meeting("staff", "Staff meeting", day, 11, 12))
}

func TestTheHouseOnPostgres(t *testing.T) {
	dsn := servertest.Postgres(t)
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	f := newFirm(t, d, dav)
	f.onPostgres(dsn, sharedKey(t), filepath.Join(f.dir, "state"))
	smallOffice(t, d, dav)

	// Killed at work, and once more: what was begun is finished, once.
	r := f.start()
	await(t, "the first effect", func() bool { return strings.Contains(fmt.Sprint(where(t, d, gc)), "lx-") })
	_ = r.stop(syscall.SIGKILL)
	f.once()
	got := where(t, d, gc)
	if s := got["Privileged and confidential: merger"]; !strings.Contains(s, "lx-1") || strings.Count(s, ";") != 1 {
		t.Errorf("privileged: %s", s)
	}
	if s := got["Invoice 881 for 10042.0070"]; !strings.HasPrefix(s, "Billing/Acme/10042-0070 [lx-4") || strings.Count(s, ";") != 1 {
		t.Errorf("invoice: %s", s)
	}
	one := func() {
		t.Helper()
		if holds, notes := len(dav.List(dav.Home+"holds/")), len(d.Dump(t, pa)["INBOX"]); holds != 1 || notes != 1 {
			t.Errorf("%d holds and %d notes", holds, notes)
		}
	}
	one()

	// A second run does nothing.
	before, _ := f.cli("journal", "--json")
	f.once()
	if again := where(t, d, gc); !maps.Equal(got, again) {
		t.Errorf("a second run changed something:\n%v\n%v", got, again)
	}
	one()
	after, _ := f.cli("journal", "--json")
	if n, m := strings.Count(before, `"Kind":"planned"`), strings.Count(after, `"Kind":"planned"`); n != m || n == 0 {
		t.Errorf("%d steps planned, then %d", n, m)
	}
	if out, code := f.cli("journal", "verify"); code != 0 {
		t.Errorf("verify: exit %d\n%s", code, out)
	}
	if out, code := f.cli("explain", "1@counsel.example"); code != 0 || !strings.Contains(out, "confirmed: mark") {
		t.Errorf("explain: exit %d\n%s", code, out)
	}
	if out, code := f.cli("journal", "backup", filepath.Join(t.TempDir(), "x")); code != 1 || !strings.Contains(out, "pg_dump") {
		t.Errorf("backup: exit %d\n%s", code, out)
	}
	if files, _ := filepath.Glob(filepath.Join(f.dir, "state", "*.db")); len(files) > 0 {
		t.Errorf("a second journal: %v", files)
	}
	noPassword(t, dsn, r.log())
}

// noPassword wants no part of the output to show the database's password.
func noPassword(t testing.TB, dsn, out string) {
	t.Helper()
	_, rest, _ := strings.Cut(dsn, "://postgres:")
	password, _, _ := strings.Cut(rest, "@")
	if len(password) < 8 {
		t.Fatalf("no password in the connection string")
	}
	if strings.Contains(out, password) {
		t.Errorf("the password of the database is shown:\n%s", out)
	}
}

// Two machines with one configuration and one database: the later one works, the
// earlier one knows that it does not, and nothing is done twice.
func TestTheLaterMachineTakesOver(t *testing.T) {
	dsn, key := servertest.Postgres(t), sharedKey(t)
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	one, two := newFirm(t, d, dav), newFirm(t, d, dav)
	for _, f := range []*firm{one, two} {
		f.onPostgres(dsn, key, filepath.Join(f.dir, "state"))
	}
	smallOffice(t, d, dav)
	first := one.start()
	follows := func(f *firm) func() bool {
		return func() bool {
			states := f.states()
			for _, s := range states {
				if s != "following" {
					return false
				}
			}
			return len(states) > 0
		}
	}
	await(t, "the first machine at work", follows(one))
	second := two.start()
	await(t, "the second machine at work", follows(two))

	// The first notices at its next write, which new mail brings about.
	c := d.Client(t, gc)
	for i := range 5 {
		c.Append("INBOX", mail(fmt.Sprint("new-", i), fmt.Sprintf("Privileged and confidential: %d", i), "x"))
	}
	await(t, "the mark of every mail", func() bool { return strings.Count(fmt.Sprint(where(t, d, gc)), "lx-1") == 6 })
	await(t, "the first machine to know", func() bool { return one.states()["gc-mail"] == "taken-over" })
	out, code := one.cli("status")
	if code != 1 || !strings.Contains(out, "another chancery") {
		t.Errorf("status of the first: exit %d\n%s", code, out)
	}
	if out, code := two.cli("status"); code != 0 {
		t.Errorf("status of the second: exit %d\n%s", code, out)
	}
	for subject, s := range where(t, d, gc) {
		if strings.Count(s, ";") != 1 {
			t.Errorf("%s is in more than one place: %s", subject, s)
		}
	}
	if holds, notes := len(dav.List(dav.Home+"holds/")), len(d.Dump(t, pa)["INBOX"]); holds != 1 || notes != 1 {
		t.Errorf("%d holds and %d notes", holds, notes)
	}
	for name, r := range map[string]*running{"first": first, "second": second} {
		if err := r.stop(syscall.SIGTERM); err != nil {
			t.Errorf("SIGTERM of the %s: %v\n%s", name, err, r.log())
		}
		noPassword(t, dsn, r.log())
	}
	if out, code := two.cli("journal", "verify"); code != 0 {
		t.Errorf("verify: exit %d\n%s", code, out)
	}
}

// What people see who set the database up wrongly.
func TestWrongDatabases(t *testing.T) {
	dsn := servertest.Postgres(t)
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	closed := fmt.Sprintf("postgres://postgres:swordfish-and-more@127.0.0.1:%d/x?sslmode=disable", servertest.FreePort(t))
	wrong := strings.Replace(dsn, "://postgres:", "://postgres:wrong-", 1)
	for name, c := range map[string]struct{ dsn, want string }{
		"nobody listens":       {closed, "connection refused"},
		"a wrong password":     {wrong, "password authentication failed"},
		"no such database":     {strings.Replace(dsn, "/test", "/nowhere", 1), "does not exist"},
		"no connection string": {"no connection string at all", "read connection string"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFirm(t, d, nil)
			f.onPostgres(c.dsn, sharedKey(t), filepath.Join(f.dir, "state"))
			for _, command := range []string{"run", "status", "plan"} {
				out, code := f.cli(command)
				if code != 1 || !strings.Contains(out, c.want) || !strings.Contains(out, "hint: does the database answer?") {
					t.Errorf("%s: exit %d\n%s", command, code, out)
				}
				if strings.Contains(c.dsn, "://") {
					noPassword(t, c.dsn, out)
				}
			}
		})
	}

	// One state folder, one service, with any journal: the control socket is there.
	f := newFirm(t, d, nil)
	f.onPostgres(dsn, sharedKey(t), filepath.Join(f.dir, "state"))
	r := f.start()
	await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })
	if out, code := f.cli("run"); code != 1 || !strings.Contains(out, "another process holds the journal") {
		t.Errorf("a second service: exit %d\n%s", code, out)
	}
	if out, _ := f.cli("status"); !strings.HasPrefix(out, "running") {
		t.Errorf("the first one lost its socket:\n%s", out)
	}
}
