package imap

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strings"

	"chancery/connectors"
	"chancery/internal/model"
)

// noteField carries our signed tag. Of a note it is the finding, the digest of
// what the note says, and the proof over both and the Message-ID, divided by ";".
// A draft is there to be worked on, so before the proof stands what it said when
// we wrote it: a draft that says anything else belongs to a person. A note that we
// flag ourselves has two fields more, to tell that flag from a person's.
const noteField = "X-Chancery-Note"

func noteTag(sign connectors.Sign, of model.Ident, digest, messageID string) string {
	return string(of) + ";" + digest + ";" + sign("note", string(of), digest, messageID)
}

// alarm stands in the tag of a note that we flag.
const alarm = "flagged"

func alarmTag(sign connectors.Sign, of model.Ident, digest, messageID string) string {
	return string(of) + ";" + digest + ";;" + alarm + ";" + sign("note", string(of), digest, alarm, messageID)
}

// alarming reports whether we flagged a note ourselves. Call it for messages of ours
// only.
func alarming(m model.Mail) bool {
	f := strings.Split(m.Header[noteField][0], ";")
	return len(f) == 5 && f[3] == alarm
}

func draftTag(sign connectors.Sign, n model.NoteBody, content string) string {
	of := string(n.Of)
	return of + ";" + n.Digest + ";" + content + ";" + sign("draft", of, n.Digest, content, n.MessageID)
}

// own reports whether a message is a note or draft of ours, proved by its tag.
func (s *Source) own(m model.Mail) bool {
	tags := m.Header[noteField]
	return len(tags) == 1 && s.proves(tags[0], m.MessageID)
}

// notesFrom is who our notes are from.
const notesFrom = "chancery@chancery.invalid"

// wrote reports whether a message that arrived is ours to the last word. A tag
// alone is no proof: a program may send a draft, or pass on a note, with all of its
// header, and whoever gets it can write anything under it. A draft that was sent is
// known by its text, so where no rule reads texts it is mail like any other.
func (s *Source) wrote(m model.Mail, flags model.Flags) bool {
	if !s.own(m) {
		return false
	}
	if said := wroteIn(m); said != "" {
		// Who sends mail sets no flags: one that a person works on stays ours.
		return flags.Has(`\Draft`) || content(m) == said
	}
	return len(m.From) == 1 && strings.EqualFold(m.From[0].Addr, notesFrom)
}

func (s *Source) proves(tag, messageID string) bool {
	f := strings.Split(tag, ";")
	if s.o.Sign == nil || messageID == "" {
		return false
	}
	want := ""
	switch len(f) {
	case 3:
		want = s.o.Sign("note", f[0], f[1], messageID)
	case 4:
		want = s.o.Sign("draft", f[0], f[1], f[2], messageID)
	case 5:
		want = s.o.Sign("note", f[0], f[1], f[3], messageID)
	}
	return want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(f[len(f)-1])) == 1
}

// wroteIn returns what a draft said when it was tagged; "" for a note. Call it for
// messages of ours only.
func wroteIn(m model.Mail) string {
	if f := strings.Split(m.Header[noteField][0], ";"); len(f) == 4 {
		return f[2]
	}
	return ""
}

// content is a digest of what a person reads in a message: to whom, about what,
// and every word of it. How a server or program wraps and encodes that does not
// matter.
func content(m model.Mail) string {
	hash := sha256.New()
	words := func(kind, text string) {
		_, _ = fmt.Fprintf(hash, "%s %q\n", kind, strings.Fields(text))
	}
	for _, list := range [][]model.Address{m.To, m.Cc, m.Bcc} {
		for _, a := range list {
			words("to", a.Addr)
		}
		words("end", "")
	}
	words("subject", m.Subject)
	for _, p := range m.Parts {
		if !p.HTML {
			words("text", p.Text)
		}
	}
	_, _ = fmt.Fprintf(hash, "files %d", len(m.Files))
	return hex.EncodeToString(hash.Sum(nil)[:12])
}
