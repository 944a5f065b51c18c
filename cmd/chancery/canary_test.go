package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/internal/mime"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// canaries are words that stand nowhere but in what they are named after. Those of
// mail may be in the mailboxes alone; those of the configuration also in the copy
// of it that the state folder keeps.
var canaries = map[string][]string{
	"mail": {
		"kanarsubj", "kanarbody", "kanarname", "kanarlocal", "kanardomain", "kanarcc", "kanarfile", "kanarattached",
		"kanarbox", "kanarid", "kanarthread", "kanarlist", "kanarauth", "kanarsent", "kanaroutside", "kanaraged", "kanarold",
		"kanareml",
	},
	"configuration": {"kanarinline", "kanarentry", "kanarterm", "kanarclient", "kanarmatter", "kanartemplate", "kanaruser", servertest.DovecotPassword},
}

const rulesOfCanary = `version: 1
defaults: {mode: enforce, folders: [INBOX]}
house: {firm: firm, authserv: [mx.firm.example]}
lists:
  firm: {file: lists/firm.txt}
terms:
  secret: {file: lists/secret.txt}
marks:
  privileged: {keyword: lx-1, thunderbird: $label1, apple: purple}
  paper: {keyword: lx-2}
  aged: {keyword: lx-3}
matters: {file: matters.csv}
mail:
  - {name: privileged, priority: 200, when: 'terms.secret.within("subject", "new")', then: [mark: privileged]}
  - {name: spread, when: msg.thread.has("privileged"), then: [mark: privileged]}
  - {name: paper, when: 'terms.secret.within("file")', then: [mark: paper]}
  - {name: aged, when: 'msg.subject.contains("aged") && msg.age > duration("2s")', then: [mark: aged]}
  - {name: filing, priority: 100, user_may: [folder, off], when: 'msg.subject.contains("Invoice")', then: [file: "Filed/{{msg.subject}}"]}
  - name: alarm
    folders: [Sent]
    when: msg.direction == "out"
    then:
      - note: {subject: "Went out: {{msg.subject}}", text: "To {{msg.outside}}, from {{msg.from}}: {{msg.files[0].name}}"}
      - draft: {template: templates/claw-back.txt, to: "{{msg.outside}}"}
  - {name: broken, when: 'msg.to[7] == "x" && msg.subject == "y"', then: [star]}
tests:
  - {name: holds, text: "Subject: kanarinline kanarterm\n\nx\n", expect: {privileged: [mark privileged]}}
  - {name: file, mail: tests/a.eml, not: [privileged]}
`

const userOfCanary = `version: 1
rules: {filing: {folder: "Mine/{{msg.subject}}"}}
mail:
  - {name: mine, priority: 10, mode: enforce, when: 'msg.subject.contains("kanaruser")', then: [star]}
`

func canaryFirm(t *testing.T, d *servertest.DovecotServer) *firm {
	f := deskFirm(t, d)
	f.edit("chancery.yaml", "poll: 1h", "poll: 1s")
	f.edit("chancery.yaml", "brake: off", "brake: {moves: 3, percent: 50}")
	f.write("rules.d/10.yaml", rulesOfCanary)
	f.write("users.d/gc-mail.yaml", userOfCanary)
	f.write("lists/firm.txt", "firm.example\nkanarentry.example\n")
	f.write("lists/secret.txt", "kanarterm\nattorney-client\n")
	f.write("matters.csv", "number,client,name\n10042.0070,kanarclient,kanarmatter v. Bolt\n")
	f.write("templates/claw-back.txt", "Subject: kanartemplate {{msg.subject}}\n\n{{msg.to}}\n")
	f.write("tests/a.eml", "Subject: kanareml\n\nkanareml\n")
	return f
}

// canaryMail has a token in everything that a mail has.
func canaryMail(n int, subject string) []byte {
	docx := base64.StdEncoding.EncodeToString([]byte("kanarattached attorney-client kanarterm text of a file\n"))
	return servertest.CRLF(fmt.Appendf(nil, `Authentication-Results: mx.firm.example; dmarc=pass header.from=kanarauth.example
From: Kanarname kanarname <kanarlocal@kanardomain.example>
To: gc@firm.example
Cc: kanarcc@kanardomain.example
Date: Mon, 16 Nov 2026 10:00:%02d -0500
Message-ID: <kanarid-%d@kanardomain.example>
In-Reply-To: <kanarthread@kanardomain.example>
References: <kanarthread@kanardomain.example>
Subject: %s %d
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

kanarbody kanarterm attorney-client.
--b
Content-Type: text/plain; name="kanarfile.txt"
Content-Disposition: attachment; filename="kanarfile.txt"
Content-Transfer-Encoding: base64

%s
--b--
`, n%60, n, subject, n, docx))
}

