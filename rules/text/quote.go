package text

import (
	"strings"
)

// maxIntro bounds the words that introduce a quote, over all its lines.
const maxIntro = 400

// quotes marks what others wrote. Lines with quote marks are quoted, and so is
// what introduces them. Where a quote without marks begins, all unmarked lines
// after it are quoted too: no mail program writes below such a quote.
func (b *body) quotes() {
	rest := false
	for i := 0; i < len(b.lines); i++ {
		l := &b.lines[i]
		switch {
		case l.depth > 0 || rest:
			l.zone = inQuoted
			// GroupWise puts what was answered, without marks, below such a line.
			if l.depth >= 3 && !rest && strings.HasSuffix(b.at(i), ">>>") && mailLike(b.at(i)) {
				rest = true
			}
		case l.blank():
		default:
			n, before := b.opener(i)
			if n == 0 {
				continue
			}
			for j := i - before; j < i+n; j++ {
				b.lines[j].zone = inQuoted
			}
			i += n - 1
			if next := b.nextFull(i + 1); next < len(b.lines) && b.lines[next].depth == 0 {
				rest = true
			}
		}
	}
	b.wraps()
}

// opener tells how many lines from i on introduce a quote, 0 for none, and how
// many before i belong to them.
func (b *body) opener(i int) (n, before int) {
	if separator(b.at(i)) {
		return 1, 0
	}
	if strings.IndexByte(b.at(i), ':') >= 0 {
		n, before := b.headerBlock(i)
		if n == 0 && flat(b.at(i)) {
			n = 1
		}
		if n == 0 {
			n, before = b.columns(i)
		}
		if n > 0 {
			return n, before + b.lead(i-before)
		}
	}
	return b.attribution(i), 0
}

// separators are the words on a line of dashes above a forwarded or answered
// message, as mail programs write them in their languages.
var separators = map[string]bool{
	"original message": true, "original-message": true, "forwarded message": true, "reply message": true,
	"original appointment": true, "forwarded by": true,
	"ursprüngliche nachricht": true, "original-nachricht": true, "originalnachricht": true, "weitergeleitete nachricht": true,
	"message d'origine": true, "message original": true, "message transféré": true, "courriel original": true, "message initial": true,
	"mensaje original": true, "mensaje reenviado": true, "forwarded message from": true,
	"messaggio originale": true, "messaggio inoltrato": true,
	"mensagem original": true, "mensagem encaminhada": true, "mensagem reencaminhada": true,
	"oorspronkelijk bericht": true, "doorgestuurd bericht": true, "ursprungligt meddelande": true, "vidarebefordrat meddelande": true,
	"original meddelelse": true, "oprindelig meddelelse": true, "videresendt meddelelse": true, "opprinnelig melding": true,
	"wiadomość oryginalna": true, "oryginalna wiadomość": true, "исходное сообщение": true, "пересылаемое сообщение": true,
	"původní zpráva": true, "alkuperäinen viesti": true, "原始邮件": true, "转发邮件": true, "元のメッセージ": true,
	"original": true, "original mail": true, "original email": true, "original e-mail": true, "reply message from": true,
	"original-mail": true, "forwarded mail": true, "forwarded email": true, "forward": true, "forwarded": true,
	"oprindelig besked": true, "videresendt besked": true, "opprinnelig e-post": true, "videresendt melding": true,
	"ursprungligt mail": true, "vidarebefordrat mail": true, "välitetty viesti": true, "alkuperäinen sähköposti": true,
	"eredeti üzenet": true, "továbbított üzenet": true, "původní e-mail": true, "přeposlaná zpráva": true, "pôvodná správa": true,
	"orijinal mesaj": true, "özgün i̇leti": true, "özgün ileti": true, "i̇letilen mesaj": true, "iletilen mesaj": true,
	"mesaj original": true, "mesajul original": true, "mesaj redirecționat": true, "wiadomość przekazana": true,
	"przekazana wiadomość": true, "исходное письмо": true, "перенаправленное сообщение": true, "переадресованное сообщение": true,
	"оригинальное сообщение": true, "оригінальне повідомлення": true, "вихідне повідомлення": true, "переслане повідомлення": true,
	"αρχικό μήνυμα": true, "προωθημένο μήνυμα": true, "原始郵件": true, "轉寄郵件": true, "邮件原件": true, "转发的邮件": true, "原邮件": true,
	"転送メッセージ": true, "転送されたメッセージ": true, "원본 메시지": true, "원본 메일": true, "전달된 메시지": true,
	"הודעה מקורית": true, "הודעה שהועברה": true, "الرسالة الأصلية": true, "رسالة معاد توجيهها": true,
	"courriel transféré": true, "message renvoyé": true, "messaggio inoltrata": true, "mensagem encaminhado": true,
}

