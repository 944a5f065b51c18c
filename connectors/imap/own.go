package imap

import (
	"crypto/subtle"
	"strings"

	"chancery/connectors"
	"chancery/internal/model"
)

// noteField carries our signed tag: the finding, the digest of what the note
// says, and the proof over both and the Message-ID, divided by ";".
const noteField = "X-Chancery-Note"

func noteTag(sign connectors.Sign, of model.Ident, digest, messageID string) string {
	return string(of) + ";" + digest + ";" + sign("note", string(of), digest, messageID)
}

// own reports whether a message is a note of ours, proved by its tag.
func (s *Source) own(m model.Mail) bool {
	tags := m.Header[noteField]
	return len(tags) == 1 && s.proves(tags[0], m.MessageID)
}

func (s *Source) proves(tag, messageID string) bool {
	f := strings.Split(tag, ";")
	if s.o.Sign == nil || len(f) != 3 || messageID == "" {
		return false
	}
	want := s.o.Sign("note", f[0], f[1], messageID)
	return want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(f[2])) == 1
}
