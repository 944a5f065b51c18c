package text

import (
	"strings"
)

type label uint8

const (
	noLabel label = iota
	fromLabel
	toLabel
	ccLabel
	dateLabel
	sentLabel
	subjectLabel
	otherLabel
)

// labels are the names of header fields as mail programs write them above a
// quote in their languages.
var labels = map[string]label{
	"from": fromLabel, "von": fromLabel, "de": fromLabel, "da": fromLabel, "van": fromLabel, "från": fromLabel, "fra": fromLabel,
	"od": fromLabel, "от": fromLabel, "от кого": fromLabel, "lähettäjä": fromLabel, "发件人": fromLabel, "差出人": fromLabel,
	"expéditeur": fromLabel, "remitente": fromLabel, "mittente": fromLabel,
	"to": toLabel, "an": toLabel, "à": toLabel, "a": toLabel, "para": toLabel, "aan": toLabel, "till": toLabel, "til": toLabel,
	"do": toLabel, "кому": toLabel, "vastaanottaja": toLabel, "收件人": toLabel, "宛先": toLabel, "destinataire": toLabel,
	"cc": ccLabel, "kopie": ccLabel, "copie": ccLabel, "копия": ccLabel, "抄送": ccLabel, "bcc": ccLabel, "kopia": ccLabel,
	"date": dateLabel, "datum": dateLabel, "fecha": dateLabel, "data": dateLabel, "dato": dateLabel, "дата": dateLabel, "日期": dateLabel,
	"日時":   dateLabel,
	"sent": sentLabel, "gesendet": sentLabel, "envoyé": sentLabel, "envoyé le": sentLabel, "enviado": sentLabel, "enviado el": sentLabel,
	"enviado em": sentLabel, "inviato": sentLabel, "verzonden": sentLabel, "skickat": sentLabel, "sendt": sentLabel, "wysłano": sentLabel,
	"отправлено": sentLabel, "发送时间": sentLabel, "送信日時": sentLabel, "lähetetty": sentLabel,
	"subject": subjectLabel, "betreff": subjectLabel, "objet": subjectLabel, "asunto": subjectLabel, "oggetto": subjectLabel,
	"assunto": subjectLabel, "onderwerp": subjectLabel, "ämne": subjectLabel, "emne": subjectLabel, "temat": subjectLabel,
	"тема": subjectLabel, "aihe": subjectLabel, "主题": subjectLabel, "件名": subjectLabel,
	"sent by": otherLabel, "gesendet von": otherLabel, "importance": otherLabel, "reply-to": otherLabel, "reply to": otherLabel, "attachments": otherLabel, "sensitivity": otherLabel,
	"when": otherLabel, "where": otherLabel, "priority": otherLabel, "organization": otherLabel, "wichtigkeit": otherLabel,
	"newsgroups": otherLabel, "message-id": otherLabel, "in-reply-to": otherLabel, "resent-from": otherLabel,
}

// headerLabel returns the label a line begins with and what follows it.
func headerLabel(s string) (label, string) {
	head := s[:min(len(s), 40)]
	i, wide := strings.IndexByte(head, ':'), -1
	if strings.IndexByte(head, "："[0]) >= 0 {
		wide = strings.Index(head, "：")
	}
	size := 1
	if wide >= 0 && (i < 0 || wide < i) {
		i, size = wide, len("：")
	}
	if i <= 0 {
		return noLabel, ""
	}
	name := strings.Trim(s[:i], "* \t")
	if len(name) > 30 {
		return noLabel, ""
	}
	return labels[Fold(name)], s[i+size:]
}

const (
	maxBlock = 64 // lines of a header block, from its first label on
	maxFolds = 48 // lines of them that only go on with names
)

// headerBlock tells how many lines from i on are the copied header of another
// mail, and how many lines before i belong to it (Lotus Notes writes name and
// time above "To:"). A memo that opens "TO: FROM: RE:" is not one: a mail's
// header has an address, a time of day, or the word "Sent".
func (b *body) headerBlock(i int) (n, before int) {
	first, _ := headerLabel(b.at(i))
	if first == noLabel || first == otherLabel {
		return 0, 0
	}
	seen, distinct, end, mail, folds := [8]bool{}, 0, i, false, 0
	last := noLabel
	for j := i; j < len(b.lines) && j < i+maxBlock; j++ {
		l := b.lines[j]
		if l.depth > 0 {
			break
		}
		if l.blank() {
			// Notes leaves blank lines between its labels, others stop here.
			if distinct >= 3 || j+1 >= len(b.lines) {
				break
			}
			continue
		}
		s := b.at(j)
		at, value := headerLabel(s)
		if at == noLabel {
			if (last == toLabel || last == ccLabel || last == subjectLabel || last == fromLabel) && folds < maxFolds && !b.lines[j-1].blank() {
				mail = mail || mailLike(s)
				folds++
				continue
			}
			break
		}
		if seen[at] && at != otherLabel {
			break
		}
		if !seen[at] {
			distinct++
			seen[at] = true
		}
		mail = mail || at == sentLabel || mailLike(value)
		last, end = at, j
	}
	if distinct < 3 || !seen[subjectLabel] && !seen[sentLabel] && !seen[dateLabel] || !seen[fromLabel] && !seen[toLabel] {
		return 0, 0
	}
	before = b.above(i, first)
	if !mail && before == 0 {
		return 0, 0
	}
	return end - i + 1, before
}

// above counts the lines before i that carry name and time of a Notes header.
func (b *body) above(i int, first label) int {
	if first != toLabel {
		return 0
	}
	for k := 1; k <= 4 && k <= i; k++ {
		l := b.lines[i-k]
		if l.depth > 0 || l.zone != inNew {
			return 0
		}
		if l.blank() {
			continue
		}
		s := b.at(i - k)
		if strings.HasPrefix(s, "Please respond to") {
			continue
		}
		if len(s) > 120 || !clock(s) {
			return 0
		}
		if !strings.ContainsAny(s[:min(len(s), 4)], "0123456789") || i-k == 0 {
			return k
		}
		if up := i - k - 1; !b.lines[up].blank() && b.lines[up].depth == 0 && b.lines[up].zone == inNew && len(b.at(up)) < 80 {
			return k + 1
		}
		return k
	}
	return 0
}

// mailLike reports whether a header value can only be a mail's.
func mailLike(s string) bool {
	s = s[:min(len(s), 300)]
	return strings.IndexByte(s, '@') >= 0 || clock(s)
}

// clock reports whether s holds a time of day, like 9:05 or 14.30 Uhr.
func clock(s string) bool {
	for i := 1; i+2 < len(s); i++ {
		if s[i] == ':' && digit(s[i-1]) && digit(s[i+1]) && digit(s[i+2]) {
			return true
		}
	}
	return false
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
