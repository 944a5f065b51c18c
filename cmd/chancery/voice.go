package main

// The voice: what this program says to people.
//
//   - Results go to standard output, everything else to standard error.
//   - An error line starts with "chancery: ", has no capital and no full stop;
//     what to do about it stands below, indented, after "hint: ".
//   - Configuration problems stand as file:line:col, all of them at once.
//   - No subject, address or title of anyone's mail is ever printed by a command
//     that runs unattended. Commands that show content (plan, explain, demo) say
//     so in their help.

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"chancery/config"
)

// hinted is an error with advice.
type hinted struct {
	error
	hints []string
}

func (h hinted) Unwrap() error { return h.error }

func withHint(err error, hints ...string) error { return hinted{err, hints} }

// printError says what went wrong and what to do.
func printError(w io.Writer, err error) {
	if problems, ok := errors.AsType[config.Errors](err); ok {
		_, _ = fmt.Fprintln(w, problems)
		_, _ = fmt.Fprintf(w, "chancery: %s\n", tally(problems))
		return
	}
	if problem, ok := errors.AsType[config.Error](err); ok && problem.Pos.Line > 0 {
		_, _ = fmt.Fprintln(w, problem)
		return
	}
	if problem, ok := errors.AsType[config.Error](err); ok {
		err = withHint(errors.New(problem.Problem), problem.Hint)
	}
	_, _ = fmt.Fprintf(w, "chancery: %v\n", err)
	if h, ok := errors.AsType[hinted](err); ok {
		for _, hint := range h.hints {
			if hint != "" {
				_, _ = fmt.Fprintln(w, wrapHint("    ", hint))
			}
		}
	}
}

// tally counts problems and warnings.
func tally(es config.Errors) string {
	warnings := 0
	for _, e := range es {
		if e.Warning {
			warnings++
		}
	}
	out := plural(len(es)-warnings, "problem")
	if warnings > 0 {
		out += " and " + plural(warnings, "warning")
	}
	return out
}

// width is what the lines of people's terminals hold.
const width = 80

// wrap breaks text between words into lines of width, each behind indent.
// Columns of a table of our own making stay: only blanks inside are folded.
func wrap(indent, text string) string {
	var b strings.Builder
	at := 0
	for word := range strings.FieldsSeq(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case at == 0:
			b.WriteString(indent)
			at = len(indent)
		case at+1+n > width:
			b.WriteString("\n" + indent)
			at = len(indent)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}

// wrapHint is wrap for advice.
func wrapHint(indent, hint string) string {
	hanging := indent + "      "
	return indent + "hint: " + strings.TrimPrefix(wrap(hanging, hint), hanging)
}

// short is the beginning of a rule set's version: enough to tell two apart.
func short(version string) string { return version[:min(len(version), 12)] }

// plural says "1 message" and "2 messages".
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	if s, ok := strings.CutSuffix(one, "x"); ok {
		return fmt.Sprintf("%d %sxes", n, s)
	}
	return fmt.Sprintf("%d %ss", n, one)
}
