package imap

import (
	"regexp"
	"slices"
	"strings"

	"chancery/internal/model"
)

// colours are the flag colours of Apple Mail in its three bits, whose keywords
// RFC 9979 registers. Green is 3, as Apple Mail writes it.
var colours = []string{"red", "orange", "yellow", "green", "blue", "purple", "gray"}

var keywordForm = regexp.MustCompile(`^[A-Za-z0-9$][A-Za-z0-9$._-]{0,49}$`)

// wanted lists the flags that make a mark visible.
func wanted(m model.Mark) (flags []string, colour []string) {
	for _, k := range []string{m.Keyword, m.Thunderbird} {
		if keywordForm.MatchString(k) && !slices.Contains(flags, k) {
			flags = append(flags, k)
		}
	}
	bits := slices.Index(colours, strings.ToLower(m.Apple))
	if m.Flagged || bits >= 0 {
		flags = append(flags, `\Flagged`)
	}
	for i, name := range []string{"$MailFlagBit0", "$MailFlagBit1", "$MailFlagBit2"} {
		if bits > 0 && bits&(1<<i) != 0 {
			colour = append(colour, name)
		}
	}
	return flags, colour
}

// keepable returns what of a mark the selected mailbox keeps for good (RFC 9051
// section 7.1, PERMANENTFLAGS), and apart the colour bits.
func (s *Source) keepable(m model.Mark) (flags, colour []string) {
	flags, colour = wanted(m)
	flags = slices.DeleteFunc(flags, func(f string) bool { return !s.keeps(f) })
	// Half a colour is another colour, and without \Flagged it does not show.
	if !slices.Contains(flags, `\Flagged`) || slices.ContainsFunc(colour, func(f string) bool { return !s.keeps(f) }) {
		colour = nil
	}
	return flags, colour
}

func (s *Source) keeps(flag string) bool {
	// No PERMANENTFLAGS: everything is kept. "\*" stands for keywords, but some
	// servers mean all flags by it; confirm reads back what is not listed.
	kept := model.Flags(s.sel.permanent)
	return kept == nil || kept.Has(flag) || kept.Has(`\*`)
}

// mark adds the flags of a mark.
func (s *Source) mark(m model.Mark, targets []target) error {
	flags, colour := s.keepable(m)
	coloured := slices.Concat(flags, colour)
	var plain, full []target
	for _, t := range targets {
		// A flag that is there already has a colour, if only red: a person chose it.
		want, list := coloured, &full
		if t.now.flags.Has(`\Flagged`) && len(missing(t.now.flags, colour)) > 0 {
			want, list = flags, &plain
		}
		switch {
		case t.gone:
			t.end(model.Result{Outcome: model.Lost})
		case len(want) == 0:
			t.end(model.Result{Outcome: model.Refused, Code: "no-keywords", Ref: t.step.Ref})
		case len(missing(t.now.flags, want)) == 0:
			t.end(model.Result{Outcome: model.Done, Ref: t.step.Ref, Flags: want, Already: true})
		default:
			*list = append(*list, t)
		}
	}
	if err := s.markAll(plain, flags); err != nil {
		return err
	}
	return s.markAll(full, coloured)
}

func (s *Source) markAll(targets []target, flags []string) error {
	return halves(targets, func(part []target) error {
		if err := s.store(uidsOf(part), flags); err != nil {
			return err
		}
		return s.confirm(part, flags)
	}, func(t target, a answer) {
		t.end(model.Result{Outcome: model.Refused, Code: refusalCode(a, "store-refused"), Ref: t.step.Ref})
	})
}

// confirm answers marked targets. The first time a flag is written to a mailbox
// it is read back: some servers say OK and drop it.
func (s *Source) confirm(targets []target, flags []string) error {
	unproven := slices.DeleteFunc(slices.Clone(flags), func(f string) bool {
		return f[0] == '\\' && model.Flags(s.sel.permanent).Has(f) || s.proven[s.sel.box.wire+" "+f]
	})
	now := map[uint32]flagged{}
	if len(unproven) > 0 {
		list, err := s.flagsOf(formatSet(uidsOf(targets)), "")
		if err != nil {
			return err
		}
		for _, f := range list {
			now[f.uid] = f
			for _, k := range unproven {
				if f.flags.Has(k) {
					s.proven[s.sel.box.wire+" "+k] = true
				}
			}
		}
	}
	for _, t := range targets {
		r := model.Result{Outcome: model.Done, Ref: t.step.Ref, Flags: flags}
		if len(unproven) > 0 {
			seen, ok := now[t.now.uid]
			if !ok {
				t.end(model.Result{Outcome: model.Lost})
				continue
			}
			dropped := missing(seen.flags, flags)
			r.Flags = slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return slices.Contains(dropped, f) })
			if len(r.Flags) == 0 {
				r = model.Result{Outcome: model.Refused, Code: "no-keywords", Ref: t.step.Ref}
			}
		}
		t.end(r)
	}
	return nil
}

// missing returns which of want are not set.
func missing(set model.Flags, want []string) []string {
	return slices.DeleteFunc(slices.Clone(want), set.Has)
}

// refusalCode gives the refusal of a step a stable name.
func refusalCode(a answer, otherwise string) string {
	switch a.code {
	case "OVERQUOTA":
		return "overquota"
	case "NOPERM":
		return "no-permission"
	case "TRYCREATE", "NONEXISTENT":
		return "no-mailbox"
	case "LIMIT", "TOOBIG":
		return "limit"
	case "CANNOT":
		return "cannot"
	}
	if strings.Contains(strings.ToLower(a.text), "quota") {
		return "overquota"
	}
	return otherwise
}
