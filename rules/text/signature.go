package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"chancery/internal/model"
)

const (
	maxSigned = 25 // lines after "-- "
	maxClosed = 10 // lines after "Best regards,"
	maxWide   = 72 // octets of a line in a signature found by its look
)

// signatures marks the sender's sign-off and contact lines. A run of new lines
// (up to a quote, a footer or the end) has at most one signature, at its end.
// Where nothing would be left of the whole mail's new text, there is none:
// "Thanks!" is an answer.
func (b *body) signatures(from []model.Address) {
	said := false
	for i := 0; i < len(b.lines); {
		if b.lines[i].zone != inNew || b.lines[i].blank() {
			i++
			continue
		}
		end, full := i, i // full: after the last line with text
		for end < len(b.lines) && (b.lines[end].zone == inNew || b.lines[end].blank()) {
			if end++; !b.lines[end-1].blank() {
				full = end
			}
		}
		full = b.aboveFiles(i, full)
		start := b.signed(i, full, from)
		if start > i {
			said = true
		}
		if start < full && said {
			for j := start; j < full; j++ {
				b.lines[j].zone = inSignature
			}
		}
		said = true
		i = end
	}
}

// aboveFiles leaves out the lines at the end of from..till that only name what is
// attached: some programs write them below a signature.
func (b *body) aboveFiles(from, till int) int {
	end := till
	for i := till - 1; i > from && till-i <= 20; i-- {
		if b.lines[i].blank() {
			continue
		}
		if !fileLine(b.at(i)) {
			break
		}
		end = i
	}
	for end > from && b.lines[end-1].blank() {
		end--
	}
	return end
}

// fileLine reports whether a line only names a file: "- lease.doc", "<<lease.doc>>".
func fileLine(s string) bool {
	if len(s) > 120 {
		return false
	}
	if strings.HasPrefix(s, "<<") && strings.HasSuffix(s, ">>") || strings.HasPrefix(s, "(See attached file:") {
		return true
	}
	dot := strings.LastIndexByte(s, '.')
	return strings.HasPrefix(s, "- ") && dot > 0 && len(s)-dot <= 6 && len(s)-dot >= 3 && !strings.Contains(s[dot:], " ")
}

// signed returns where the signature of lines from..till begins, or till.
func (b *body) signed(from, till int, who []model.Address) int {
	start := b.dashed(from, till)
	if start == till {
		start = b.closed(from, till)
	}
	if start == till {
		start = b.carded(from, till, who)
	}
	for start > from { // "Sent from my phone" stands above or below the rest
		up := start - 1
		for up > from && b.lines[up].blank() {
			up--
		}
		if !device(b.at(up)) {
			break
		}
		start = up
	}
	return start
}

// dashed finds the line "-- " (RFC 3676 section 4.3), or a rule of signs with
// little below it.
func (b *body) dashed(from, till int) int {
	count := 0
	for i := till - 1; i >= from && count <= maxSigned; i-- {
		if b.lines[i].blank() {
			continue
		}
		s := b.at(i)
		if s == "--" {
			return i
		}
		if count <= 12 && count > 0 && b.divider(i) && b.narrow(i+1, till) {
			return i
		}
		count++
	}
	return till
}

// narrow reports whether all lines are short and one has a way to reach a person.
func (b *body) narrow(from, till int) bool {
	reach := false
	for i := from; i < till; i++ {
		s := b.at(i)
		if len(s) > maxWide {
			return false
		}
		reach = reach || contact(s)
	}
	return reach
}

