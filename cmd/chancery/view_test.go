package main

import (
	"strings"
	"testing"
	"time"

	"chancery/internal/mime"
	"chancery/internal/model"
)

// What is known beside the text of a message stands above what the rules make of
// it.
func TestExplainTellsWhatIsKnownBesideTheText(t *testing.T) {
	_, l := watched(t, map[string]string{
		"matters.csv": "number,client,name,hold\n12345.001,Acme,Lease,yes\n",
		"rules.d/20.yaml": "version: 1\nmatters: {file: matters.csv, number: '\\b(\\d{5})[-.](\\d{3})\\b'}\n" +
			"mail:\n  - {name: filing, mode: enforce, user_may: ['off', folder], when: 'x.matter.found', then: [file: 'Bills/{{x.matter.number}}']}\n",
		"users.d/gc-mail.yaml": "version: 1\nrules: {filing: {folder: 'Mine/{{x.matter.number}}'}}\n",
	})
	body := mime.Read([]byte("From: Ann <ann@firm.example>\r\nSubject: 12345.001 lease\r\n\r\nx\r\n"))
	m := model.Message{
		Ref: model.Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 1, UID: 7}, Ident: "i", Arrived: time.Now(), Body: model.Hide(body),
	}
	v := model.View{Now: time.Now(), Thread: []string{"out"}, Released: map[string]bool{"out": true}}
	var out strings.Builder
	sayMessage(&out, l, m, v, map[string]string{"out": "unmarked"})
	holds(t, "the message", out.String(), "\"12345.001 lease\"\n    in INBOX of gc-mail, UID 7\n", "    its thread has the marks out\n",
		"    rule out was overruled by a person: unmarked\n", "    users.d/gc-mail.yaml switches rule filing: file to Mine/{{x.matter.number}}\n",
		"    it names a matter under legal hold, so it is not moved; rule filing would\n    file it\n")
}
