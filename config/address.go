package config

import (
	"fmt"
	"strings"
	"unicode"
)

// address checks user@domain and puts it into lower case.
func (f *file) address(t Text) (Text, bool) {
	local, domain, ok := strings.Cut(t.Value, "@")
	if !ok || !validLocal(local) || !validDomain(domain) {
		f.fail(t.Pos, fmt.Sprintf("%q is not an address", clip(t.Value)), "write for example gc@firm.example, without a display name")
		return t, false
	}
	t.Value = strings.ToLower(t.Value)
	return t, true
}

// addressOrDomain checks one entry of a list or team.
func addressOrDomain(s string) (lower, problem, hint string) {
	s = strings.ToLower(s)
	local, domain, isAddress := strings.Cut(s, "@")
	if !isAddress {
		domain = s
	}
	switch {
	case strings.ContainsAny(s, "<>"):
		return s, "an entry is an address alone", "leave out the display name and < >"
	case isAddress && local == "":
		return s, "an entry is an address or a domain", "write " + clip(domain) + " for everyone there"
	case strings.Contains(s, "*"):
		return s, "an entry has no *", "name each domain"
	case isAddress && !validLocal(local) || !validDomain(domain):
		return s, fmt.Sprintf("%q is neither an address nor a domain", clip(s)), "write for example jane@firm.example or firm.example"
	}
	return s, "", ""
}

// listEntry checks one entry of a list, which may have a person's name before the
// address as mail programs write it: Jane Doe <jane@firm.example>.
func listEntry(s string) (lower, name, problem, hint string) {
	before, addr, named := strings.Cut(s, "<")
	addr, closed := strings.CutSuffix(addr, ">")
	name = strings.Join(strings.Fields(strings.Trim(before, "\" \t")), " ")
	if !named || !closed || name == "" || !strings.Contains(addr, "@") || strings.ContainsAny(name, `"@>`) {
		name, addr = "", s
	}
	lower, problem, hint = addressOrDomain(addr)
	return lower, name, problem, hint
}

func validLocal(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, r := range s {
		if r <= ' ' || strings.ContainsRune(`()<>[]:;@\,"`, r) || unicode.IsSpace(r) {
			return false
		}
	}
	return true
}

// validDomain wants a dot: a bare word is far more often a forgotten .com.
func validDomain(s string) bool {
	if len(s) > 253 || !strings.Contains(s, ".") {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, r := range label {
			if r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '_' {
				return false
			}
		}
	}
	return true
}
