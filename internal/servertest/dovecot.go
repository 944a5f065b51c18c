package servertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// DovecotPassword opens every account of a test server.
const DovecotPassword = "secret \"x\" \\ 1"

// DovecotOptions shape a test server.
type DovecotOptions struct {
	Format string   // "maildir" (default) or "mdbox"
	Hide   []string // capabilities the server shall not advertise, e.g. "MOVE"
	Max    int      // connections and processes it must bear; default 64
	Extra  string   // further configuration lines
	Disk   string   // size of a disk of its own for the mail, e.g. "4m"; only root can have one
}

// DovecotServer is a Dovecot on loopback. Any user name logs in with
// DovecotPassword and has a mailbox of its own.
type DovecotServer struct {
	Port   int    // plain; also STARTTLS
	TLS    int    // implicit TLS
	CAFile string // PEM of the self-signed certificate for 127.0.0.1 and localhost
	dir    string
	bin    string
	proc   *Process
}

// Dovecot starts a server that ends with the test.
func Dovecot(t testing.TB, o DovecotOptions) *DovecotServer {
	t.Helper()
	d := &DovecotServer{bin: Need(t, "dovecot", "dovecot-imapd"), Port: FreePort(t), TLS: FreePort(t)}
	// Unix sockets in base_dir bear about 100 octets of path: t.TempDir is too long.
	dir, err := os.MkdirTemp("", "dc")
	if err != nil {
		t.Fatal(err)
	}
	d.dir = dir
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	d.CAFile = filepath.Join(dir, "cert.pem")
	if err := writeCertificate(d.CAFile, filepath.Join(dir, "key.pem")); err != nil {
		t.Fatal(err)
	}
	if err := d.configure(o); err != nil {
		t.Fatal(err)
	}
	if o.Disk != "" {
		d.mount(t, o.Disk)
	}
	d.start(t)
	return d
}

// mount gives the mail a small disk.
func (d *DovecotServer) mount(t testing.TB, size string) {
	t.Helper()
	mail := filepath.Join(d.dir, "mail")
	info, err := os.Stat(mail)
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	options := fmt.Sprintf("size=%s,uid=%d,gid=%d,mode=0700", size, owner.Uid, owner.Gid)
	err = syscall.Mount("tmpfs", mail, "tmpfs", 0, options)
	if errors.Is(err, os.ErrPermission) {
		t.Skip("only root may mount; the quota shows the same: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.proc.Kill()
		if err := syscall.Unmount(mail, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
}

// Dir returns the folder of the server: Dir()/mail/USER holds the mail.
func (d *DovecotServer) Dir() string { return d.dir }

// Addr returns the plain address.
func (d *DovecotServer) Addr() string { return fmt.Sprintf("127.0.0.1:%d", d.Port) }

// Kill ends the server and all its processes at once.
func (d *DovecotServer) Kill() { d.proc.Kill() }

// Restart ends the server, if it still runs, and starts it again on the same
// ports with the same mail. The lock files of the killed server go first: nobody
// holds them, but Dovecot waits two minutes before it breaks one, and a test that
// kills the server while it delivers would wait as long.
func (d *DovecotServer) Restart(t testing.TB) {
	t.Helper()
	d.proc.Kill()
	if err := d.unlock(); err != nil {
		t.Fatalf("Dovecot's lock files: %v", err)
	}
	d.start(t)
}

// unlock removes the lock files of a server that has ended.
func (d *DovecotServer) unlock() error {
	return filepath.WalkDir(filepath.Join(d.dir, "mail"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		if name := e.Name(); !strings.HasPrefix(name, "dovecot") || !strings.HasSuffix(name, ".lock") {
			return nil
		}
		return os.Remove(path)
	})
}

func (d *DovecotServer) start(t testing.TB) {
	t.Helper()
	_ = os.Remove(filepath.Join(d.dir, "run", "master.pid"))
	d.proc = Start(t, exec.Command(d.bin, "-F", "-c", filepath.Join(d.dir, "dovecot.conf")), d.Addr())
}

func (d *DovecotServer) configure(o DovecotOptions) error {
	owner, group, err := d.owner()
	if err != nil {
		return err
	}
	location := "maildir:~/Maildir"
	if o.Format == "mdbox" {
		location = "mdbox:~/mdbox"
	}
	limit := max(o.Max, 64)
	conf := fmt.Sprintf(`base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/dovecot.log
instance_name = %[2]s
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <%[1]s/cert.pem
ssl_key = <%[1]s/key.pem
disable_plaintext_auth = no
default_internal_user = %[3]s
default_internal_group = %[4]s
default_login_user = %[3]s
default_process_limit = %[5]d
default_client_limit = %[6]d
default_vsz_limit = 0
first_valid_uid = 1
mail_max_userip_connections = 0
mail_fsync = never
mail_location = %[7]s
passdb {
  driver = static
  args = password=%[8]s
}
userdb {
  driver = static
  args = uid=%[3]s gid=%[4]s home=%[1]s/mail/%%u
}
namespace inbox {
  inbox = yes
  separator = /
}
service imap-login {
  chroot =
  service_count = 0
  inet_listener imap {
    port = %[9]d
  }
  inet_listener imaps {
    port = %[10]d
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
%[11]s
`, d.dir, filepath.Base(d.dir), owner, group, limit, 4*limit, location, dovecotValue(DovecotPassword), d.Port, d.TLS, o.Extra)
	if len(o.Hide) > 0 {
		conf += "imap_capability = " + visible(o.Hide) + "\n"
	}
	return os.WriteFile(filepath.Join(d.dir, "dovecot.conf"), []byte(conf), 0o644)
}

// owner returns who holds the mail: Dovecot refuses root, so root starts it for
// nobody.
func (d *DovecotServer) owner() (string, string, error) {
	mail := filepath.Join(d.dir, "mail")
	if err := os.Mkdir(mail, 0o700); err != nil {
		return "", "", err
	}
	if err := os.Chmod(d.dir, 0o755); err != nil {
		return "", "", err
	}
	u, err := user.Current()
	if err != nil {
		return "", "", err
	}
	if u.Uid == "0" {
		if u, err = user.Lookup("nobody"); err != nil {
			return "", "", err
		}
	}
	g, err := user.LookupGroupId(u.Gid)
	if err != nil {
		return "", "", err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return u.Username, g.Name, os.Chown(mail, uid, gid)
}

// dovecotValue writes a password into the args of a static passdb, where a space
// divides arguments: base64 has none.
func dovecotValue(s string) string {
	return "{PLAIN.b64}" + base64.StdEncoding.EncodeToString([]byte(s))
}

// visible is what Dovecot 2.3 advertises after login, less what is hidden.
func visible(hide []string) string {
	all := strings.Fields("IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES THREAD=REFS " +
		"THREAD=ORDEREDSUBJECT MULTIAPPEND URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED " +
		"I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY MOVE " +
		"SNIPPET=FUZZY PREVIEW=FUZZY PREVIEW STATUS=SIZE SAVEDATE LITERAL+ NOTIFY SPECIAL-USE")
	var keep []string
	for _, c := range all {
		hidden := false
		for _, h := range hide {
			hidden = hidden || c == h
		}
		if !hidden {
			keep = append(keep, c)
		}
	}
	return strings.Join(keep, " ")
}

// writeCertificate makes a self-signed certificate that is its own root.
func writeCertificate(certFile, keyFile string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test mail server"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		return err
	}
	return os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw}), 0o600)
}
