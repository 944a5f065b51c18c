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
	if n, before := b.headerBlock(i); n > 0 {
		return n, before
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
}

// introductions are lines without dashes that do the same.
var introductions = []string{
	"begin forwarded message:", "anfang der weitergeleiteten nachricht:", "anfang der weitergeleiteten e-mail:",
	"début du message réexpédié :", "début du message transféré :", "inicio del mensaje reenviado:",
	"inizio messaggio inoltrato:", "início da mensagem reenviada:", "begin doorgestuurd bericht:",
}

// separator reports whether s is such a line.
func separator(s string) bool {
	if len(s) > 200 || len(s) < 8 {
		return false
	}
	switch c := s[0]; {
	case c == '-' || c == '*' || c == '_' || c == '=':
		words := strings.Trim(s, "-*_= ")
		dashes := len(s) - len(strings.TrimLeft(s, "-*_= "))
		if dashes < 2 || words == "" || len(words) > 120 {
			return false
		}
		words = Fold(words)
		return separators[words] || strings.HasPrefix(words, "forwarded by ") ||
			strings.HasPrefix(words, "forwarded message from ")
	case s[len(s)-1] == ':':
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

// verbs end, or stand in, the line that names whom a quote is from.
var verbs = []string{
	"wrote:", "writes:", "schrieb:", "a écrit :", "a écrit:", "escribió:", "ha scritto:", "schreef:", "escreveu:",
	"skrev:", "napisał:", "napisał(a):", "pisze:", "написал:", "написал(а):", "пишет:", "kirjoitti:", "napsal:",
	"写道：", "写道:", "said:", "scrisse:", "geschreven:",
}

var innerVerbs = []string{" schrieb ", " schreef ", " skrev ", " pisze ", " napisał ", " wrote ", " от ", " kirjoitti "}

// attribution tells over how many lines from i on somebody is introduced as the
// author of what follows: "On 5 May 2026, at 10:00, N wrote:".
func (b *body) attribution(i int) int {
	size := 0
	for n := 1; n <= 3 && i+n <= len(b.lines); n++ {
		l := b.lines[i+n-1]
		if l.blank() || l.depth > 0 {
			return 0
		}
		if size += int(l.end-l.beg) + 1; size > maxIntro {
			return 0
		}
		if c := b.text[l.end-1]; c != ':' && !strings.HasSuffix(b.at(i+n-1), "：") {
			continue
		}
		if introduces(Fold(b.text[b.lines[i].beg:l.end])) {
			return n
		}
		return 0
	}
	return 0
}

// introduces decides on folded text that ends in a colon. Words alone do not
// do: people write "as he wrote:". A date or an address must be there too.
func introduces(s string) bool {
	digits := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			digits++
		}
	}
	address := strings.Contains(s, "@")
	if digits < 3 && !address {
		return false
	}
	for _, v := range verbs {
		if strings.HasSuffix(s, v) {
			return true
		}
	}
	for _, v := range innerVerbs {
		if strings.Contains(s, v) && digits >= 3 {
			return true
		}
	}
	return false
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
