package billing

import (
	"slices"
	"strings"

	"chancery/rules/text"
)

// Wording is what forged invoices say and honest ones hardly ever: each is the words as
// they were found, folded, "" if they were not.
type Wording struct {
	Bank   string // that the money is to go elsewhere from now on
	Urgent string // that it must be paid at once
	Secret string // that nobody is to be asked
	Pay    string // that the reader is to pay somebody, as ReadAsked finds it: all bills say so
}

const (
	maxWording  = 64 << 10 // octets of one text that are read for wording
	maxSentence = 400      // words of one sentence
	nearVerb    = 6        // words between an account and what happened to it
	nearUrgent  = 8        // words between paying and the hurry
	nearAsked   = 8        // words between asking and paying
)

// ReadWording reads texts in English, German, French, Spanish and Dutch. Sentences that
// say that nothing changed, or what to do if something should, are no wording: honest
// firms warn of forgers with just these words.
func ReadWording(texts ...string) Wording {
	var w Wording
	var room []string
	eachParagraph(texts, func(folded string) {
		if accountStems.in(folded) || hurryStems.in(folded) {
			for sentence := range sentences(folded) {
				room = wordsOf(room[:0], sentence)
				w.read(room)
			}
		}
	})
	return w
}

// ReadAsked finds words by which a person wants the reader to pay somebody, or to buy
// gift cards; "" if there are none. They tell something only of who does not send bills.
func ReadAsked(texts ...string) (found string) {
	var room []string
	eachParagraph(texts, func(folded string) {
		if found == "" {
			for sentence := range sentences(folded) {
				if room = wordsOf(room[:0], sentence); found == "" {
					found = asked(room)
				}
			}
		}
	})
	return found
}

// ReadAccount is Bank of ReadWording alone, which costs much less: only what speaks of
// accounts is read for it.
func ReadAccount(texts ...string) (bank string) {
	var room []string
	eachParagraph(texts, func(folded string) {
		if bank == "" && (accountStems.in(folded) || otherStems.in(folded) && hurryStems.in(folded)) {
			for sentence := range sentences(folded) {
				if room = wordsOf(room[:0], sentence); bank == "" {
					bank = newAccount(room)
				}
			}
		}
	})
	return bank
}

// eachParagraph folds the paragraphs of texts.
func eachParagraph(texts []string, read func(folded string)) {
	for _, s := range texts {
		for para := range strings.SplitSeq(strings.ReplaceAll(s[:min(len(s), maxWording)], "\r\n", "\n"), "\n\n") {
			read(text.Fold(para))
		}
	}
}

// wordsOf appends the words of a sentence.
func wordsOf(words []string, s string) []string {
	for i := 0; i < len(s) && len(words) < maxSentence; i++ {
		if !wordOctet(s[i]) {
			continue
		}
		beg := i
		for i++; i < len(s) && wordOctet(s[i]); i++ {
		}
		words = append(words, s[beg:i])
	}
	return words
}

func (w *Wording) read(words []string) {
	if w.Bank == "" {
		w.Bank = newAccount(words)
	}
	if w.Urgent == "" {
		w.Urgent = hurry(words)
	}
	if w.Secret == "" {
		if at, n := phraseAt(words, 0, &secrets); n > 0 {
			w.Secret = strings.Join(words[at:at+n], " ")
		}
	}
}

// sentences cuts a folded text behind a full stop, "!", "?" or ";" before a blank.
func sentences(s string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		from := 0
		for i := 0; i+1 < len(s); i++ {
			if strings.IndexByte(".!?;", s[i]) >= 0 && s[i+1] == ' ' {
				if !yield(s[from:i]) {
					return
				}
				from = i + 2
			}
		}
		yield(s[from:])
	}
}

func wordOctet(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '\'' || c >= 0x80
}

// newAccount finds an account and, close to it, that it is a new one.
func newAccount(words []string) string {
	for at := 0; at < len(words); {
		i, n := phraseAt(words, at, &accounts)
		if n == 0 {
			return ""
		}
		at = i + n
		if i > 0 && slices.Contains(yours, words[i-1]) {
			continue
		}
		for j := max(0, i-nearVerb); j < min(len(words), at+nearVerb); j++ {
			if j >= i && j < at {
				continue
			}
			gap := max(i-j-1, j-at)
			if n == 1 && words[i] == "bank" && !ofBank(words, i, j) {
				continue
			}
			if fresh.has(words[j]) && gap <= 1 && !doubted(words, j) || changes.has(words[j]) && !doubted(words, j) {
				return strings.Join(words[min(i, j):max(at, j+1)], " ")
			}
		}
	}
	return ""
}

// ofBank keeps river banks and banks in the news out: "our new bank", "changed our
// bank", "our bank has changed".
func ofBank(words []string, bank, at int) bool {
	if fresh.has(words[at]) {
		return at == bank-1
	}
	return at == bank-1 || at == bank-2 || at == bank+2
}

// doubted reports that what a word says did not happen, or only might.
func doubted(words []string, at int) bool {
	for _, w := range words[max(0, at-4):at] {
		if slices.Contains(denials, w) || strings.HasSuffix(w, "n't") {
			return true
		}
	}
	return at+1 < len(words) && slices.Contains(denialsBehind, words[at+1])
}

// hurry finds paying, and close to it that it must be at once.
func hurry(words []string) string {
	for i, w := range words {
		if !paying.has(w) {
			continue
		}
		from, till := max(0, i-nearUrgent), min(len(words), i+1+nearUrgent)
		if at, n := phraseAt(words[:till], from, &hurries); n > 0 {
			return strings.Join(words[min(i, at):max(i+1, at+n)], " ")
		}
	}
	return ""
}

// asked finds paying, and close before it that the reader is to do it.
func asked(words []string) string {
	for i, w := range words {
		if !paying.has(w) && !favours.has(w) {
			continue
		}
		from := max(0, i-nearAsked)
		if at, n := phraseAt(words[:i], from, &requests); n > 0 {
			return strings.Join(words[at:i+1], " ")
		}
	}
	return ""
}

// phraseAt finds the first of the phrases at or behind a word.
func phraseAt(words []string, at int, list *phrasebook) (int, int) {
	for ; at < len(words); at++ {
		if n := list.at(words[at:]); n > 0 {
			return at, n
		}
	}
	return at, 0
}

// phrase is words in a row; one that ends in "*" is the beginning of a word.
type phrase []string

func (p phrase) stands(words []string) bool {
	for i, w := range p {
		if !begins(words[i], w) {
			return false
		}
	}
	return true
}

func begins(word, pattern string) bool {
	if n := len(pattern) - 1; pattern[n] == '*' {
		return strings.HasPrefix(word, pattern[:n])
	}
	return word == pattern
}
