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
	for i, name := range colourBits {
		if bits > 0 && bits&(1<<i) != 0 {
			colour = append(colour, name)
		}
	}
	return flags, colour
}

// looks is how a mark shows in the selected mailbox.
type looks struct {
	flags  []string // without the colour; a label of Gmail among them
	colour []string // bits that are written together or not at all
	code   string   // why there is nothing to write
}

func (l looks) all() []string { return slices.Concat(l.flags, l.colour) }

// keepable returns what of a mark the selected mailbox keeps for good: RFC 9051
// section 7.1, PERMANENTFLAGS, and what we know of the server besides.
func (s *Source) keepable(m model.Mark) (looks, error) {
	l := looks{code: "no-keywords"}
	label := s.labelFor(m)
	if label != "" {
		m.Keyword = "" // nobody sees it there
	}
	l.flags, l.colour = wanted(m)
	l.flags = slices.DeleteFunc(l.flags, func(f string) bool { return !s.keeps(f) })
	// Half a colour is another colour, and without \Flagged it does not show.
	if !slices.Contains(l.flags, `\Flagged`) || slices.ContainsFunc(l.colour, func(f string) bool { return !s.keeps(f) }) {
		l.colour = nil
	}
	if err := s.ration(&l); err != nil {
		return l, err
	}
	if label != "" {
		l.flags = append(l.flags, label)
	}
	return l, nil
}

func (s *Source) keeps(flag string) bool {
	if flag[0] != '\\' && s.barred[s.sel.box.wire] != "" {
		return false
	}
	// No PERMANENTFLAGS: everything is kept. "\*" stands for keywords, but some
	// servers mean all flags by it; confirm reads back what is not listed.
	kept := model.Flags(s.sel.permanent)
	return kept == nil || kept.Has(flag) || kept.Has(`\*`)
}

// mark adds the flags of a mark. A message that has none of them yet needs no
// second look; of the others each is looked at.
func (s *Source) mark(m model.Mark, targets []target) error {
	l, err := s.keepable(m)
	if err != nil {
		return err
	}
	coloured := l.all()
	var plain, full, rest []target
	rest = targets
	if len(coloured) > 0 {
		if full, rest, err = s.bare(targets, coloured); err != nil {
			return err
		}
	}
	if err := s.observe(rest, askFlags); err != nil {
		return err
	}
	for _, t := range rest {
		// A flag that is there already has a colour, if only red: a person chose it.
		want, list := coloured, &full
		if t.now.flags.Has(`\Flagged`) && len(missing(t.now.flags, l.colour)) > 0 {
			want, list = l.flags, &plain
		}
		switch {
		case t.gone:
			t.end(model.Result{Outcome: model.Lost})
		case len(want) == 0:
			t.end(model.Result{Outcome: model.Refused, Code: s.unkept(l), Ref: t.step.Ref})
		case len(missing(t.now.flags, want)) == 0:
			t.end(model.Result{Outcome: model.Done, Ref: t.step.Ref, Flags: want, Added: s.surelyOurs(t.step, m, want), Already: true})
		default:
			*list = append(*list, t)
		}
	}
	if err := s.markAll(plain, l.flags); err != nil {
		return err
	}
	return s.markAll(full, coloured)
}

// markAll writes flags to messages and answers for each.
func (s *Source) markAll(targets []target, flags []string) error {
	return halves(targets, func(part []target) error {
		err := s.store(uidsOf(part), flags)
		if a, no := asRefusal(err); no && s.bar(a, flags) {
			// What is left of the mark is better than nothing.
			return s.markRest(part, flags)
		}
		if err != nil {
			return err
		}
		return s.confirm(part, flags)
	}, "store-refused")
}

// confirm answers marked targets. The first time a flag is written to a mailbox
// it is read back: some servers say OK and drop it.
func (s *Source) confirm(targets []target, flags []string) error {
	unproven := slices.DeleteFunc(slices.Clone(flags), s.isProven)
	if len(unproven) > 0 && len(targets) > 1 {
		// One message tells what the mailbox does, unless it is gone or odd.
		if err := s.readBack(targets[:1], unproven, nil); err != nil {
			return err
		}
		unproven = slices.DeleteFunc(unproven, s.isProven)
	}
	now := map[uint32]state{}
	if len(unproven) > 0 {
		if err := s.readBack(targets, unproven, now); err != nil {
			return err
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
		if r.Outcome == model.Done {
			r.Added = missing(t.now.flags, r.Flags)
		}
		t.end(r)
	}
	return nil
}

func (s *Source) isProven(f string) bool {
	return f[0] == '\\' && model.Flags(s.sel.permanent).Has(f) || s.proven[s.sel.box.wire+" "+f]
}

// readBack notes which flags stuck.
func (s *Source) readBack(targets []target, flags []string, now map[uint32]state) error {
	return s.states("UID FETCH", formatSet(uidsOf(targets)), askFlags, func(one state) {
		if now != nil {
			now[one.uid] = one
		}
		for _, k := range flags {
			if one.flags.Has(k) {
				s.proven[s.sel.box.wire+" "+k] = true
			}
		}
	})
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
