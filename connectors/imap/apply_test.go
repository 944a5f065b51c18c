package imap

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chancery/connectors/connectortest"
	"chancery/internal/model"
)

// at is a step for a message of a script.
func at(uid uint32, a model.Action) model.Step {
	return model.Step{
		ID: model.StepID(fmt.Sprint(uid)), Ident: "h:x", Action: a,
		Ref: model.Ref{Source: "gc", Mailbox: "INBOX", UIDValidity: 1, UID: uid},
	}
}

func apply(t *testing.T, s *Source, steps ...model.Step) []model.Result {
	t.Helper()
	out, err := s.Apply(t.Context(), steps)
	if err != nil || len(out) != len(steps) {
		t.Fatalf("%d results, %v", len(out), err)
	}
	return out
}

// refuse answers commands that begin with one of the prefixes.
func refuse(s *connectortest.Script, answers map[string]string) {
	s.Handle = func(conn *connectortest.ScriptConn, tag, command string) bool {
		for prefix, text := range answers {
			if strings.HasPrefix(command, prefix) {
				conn.Say("%s", strings.ReplaceAll(text, "TAG", tag))
				return true
			}
		}
		return false
	}
}

// The worst defect of the library: without MOVE it sends COPY, STORE and EXPUNGE
// in one go. When COPY fails, nothing may be marked or expunged.
func TestCopyRefusedDeletesNothing(t *testing.T) {
	for answer, want := range map[string]model.Result{
		"TAG NO [TRYCREATE] no such mailbox\r\n": {Outcome: model.Refused, Code: "no-mailbox"},
		"TAG NO [OVERQUOTA] mailbox is full\r\n": {Outcome: model.Later, Code: "overquota"},
		"TAG NO Quota exceeded\r\n":              {Outcome: model.Later, Code: "overquota"},
		"TAG BAD what\r\n":                       {Outcome: model.Refused, Code: "copy-refused"},
		"TAG NO [INUSE] locked\r\n":              {Outcome: model.Later, Code: "refused-for-now"},
		"TAG OK [COPYUID 1 3 9] a lie\r\n":       {Outcome: model.Later, Code: "copy-unproved"},
	} {
		t.Run(answer, func(t *testing.T) {
			s := sixLetters()
			s.Caps = "UIDPLUS"
			refuse(s, map[string]string{"UID COPY": answer})
			got := apply(t, scripted(t, s), at(3, model.File{Mailbox: []string{"Files"}}))[0]
			if got.Outcome != want.Outcome || got.Code != want.Code {
				t.Fatalf("outcome %d %s", got.Outcome, got.Code)
			}
			if !s.Sent("UID COPY 3") || s.Sent("UID STORE") || s.Sent("UID EXPUNGE") || s.Sent("UID MOVE") {
				t.Fatal("the source was touched")
			}
		})
	}
}

// boxes are INBOX with letters and an empty mailbox to file into.
func boxes(letters int) (*connectortest.Script, *connectortest.Boxes) {
	b := &connectortest.Boxes{}
	for n := range letters {
		b.Put("INBOX", string(connectortest.Letter(n+1)))
	}
	b.Create("Files")
	return &connectortest.Script{Handle: b.Handle}, b
}

// Without UIDPLUS the source is marked and stays: EXPUNGE would take more.
func TestWithoutUIDPlus(t *testing.T) {
	s, b := boxes(6)
	src := scripted(t, s)
	got := apply(t, src, at(3, model.File{Mailbox: []string{"Files"}}))[0]
	if got.Outcome != model.Done || got.Ref.Mailbox != "Files" || got.Ref.UID != 2 {
		t.Fatalf("outcome %d %s", got.Outcome, got.Code)
	}
	if !s.Sent(`UID STORE 3 +FLAGS.SILENT (\Deleted)`) || s.Sent("UID EXPUNGE") {
		t.Fatal("the source is not marked, or was expunged")
	}
	again := open(t, src.o)
	if got := apply(t, again, at(3, model.File{Mailbox: []string{"Files"}}))[0]; got.Outcome != model.Done || !got.Already {
		t.Fatalf("again: outcome %d already %t", got.Outcome, got.Already)
	}
	if n := len(b.Mail("Files")); n != 1 {
		t.Fatalf("%d copies", n)
	}
}