// sinks gathers everything that programs or IT see of the service without asking
// for content.
type sinks struct {
	t     *testing.T
	f     *firm
	texts map[string][]byte
}

func (s *sinks) add(name string, text []byte) { s.texts[name] = append(s.texts[name], text...) }

func (s *sinks) run(args ...string) {
	out, _ := s.f.cli(args...)
	s.add(strings.Join(args, " "), []byte(out))
}

// socket says something to the control socket and keeps what it answers.
func (s *sinks) socket(say string) {
	s.t.Helper()
	c, err := net.Dial("unix", filepath.Join(s.f.dir, "state", "control.sock"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	_, _ = c.Write([]byte(say))
	_ = c.(*net.UnixConn).CloseWrite()
	var b bytes.Buffer
	_, _ = b.ReadFrom(c)
	s.add("socket "+say[:min(len(say), 40)], b.Bytes())
}

// state reads the whole state folder, and holds the modes of what lies there.
func (s *sinks) state() {
	s.t.Helper()
	root := filepath.Join(s.f.dir, "state")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if mode := info.Mode(); mode&fs.ModeSymlink == 0 && mode.Perm()&0o077 != 0 {
			s.t.Errorf("%s has mode %v", path, mode)
		}
		s.add("names in state", []byte(path+"\n"))
		if !info.Mode().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		name := "state: " + d.Name()
		if strings.Contains(path, runningFolder) {
			name = "running: " + d.Name()
		}
		s.add(name, text)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// silent fails for each canary that sings.
func (s *sinks) silent() {
	s.t.Helper()
	for name, text := range s.texts {
		for kind, words := range canaries {
			if kind == "configuration" && strings.HasPrefix(name, "running: ") {
				continue
			}
			for _, w := range words {
				for form, b := range map[string][]byte{"": []byte(w), " in base64": []byte(base64.RawStdEncoding.EncodeToString([]byte(w))), " in hex": fmt.Appendf(nil, "%x", w)} {
					if at := bytes.Index(bytes.ToLower(text), bytes.ToLower(b)); at >= 0 {
						s.t.Errorf("%s shows %s of the %s%s: ...%q", name, w, kind, form, text[max(0, at-80):min(len(text), at+60)])
					}
				}
			}
		}
	}
}

// Nothing of anyone's mail is in logs at the most talkative level, in the state
// folder, in what the service answers, or in what commands say that show no
// content: whatever it does, and whatever goes wrong.
func TestNothingOfTheMailIsTold(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{})
			f := canaryFirm(t, d)
			person := d.Client(t, gc)
			person.OK("CREATE kanarbox")
			person.Append("INBOX", canaryMail(50, "kanarold attorney-client"))
			s := &sinks{t: t, f: f, texts: map[string][]byte{}}
			r := f.startAs(func(cmd *exec.Cmd) {
				cmd.Args = append(cmd.Args, "--log-level", "debug", "--log-format", format)
			})
			await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })
			person.Append("INBOX", canaryMail(1, "kanarsubj attorney-client"), canaryMail(2, "kanaraged"), canaryMail(3, "kanaruser"))
			await(t, "a mark", func() bool { return strings.Contains(where(t, d, gc)["kanarsubj attorney-client 1"], "lx-1") })
			person.Append("INBOX",
				servertest.CRLF([]byte("Subject: plain answer\nMessage-ID: <kanarid-9@x.example>\nReferences: <kanarthread@kanardomain.example>\nFrom: a@kanardomain.example\n\nkanarbody\n")))
			for i := range 8 { // more moves than the brake lets pass
				person.Append("INBOX", canaryMail(10+i, "Invoice kanarsubj"))
			}
			person.Append("Sent", servertest.CRLF([]byte("From: gc@firm.example\nTo: kanaroutside@other.example\nSubject: kanarsent\nMessage-ID: <kanarid-s@firm.example>\nContent-Type: text/plain; name=kanarfile.txt\nContent-Disposition: attachment; filename=kanarfile.txt\n\nkanarbody\n")))
			defer func() {
				if t.Failed() {
					t.Log(where(t, d, gc), len(d.Dump(t, gc)["Drafts"]), len(d.Dump(t, pa)["INBOX"]), r.log())
				}
			}()
			await(t, "marks, looks, note, draft", func() bool {
				got := where(t, d, gc)
				return strings.Contains(got["kanaraged 2"], "lx-3") && strings.Contains(got["kanaraged 2"], "lx-2") && strings.Contains(got["plain answer"], "lx-1") &&
					len(d.Dump(t, gc)["Drafts"]) == 1 && len(d.Dump(t, pa)["INBOX"]) == 1
			})
			if draft := mime.Read(d.Dump(t, gc)["Drafts"][0].Body); draft.Subject != "kanartemplate kanarsent" {
				t.Errorf("the letter says %q", draft.Subject)
			}
			act(person, "INBOX", "kanarsubj attorney-client 1", "UID STORE %d -FLAGS (lx-1)") // un-spreads
			s.run("backfill", "--rule", "paper", "--since", "30d", "--yes")
			s.run("undo", "--rule", "paper", "--since", "30d", "--yes")
			s.refusals(r)
			for _, say := range []string{`{"do":"status"}`, `{"do":"kanarsubj"}`, `{"do":"backfill","source":"kanarsubj","rule":"x"}`, "garbage\n", "", `{"do":"undo","rule":"nope","source":"gc-mail"}`} {
				if strings.Contains(say, "kanar") {
					say = strings.ReplaceAll(say, "kanar", "other")
				}
				s.socket(say)
			}
			for _, args := range [][]string{{"status"}, {"status", "--json"}, {"rules"}, {"rules", "--json"}, {"journal"}, {"journal", "--json"}, {"journal", "verify"}, {"check"}, {"doctor"}, {"version"}} {
				s.run(args...)
			}
			s.state() // while the write-ahead log is full
			_ = r.stop(syscall.SIGQUIT)
			s.add("log, and stacks at the end", []byte(r.log()))
			if !strings.Contains(r.log(), "goroutine ") {
				t.Error("there are no stacks to look at")
			}
			s.state()
			s.silent()
		})
	}
}

