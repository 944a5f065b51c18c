package servertest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
)

// postgres is shared by the tests that run while at least one of them needs it:
// initdb takes a second, a database of one's own a tenth of it.
var postgres struct {
	sync.Mutex
	server *postgresServer
	users  int
	made   int // databases so far
}

type postgresServer struct {
	dir      string
	port     int
	password string // others on this machine can reach the port too
	proc     *Process
}

// Postgres returns the connection string of an empty database in a PostgreSQL of
// our own, on loopback. Take it in a parent test to keep one server for all its
// subtests. A benchmark gets a server that flushes to disk, a test one that does
// not.
func Postgres(t testing.TB) string {
	t.Helper()
	bin := postgresPrograms(t)
	postgres.Lock()
	defer postgres.Unlock()
	if postgres.server == nil {
		postgres.server = startPostgres(t, bin)
	}
	postgres.users++
	t.Cleanup(func() {
		postgres.Lock()
		defer postgres.Unlock()
		if postgres.users--; postgres.users == 0 {
			postgres.server.stop()
			postgres.server = nil
		}
	})
	postgres.made++
	name := fmt.Sprintf("test%d", postgres.made)
	db, err := sql.Open("pgx", postgres.server.dsn("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(context.Background(), "create database "+name); err != nil {
		t.Fatalf("create database: %v", err)
	}
	return postgres.server.dsn(name)
}

// postgresPrograms returns the folder of the newest installed version. Debian
// keeps it out of PATH.
func postgresPrograms(t testing.TB) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	best, version := "", -1
	for _, p := range found {
		if v, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(p)))); err == nil && v > version {
			best, version = filepath.Dir(p), v
		}
	}
	if best != "" {
		return best
	}
	return filepath.Dir(Need(t, "initdb", "postgresql"))
}

func startPostgres(t testing.TB, bin string) *postgresServer {
	t.Helper()
	// Not t.TempDir: the server may outlive this test, must reach the folder as
	// another user, and a socket's path has room for 107 octets only.
	dir, err := os.MkdirTemp("/tmp", "chancery-pg-")
	if err != nil {
		t.Fatal(err)
	}
	s := &postgresServer{dir: dir, port: FreePort(t), password: rand.Text()}
	ready := false
	defer func() {
		if !ready {
			s.stop()
		}
	}()
	pwfile := filepath.Join(dir, "password")
	if err := os.WriteFile(pwfile, []byte(s.password), 0o600); err != nil {
		t.Fatal(err)
	}
	attr := notRoot(t, dir, pwfile)
	run := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "HOME=" + dir, "TZ=UTC"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: attr, Setpgid: true}
		return cmd
	}
	data := filepath.Join(dir, "data")
	initdb := run("initdb", "--no-sync", "--username=postgres", "--auth=scram-sha-256", "--pwfile="+pwfile,
		"--encoding=UTF8", "--locale=C", "-D", data)
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	cmd := run("postgres", "-D", data, "-c", "listen_addresses=127.0.0.1", "-p", strconv.Itoa(s.port),
		"-c", "unix_socket_directories="+dir, "-c", "max_connections=60", "-c", "log_min_messages=fatal")
	if _, measured := t.(*testing.B); !measured {
		// The machine does not lose power during a test; databases are made five
		// times faster.
		cmd.Args = append(cmd.Args, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	s.proc = &Process{cmd: cmd, out: &output{}, end: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = s.proc.out, s.proc.out
	if err := cmd.Start(); err != nil {
		t.Fatalf("start postgres: %v", err)
	}
	go func() { _ = cmd.Wait(); close(s.proc.end) }()
	s.proc.await(t, net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)))
	s.awaitReady(t)
	ready = true
	return s
}

// notRoot returns whom to run as, and gives the paths to them: PostgreSQL and
// Cyrus refuse to be root. nil is who we are.
func notRoot(t testing.TB, paths ...string) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 != nil || err2 != nil {
			continue
		}
		for _, p := range paths {
			if err := os.Chown(p, int(uid), int(gid)); err != nil {
				t.Fatal(err)
			}
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	Missing(t, "no user to run the server as")
	return nil
}

// awaitReady waits for the end of recovery: the port is open before that.
func (s *postgresServer) awaitReady(t testing.TB) {
	t.Helper()
	db, err := sql.Open("pgx", s.dsn("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("postgres is not ready: %v\n%s", err, s.proc.Output())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *postgresServer) dsn(database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword("postgres", s.password), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)),
		Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}

// stop asks for a fast shutdown, which gives shared memory back, and removes the
// folder.
func (s *postgresServer) stop() {
	if s.proc != nil {
		_ = syscall.Kill(s.proc.PID(), syscall.SIGINT)
		select {
		case <-s.proc.end:
		case <-time.After(10 * time.Second):
			s.proc.Kill()
		}
	}
	if strings.HasPrefix(s.dir, "/tmp/chancery-pg-") {
		_ = os.RemoveAll(s.dir)
	}
}
