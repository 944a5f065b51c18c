package imap

import (
	"fmt"
	"math/rand"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/internal/servertest"
)

// BenchmarkMark and BenchmarkFile apply steps to a whole mailbox, and in the same
// run let a raw socket select it and send the STORE or MOVE alone: "wire-ratio" is
// how much longer we take, with looking first and making sure afterwards.
func BenchmarkMark(b *testing.B) {
	effects(b, nil, model.Mark{Keyword: "lx-a", Apple: "purple"}, func(c *servertest.RawIMAP, set string) {
		c.OK("UID STORE " + set + ` +FLAGS.SILENT (lx-a \Flagged $MailFlagBit0 $MailFlagBit2)`)
	})
}

func BenchmarkFile(b *testing.B) {
	effects(b, nil, model.File{Mailbox: []string{"Files"}}, func(c *servertest.RawIMAP, set string) {
		c.OK("UID MOVE " + set + " Files")
	})
}

// BenchmarkFileByCopy files where the server has no MOVE.
func BenchmarkFileByCopy(b *testing.B) {
	effects(b, []string{"MOVE"}, model.File{Mailbox: []string{"Files"}}, func(c *servertest.RawIMAP, set string) {
		c.OK("UID COPY " + set + " Files")
		c.OK("UID STORE " + set + ` +FLAGS.SILENT (\Deleted)`)
		c.OK("UID EXPUNGE " + set)
	})
}

func effects(b *testing.B, hide []string, a model.Action, wire func(*servertest.RawIMAP, string)) {
	for _, format := range []string{"maildir", "mdbox"} {
		const n = 2000
		b.Run("server="+format+"/messages="+strconv.Itoa(n), func(b *testing.B) {
			d := servertest.Dovecot(b, servertest.DovecotOptions{Format: format, Hide: hide})
			r := rand.New(rand.NewSource(1))
			person := d.Client(b, "ann")
			for from := 0; from < n; from += 500 {
				var part [][]byte
				for i := range 500 {
					part = append(part, longLetter(r, from+i))
				}
				person.Append("INBOX", part...)
			}
			person.OK("CREATE Files")
			var raw, ours time.Duration
			for b.Loop() {
				back(b, person)
				uids, _ := inbox(b, person)
				began := time.Now()
				person.OK("SELECT INBOX (CONDSTORE)")
				for from := 0; from < n; from += maxSet {
					wire(person, formatSet(uids[from:from+maxSet]))
				}
				raw += time.Since(began)
				back(b, person)
				uids, validity := inbox(b, person)
				var steps []model.Step
				for _, uid := range uids {
					ref := model.Ref{Source: "gc", Mailbox: "INBOX", UIDValidity: validity, UID: uid}
					steps = append(steps, model.Step{ID: model.StepID(fmt.Sprint(uid)), Ref: ref, Action: a})
				}
				s := open(b, optionsFor(d, "ann"))
				began = time.Now()
				results, err := s.Apply(b.Context(), steps)
				ours += time.Since(began)
				_ = s.Close()
				if err != nil {
					b.Fatal(err)
				}
				for _, got := range results {
					if got.Outcome != model.Done || got.Already {
						b.Fatalf("outcome %d %s", got.Outcome, got.Code)
					}
				}
			}
			b.ReportMetric(ours.Seconds()/raw.Seconds(), "wire-ratio")
			b.ReportMetric(float64(n*b.N)/ours.Seconds(), "msg/s")
		})
	}
}

// back brings everything into INBOX and takes the marks away.
func back(b *testing.B, person *servertest.RawIMAP) {
	person.OK("SELECT Files")
	person.Do("UID COPY 1:* INBOX")
	person.Do(`UID STORE 1:* +FLAGS.SILENT (\Deleted)`)
	person.OK("EXPUNGE")
	person.OK("SELECT INBOX")
	person.OK(`UID STORE 1:* -FLAGS.SILENT (lx-a \Flagged $MailFlagBit0 $MailFlagBit2 \Deleted)`)
}

var selectedValidity = regexp.MustCompile(`UIDVALIDITY (\d+)`)

// inbox returns the UIDs of INBOX and what they are worth.
func inbox(b *testing.B, person *servertest.RawIMAP) (uids []uint32, validity uint32) {
	for _, p := range person.OK("SELECT INBOX") {
		if m := selectedValidity.FindStringSubmatch(p.Text); m != nil {
			v, _ := strconv.ParseUint(m[1], 10, 32)
			validity = uint32(v)
		}
	}
	for _, p := range person.OK("UID SEARCH ALL") {
		for f := range strings.FieldsSeq(strings.TrimPrefix(p.Text, "* SEARCH")) {
			if uid, err := strconv.ParseUint(f, 10, 32); err == nil {
				uids = append(uids, uint32(uid))
			}
		}
	}
	return uids, validity
}