// A message that a person deleted is not brought back by a copy.
func TestDeletedStaysDeleted(t *testing.T) {
	s := sixLetters()
	s.Flags[3] = `\Deleted`
	if got := apply(t, scripted(t, s), at(3, model.File{Mailbox: []string{"Files"}}))[0]; got.Outcome != model.Lost || s.Sent("UID COPY") {
		t.Fatalf("outcome %d", got.Outcome)
	}
}

// A refused STORE or MOVE is narrowed down to the message that is refused.
func TestOneRefusedOfMany(t *testing.T) {
	for _, verb := range []string{"UID STORE", "UID MOVE"} {
		t.Run(verb, func(t *testing.T) {
			s := sixLetters()
			s.Caps = "MOVE UIDPLUS"
			gone := map[uint32]bool{}
			s.Handle = func(conn *connectortest.ScriptConn, tag, command string) bool {
				rest, ok := strings.CutPrefix(command, verb+" ")
				if !ok {
					return false
				}
				set, _, _ := strings.Cut(rest, " ")
				if connectortest.InSet(set, 5) {
					conn.Say("%s NO [CANNOT] not this one\r\n", tag)
					return true
				}
				for uid := range s.Messages {
					if connectortest.InSet(set, uid) && verb == "UID MOVE" {
						gone[uid] = true
						conn.Say("* OK [COPYUID 1 %d %d] moved\r\n", uid, uid+100)
					}
					if connectortest.InSet(set, uid) && verb == "UID STORE" {
						s.Flags[uid] = `lx-a \Flagged`
					}
				}
				conn.Say("%s OK done\r\n", tag)
				return true
			}
			action := model.Action(model.Mark{Keyword: "lx-a", Flagged: true})
			if verb == "UID MOVE" {
				action = model.File{Mailbox: []string{"Files"}}
			}
			var steps []model.Step
			for uid := uint32(1); uid < 7; uid++ {
				steps = append(steps, at(uid, action))
			}
			for i, got := range apply(t, scripted(t, s), steps...) {
				if i+1 == 5 {
					if got.Outcome != model.Refused || got.Code != "cannot" {
						t.Fatalf("message 5: outcome %d %s", got.Outcome, got.Code)
					}
				} else if got.Outcome != model.Done || verb == "UID MOVE" && got.Ref.UID != uint32(i+101) {
					t.Fatalf("message %d: outcome %d, uid %d", i+1, got.Outcome, got.Ref.UID)
				}
			}
		})
	}
}

// RFC 6851 section 3.3: a MOVE that is refused may have moved some.
func TestMoveRefusedHalfway(t *testing.T) {
	s := sixLetters()
	s.Caps = "MOVE UIDPLUS"
	s.Handle = func(conn *connectortest.ScriptConn, tag, command string) bool {
		if !strings.HasPrefix(command, "UID MOVE") {
			return false
		}
		if s.Messages[1] != "" {
			delete(s.Messages, 1)
			delete(s.Messages, 2)
			conn.Say("* OK [COPYUID 1 1:2 7:8] some\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n%s NO failed\r\n", tag)
			return true
		}
		conn.Say("%s NO [OVERQUOTA] full\r\n", tag)
		return true
	}
	file := model.File{Mailbox: []string{"Files"}}
	got := apply(t, scripted(t, s), at(1, file), at(2, file), at(3, file), at(4, file))
	for i, want := range []model.Outcome{model.Done, model.Done, model.Later, model.Later} {
		if got[i].Outcome != want {
			t.Fatalf("message %d: outcome %d %s", i+1, got[i].Outcome, got[i].Code)
		}
	}
	if got[1].Ref.UID != 8 || got[2].Code != "overquota" {
		t.Fatalf("%+v", got)
	}
}

