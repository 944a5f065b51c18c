package imap

import (
	"slices"
	"strings"

	"chancery/internal/model"
)

// colourBits are the keywords that colour a flag.
var colourBits = []string{"$MailFlagBit0", "$MailFlagBit1", "$MailFlagBit2"}

// unmark takes flags and labels away again that setting a mark added. A message on
// which they do not all stand any more, or whose colour is another one by now,
// belongs to the person who did that.
func (s *Source) unmark(a model.Unmark, targets []target) error {
	flags := slices.Clone(a.Flags)
	if a.Label != "" && !flags.Has(labelPrefix+a.Label) {
		flags = append(flags, labelPrefix+a.Label)
	}
	if err := s.observe(targets, askFlags); err != nil {
		return err
	}
	var todo []target
	for _, t := range targets {
		lacks := missing(t.now.flags, flags)
		switch {
		case t.gone:
			t.end(model.Result{Outcome: model.Lost})
		case len(flags) == 0, t.step.Again && len(lacks) == len(flags):
			t.end(model.Result{Outcome: model.Done, Ref: t.step.Ref, Already: true})
		case len(lacks) > 0 || recoloured(flags, t.now.flags):
			t.end(model.Result{Outcome: model.Stale, Code: "changed", Ref: t.step.Ref})
		default:
			todo = append(todo, t)
		}
	}
	return halves(todo, func(part []target) error {
		if err := s.alter(uidsOf(part), "-", flags); err != nil {
			return err
		}
		for _, t := range part {
			t.end(model.Result{Outcome: model.Done, Ref: t.step.Ref})
		}
		return nil
	}, "store-refused")
}

// recoloured reports whether a message that still bears the flags of a mark shows
// another colour than they make: the three bits are one value, and without them a
// flag is red.
func recoloured(set, now model.Flags) bool {
	bit := func(f string) bool {
		return slices.ContainsFunc(colourBits, func(b string) bool { return strings.EqualFold(b, f) })
	}
	if !set.Has(`\Flagged`) && !slices.ContainsFunc(set, bit) {
		return false
	}
	return slices.ContainsFunc(now, func(f string) bool { return bit(f) && !set.Has(f) })
}

// surelyOurs returns what of a mark that stands already can only come from an
// earlier try whose answer was lost: its own keyword and label. A flag or a
// colour may be a person's.
func (s *Source) surelyOurs(step model.Step, m model.Mark, stands []string) model.Flags {
	if !step.Again {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(stands), func(f string) bool {
		return !strings.EqualFold(f, m.Keyword) && f != labelPrefix+m.Gmail
	})
}
