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
var labels = func() map[string]label {
	m := map[string]label{}
	for l, names := range map[label]string{
		fromLabel: "from|von|de|da|van|från|fra|od|от|от кого|lähettäjä|发件人|寄件者|寄件人|差出人|送信者|expéditeur|remitente|mittente|" +
			"absender|avsender|afzender|feladó|kimden|gönderen|de la|expeditor|від|від кого|από|보낸 사람|보낸사람|מאת|من|" +
			"saatja|pošiljatelj|odesílatel",
		toLabel: "to|an|à|a|para|aan|till|til|do|кому|vastaanottaja|收件人|收件者|宛先|destinataire|destinatario|destinatário|" +
			"empfänger|ontvanger|címzett|kime|alıcı|komu|către|προς|받는 사람|받는사람|אל|إلى|prima",
		ccLabel: "cc|kopie|copie|копия|копія|抄送|副本|bcc|kopia|kopi|kopio|cco|ccn|másolat|bilgi|κοιν|참조|עותק|نسخة|cópia",
		dateLabel: "date|datum|fecha|data|dato|дата|日期|日時|dátum|tarih|päiväys|päivämäärä|ημερομηνία|날짜|תאריך|التاريخ|" +
			"data wysłania",
		sentLabel: "sent|gesendet|envoyé|envoyé le|enviado|enviada|enviado el|enviado em|enviada em|inviato|inviata|verzonden|" +
			"skickat|sendt|wysłano|wysłane|отправлено|надіслано|发送时间|寄件日期|傳送時間|送信日時|lähetetty|odesláno|odoslané|" +
			"elküldve|küldve|gönderildi|trimis|στάλθηκε|εστάλη|보낸 날짜|보낸날짜|נשלח|تم الإرسال|تاريخ الإرسال|poslano",
		subjectLabel: "subject|betreff|objet|asunto|oggetto|assunto|onderwerp|ämne|emne|temat|тема|aihe|主题|主旨|件名|předmět|predmet|" +
			"tárgy|konu|subiect|θέμα|제목|נושא|الموضوع|zadeva",
		otherLabel: "sent by|gesendet von|importance|reply-to|reply to|attachments|sensitivity|when|where|priority|" +
			"organization|wichtigkeit|newsgroups|message-id|in-reply-to|resent-from|content-transfer-encoding|" +
			"content-type|mime-version|content-disposition|return-path|x-mailer|references|sender|required attendees|" +
			"optional attendees|please respond to|on behalf of|x-priority|antwort an|anlagen|categories|flag status",
	} {
		for w := range strings.SplitSeq(names, "|") {
			m[Fold(w)] = l
		}
	}
	return m
}()