// introductions are lines without dashes that do the same.
var introductions = []string{
	"begin forwarded message:", "anfang der weitergeleiteten nachricht:", "anfang der weitergeleiteten e-mail:",
	"début du message réexpédié :", "début du message transféré :", "inicio del mensaje reenviado:",
	"inizio messaggio inoltrato:", "início da mensagem reenviada:", "begin doorgestuurd bericht:",
	"início da mensagem encaminhada:", "vidarebefordrat brev:", "vidarebefordrat meddelande:", "start på videresendt besked:",
	"videresendt melding:", "välitetty viesti alkaa:", "początek przekazywanej wiadomości:", "начало переадресованного сообщения:",
	"začátek přeposílané zprávy:", "转发的邮件:", "开始转发的邮件:", "以下是转发的邮件:", "開始轉寄郵件:", "転送されたメッセージ:", "전달된 메시지:",
	"예정된 메시지 시작:", "továbbított levél kezdete:", "i̇letilen i̇leti başlangıcı:", "αρχή προωθημένου μηνύματος:",
	"forwarded message:", "---- forwarded message:",
}

// dashes are what separators are drawn with.
const dashes = "-*_=—–─━‒― "

// separator reports whether s is such a line.
func separator(s string) bool {
	if len(s) > 200 || len(s) < 8 {
		return false
	}
	switch c := s[0]; {
	case c == '-' || c == '*' || c == '_' || c == '=' || c == 0xe2:
		words := strings.Trim(s, dashes)
		drawn := len(s) - len(strings.TrimLeft(s, dashes))
		if drawn < 2 || words == "" || len(words) > 120 {
			return false
		}
		words = Fold(words)
		return separators[words] || strings.HasPrefix(words, "forwarded by ") ||
			strings.HasPrefix(words, "forwarded message from ")
	case endsInColon(s) && len(s) <= 100:
		words := ""
		for _, w := range introductions {
			if s[0]|0x20 == w[0]|0x20 || s[0] >= 0x80 {
				if words == "" {
					words = Fold(s)
				}
				if words == w {
					return true
				}
			}
		}
	}
	return false
}

func endsInColon(s string) bool { return s[len(s)-1] == ':' || strings.HasSuffix(s, "：") }

// verbs end, or stand in, the line that names whom a quote is from.
var verbs = []string{
	"wrote:", "writes:", "schrieb:", "a écrit :", "a écrit:", "escribió:", "ha scritto:", "schreef:", "escreveu:",
	"skrev:", "napisał:", "napisał(a):", "pisze:", "написал:", "написал(а):", "пишет:", "kirjoitti:", "napsal:",
	"写道:", "寫道:", "said:", "scrisse:", "geschreven:", "a scris:", "yazdı:", "έγραψε:", "đã viết:", "menulis:", "님이 작성:", "님이 씀:",
	"пише:", "написав:", "írta:", "napísal:", "napsal(a):", "rakstīja:", "kirjutas:", "je napisao:", "je napisal:", "のメール:", "さんは書きました:",
	"כתב:", "כתבה:", "كتب:",
}

