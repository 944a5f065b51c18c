package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

var (
	markName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)
	// Apple Mail's seven flag colours, kept in $MailFlagBit0 to 2.
	appleColours = []string{"red", "orange", "yellow", "green", "blue", "purple", "grey"}
	thunderbird  = []string{"$label1", "$label2", "$label3", "$label4", "$label5"}
	// Keywords that mail programs give a meaning of their own.
	takenKeywords = map[string]string{
		"$mailflagbit0": "write apple: with a colour", "$mailflagbit1": "write apple: with a colour", "$mailflagbit2": "write apple: with a colour",
		"$label1": "write thunderbird: $label1", "$label2": "write thunderbird: $label2", "$label3": "write thunderbird: $label3",
		"$label4": "write thunderbird: $label4", "$label5": "write thunderbird: $label5",
		"$junk": "", "junk": "", "$notjunk": "", "notjunk": "", "nonjunk": "", "$phishing": "", "$mdnsent": "", "$forwarded": "", "$submitted": "", "$submitpending": "",
	}
	// A keyword is shown by mail programs and kept in the clear by servers.
	telling = []string{"privileg", "personnel", "settle", "severance", "confiden", "grievance", "disciplin", "harass", "investigat",
		"litigat", "lawsuit", "merger", "acquisition", "board", "secret", "restricted", "workproduct", "work-product", "work_product", "redundan", "layoff", "termination"}
)

func (l *loader) marks(f *file, n *yaml.Node) {
	if n == nil {
		return
	}
	es, _ := f.entries(n, "marks")
	for _, e := range es {
		if !markName.MatchString(e.name.Value) || len(e.name.Value) > MaxNameChars {
			f.fail(e.name.Pos, fmt.Sprintf("%q cannot name a mark", clip(e.name.Value)), fmt.Sprintf("letters, digits, . _ and -, at most %d", MaxNameChars))
			continue
		}
		usable := l.define(f, "mark", e.name)
		b, ok := f.block(e.value, "a mark", "keyword", "thunderbird", "apple", "gmail", "flagged")
		if !ok {
			continue
		}
		m := Mark{Name: e.name, Flagged: f.flag(b.get("flagged"))}
		if n := b.get("keyword"); n != nil {
			m.Keyword = l.keyword(f, n, e.name.Value)
		}
		if n := b.get("thunderbird"); n != nil {
			m.Thunderbird, _ = f.word(n, "Thunderbird tag", thunderbird...)
		}
		if n := b.get("apple"); n != nil {
			m.Apple, _ = f.word(n, "Apple colour", appleColours...)
		}
		if n := b.get("gmail"); n != nil {
			m.Gmail = l.label(f, n, e.name.Value)
		}
		if len(b.values) == 0 {
			f.fail(e.name.Pos, fmt.Sprintf("mark %q shows nowhere", e.name.Value), "add keyword:, thunderbird:, apple:, gmail: or flagged:")
		}
		if usable {
			l.cfg.Rules.Marks = append(l.cfg.Rules.Marks, m)
		}
	}
}

func (l *loader) keyword(f *file, n *yaml.Node, mark string) string {
	t, ok := f.text(n)
	if !ok {
		return ""
	}
	lower := strings.ToLower(t.Value)
	problem, hint := keywordProblem(t.Value)
	if reserved, taken := takenKeywords[lower]; taken {
		problem, hint = fmt.Sprintf("keyword %q means something else to mail programs", t.Value), reserved
	}
	if problem != "" {
		f.fail(t.Pos, problem, hint)
		return ""
	}
	if tells(t.Value) {
		f.warn(t.Pos, "this keyword names what it protects", "everyone who can list keywords reads it; take a neutral one such as lx-2")
	}
	for _, other := range l.cfg.Rules.Marks {
		if other.Name.Value != mark && strings.EqualFold(other.Keyword, t.Value) {
			f.warn(t.Pos, fmt.Sprintf("mark %q has the same keyword", other.Name.Value), "taking one mark away would take the other away too")
		}
	}
	return t.Value
}

// tells reports whether a word says what it protects.
func tells(word string) bool {
	word = strings.ToLower(word)
	return slices.ContainsFunc(telling, func(w string) bool { return strings.Contains(word, w) })
}

// keywordProblem checks flag-keyword: an atom (RFC 9051 section 9), which does
// not begin with a backslash.
func keywordProblem(k string) (problem, hint string) {
	switch {
	case strings.HasPrefix(k, `\`):
		return `a keyword does not begin with \`, `for \Flagged write flagged: true`
	case len(k) > MaxKeywordChars:
		return fmt.Sprintf("a keyword longer than %d characters", MaxKeywordChars), "servers cut or refuse long ones"
	}
	for _, r := range k {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`(){%*"\]`, r) {
			return fmt.Sprintf("keyword %q has a character IMAP does not allow", clip(k)), "ASCII letters, digits, - and _"
		}
	}
	return "", ""
}
