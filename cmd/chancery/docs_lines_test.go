package main

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestManualCommandsExist reads every command line in the pages as cobra would.
func TestManualCommandsExist(t *testing.T) {
	n := 0
	for page, text := range manual(t) {
		for _, line := range commandLines(text) {
			words := wordsOf(line)
			switch {
			case len(words) == 0:
			case !knownCommand(words[0]):
				t.Errorf("%s: no command %q: %s", page, words[0], line)
			default:
				n++
				if err := parses(words); err != nil {
					t.Errorf("%s: %s: %v", page, line, err)
				}
			}
		}
	}
	if n < 25 {
		t.Errorf("only %d commands were found", n)
	}
}

// wordsOf cuts the arguments of chancery out of a line for the shell.
func wordsOf(line string) []string {
	line = strings.TrimPrefix(strings.TrimPrefix(line, "sudo "), "-u chancery ")
	line = strings.TrimPrefix(strings.TrimPrefix(line, "./"), "go run ./cmd/")
	rest, ok := strings.CutPrefix(line, "chancery ")
	if !ok {
		return nil
	}
	for _, end := range []string{" |", " >", " \\", " #"} {
		rest, _, _ = strings.Cut(rest, end)
	}
	return strings.Fields(strings.ReplaceAll(rest, "'", ""))
}

// commandLines returns what stands in blocks for the shell, the indented lines
// that begin with the program's name, and the commands inside sentences that
// have an argument.
func commandLines(text string) []string {
	var out []string
	for _, f := range fences("", text) {
		if slices.Equal(f.info, []string{"sh"}) {
			out = append(out, strings.Split(f.text, "\n")...)
		}
	}
	for line := range strings.Lines(text) {
		if code, ok := strings.CutPrefix(line, "    "); ok {
			out = append(out, strings.TrimSpace(code))
		}
	}
	for _, m := range regexp.MustCompile("`((?:sudo )?(?:-u chancery )?chancery [a-z]+ [^`]*)`").FindAllStringSubmatch(prose(text), -1) {
		out = append(out, m[1])
	}
	return out
}

func knownCommand(name string) bool {
	return slices.ContainsFunc(newRoot().Commands(), func(c *cobra.Command) bool { return c.Name() == name })
}

func parses(words []string) error {
	c, rest, err := newRoot().Find(words)
	if err != nil {
		return err
	}
	c.InitDefaultHelpFlag()
	if err := c.ParseFlags(rest); err != nil {
		return err
	}
	return c.ValidateArgs(c.Flags().Args())
}

var codeSpan = regexp.MustCompile("`[^`\\n]*`")

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// anchorsOf are the names GitHub gives to headings.
func anchorsOf(text string) []string {
	var out []string
	for _, m := range heading.FindAllStringSubmatch(withoutFences(text), -1) {
		s := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
				return r
			}
			return -1
		}, strings.ToLower(m[1]))
		out = append(out, s)
	}
	return out
}

func withoutFences(text string) string {
	inside := false
	var b bytes.Buffer
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			inside = !inside
			continue
		}
		if !inside {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestManualLinksLeadSomewhere(t *testing.T) {
	pages := manual(t)
	n := 0
	for page, text := range pages {
		for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(prose(text), "code"), -1) {
			to, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, "://") {
				continue
			}
			n++
			target := page
			if to != "" {
				target = path.Join(path.Dir(page), to)
			}
			if _, err := os.Stat(filepath.Join("../..", filepath.FromSlash(target))); err != nil {
				t.Errorf("%s: %s leads nowhere", page, m[1])
				continue
			}
			if anchor != "" && !slices.Contains(anchorsOf(pages[target]), anchor) {
				t.Errorf("%s: %s has no heading of that name", page, m[1])
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d links were found", n)
	}
}

// TestManualFitsItsPage keeps the pages readable in a terminal; tables and
// examples may be wider.
func TestManualFitsItsPage(t *testing.T) {
	const width = 122
	for page, text := range manual(t) {
		inside := false
		for i, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, "```") {
				inside = !inside
			}
			if n := len([]rune(line)); n > width && !inside && !strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "    ") {
				t.Errorf("%s:%d has %d columns", page, i+1, n)
			}
		}
	}
}
