package imap

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// marked returns steps that mark messages of INBOX.
func marked(m model.Mark, uids ...uint32) (steps []model.Step) {
	for _, uid := range uids {
		steps = append(steps, at(uid, m))
	}
	return steps
}

// Exchange Online: no keywords in PERMANENTFLAGS, BAD where one is sent.
func TestMarkOnExchange(t *testing.T) {
	mark := model.Mark{Keyword: "lx-a", Thunderbird: "$label1", Apple: "purple"}
	for name, c := range map[string]struct {
		permanent string
		mark      model.Mark
		refuse    string
		want      model.Result
	}{
		"says so":              {`(\Seen \Answered \Flagged \Deleted \Draft $MDNSent)`, mark, "", model.Result{Outcome: model.Done, Flags: model.Flags{`\Flagged`}}},
		"says so, only words":  {`(\Seen \Flagged \Deleted $MDNSent)`, model.Mark{Keyword: "lx-a"}, "", model.Result{Outcome: model.Refused, Code: "no-keywords"}},
		"does not say":         {`(\Seen \Flagged \Deleted \*)`, mark, "BAD Command Argument Error. 11", model.Result{Outcome: model.Done, Flags: model.Flags{`\Flagged`}}},
		"does not, only words": {`(\Seen \Flagged \Deleted \*)`, model.Mark{Keyword: "lx-a"}, "BAD Command Argument Error. 11", model.Result{Outcome: model.Refused, Code: "no-keywords"}},
		"Cyrus is full":        {`(\Seen \Flagged \Deleted \*)`, mark, "NO [LIMIT] Too many user flags in mailbox", model.Result{Outcome: model.Done, Flags: model.Flags{`\Flagged`}}},
		"Cyrus, only words":    {`(\Seen \Flagged \Deleted \*)`, model.Mark{Keyword: "lx-a"}, "NO Too many user flags in mailbox", model.Result{Outcome: model.Refused, Code: "keyword-limit"}},
		"is busy":              {`(\Seen \Flagged \Deleted \*)`, mark, "BAD Request is throttled. Suggested Backoff Time: 1000 milliseconds", model.Result{Outcome: model.Later, Code: "refused-for-now"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, b := boxes(4)
			b.Permanent = c.permanent
			tried := 0
			b.First = func(conn *connectortest.ScriptConn, tag, command string) bool {
				keyword := strings.Contains(command, "lx-a") || strings.Contains(command, "$")
				switch {
				case strings.HasPrefix(command, "UID SEARCH"):
					conn.Say("%s BAD Command Argument Error. 11\r\n", tag)
				case c.refuse != "" && keyword && strings.HasPrefix(command, "UID STORE"):
					tried++
					conn.Say("%s %s\r\n", tag, c.refuse)
				default:
					return false
				}
				return true
			}
			src := scripted(t, s)
			for _, part := range [][]uint32{{1, 2}, {3, 4}} {
				for i, got := range apply(t, src, marked(c.mark, part...)...) {
					if got.Outcome != c.want.Outcome || got.Code != c.want.Code || !slices.Equal(got.Flags, c.want.Flags) || got.Already {
						t.Fatalf("message %d: outcome %d %s %q", part[i], got.Outcome, got.Code, got.Flags)
					}
				}
			}
			if tried > 1 && c.want.Outcome != model.Later {
				t.Fatalf("keywords were tried %d times", tried)
			}
			for _, m := range b.Mail("INBOX") {
				if !slices.Equal(m.Flags, c.want.Flags) {
					t.Fatalf("message %d has %q", m.UID, m.Flags)
				}
			}
		})
	}
}

// Gmail shows labels, not keywords: the mark is a label, comes back among the
// flags, and is missed when a person takes it away.
func TestMarkOnGmail(t *testing.T) {
	s, b := boxes(3)
	s.Caps, b.Labels = "MOVE UIDPLUS X-GM-EXT-1 CONDSTORE", true
	src := scripted(t, s)
	mark := model.Mark{Keyword: "lx-a", Thunderbird: "$label1", Gmail: `Geprüft/"A" & B`}
	label := "gm:" + mark.Gmail
	for i, already := range []bool{false, true} {
		for _, got := range apply(t, src, marked(mark, 1, 2)...) {
			if got.Outcome != model.Done || got.Already != already || !slices.Equal(got.Flags, []string{"$label1", label}) {
				t.Fatalf("try %d: outcome %d %s %q", i, got.Outcome, got.Code, got.Flags)
			}
		}
	}
	want := `"Gepr&APw-ft/\"A\" &- B"`
	for _, m := range b.Mail("INBOX") {
		if marked := slices.Equal(m.Labels, []string{want}); marked != (m.UID < 3) {
			t.Fatalf("message %d has labels %q", m.UID, m.Labels)
		}
	}
	// A label that is Gmail's own, or too long, is none of ours.
	for _, m := range []model.Mark{{Gmail: `\Inbox`}, {Gmail: strings.Repeat("x", 300)}} {
		if got := apply(t, src, marked(m, 3)...)[0]; got.Outcome != model.Refused || got.Code != "no-keywords" {
			t.Fatalf("outcome %d %s", got.Outcome, got.Code)
		}
	}
	list, err := src.flagsOf("1:3", "")
	if err != nil || len(list) != 3 || !list[0].flags.Has(label) || list[2].flags.Has(label) {
		t.Fatalf("labels do not come back as flags: %v", err)
	}
}

