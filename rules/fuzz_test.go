package rules

import (
	"strings"
	"testing"
	"unicode/utf8"

	"chancery/internal/model"
)

// FuzzCompile: any text as a condition is refused with a place inside the file,
// or compiles and then decides without a panic.
func FuzzCompile(f *testing.F) {
	for _, s := range append(broken, lawConditions...) {
		f.Add(s)
	}
	f.Add(strings.Repeat("(", 300))
	f.Add(strings.Repeat("!", 3000) + "true")
	f.Add(`msg.rcpts.map(a, a + a).exists(a, a == "x")`)
	f.Add(`[[[[[[1]]]]]] == msg`)
	f.Add(`msg.subject.matches(msg.text)`)
	f.Fuzz(func(t *testing.T, source string) {
		s, errs := Compile(office(mailRule("r", 1, source, mark("billing"))))
		if s == nil {
			if !errs.Fatal() {
				t.Fatal("refused without a reason")
			}
			for _, e := range errs {
				if e.Pos.Line < 1 || e.Pos.Col < 1 || e.Pos.Line > 7+strings.Count(source, "\n")+1 {
					t.Errorf("place outside the expression: %v", e)
				}
			}
			return
		}
		c := letter("Attorney-client 12345.001", "work product")
		gated := shape(s.Decide(c, model.View{Now: now}))
		s.ungated = true
		if open := shape(s.Decide(c, model.View{Now: now})); open != gated {
			t.Errorf("the gate changes %q into %q", open, gated)
		}
		s.Explain(c, model.View{Now: now})
	})
}

// FuzzTemplate: whatever a mail says, a path keeps its shape.
func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"Acme", "a/b", "..", "../../etc", ".", "\x00", "a\\b", "%*", "", " ", "\u202e", strings.Repeat("ä", 90), "~x", "#news", "a\r\nb", "\xff\xfe"} {
		f.Add(s)
	}
	s, errs := Compile(office(mailRule("r", 1, "true", file("Mail/{{msg.subject}}/{{msg.from_name}}-x"))))
	if errs.Fatal() {
		f.Fatal(errs)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if !utf8.ValidString(value) {
			return
		}
		plan := s.Decide(letter(value, "", func(_ *model.Message, m *model.Mail) { m.From[0].Name = value }), model.View{Now: now})
		for _, step := range plan.Steps {
			path := step.Action.(model.File).Mailbox
			if len(path) != 3 || path[0] != "Mail" || !strings.HasSuffix(path[2], "x") && len(path[2]) < maxSegment-3 {
				t.Fatalf("path %q from %q", path, value)
			}
			for _, seg := range path {
				if segmentProblem(seg) != "" || strings.ContainsAny(seg, "/\\%*") || strings.HasPrefix(seg, ".") {
					t.Fatalf("segment %q from %q", seg, value)
				}
			}
		}
		if len(plan.Steps)+len(plan.Reports) != 1 {
			t.Fatalf("neither a step nor a report: %s", shape(plan))
		}
	})
}

func TestSegment(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Acme", "Acme"},
		{"A/B\\C", "A-B-C"},
		{"..", ""},
		{"../../etc", "-..-etc"},
		{" . x . ", "x"},
		{"12345.001", "12345.001"},
		{"a\r\n\tb", "a b"},
		{"\u202eevil\u200b", "evil"},
		{"~root", "root"},
		{"50% *", "50- -"},
		{strings.Repeat("ä", 60), strings.Repeat("ä", 50)},
		{"\xff", ""},
	}
	for _, tt := range tests {
		if got := segment(tt.in); got != tt.want {
			t.Errorf("segment(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestAutomatonAgreesWithPlainSearch(t *testing.T) {
	words := []string{"he", "she", "his", "hers", "a", "ab", "abc", "bc", "c", "ächt", "\x00\xff", "hershe"}
	for _, s := range []string{"", "ushers", "abcabc", "shehershis", "ächtächt", "\x00\xff\x00", strings.Repeat("ab", 50) + "c"} {
		got := map[[2]int]bool{}
		newAutomaton(words).scan(s, func(w, end int) bool { got[[2]int{w, end}] = true; return true })
		want := map[[2]int]bool{}
		for w, word := range words {
			for end := len(word); end <= len(s); end++ {
				if s[end-len(word):end] == word {
					want[[2]int{w, end}] = true
				}
			}
		}
		if len(got) != len(want) {
			t.Errorf("%q: %d hits, want %d", s, len(got), len(want))
		}
		for k := range want {
			if !got[k] {
				t.Errorf("%q: word %q at %d is missed", s, words[k[0]], k[1])
			}
		}
	}
}

func TestSameCaseNeverHidesAWord(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		s := string(r)
		if got := sameCase(strings.ToLower(s)); utf8.RuneCountInString(strings.ToLower(s)) == 1 && got != sameCase(s) {
			t.Fatalf("%U: lower case %q, itself %q", r, got, sameCase(s))
		}
	}
}

func TestNeeded(t *testing.T) {
	tests := []struct{ re, want string }{
		{`invoice`, "invoice"},
		{`(?i)\bpre-?bill\b`, "bill"},
		{`hearing|trial|oral (argument|session)`, "hearing trial argument session"},
		{`a|bc`, ""},
		{`.*`, ""},
		{`(invoice)?`, ""},
		{`(invoice)+x`, "invoice"},
		{`(ab){0,3}`, ""},
		{`^$`, ""},
		{`(`, ""},
	}
	for _, tt := range tests {
		if got := strings.ToLower(strings.Join(needed(tt.re), " ")); got != tt.want {
			t.Errorf("needed(%q) = %q, want %q", tt.re, got, tt.want)
		}
	}
}
