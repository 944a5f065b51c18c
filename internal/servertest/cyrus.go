package servertest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// CyrusServer is a Cyrus, a CalDAV server that does scheduling (RFC 6638 section 2), with
// several users of the domain firm.example. The DAV is its first user's; As gives
// those of the others.
type CyrusServer struct {
	*DAV
	sink string // folder of the mails it wanted to send
}

// CyrusUsers are the users of a CyrusServer; user gc has the address
// gc@firm.example.
var CyrusUsers = []string{"gc", "chair", "other"}

// Cyrus starts a Cyrus with an empty store. It sends no mail: what it would hand to
// sendmail is counted by Sent.
func Cyrus(t testing.TB) *CyrusServer {
	t.Helper()
	Need(t, "cyrmaster", "cyrus-caldav")
	const programs = "/usr/lib/cyrus/bin"
	if _, err := os.Stat(filepath.Join(programs, "httpd")); err != nil {
		Missing(t, "Cyrus has no httpd (Debian package cyrus-caldav)")
	}
	dir, err := os.MkdirTemp("", "cyrus") // paths of its sockets must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	http, lmtp := FreePort(t), FreePort(t)
	sink := filepath.Join(dir, "sent")
	for _, sub := range []string{"conf", "conf/proc", "conf/lock", "conf/socket", "conf/log", "part", "sent"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	writeCyrusConfig(t, dir, http, lmtp)
	checkPasswords(t, filepath.Join(dir, "auth"))
	attr, name := cyrusUser(t, dir)
	d := &DAV{URL: "http://127.0.0.1:" + strconv.Itoa(http), User: CyrusUsers[0], Password: "correct horse", Store: dir, t: t}
	d.Home = "/dav/calendars/user/" + d.User + "/"
	d.start = func() *Process {
		cmd := exec.Command(filepath.Join(programs, "master"), "-C", dir+"/imapd.conf", "-M", dir+"/cyrus.conf", "-p", dir+"/pid", "-D")
		cmd.Env = append(os.Environ(), "CYRUS_USER="+name)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: attr}
		return Start(t, cmd, net.JoinHostPort("127.0.0.1", strconv.Itoa(http)))
	}
	d.run = d.start()
	for _, name := range CyrusUsers {
		makeInbox(t, lmtp, name)
	}
	return &CyrusServer{DAV: d, sink: sink}
}

// sinkScript stands for "sendmail -bs": it speaks as much SMTP as it must, takes
// every mail and keeps it.
const sinkScript = `#!/bin/sh
out=%s/sent/$$
end=$(printf '.\r')
echo "220 sink"
while read -r line; do
  printf '%%s\n' "$line" >> $out
  case $line in
  DATA*) echo "354 go on"
    while read -r line; do
      printf '%%s\n' "$line" >> $out
      [ "$line" = "$end" ] && break
    done
    echo "250 kept" ;;
  QUIT*) echo "221 bye"; exit 0 ;;
  *) echo "250 yes" ;;
  esac
done
`

// cyrusUser returns whom to run Cyrus as, with the name, and gives them the folder.
func cyrusUser(t testing.TB, dir string) (*syscall.Credential, string) {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		all = append(all, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	attr := notRoot(t, all...)
	me, err := user.Current()
	if attr != nil && err == nil {
		me, err = user.LookupId(strconv.Itoa(int(attr.Uid)))
	}
	if err != nil {
		t.Fatal(err)
	}
	return attr, me.Username
}

func writeCyrusConfig(t testing.TB, dir string, http, lmtp int) {
	t.Helper()
	WriteFile(t, filepath.Join(dir, "imapd.conf"), fmt.Sprintf(`configdirectory: %[1]s/conf
partition-default: %[1]s/part
defaultpartition: default
proc_path: %[1]s/conf/proc
mboxname_lockpath: %[1]s/conf/lock
temp_path: %[1]s
sasl_pwcheck_method: saslauthd
sasl_saslauthd_path: %[1]s/auth
sasl_mech_list: PLAIN
allowplaintext: yes
autocreate_users: anyone
autocreate_quota: 0
autocreate_post: yes
httpmodules: caldav freebusy
calendar_user_address_set: firm.example
caldav_allowscheduling: on
caldav_create_default: yes
virtdomains: off
unixhierarchysep: yes
altnamespace: yes
smtp_backend: sendmail
sendmail: %[1]s/sendmail
syslog_prefix: chancery-test
`, dir))
	WriteFile(t, filepath.Join(dir, "cyrus.conf"), fmt.Sprintf(`START {
  recover cmd="ctl_cyrusdb -C %[1]s/imapd.conf -r"
}
SERVICES {
  http cmd="httpd -C %[1]s/imapd.conf" listen="127.0.0.1:%[2]d" proto="tcp4" prefork=1
  lmtp cmd="lmtpd -a -C %[1]s/imapd.conf" listen="127.0.0.1:%[3]d" proto="tcp4" prefork=0
}
EVENTS {
}
`, dir, http, lmtp))
	WriteFile(t, filepath.Join(dir, "sendmail"), fmt.Sprintf(sinkScript, dir))
	if err := os.Chmod(filepath.Join(dir, "sendmail"), 0o700); err != nil {
		t.Fatal(err)
	}
}

// checkPasswords answers as saslauthd does, on a socket of its own: four counted
// strings come, one goes.
func checkPasswords(t testing.TB, path string) {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				r := bufio.NewReader(c)
				var said []string
				for range 4 {
					var n uint16
					if binary.Read(r, binary.BigEndian, &n) != nil {
						return
					}
					b := make([]byte, n)
					if _, err := io.ReadFull(r, b); err != nil {
						return
					}
					said = append(said, string(b))
				}
				answer := "NO"
				if said[1] == "correct horse" {
					answer = "OK"
				}
				_, _ = c.Write(append([]byte{0, byte(len(answer))}, answer...))
			}()
		}
	}()
}

// makeInbox delivers a mail, which makes the user's mailbox: without it Cyrus gives
// no calendars. The package of its imapd cannot be installed beside Dovecot's.
func makeInbox(t testing.TB, port int, name string) {
	t.Helper()
	c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	for _, said := range []string{"", "LHLO test", "MAIL FROM:<a@firm.example>", "RCPT TO:<" + name + ">", "DATA", "Subject: hello\r\n\r\n."} {
		if said != "" {
			_, _ = fmt.Fprintf(c, "%s\r\n", said)
		}
		for {
			line, err := r.ReadString('\n')
			if err != nil || line[0] != '2' && line[0] != '3' {
				t.Fatalf("cyrus makes no mailbox: %q %v", line, err)
			}
			if line[3] == ' ' {
				break
			}
		}
	}
}

// As returns the same server as another user sees it.
func (c *CyrusServer) As(name string) *DAV {
	d := *c.DAV
	d.User, d.Home = name, "/dav/calendars/user/"+name+"/"
	return &d
}

// Sent returns the mails the server wanted to send.
func (c *CyrusServer) Sent() []string {
	c.t.Helper()
	files, err := os.ReadDir(c.sink)
	if err != nil {
		c.t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(c.sink, f.Name()))
		if err != nil {
			c.t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}