func TestLabelsAsFlags(t *testing.T) {
	items := fetchItems([]byte("* 1 FETCH (UID 3 X-GM-LABELS ([x] \"\\\\Sent\" \\Important \"a b\" {3}\r\nc&d &AOQ- \"\" (y) \"" + strings.Repeat("z", 300) + "\") FLAGS ())\r\n"))
	want := model.Flags{"gm:[x]", "gm:a b", "gm:c&d", "gm:ä"}
	if got := withLabels(nil, items); !slices.Equal(got, want) {
		t.Fatalf("%q", got)
	}
	flags, labels := divide([]string{"a", "gm:b c", `\Flagged`, "gm:gm:"})
	if !slices.Equal(flags, []string{"a", `\Flagged`}) || !slices.Equal(labels, []string{"b c", "gm:"}) {
		t.Fatalf("%q %q", flags, labels)
	}
}

// wasted is a mailbox in which a person used up keywords.
func wasted(t *testing.T, format string, keywords int) (*servertest.DovecotServer, *servertest.RawIMAP) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Format: format})
	person := d.Client(t, "ann")
	person.Append("INBOX", connectortest.Letter(1), connectortest.Letter(2), connectortest.Letter(3))
	person.OK("SELECT INBOX")
	for n := range keywords {
		person.OK(fmt.Sprintf("UID STORE 3 +FLAGS.SILENT (person-%d)", n))
	}
	return d, person
}

