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
		return
	}
	_, _ = fmt.Fprintf(w, "chancery: %v\n", err)
	if h, ok := errors.AsType[hinted](err); ok {
		for _, hint := range h.hints {
			_, _ = fmt.Fprintf(w, "    hint: %s\n", hint)
		}
	}
}

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
