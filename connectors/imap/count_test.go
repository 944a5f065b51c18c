package imap

import (
	"testing"

	"chancery/internal/servertest"
)

// The last batch of a round says how large each mailbox is, also where nothing
// happened: what was planned before is measured by it.
func TestTheLastBatchCounts(t *testing.T) {
	for _, hide := range [][]string{nil, {"QRESYNC"}, {"CONDSTORE", "QRESYNC"}} {
		d := servertest.Dovecot(t, servertest.DovecotOptions{Hide: hide})
		c := d.Client(t, "gc")
		c.OK("CREATE Team")
		c.Append("INBOX", []byte("Subject: 1\r\n\r\nx\r\n"), []byte("Subject: 2\r\n\r\nx\r\n"))
		s := open(t, optionsFor(d, "gc", "INBOX", "Team"))
		_, since := pull(t, s, "")
		batch, err := s.Pull(t.Context(), since)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch.Changes) != 0 || batch.More || len(batch.Messages) != 2 || batch.Messages["INBOX"] != 2 {
			t.Errorf("without %v: %d changes, messages %v", hide, len(batch.Changes), batch.Messages)
		}
	}
}
