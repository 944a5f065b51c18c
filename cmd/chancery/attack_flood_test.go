package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"chancery/internal/servertest"
)

// question is mail that a rule lays a draft for.
func question(id string) []byte {
	return []byte(strings.ReplaceAll("From: bo@other.example\nTo: gc@firm.example\nMessage-ID: <"+id+"@other.example>\nSubject: Question\n\n"+id+"\n", "\n", "\r\n"))
}

// Somebody sends 1,000 mails, each of which a rule lays a draft for, and somebody's
// program puts 200 privileged letters into Sent. What is more than the brake allows
// within the hour waits for a person, who is told so; a second hour of it, a kill
// and a restart change nothing, and plan says the same before.
func TestLettersAreBraked(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := deskFirm(t, d)
	f.edit("chancery.yaml", "brake: off", "brake: {moves: 100000, percent: 100}")
	c := d.Client(t, gc)
	var in, out [][]byte
	for i := range 1000 {
		in = append(in, question(fmt.Sprint(i)))
	}
	for i := range 200 {
		out = append(out, sent(fmt.Sprint(i), "Privileged: our position"))
	}
	c.Append("INBOX", in...)
	c.Append("Sent", out...)
	plan, _ := f.cli("plan")
	if !strings.Contains(plan, "1340 notes or drafts would wait") { // 970 nudges, and of 400 about Sent 370
		t.Errorf("the plan does not tell of the brake:\n%.2000s", plan[max(0, len(plan)-2000):])
	}
	f.once()
	check := func(what string) {
		t.Helper()
		notes, drafts := len(d.Dump(t, pa)["INBOX"]), len(d.Dump(t, gc)["Drafts"])
		if notes+drafts != 60 {
			t.Errorf("%s: %d notes and %d drafts, want 30 of each of two rules", what, notes, drafts)
		}
	}
	check("at first")
	r := f.start()
	c.Append("INBOX", question("more"), question("and more"))
	await(t, "ordinary work", func() bool {
		s, _ := f.cli("status")
		n := 0
		for _, m := range regexp.MustCompile(`(\d+) steps wait`).FindAllStringSubmatch(strings.ReplaceAll(s, ",", ""), -1) {
			k, _ := strconv.Atoi(m[1])
			n += k
		}
		return n == 1342
	})
	if err := r.stop(syscall.SIGKILL); err == nil {
		t.Error("it ended by itself")
	}
	f.once()
	check("after a kill")
	status, code := f.cli("status")
	if code != 1 || !strings.Contains(status, "chancery approve "+gc+"-mail") || !strings.Contains(status, "chancery approve "+pa+"-mail") {
		t.Errorf("status: exit %d\n%s", code, status)
	}
	if out, code := f.cli("approve", pa+"-mail", "--yes"); code != 0 {
		t.Fatal(out)
	}
	if out, code := f.cli("approve", gc+"-mail", "--reject", "--yes"); code != 0 {
		t.Fatal(out)
	}
	f.once()
	if notes := len(d.Dump(t, pa)["INBOX"]); notes != 200 {
		t.Errorf("%d notes after they were approved, want 200", notes)
	}
	if plan, _ := f.cli("plan"); strings.Contains(plan, "would ") {
		t.Errorf("something is left to do:\n%.2000s", plan)
	}
	if out, code := f.cli("journal", "verify"); code != 0 {
		t.Error(out)
	}
}