// headerLabel returns the label a line begins with and what follows it.
func headerLabel(s string) (label, string) {
	head := s[:min(len(s), 60)]
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
	name := strings.Trim(s[:i], "*| \t")
	if len(name) > 40 {
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
	h := copied{seen: [8]bool{}, end: i}
	for j := i; j < len(b.lines) && j < i+maxBlock; j++ {
		l := b.lines[j]
		if l.depth > 0 {
			break
		}
		if l.blank() {
			if !b.spread(j, &h) {
				break
			}
			continue
		}
		if !h.take(b.at(j), j, b.lines[j-min(j, 1)].blank()) {
			break
		}
	}
	seen := &h.seen
	if h.distinct < 3 || !seen[subjectLabel] && !seen[sentLabel] && !seen[dateLabel] || !seen[fromLabel] && !seen[toLabel] {
		return 0, 0
	}
	before = b.above(i, first)
	if !h.mail && before == 0 {
		return 0, 0
	}
	return h.end - i + 1, before
}

// copied is what was read of a header block.
type copied struct {
	seen     [8]bool
	distinct int
	last     label
	end      int  // its last line with a label
	mail     bool // a value can only be a mail's
	folds    int
}

// take adds line j. False says that it is none of the block.
func (h *copied) take(s string, j int, afterBlank bool) bool {
	at, value := headerLabel(s)
	if at == noLabel {
		if (h.last == toLabel || h.last == ccLabel || h.last == subjectLabel || h.last == fromLabel) && h.folds < maxFolds && !afterBlank {
			h.mail = h.mail || mailLike(s)
			h.folds++
			return true
		}
		return false
	}
	if h.seen[at] && at != otherLabel {
		return false
	}
	if !h.seen[at] {
		h.distinct++
		h.seen[at] = true
	}
	if at == fromLabel && clock(value[:min(len(value), 300)]) {
		h.seen[dateLabel] = true // Notes: "From: N on 05/12/2026 10:04 AM"
	}
	h.mail = h.mail || at == sentLabel || mailLike(value)
	h.last, h.end = at, j
	return true
}

// spread reports whether the block goes on behind the blank line j. Notes leaves
// blank lines between its labels; where labels enough were seen, only another one
// of them can follow.
func (b *body) spread(j int, h *copied) bool {
	if j+1 >= len(b.lines) {
		return false
	}
	if h.distinct < 3 {
		return true
	}
	at, _ := headerLabel(b.at(j + 1))
	return at != noLabel && !h.seen[at] && !(h.seen[subjectLabel] && h.seen[toLabel])
}

// above counts the lines before i that carry name and time of a Notes header,
// with whoever sent it for whom: all in any order, the name on top.
func (b *body) above(i int, first label) int {
	if first != toLabel && first != fromLabel {
		return 0
	}
	boxed := 0
	for boxed < i && boxed < 12 && edged(b.at(i-boxed-1)) {
		boxed++
	}
	if boxed > 0 || first == fromLabel {
		return boxed
	}
	timed := 0 // lines up to the one with the time
	for k := 1; k <= 7 && k <= i; k++ {
		l := b.lines[i-k]
		if l.depth > 0 || l.zone != inNew {
			break
		}
		s := b.at(i - k)
		if l.blank() {
			if timed > 0 {
				break
			}
			continue
		}
		switch at, _ := headerLabel(s); {
		case at == otherLabel || strings.HasPrefix(s, "Please respond to"):
			if timed > 0 {
				timed = k
			}
			continue
		case timed > 0:
			if len(s) < 80 {
				return k
			}
			return timed
		case len(s) > 120 || !clock(s):
			return 0
		}
		timed = k
		if !strings.ContainsAny(s[:min(len(s), 4)], "0123456789") {
			return k
		}
	}
	return timed
}

// edged reports whether a line is one of a box that Notes draws.
func edged(s string) bool {
	return strings.HasPrefix(s, "|") || strings.HasPrefix(s, "---") && strings.HasSuffix(s, "|")
}

// lead counts the lines before a header block that only lead to it: the rule that
// Outlook draws on the web, the title of a forward, fields of transport.
func (b *body) lead(i int) int {
	n := 0
	for k := 1; k <= 6 && k <= i; k++ {
		l := b.lines[i-k]
		if l.depth > 0 || l.zone != inNew {
			break
		}
		if l.blank() {
			continue
		}
		s := b.at(i - k)
		at, _ := headerLabel(s)
		if at != otherLabel && !strings.HasPrefix(s, "X-") && !(strings.Count(s, "---") > 1 && clock(s)) && !(strings.Trim(s, "_") == "" && len(s) >= 16) && !(n == k-1 && strings.Trim(s, "_-=") == "" && len(s) >= 3) {
			break
		}
		n = k
	}
	return n
}

// flat reports whether a line is a whole header block whose line breaks were
// lost, as "From: N Sent: Tuesday 10:04 To: A Subject: S".
func flat(s string) bool {
	if len(s) < 40 || len(s) > 4000 || strings.Count(s, ":") < 4 {
		return false
	}
	head := s[:min(len(s), 2000)]
	if !strings.Contains(head, " ") || !mailLike(head) {
		return false
	}
	var seen [8]bool
	distinct, first := 0, 0
	for i := 0; i < len(head); i++ {
		if head[i] != ':' {
			continue
		}
		word := head[:i]
		if k := strings.LastIndexAny(word, " \t"); k >= 0 {
			word = word[k+1:]
		}
		if len(word) > 30 {
			continue
		}
		if at := labels[Fold(strings.Trim(word, "*|"))]; at != noLabel && at != otherLabel && !seen[at] {
			if distinct == 0 {
				first = i
			}
			seen[at] = true
			distinct++
		}
	}
	if distinct < 3 || !seen[subjectLabel] || !seen[toLabel] {
		return false
	}
	// It begins with the sender, or as Notes with name and time.
	return seen[fromLabel] && first < 40 || first < 120 && clock(head[:first])
}

// columns tells how many lines from i on are a header that Notes wrote in two
// columns, sender and time at the left, and whether a line before belongs to it.
func (b *body) columns(i int) (n, before int) {
	s := b.at(i)
	at := strings.Index(s, "   To: ")
	if at < 0 || at > 60 {
		return 0, 0
	}
	for j := i + 1; j < len(b.lines) && j < i+maxBlock && !b.lines[j].blank(); j++ {
		s := b.at(j)
		if strings.HasPrefix(s, "Subject:") || strings.Contains(s, "   Subject:") {
			if i > 0 && !b.lines[i-1].blank() && b.lines[i-1].depth == 0 && b.lines[i-1].zone == inNew && len(b.at(i-1)) < 40 && !stops(b.at(i-1)) {
				before = 1
			}
			return j - i + 1, before
		}
	}
	return 0, 0
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