var innerVerbs = []string{
	" schrieb ", " schreef ", " skrev ", " pisze ", " napisał ", " wrote ", " от ", " kirjoitti ", " írta ", " تمت كتابة ", " كتب ", " מאת ",
}

// opens are the words that such a line begins with.
var opens = []string{
	"on ", "am ", "le ", "el ", "il ", "em ", "op ", "den ", "dne ", "dnia ", "at ", "in article ", "in ", "w dniu ", "στις ", "vào ", "pada ",
	"în ", "--- on ", "в ", "בתאריך ", "في ", "no dia ", "a(z) ",
}

const maxIntroLines = 4

// attribution tells over how many lines from i on somebody is introduced as the
// author of what follows: "On 5 May 2026, at 10:00, N wrote:".
func (b *body) attribution(i int) int {
	size := 0
	for n := 1; n <= maxIntroLines && i+n <= len(b.lines); n++ {
		l := b.lines[i+n-1]
		if l.blank() || l.depth > 0 {
			return 0
		}
		if size += int(l.end-l.beg) + 1; size > maxIntro {
			return 0
		}
		if !endsLikeIntro(b.text[l.beg:l.end]) {
			continue
		}
		if !introduces(Fold(b.text[b.lines[i].beg:l.end]), b.marked(i+n)) || n > 1 && !b.first(i, n) {
			return 0
		}
		return n
	}
	return 0
}

// endsLikeIntro reports whether a line ends in a colon, maybe with a mark of
// direction behind it.
func endsLikeIntro(s string) bool {
	if endsInColon(s) {
		return true
	}
	return s[len(s)-1] >= 0x80 && len(s) < maxIntro && strings.HasSuffix(Fold(s[max(0, len(s)-12):]), ":")
}

// marked reports whether the next line with text has quote marks.
func (b *body) marked(i int) bool {
	if i < len(b.lines) && b.lines[i].blank() && b.lines[i].depth == 0 {
		i++
	}
	return i < len(b.lines) && b.lines[i].depth > 0
}

// first reports whether an introduction of n lines begins with line i, and not
// with one below: what stands above it is the sender's.
func (b *body) first(i, n int) bool {
	if opening := Fold(b.at(i)); beginsIntro(opening) {
		return true
	}
	for j := i + 1; j < i+n; j++ {
		if beginsIntro(Fold(b.at(j))) {
			return false
		}
	}
	return strings.ContainsAny(b.at(i), "0123456789@<")
}

func beginsIntro(s string) bool {
	for _, w := range opens {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}

// introduces decides on folded text that ends in a colon. Words alone do not
// do: people write "as he wrote:". A date or an address must be there too, or
// a quote with marks must follow. Where no verb is known, all three.
func introduces(s string, marked bool) bool {
	digits := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			digits++
		}
	}
	address := strings.Contains(s, "@")
	for _, v := range verbs {
		if strings.HasSuffix(s, v) {
			return digits >= 3 || address || marked && len(s) <= 60 && strings.Count(s, " ") <= 5
		}
	}
	if digits < 3 {
		return false
	}
	for _, v := range innerVerbs {
		if strings.Contains(s, v) {
			return true
		}
	}
	return address && digits >= 7 && (marked || strings.HasSuffix(s, ">:"))
}

// wraps takes back lines that a mail program broke out of a long quoted line:
// one short line right between two quoted ones, going on in small letters.
func (b *body) wraps() {
	for i := 1; i+1 < len(b.lines); i++ {
		l, prev, next := &b.lines[i], b.lines[i-1], b.lines[i+1]
		if l.zone != inNew || l.blank() || prev.depth == 0 || next.depth == 0 || prev.blank() {
			continue
		}
		if c := b.text[l.beg]; prev.end-prev.beg >= 60 && l.end-l.beg < 40 && c >= 'a' && c <= 'z' {
			l.zone = inQuoted
		}
	}
}
