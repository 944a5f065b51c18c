package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"chancery/internal/servertest"
)

// Some programs send a draft with all of its header, so that others come to know
// our signed tag. What they write under it is decided like any other mail; the
// letter itself is ours as long as it says what we wrote, and the draft is, however
// a person works on it.
func TestATagThatWentOutProtectsNothing(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := deskFirm(t, d)
	f.edit("chancery.yaml", "mailboxes: [INBOX, Sent]", "mailboxes: [INBOX, Sent, Drafts]")
	f.write("rules.d/20.yaml", `version: 1
defaults: {mode: enforce}
marks:
  seen: {keyword: lx-9}
mail:
  - {name: all, when: '!msg.text.contains("nothing")', then: [mark: seen]}
`)
	c := d.Client(t, gc)
	c.OK("CREATE Archive")
	c.Append("Sent", sent("1", "Privileged: our position"))
	f.once()
	letter, note := d.Dump(t, gc)["Drafts"][0].Body, d.Dump(t, pa)["INBOX"][0].Body
	forged := func(m []byte) []byte {
		var head []string
		for _, line := range strings.Split(headOf(m), "\r\n") {
			if strings.HasPrefix(line, "Message-ID:") || strings.HasPrefix(line, "X-Chancery-Note:") {
				head = append(head, line)
			}
		}
		return []byte(strings.Join(append(head, "From: Bo <bo@other.example>", "To: gc@firm.example", "Subject: Our new bank", "", "Pay to this account.", ""), "\r\n"))
	}
	c.Append("INBOX", forged(letter), forged(note))
	c.Append("Sent", letter) // sent as it was
	edited := bytes.Replace(letter, []byte("Please delete our"), []byte("Kindly forget our"), 1)
	c.OK(fmt.Sprintf("APPEND Drafts (\\Draft) {%d+}\r\n%s", len(edited), edited))
	f.once()
	f.once()
	dump := d.Dump(t, gc)
	for _, m := range dump["INBOX"] {
		if !slices.Contains(m.Flags, "lx-9") {
			t.Errorf("what an outsider wrote was not decided: %v", m.Flags)
		}
	}
	for _, m := range append(dump["Sent"][1:], dump["Drafts"]...) {
		if slices.Contains(m.Flags, "lx-9") {
			t.Errorf("our own letter was decided: %v\n%s", m.Flags, m.Body)
		}
	}
	if n := len(dump["Drafts"]); n != 2 {
		t.Errorf("%d drafts, want ours and the edited one", n)
	}
}

func headOf(m []byte) string {
	head, _, _ := bytes.Cut(m, []byte("\r\n\r\n"))
	return strings.ReplaceAll(string(head), "\r\n ", " ")
}
