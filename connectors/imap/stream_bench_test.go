package imap

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand"
	"testing"
)

// BenchmarkStream reads a recorded answer for 250 messages, without a server and
// without a network: what remains is our own work.
func BenchmarkStream(b *testing.B) {
	r := rand.New(rand.NewSource(1))
	var say bytes.Buffer
	set := &batch{need: needAll, kind: "d:"}
	for uid := uint32(1); uid <= defaultBatch; uid++ {
		letter := longLetter(r, int(uid))
		fmt.Fprintf(&say, "* %d FETCH (UID %d FLAGS (\\Seen $label1) INTERNALDATE \"05-Oct-2026 10:00:00 +0000\" RFC822.SIZE %d X-GUID 0123456789abcdef0123456789abcdef MODSEQ (%d) BODY[]<0> {%d}\r\n%s)\r\n", uid, uid, len(letter), 2*uid, len(letter), letter)
		set.uids = append(set.uids, uid)
	}
	say.WriteString("C1 OK done\r\n")
	for name, deaf := range map[string]bool{"parsed": false, "thrown-away": true} {
		b.Run(name, func(b *testing.B) {
			c := readFrom(b, nil)
			b.ReportAllocs()
			for b.Loop() {
				c.br, c.large = bufio.NewReaderSize(bytes.NewReader(say.Bytes()), fetchBuffer), true
				c.bulk.Store(true)
				set.got = map[uint32]*fetched{}
				x := &bodies{section: "BODY[]", kind: "d:", limit: prefixSize, open: set.open, take: set.take}
				if deaf {
					x.open, x.take = func(*fetched) io.Writer { return nil }, func(*fetched, bool) {}
				}
				c.pending = &exchange{tag: "C1", bodies: x, done: make(chan struct{})}
				for c.pending != nil {
					if err := c.next(); err != nil {
						b.Fatal(err)
					}
				}
				if !deaf && len(set.got) != defaultBatch {
					b.Fatalf("%d messages", len(set.got))
				}
			}
			b.SetBytes(int64(say.Len()))
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*defaultBatch), "ns/msg")
		})
	}
}