var closings = []string{
	"regards", "best regards", "kind regards", "warm regards", "best wishes", "best", "all the best", "thanks", "thank you",
	"many thanks", "thanks again", "thanks in advance", "thank you in advance", "sincerely", "yours sincerely", "sincerely yours",
	"very truly yours", "yours truly", "yours faithfully", "cheers", "respectfully", "respectfully yours", "cordially", "warmly", "rgds",
	"kindest regards", "thanks and regards", "thanks & regards", "with best regards", "with kind regards", "thx", "yours",
	"mit freundlichen grüssen", "freundliche grüsse", "viele grüsse", "beste grüsse", "herzliche grüsse", "mfg", "gruss", "lg",
	"mit freundlichem gruss", "schöne grüsse", "liebe grüsse",
	"cordialement", "bien cordialement", "bien à vous", "sincères salutations", "meilleures salutations", "salutations",
	"saludos", "un saludo", "saludos cordiales", "atentamente", "cordialmente", "un cordial saludo",
	"cordiali saluti", "distinti saluti", "saluti", "met vriendelijke groet", "met vriendelijke groeten", "groeten",
	"atenciosamente", "thanks much", "thanks so much", "many thanks and best regards", "with thanks", "with gratitude", "talk soon",
	"take care", "warmest regards", "best personal regards", "thank you very much", "thanks very much", "thanks & best regards",
	"s pozdravem", "üdvözlettel", "saygılarımla", "cu stimă", "з повагою", "ystävällisin terveisin", "terveisin", "med vänlig hälsning",
	"vänliga hälsningar", "vennlig hilsen", "med vennlig hilsen", "hilsen", "bästa hälsningar", "z poważaniem", "此致", "敬具", "よろしくお願いいたします",
	"よろしくお願いします", "감사합니다", "με εκτίμηση", "בברכה", "مع التحية", "un saluto", "cordialmente vostro", "avec mes salutations", "bonne journée",
	"bien à toi", "amicalement", "hochachtungsvoll", "grüße",
	"abraços", "hälsningar", "med venlig hilsen", "mvh", "pozdrawiam", "с уважением",
}

var closing = func() map[string]bool {
	m := make(map[string]bool, len(closings))
	for _, c := range closings {
		m[Fold(c)] = true
	}
	return m
}()

// closed finds a sign-off line with at most a name and a card below it.
func (b *body) closed(from, till int) int {
	count, found := 0, till
	for i := till - 1; i >= from && count <= maxClosed; i-- {
		if b.lines[i].blank() {
			continue
		}
		s := b.at(i)
		if len(s) <= 40 && closing[Fold(strings.TrimRight(s, ",.!- \t"))] {
			found = i
		} else if len(s) > maxWide || prose(s) {
			break
		}
		count++
	}
	return found
}

// prose reports whether a line is a sentence, or the start of a postscript.
func prose(s string) bool {
	if strings.HasPrefix(s, "P.S") || strings.HasPrefix(s, "PS:") || strings.HasPrefix(s, "p.s") {
		return true
	}
	return strings.IndexByte(".?!:", s[len(s)-1]) >= 0 && len(strings.Fields(s)) >= 5
}

// carded finds a last paragraph that is a visiting card, or the sender's own
// name alone on the last line.
func (b *body) carded(from, till int, who []model.Address) int {
	start, lines := till, 0
	for start > from && !b.lines[start-1].blank() {
		start--
		lines++
	}
	if lines >= 2 && lines <= 10 && start > from && b.narrow(start, till) && named(b.at(start)) {
		return start
	}
	// A name, and below it an office or an extension.
	if lines >= 2 && lines <= 8 && start > from && ownName(b.at(start), who) && b.short(start, till) {
		return start
	}
	last := b.at(till - 1)
	if till-1 > from && (ownName(last, who) || device(last)) {
		return till - 1
	}
	return till
}

// short reports whether no line is a sentence or long.
func (b *body) short(from, till int) bool {
	for i := from; i < till; i++ {
		if s := b.at(i); len(s) > maxWide || prose(s) {
			return false
		}
	}
	return true
}

// named reports whether a line could be a name: a few capitalized words.
func named(s string) bool {
	s = strings.TrimLeft(s, "-~* ")
	if s == "" || len(s) > 50 || strings.ContainsAny(s, "?;") || strings.HasSuffix(s, ":") {
		return false
	}
	words := strings.Fields(s)
	if len(words) > 6 {
		return false
	}
	for _, w := range words {
		if r, _ := utf8.DecodeRuneInString(w); unicode.IsLower(r) && len(w) > 3 {
			return false
		}
	}
	return true
}

