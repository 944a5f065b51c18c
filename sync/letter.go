package sync

import (
	"strings"

	"chancery/internal/model"
)

// named gives a letter about a message its name, under the install key: the same
// message, rule and kind have the same name for ever, so there is one letter. Of
// what others write there is one draft for a whole conversation: whoever answers
// every mail, as a robot or a bounce may, gets one answer.
func (e *Engine) named(c model.Change, s model.Step, desk model.Desk) model.Step {
	note, ok := s.Action.(model.Note)
	if !ok {
		return s
	}
	about, mail := string(c.Ident), c.Message.Body.Reveal()
	if note.Draft && !writtenBy(mail, desk.From.Addr) {
		if first := conversation(mail); first != "" {
			about = "conversation " + first
		}
	}
	kind := "note"
	if note.Draft {
		kind = "draft"
	}
	token := e.opt.Journal.Token("letter", string(c.Ref.Source), about, s.Rule, kind)
	body := note.Body.Reveal()
	body.MessageID, body.Digest = "<"+token+"@chancery.invalid>", token
	// An item of its own: what happens to the message does not happen to it.
	body.Of = model.Ident(letterPrefix + token)
	note.Body = model.Hide(body)
	s.Action, s.Ident = note, body.Of
	return s
}

// writtenBy reports whether a message claims to come from an address.
func writtenBy(m model.Mail, addr string) bool {
	return addr != "" && len(m.From) > 0 && strings.EqualFold(m.From[0].Addr, addr)
}

// conversation names the conversation of a message by the Message-ID of its first
// one; "" if nothing says which it is.
func conversation(m model.Mail) string {
	for _, list := range [][]string{m.References, m.InReplyTo, {m.MessageID}} {
		if len(list) > 0 && list[0] != "" {
			return list[0]
		}
	}
	return ""
}

// desk says where what is written about a source goes.
func (e *Engine) desk(id model.SourceID) model.Desk {
	if w := e.workers[id]; w != nil {
		return w.spec.Desk
	}
	return model.Desk{}
}
