package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// What a command says of itself, and of its flags, fits a terminal of 80 columns.
func TestHelpFitsTheScreen(t *testing.T) {
	n := 0
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		n++
		for line := range strings.Lines(c.Long + "\n" + c.Example + "\n" + c.LocalFlags().FlagUsages()) {
			if line = strings.TrimSuffix(line, "\n"); utf8.RuneCountInString(line) > 80 {
				t.Errorf("%s: %d columns: %s", c.CommandPath(), utf8.RuneCountInString(line), line)
			}
		}
		for _, sub := range c.Commands() {
			look(sub)
		}
	}
	look(newRoot())
	if n < 20 {
		t.Errorf("%d commands", n)
	}
}