// indexLoss ends the server, takes its indexes away and starts it again: what
// then shows is what the mailbox keeps for good.
func indexLoss(t *testing.T, d *servertest.DovecotServer) {
	d.Kill()
	files, err := filepath.Glob(filepath.Join(d.Dir(), "mail", "ann", "Maildir", "dovecot.index*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no index to lose: %v", err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	d.Restart(t)
}

// What the test below stands on: Dovecot's Maildir takes a 27th keyword, shows
// it, and loses it with the index.
func TestMaildirLosesKeywords(t *testing.T) {
	d, person := wasted(t, "maildir", maildirKeywords)
	person.OK("UID STORE 1 +FLAGS.SILENT (one-more)")
	if flags := d.Dump(t, "ann")["INBOX"][0].Flags; !slices.Contains(flags, "one-more") {
		t.Fatalf("the server does not even show it: %q", flags)
	}
	indexLoss(t, d)
	if flags := d.Dump(t, "ann")["INBOX"][0].Flags; slices.Contains(flags, "one-more") {
		t.Fatal("the server keeps it: the limit is another one")
	}
}

// A mark is not claimed where Maildir would lose it. The rest of the mark is
// written, what fits is written, and on mdbox there is no such limit.
func TestKeywordLimit(t *testing.T) {
	mark := model.Mark{Keyword: "lx-a", Thunderbird: "$label1", Apple: "purple"}
	words := model.Mark{Keyword: "lx-a"}
	for _, c := range []struct {
		format   string
		keywords int
		mark     model.Mark
		want     model.Result
	}{
		{"maildir", 22, mark, model.Result{Outcome: model.Done, Flags: model.Flags{"lx-a", "$label1", `\Flagged`, "$MailFlagBit0", "$MailFlagBit2"}}},
		{"maildir", 23, mark, model.Result{Outcome: model.Done, Flags: model.Flags{"lx-a", "$label1", `\Flagged`}}},
		{"maildir", 25, mark, model.Result{Outcome: model.Done, Flags: model.Flags{"lx-a", `\Flagged`}}},
		{"maildir", 26, mark, model.Result{Outcome: model.Done, Flags: model.Flags{`\Flagged`}}},
		{"maildir", 30, mark, model.Result{Outcome: model.Done, Flags: model.Flags{`\Flagged`}}},
		{"maildir", 25, words, model.Result{Outcome: model.Done, Flags: model.Flags{"lx-a"}}},
		{"maildir", 26, words, model.Result{Outcome: model.Refused, Code: "keyword-limit"}},
		{"maildir", 30, model.Mark{Keyword: "person-3"}, model.Result{Outcome: model.Done, Flags: model.Flags{"person-3"}}},
		{"maildir", 30, model.Mark{Keyword: "person-28"}, model.Result{Outcome: model.Refused, Code: "keyword-limit"}},
		{"mdbox", 40, words, model.Result{Outcome: model.Done, Flags: model.Flags{"lx-a"}}},
	} {
		t.Run(fmt.Sprintf("%s/%d/%s", c.format, c.keywords, c.mark.Keyword+c.mark.Apple), func(t *testing.T) {
			t.Parallel()
			d, _ := wasted(t, c.format, c.keywords)
			s := open(t, optionsFor(d, "ann"))
			changes, _ := pull(t, s, "")
			for i := range 2 {
				got := apply(t, s, model.Step{ID: "1", Ref: changes[i].Ref, Action: c.mark})[0]
				if got.Outcome != c.want.Outcome || got.Code != c.want.Code || !slices.Equal(got.Flags, c.want.Flags) || got.Already {
					t.Fatalf("outcome %d %s %q", got.Outcome, got.Code, got.Flags)
				}
			}
			if c.format == "maildir" {
				indexLoss(t, d)
			}
			for _, m := range d.Dump(t, "ann")["INBOX"][:2] {
				for _, f := range c.want.Flags {
					if !model.Flags(m.Flags).Has(f) {
						t.Fatalf("%s was claimed and is lost", f)
					}
				}
			}
		})
	}
}

// A run of marks costs two commands, one more the first time, and each Apply one to
// learn what others did.
func TestMarkCommands(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	var letters [][]byte
	for n := range 600 {
		letters = append(letters, connectortest.Letter(n))
	}
	d.Client(t, "ann").Append("INBOX", letters...)
	s := open(t, optionsFor(d, "ann"))
	changes, _ := pull(t, s, "")
	var steps []model.Step
	for i, c := range changes {
		steps = append(steps, model.Step{ID: model.StepID(fmt.Sprint(i)), Ref: c.Ref, Action: model.Mark{Keyword: "lx-a", Apple: "blue"}})
	}
	apply(t, s, steps[:100]...)
	before := tagCount.Load()
	for _, got := range apply(t, s, steps[100:]...) {
		if got.Outcome != model.Done || got.Already {
			t.Fatalf("outcome %d", got.Outcome)
		}
	}
	if n := tagCount.Load() - before; n != 3 {
		t.Fatalf("%d commands for 500 marks", n)
	}
	for _, got := range apply(t, s, steps...) {
		if got.Outcome != model.Done || !got.Already {
			t.Fatalf("again: outcome %d already %t", got.Outcome, got.Already)
		}
	}
}

// A colour that a person chose stays, in one run with messages that have none.
func TestMarkKeepsColour(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Format: "mdbox"})
	person := d.Client(t, "ann")
	for n := range 5 {
		person.Append("INBOX", connectortest.Letter(n))
	}
	s := open(t, optionsFor(d, "ann"))
	changes, _ := pull(t, s, "")
	person.OK("SELECT INBOX")
	person.OK(`UID STORE 2 +FLAGS.SILENT (\Flagged)`)
	person.OK(`UID STORE 3 +FLAGS.SILENT (\Flagged $MailFlagBit1)`)
	person.OK(`UID STORE 4 +FLAGS.SILENT (\Deleted)`)
	person.OK(`UID EXPUNGE 4`)
	var steps []model.Step
	for i, c := range changes {
		steps = append(steps, model.Step{ID: model.StepID(fmt.Sprint(i)), Ref: c.Ref, Action: model.Mark{Keyword: "lx-a", Apple: "orange"}})
	}
	want := []string{`$MailFlagBit0 \Flagged lx-a`, `\Flagged lx-a`, `$MailFlagBit1 \Flagged lx-a`, "", `$MailFlagBit0 \Flagged lx-a`}
	for i, got := range apply(t, s, steps...) {
		if (got.Outcome == model.Lost) != (i == 3) || got.Outcome != model.Lost && got.Outcome != model.Done {
			t.Fatalf("message %d: outcome %d", i+1, got.Outcome)
		}
	}
	for _, m := range d.Dump(t, "ann")["INBOX"] {
		if got := strings.Join(m.Flags, " "); got != want[m.UID-1] {
			t.Fatalf("message %d has %q, want %q", m.UID, got, want[m.UID-1])
		}
	}
}

// Whatever a server answers to what steps ask: no panic, and nothing unbounded.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte("* 1 FETCH (UID 3 X-GM-LABELS ([x] \"\\\\Sent\" \"a b\" {1}\r\nc) BODY[HEADER.FIELDS (MESSAGE-ID)] {21}\r\nMessage-ID: <a@b>\r\n\r\n FLAGS (a \\Seen))\r\n"))
	f.Add([]byte("* FLAGS (\\Seen a b)\r\n"))
	f.Add([]byte("* OK [COPYUID 1 1:3,7 9:12] done\r\n"))
	f.Add([]byte("* OK [COPYUID 1 1:4294967295 1:4294967295] done\r\n"))
	f.Fuzz(func(t *testing.T, response []byte) {
		items := fetchItems(response)
		for _, flag := range withLabels(nil, items) {
			label, ok := strings.CutPrefix(flag, labelPrefix)
			if !ok || label == "" || len(flag) > 3+3*maxLabel {
				t.Fatalf("label %q", flag)
			}
		}
		letterOf(items)
		_, kind, rest, ok := untagged(response)
		if !ok {
			return
		}
		var n selected
		n.list(rest)
		moved := map[uint32]model.Ref{}
		copied(condition(kind, response[min(rest.i, len(response)):]), moved)
		if len(moved) > 10*maxSet {
			t.Fatalf("%d copies", len(moved))
		}
	})
}
