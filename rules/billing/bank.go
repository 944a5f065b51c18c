package billing

import (
	"strings"

	"chancery/rules/text"
)

const maxBanks = 10

// banks finds where a bill wants to be paid: IBANs, and numbers of bank and account as
// the USA write them.
func (x *extraction) banks(b *Bill, z text.Zones) {
	if len(b.Bank) > 0 {
		return
	}
	for i := range x.docs {
		if x.docs[i].index == b.File {
			b.Bank = bankAccounts(b.Bank, x.docs[i].body)
		}
	}
	for _, s := range []string{z.New, z.Signature, z.Quoted} {
		if len(b.Bank) == 0 {
			b.Bank = bankAccounts(b.Bank, s[:min(len(s), maxZone)])
		}
	}
}

// bankAccounts adds the accounts of a text, each once.
func bankAccounts(list []string, s string) []string {
	put := func(a string) {
		for _, have := range list {
			if have == a {
				return
			}
		}
		if len(list) < maxBanks {
			list = append(list, a)
		}
	}
	for i := 0; i+15 < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' && s[i+1] >= 'A' && s[i+1] <= 'Z' && digit(s[i+2]) && digit(s[i+3]) && (i == 0 || !alnum(s[i-1])) {
			if a, end := ibanAt(s, i); a != "" {
				put(a)
				i = end
			}
		}
	}
	if routing := after9(s, "routing", "aba"); routing != "" {
		if account := numberBehind(s, "account number", "account no", "account #", "acct no", "acct #", "account"); account != "" {
			put(routing + "/" + account)
		}
	}
	return list
}

// ibanAt reads an IBAN (ISO 13616): its check digits must be right.
func ibanAt(s string, at int) (iban string, end int) {
	var b [34]byte
	n, i := 0, at
	for ; i < len(s) && n < len(b); i++ {
		c := s[i]
		if c == ' ' && n >= 4 && n%4 == 0 && i+1 < len(s) && (digit(s[i+1]) || s[i+1] >= 'A' && s[i+1] <= 'Z') {
			continue
		}
		if !digit(c) && (c < 'A' || c > 'Z') {
			break
		}
		b[n] = c
		n++
		if n >= 15 && mod97(b[:n]) && (i+1 == len(s) || !alnum(s[i+1])) {
			iban, end = string(b[:n]), i+1
			if i+1 < len(s) && s[i+1] != ' ' {
				break
			}
		}
	}
	return iban, end
}

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

// after9 finds a routing number of nine digits behind one of the words.
func after9(s string, words ...string) string {
	for _, w := range words {
		_, end := findWords(s, w)
		if end < 0 {
			continue
		}
		for i := end; i < min(len(s)-8, end+40); i++ {
			if digit(s[i]) && !alnum(s[i-1]) {
				if v := s[i : i+9]; allDigits(v) && (i+9 == len(s) || !alnum(s[i+9])) && routing(v) {
					return v
				}
			}
		}
	}
	return ""
}

// routing checks a routing number: its digits weigh 3, 7 and 1 in turn.
func routing(v string) bool {
	sum := 0
	for i := range len(v) {
		sum += int(v[i]-'0') * []int{3, 7, 1}[i%3]
	}
	return sum%10 == 0
}

// numberBehind finds a number of 6 to 17 digits right behind one of the words.
func numberBehind(s string, words ...string) string {
	for _, w := range words {
		_, end := findWords(s, w)
		if end < 0 {
			continue
		}
		i := gap(s, blankRun(s, end), "#:. ")
		n := 0
		for i+n < len(s) && (digit(s[i+n]) || s[i+n] == '-' && n > 0) {
			n++
		}
		if v := strings.ReplaceAll(s[i:i+n], "-", ""); len(v) >= 6 && len(v) <= 17 {
			return v
		}
	}
	return ""
}