// What the mailbox cannot keep is not written; what it drops is not claimed.
func TestPermanentFlags(t *testing.T) {
	mark := model.Mark{Keyword: "lx-a", Thunderbird: "$label1", Apple: "purple"}
	for name, c := range map[string]struct {
		permanent string // the response code; "" for none
		drops     bool   // the server says OK and stores nothing but \Flagged
		want      model.Result
	}{
		"all":            {`(\Flagged \*)`, false, model.Result{Outcome: model.Done, Flags: model.Flags{"lx-a", "$label1", `\Flagged`, "$MailFlagBit0", "$MailFlagBit2"}}},
		"not said":       {"", false, model.Result{Outcome: model.Done, Flags: model.Flags{"lx-a", "$label1", `\Flagged`, "$MailFlagBit0", "$MailFlagBit2"}}},
		"listed ones":    {`(\Flagged $Label1)`, false, model.Result{Outcome: model.Done, Flags: model.Flags{"$label1", `\Flagged`}}},
		"half a colour":  {`(\Flagged $MailFlagBit0)`, false, model.Result{Outcome: model.Done, Flags: model.Flags{`\Flagged`}}},
		"Exchange":       {`(\Seen \Answered \Flagged \Deleted \Draft $MDNSent)`, false, model.Result{Outcome: model.Done, Flags: model.Flags{`\Flagged`}}},
		"nothing":        {`()`, false, model.Result{Outcome: model.Refused, Code: "no-keywords"}},
		"drops keywords": {`(\Flagged \*)`, true, model.Result{Outcome: model.Done, Flags: model.Flags{`\Flagged`}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := sixLetters()
			s.Handle = func(conn *connectortest.ScriptConn, tag, command string) bool {
				switch {
				case strings.HasPrefix(command, "SELECT"):
					if c.permanent != "" {
						conn.Say("* OK [PERMANENTFLAGS %s] .\r\n", c.permanent)
					}
					conn.Say("* 6 EXISTS\r\n* OK [UIDVALIDITY 1] .\r\n* OK [UIDNEXT 7] .\r\n%s OK [READ-WRITE] done\r\n", tag)
				case strings.HasPrefix(command, "UID STORE 3 +FLAGS.SILENT ("):
					s.Flags[3] = strings.TrimSuffix(strings.TrimPrefix(command, "UID STORE 3 +FLAGS.SILENT ("), ")")
					if c.drops {
						s.Flags[3] = `\Flagged`
					}
					conn.Say("%s OK done\r\n", tag)
				default:
					return false
				}
				return true
			}
			got := apply(t, scripted(t, s), at(3, mark))[0]
			if got.Outcome != c.want.Outcome || got.Code != c.want.Code || !slices.Equal(got.Flags, c.want.Flags) {
				t.Fatalf("outcome %d %s, flags %q", got.Outcome, got.Code, got.Flags)
			}
		})
	}
}

func TestReadOnly(t *testing.T) {
	s := sixLetters()
	src := scripted(t, s, func(o *Options) { o.ReadOnly = true })
	pull(t, src, "")
	for _, a := range []model.Action{model.Mark{Keyword: "a"}, model.File{Mailbox: []string{"Files"}, Create: true}, model.DropNote{}} {
		if got := apply(t, src, at(3, a))[0]; got.Outcome != model.Refused || got.Code != "read-only" {
			t.Fatalf("outcome %d %s", got.Outcome, got.Code)
		}
	}
	if s.Sent("SELECT") || s.Sent("UID STORE") || s.Sent("CREATE") {
		t.Fatal("something was written")
	}
}

func TestRunsOfSteps(t *testing.T) {
	a, b := model.Mark{Name: "x", Keyword: "lx-a"}, model.Mark{Keyword: "lx-b"}
	steps := []model.Step{at(1, a), at(2, model.Mark{Name: "y", Keyword: "lx-a"}), at(2, a), at(3, b), at(4, b), at(5, model.File{Mailbox: []string{"F"}})}
	var got []int
	for rest := steps; len(rest) > 0; rest = rest[runLength(rest):] {
		got = append(got, runLength(rest))
	}
	if !slices.Equal(got, []int{2, 1, 2, 1}) {
		t.Fatalf("runs of %v", got)
	}
	var many []model.Step
	for uid := range uint32(1200) {
		many = append(many, at(uid+1, a))
	}
	if n := runLength(many); n != maxSet {
		t.Fatalf("a run of %d", n)
	}
}