// contact reports whether a line has a telephone number, an address or a site.
func contact(s string) bool {
	if strings.Contains(s, "@") || strings.Contains(s, "www.") || strings.Contains(s, "http") {
		return true
	}
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case digit(c):
			digits++
		case strings.IndexByte(" -.()/+", c) < 0:
			if digits >= 7 && digits <= 15 {
				return true
			}
			digits = 0
		}
	}
	return digits >= 7 && digits <= 15
}

// ownName reports whether a line is the sender's name: whole, first, by initials,
// or with what the address has of it.
func ownName(s string, who []model.Address) bool {
	s = strings.Trim(s, "-~*,. \t")
	if s == "" || len(s) > 60 {
		return false
	}
	proper := named(s)
	s = strings.Join(strings.Fields(strings.ReplaceAll(Fold(s), ".", " ")), " ")
	for _, a := range who[:min(len(who), 3)] {
		name := Fold(a.Name)
		if last, first, ok := strings.Cut(name, ","); ok {
			name = strings.TrimSpace(first) + " " + last
		}
		first, _, _ := strings.Cut(name, " ")
		local, _, _ := strings.Cut(a.Addr, "@")
		local = Fold(local)
		given, family, _ := strings.Cut(strings.NewReplacer("_", ".", "-", ".").Replace(local), ".")
		switch {
		case s == name, len(first) > 1 && s == first, len(given) > 2 && s == given, initials(s, name), initials(s, given+" "+family):
			return true
		}
		if !proper || strings.Count(s, " ") > 3 {
			continue
		}
		for word := range strings.FieldsSeq(s) {
			if len(word) > 2 && (word == family || word == given) && strings.Contains(s, " ") {
				return true
			}
		}
	}
	return false
}

// initials reports whether two or three letters are those of a name.
func initials(s, name string) bool {
	if len(s) < 2 || len(s) > 3 {
		return false
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '.' })
	if len(words) < 2 || words[0] == "" {
		return false
	}
	return s[0] == words[0][0] && s[len(s)-1] == words[len(words)-1][0]
}

var devices = []string{
	"sent from my ", "sent from mail for windows", "sent from outlook", "sent from yahoo", "sent via ", "sent on the go", "get outlook for ",
	"sent wirelessly", "von meinem iphone", "von meinem ipad", "gesendet mit ", "gesendet von ", "envoyé de mon", "envoyé depuis",
	"enviado desde mi", "sent with proton", "sent with protonmail", "sent by mobile", "sent from samsung", "sent from android", "sent using ",
	"sent from iphone", "sent from ipad", "sent from blackberry", "typed with thumbs", "holen sie sich outlook", "obtener outlook para",
	"télécharger outlook pour", "obtenir outlook pour", "scarica outlook per", "obter o outlook para", "download outlook voor", "outlook voor ",
	"von meinem mobil", "iphoneから送信", "从我的", "发自我的", "自我的iphone傳送", "從我的", "나의 iphone에서", "내 iphone에서", "lähetetty ", "odesláno z ",
	"odoslané z ", "trimis de pe", "iphone'umdan gönderildi", "надіслано з", "στάλθηκε από", "נשלח מה", "أُرسلت من", "أرسلت من",
	"elküldve az ", "küldve az ", "sänt från", "poslano iz", "enviado a partir", "inviata da", "verzonden vanaf",
	"verstuurd met", "verzonden met", "envoyé avec ", "enviado con ", "skickat via ", "sendt via ", "yahoo mail for", "yahoo mail: ",
	"enviado do meu", "inviato da", "verstuurd vanaf", "skickat från min", "sendt fra min", "wysłane z", "отправлено с",
}

// device reports whether a line is what a telephone writes under a mail.
func device(s string) bool {
	if len(s) > 100 || len(s) < 8 {
		return false
	}
	s = Fold(s)
	for _, d := range devices {
		if strings.HasPrefix(s, d) {
			return true
		}
	}
	return false
}
