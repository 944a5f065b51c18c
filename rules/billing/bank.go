package billing

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"chancery/rules/text"
)

const maxBanks = 10

// banks finds where a bill wants to be paid: in its own file, and wherever else the mail
// names an account. A forger leaves the file as it was and writes the account beside it;
// so all of them count, but for those in files of other bills.
func (x *extraction) banks(list []Bill, z text.Zones) {
	var common []string
	for _, s := range append([]string{z.Subject, z.New, z.Signature, z.Footer, z.Quoted}, z.Names[:min(len(z.Names), maxMachine)]...) {
		common = bankAccounts(common, s[:min(len(s), maxZone)])
	}
	of := map[int]bool{}
	for i := range list {
		of[list[i].File] = true
	}
	files := map[int][]string{}
	for i, f := range x.mail.Files[:min(len(x.mail.Files), maxMachine)] {
		switch Kind(f) {
		case "ledes", "ledesxml", "xml-invoice", "ics":
			continue // they name accounts of others, too
		}
		if found := bankAccounts(nil, f.Text); of[i+1] {
			files[i+1] = found
		} else {
			common = added(common, found)
		}
	}
	for i := range list {
		b := &list[i]
		for k, a := range b.Bank {
			b.Bank[k] = Account(accountText(a))
		}
		b.Bank = added(added(b.Bank, files[b.File]), common)
	}
}

// added is a list with what it lacks of another.
func added(list, more []string) []string {
	for _, a := range more {
		if len(list) < maxBanks && !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list
}

// bankAccounts adds the accounts of a text, each once: IBANs, and numbers of bank and
// account as they are written in America, Britain and Germany.
func bankAccounts(list []string, s string) []string {
	if !manyDigits(s) {
		return list
	}
	s = accountText(s)
	for i := text.Digit(s, 2) - 2; i+15 <= len(s); i = text.Digit(s, i+3) - 2 { // the third sign of an IBAN is a digit
		if !letter(s[i]) || i > 0 && alnum(s[i-1]) && !strings.EqualFold(s[max(0, i-4):i], "IBAN") {
			continue
		}
		if a, end := ibanAt(s, i); a != "" {
			list = added(list, []string{a})
			i = end - 1
		}
	}
	return added(list, pairs(s))
}

// manyDigits reports whether a text has as many digits as an account.
func manyDigits(s string) bool {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' || r >= 0x80 && (unicode.IsDigit(r) || unicode.Is(unicode.No, r)) {
			if n++; n >= 10 {
				return true
			}
		}
	}
	return false
}

// accountText is a text in which accounts are looked for: without signs that do not
// show, with plain letters, digits, blanks and hyphens for what looks so.
func accountText(s string) string {
	beyond := byte(0)
	for i := range len(s) {
		beyond |= s[i]
	}
	if beyond < 0x80 {
		return s
	}
	return strings.ToUpper(strings.Map(func(r rune) rune {
		switch {
		case r < 0x80:
			return r
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Pd, r), r == '\u2212':
			return '-'
		}
		if to := strings.IndexRune(lettersLike, unicode.ToUpper(r)); to >= 0 {
			return rune(lettersMeant[utf8.RuneCountInString(lettersLike[:to])])
		}
		return r
	}, norm.NFKC.String(s)))
}

// Letters of Cyrillic and Greek, and the Latin ones that they look like.
const (
	lettersLike  = "АВСЕНІЈКМОРЅТХУԚԜΑΒΕΗΙΚΜΝΟΡΤΥΧΖ"
	lettersMeant = "ABCEHIJKMOPSTXYQWABEHIKMNOPTYXZ"
)

// ibanAt reads an IBAN (ISO 13616), however it is grouped: its length is that of its
// country, and its check digits must be right. What is no digit but looks like one is
// one, if the digits are right then.
func ibanAt(s string, at int) (iban string, end int) {
	var b [34]byte
	size, n, letters, i := 0, 0, 0, at
	for ; i < len(s) && (n < 2 || n < size); i++ {
		c := s[i]
		if n >= 4 && separator(c) && separators(s[i:]) < 3 {
			continue
		}
		if sign := letter(c); !digit(c) && !sign || n < 2 && !sign || (n == 2 || n == 3) && sign {
			return "", 0
		} else if sign {
			c &^= 0x20
			if n >= 4 {
				letters++
			}
		}
		b[n] = c
		if n++; n == 2 {
			if size = ibanLengths[string(b[:2])]; size == 0 {
				return "", 0
			}
		}
	}
	if n < size || size == 0 || letters > maxLetters || i < len(s) && digit(s[i]) {
		return "", 0
	}
	if !mod97(b[:n]) {
		for k := 4; k < n; k++ {
			switch b[k] {
			case 'O':
				b[k] = '0'
			case 'I', 'L':
				b[k] = '1'
			}
		}
		if !mod97(b[:n]) {
			return "", 0
		}
	}
	return string(b[:n]), i
}

// maxLetters of an account: more are words.
const maxLetters = 11

func separator(c byte) bool {
	return c == ' ' || c == '-' || c == '.' || c == '\t' || c == '\n' || c == '\r' || c == '_' || c == '/'
}

func separators(s string) (n int) {
	for n < len(s) && separator(s[n]) {
		n++
	}
	return n
}

// ibanLengths are the lengths of the registry of ISO 13616.
var ibanLengths = func() map[string]int {
	m := map[string]int{}
	for _, e := range strings.Fields(`AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29
		ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20
		LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19
		SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30`) {
		m[e[:2]], _ = strconv.Atoi(e[2:])
	}
	return m
}()

// mod97 checks an IBAN: its first four characters go behind, letters count from 10, and
// the number leaves 1 when divided by 97.
func mod97(b []byte) bool {
	rest := 0
	for i := range b {
		switch c := b[(i+4)%len(b)]; {
		case digit(c):
			rest = (rest*10 + int(c-'0')) % 97
		default:
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return rest == 1
}