// refusals has the service refuse what a reload and a changed file bring.
func (s *sinks) refusals(r *running) {
	s.t.Helper()
	f := s.f
	for name, text := range map[string]string{
		"lists/firm.txt":       "firm.example\nkanarentry is no address\n",
		"matters.csv":          "number,client,name,wall,hold\n10042.0070,kanarclient,kanarmatter,kanarentry walled,kanarmatter\nkanarmatter,kanarclient\n10042.0070,kanarclient,\"kanarmatter\n",
		"rules.d/10.yaml":      strings.Replace(rulesOfCanary, "expect: {privileged: [mark privileged]}", "expect: {paper: [mark paper]}", 1),
		"tests/a.eml":          "Subject: attorney-client kanareml\n\nkanareml kanarterm\n",
		"users.d/gc-mail.yaml": userOfCanary + "tests: [{text: \"Subject: kanarinline\\n\\nx\\n\", expect: {mine: [star]}}]\n",
	} {
		was := f.read(name)
		f.write(name, text)
		s.run("reload")
		f.write(name, was)
	}
	s.run("reload")
	if n := strings.Count(r.log(), "reload refused"); n < 4 {
		s.t.Errorf("%d reloads were refused", n)
	}
}

// What holds content prints itself nowhere, also where a program ends in a panic.
func TestAPanicTellsNoContent(t *testing.T) {
	body := model.Hide(mime.Read(canaryMail(1, "kanarsubj")))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		change := model.Change{Message: &model.Message{Body: body}}
		if out := fmt.Sprintf(verb, *change.Message) + fmt.Sprintf(verb, change.Message); strings.Contains(out, "kanar") || strings.Contains(out, fmt.Sprintf("%x", "kanar")) {
			t.Errorf("%s: %s", verb, out)
		}
	}
}
