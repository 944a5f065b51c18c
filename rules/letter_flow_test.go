package rules

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLetterFlowsInHTMLAndFoldsInPlainText(t *testing.T) {
	template := "Dear colleague,\n\n" +
		"our message was sent to you inadvertently. It contains, or may contain, information that is\n" +
		"protected by privilege.\n\n" +
		"  1. Open it, and see to whom it went. If that was right, take the mark away; nothing more\n" +
		"     happens.\n" +
		"  2. Call.\n\n" +
		"Kind regards\nGale Chen"
	flowed := "Dear colleague,\n\n" +
		"our message was sent to you inadvertently. It contains, or may contain, information that is protected by privilege.\n\n" +
		"  1. Open it, and see to whom it went. If that was right, take the mark away; nothing more happens.\n" +
		"  2. Call.\n\n" +
		"Kind regards\nGale Chen"
	folded := "Dear colleague,\n\n" +
		"our message was sent to you inadvertently. It contains, or may contain,\ninformation that is protected by privilege.\n\n" +
		"  1. Open it, and see to whom it went. If that was right, take the mark\n     away; nothing more happens.\n" +
		"  2. Call.\n\n" +
		"Kind regards\nGale Chen"
	if got := flow(template); got != flowed {
		t.Errorf("flow:\n%s", got)
	}
	if got := fold(flowed); got != folded {
		t.Errorf("fold:\n%s", got)
	}
	if got := fold(folded); got != folded {
		t.Errorf("folding twice changes the letter:\n%s", got)
	}
}

func TestFoldingLosesNoWord(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, text := range []string{"", long, "- " + long, "a " + long + " b", "    " + strings.Repeat("ein Wörtchen ", 40) + "Ende"} {
		got := fold(flow(text))
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(text), " ") {
			t.Errorf("%q became %q", text, got)
		}
		for line := range strings.SplitSeq(got, "\n") {
			if utf8.RuneCountInString(line) > letterWidth && len(strings.Fields(line)) > 2 {
				t.Errorf("a line of %d characters: %q", utf8.RuneCountInString(line), line)
			}
		}
	}
}

func TestEntriesOfLists(t *testing.T) {
	for line, want := range map[string]bool{
		"  - one": true, "* one": true, "1. one": true, " 12) one": true, "(a) one": true, "a) one": true,
		"one": false, "-": false, "e.g. one": false, "a. one": false, "408 is the rule": false, "": false,
	} {
		if got := isEntry(line); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}
