package mime

import (
	"slices"
	"strings"

	"chancery/internal/model"
)

// duplicates are the codes of fields that must be unique (RFC 5322 section 3.6)
// and of those that programs read as unique. The first one counts, except that
// To, Cc and Bcc are joined.
var duplicates = [idMarks]string{
	idFrom: "duplicate-from", idSender: "duplicate-sender", idReplyTo: "duplicate-reply-to",
	idTo: "duplicate-to", idCc: "duplicate-cc", idBcc: "duplicate-bcc", idSubject: "duplicate-subject",
	idDate: "duplicate-date", idMessageID: "duplicate-message-id", idInReplyTo: "duplicate-in-reply-to",
	idReferences: "duplicate-references", idSensitivity: "duplicate-sensitivity",
}

// fill reads the message's own header. block is the text of the fields.
func (r *Reader) fill(block string) {
	m := &r.mail
	var seen [idMarks]bool
	room := MaxAddresses
	for _, f := range r.fields {
		info := &infos[f.info]
		value := strings.Trim(block[f.from:f.to], " \t\r")
		if info.kept != "" {
			r.keep(info, value)
		}
		if info.id == idMarks {
			continue
		}
		again := seen[info.id]
		seen[info.id] = true
		if again && duplicates[info.id] != "" {
			r.problem(duplicates[info.id])
			if info.id < idTo || info.id > idBcc {
				continue
			}
		}
		if list := addressField(m, info.id); list != nil {
			before := len(*list)
			var problem string
			*list, problem = parseAddresses(*list, value, before+room)
			room -= len(*list) - before
			r.problem(problem)
			continue
		}
		r.fact(info.id, value)
	}
}

// addressField is the list that a field fills; nil if it holds no addresses.
func addressField(m *model.Mail, id fieldID) *[]model.Address {
	switch id {
	case idFrom:
		return &m.From
	case idSender:
		return &m.Sender
	case idReplyTo:
		return &m.ReplyTo
	case idTo:
		return &m.To
	case idCc:
		return &m.Cc
	case idBcc:
		return &m.Bcc
	}
	return nil
}

// fact fills the one field of Mail that a header field stands for.
func (r *Reader) fact(id fieldID, value string) {
	m := &r.mail
	switch id {
	case idSubject:
		m.Subject = r.words(value)
	case idDate:
		m.Date = parseDate(value)
		if m.Date.IsZero() {
			r.problem("date")
		}
	case idMessageID:
		m.MessageID = messageID(value)
	case idInReplyTo:
		m.InReplyTo = r.messageIDs(value)
	case idReferences:
		m.References = r.messageIDs(value)
	case idListID:
		m.Bulk = true
		if m.ListID == "" {
			m.ListID = listID(value)
		}
	case idListUnsubscribe:
		m.Bulk = true
	case idPrecedence:
		switch strings.ToLower(noComment(value)) {
		case "bulk", "list", "junk":
			m.Bulk = true
		}
	case idAuto:
		word, _, _ := strings.Cut(noComment(value), ";") // RFC 3834 section 5: parameters may follow
		if !strings.EqualFold(strings.TrimSpace(word), "no") && word != "" {
			m.Auto = true
		}
	case idSensitivity:
		m.Sensitivity = valid(strings.ToLower(noComment(value)))
	case idLabels:
		m.Labels = labels(m.Labels, value)
	}
}

// keep stores the value of a field of Kept.
func (r *Reader) keep(f *fieldInfo, value string) {
	if r.mail.Header == nil {
		r.mail.Header = map[string][]string{}
	}
	old := r.mail.Header[f.kept]
	if len(old) >= MaxRepeats {
		return
	}
	if f.plain {
		value = flat(valid(value))
	} else {
		value = r.words(value)
	}
	r.mail.Header[f.kept] = append(old, value)
}

func (r *Reader) words(value string) string {
	text, problem := decodeWords(value)
	r.problem(problem)
	return text
}

// messageID returns the first <...> of a field, or its first word if there is none.
func messageID(s string) string {
	id, _ := nextID(s)
	if id == "" {
		id, _, _ = strings.Cut(s, " ")
	}
	return flat(valid(id))
}

// messageIDs returns every <...> of a field.
func (r *Reader) messageIDs(s string) []string {
	var ids []string
	for {
		var id string
		if id, s = nextID(s); id == "" {
			return ids
		}
		if len(ids) == MaxIDs {
			r.problem("references")
			return ids
		}
		ids = append(ids, flat(valid(id)))
	}
}

// nextID takes the next <...> from s. White space inside was put there by
// folding (RFC 5322 section 4.5.4 allows it) and is taken out.
func nextID(s string) (id, rest string) {
	from := strings.IndexByte(s, '<')
	if from < 0 {
		return "", ""
	}
	n := strings.IndexByte(s[from:], '>')
	if n < 0 {
		return "", ""
	}
	id, rest = s[from:from+n+1], s[from+n+1:]
	if strings.ContainsAny(id, " \t") {
		id = strings.Join(strings.Fields(id), "")
	}
	return id, rest
}

// listID reads RFC 2919 section 2: a description, then the identifier in angle
// brackets. It compares without case.
func listID(s string) string {
	if i := strings.LastIndexByte(s, '<'); i >= 0 {
		if n := strings.IndexByte(s[i:], '>'); n > 0 {
			s = s[i+1 : i+n]
		}
	}
	return flat(valid(strings.ToLower(strings.TrimSpace(s))))
}

// labels appends the identifiers (GUID, lower case) of the sensitivity labels
// that a msip_labels field switches on: "MSIP_Label_<GUID>_Enabled=true". The
// other words of the field name tenants and methods and classify nothing.
func labels(list []string, s string) []string {
	for item := range strings.SplitSeq(s, ";") {
		key, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(item)), "=")
		guid, ok := strings.CutPrefix(strings.TrimSpace(key), "msip_label_")
		if !ok || strings.TrimSpace(value) != "true" {
			continue
		}
		guid, ok = strings.CutSuffix(guid, "_enabled")
		if ok && len(guid) == 36 && ascii(guid) && len(list) < MaxRepeats && !slices.Contains(list, guid) {
			list = append(list, guid)
		}
	}
	return list
}
