package imap

import (
	"cmp"
	"context"
	"slices"

	"chancery/internal/model"
)

// run is what goes to the server together: the indexes of steps that do the same.
// Where messages get several keywords each, there is such a list for each mark,
// and all name the same messages in the same order.
type run [][]int

// runsOf divides steps into runs. Only the marks at the beginning are united: what
// files a message must not come before the marks that stand before it.
func runsOf(steps []model.Step) []run {
	marks := 0
	for marks < len(steps) && keywordsOnly(steps[marks]) && samePlace(steps[0], steps[marks]) {
		marks++
	}
	united, in := uniteMarks(steps[:marks])
	var single []int
	for i := range steps {
		if !in[i] {
			single = append(single, i)
		}
	}
	rest := make([]model.Step, len(single))
	for i, at := range single {
		rest[i] = steps[at]
	}
	var out, later []run
	for len(rest) > 0 {
		n := runLength(rest)
		if single[0] < marks {
			out = append(out, run{single[:n]})
		} else {
			later = append(later, run{single[:n]})
		}
		single, rest = single[n:], rest[n:]
	}
	return slices.Concat(out, united, later)
}

// uniteMarks finds the messages that get the same two or more marks, so that a
// server that writes a message's keywords into the name of a file renames it once.
// in tells which steps are part of it.
func uniteMarks(steps []model.Step) (united []run, in map[int]bool) {
	of := map[uint32][]int{}
	for i, s := range steps {
		of[s.Ref.UID] = append(of[s.Ref.UID], i)
	}
	var uids []uint32
	for uid, at := range of {
		if len(at) < 2 {
			continue
		}
		slices.SortFunc(at, func(a, b int) int { return cmp.Or(compareMarks(steps[a], steps[b]), cmp.Compare(a, b)) })
		if !slices.ContainsFunc(at[1:], func(i int) bool { return together(steps[at[0]], steps[i]) }) {
			uids = append(uids, uid)
		}
	}
	slices.SortFunc(uids, func(a, b uint32) int {
		byMarks := slices.CompareFunc(of[a], of[b], func(a, b int) int { return compareMarks(steps[a], steps[b]) })
		return cmp.Or(byMarks, cmp.Compare(a, b))
	})
	in = map[int]bool{}
	var first []int // the marks of the last run
	for _, uid := range uids {
		at := of[uid]
		alike := slices.EqualFunc(first, at, func(a, b int) bool { return compareMarks(steps[a], steps[b]) == 0 })
		if !alike || len(united[len(united)-1][0]) == maxSet {
			united, first = append(united, make(run, len(at))), at
		}
		last := united[len(united)-1]
		for k, i := range at {
			last[k], in[i] = append(last[k], i), true
		}
	}
	return united, in
}

func samePlace(a, b model.Step) bool {
	return a.Ref.Mailbox == b.Ref.Mailbox && a.Ref.UIDValidity == b.Ref.UIDValidity
}

// keywordsOnly reports whether a step writes nothing but keywords: of flags,
// colours and labels each is decided alone.
func keywordsOnly(s model.Step) bool {
	m, ok := s.Action.(model.Mark)
	return ok && m.Apple == "" && m.Gmail == "" && !m.Flagged && s.Ref.UID != 0
}

func compareMarks(a, b model.Step) int {
	x, y := a.Action.(model.Mark), b.Action.(model.Mark)
	return cmp.Or(cmp.Compare(x.Keyword, y.Keyword), cmp.Compare(x.Thunderbird, y.Thunderbird))
}

// applyRun carries out a run and writes the results to their places.
func (s *Source) applyRun(ctx context.Context, steps []model.Step, r run, results []model.Result) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	lists := make([][]model.Step, len(r))
	for k, at := range r {
		for _, i := range at {
			lists[k] = append(lists[k], steps[i])
		}
	}
	if len(r) > 1 && !s.o.ReadOnly {
		if err := s.markUnited(lists, r, results); err != nil {
			return err
		}
	}
	// What was not answered by that is tried mark by mark.
	for k, at := range r {
		var open []int
		var left []model.Step
		for j, i := range at {
			if results[i].Outcome == 0 {
				open, left = append(open, i), append(left, lists[k][j])
			}
		}
		if len(left) == 0 {
			continue
		}
		out, err := s.applyAlike(ctx, left)
		if err != nil {
			return err
		}
		for j, i := range open {
			results[i] = out[j]
		}
	}
	return nil
}

// markUnited adds the keywords of several marks to messages that have none of them
// yet, in one command, and answers those on which it wrote them all.
func (s *Source) markUnited(lists [][]model.Step, r run, results []model.Result) error {
	wants := make([][]string, len(lists))
	tried, err := s.onMessages(lists[0], func(there []target) error {
		var all []string
		for k, steps := range lists {
			l, err := s.keepable(steps[0].Action.(model.Mark))
			if err != nil || len(l.flags) == 0 {
				return err
			}
			wants[k], all = l.flags, append(all, missing(all, l.flags)...)
		}
		union := looks{flags: slices.Clone(all)}
		if err := s.ration(&union); err != nil || len(union.flags) < len(all) {
			return err
		}
		full, _, err := s.bare(there, all)
		if err != nil {
			return err
		}
		return s.markAll(full, all)
	})
	if err != nil {
		return err
	}
	for j, t := range tried {
		var before model.Flags // of two marks with one keyword the first added it
		for k, want := range wants {
			if t.Outcome != model.Done || len(missing(t.Flags, want)) > 0 {
				continue
			}
			step := lists[k][j]
			results[r[k][j]] = model.Result{ID: step.ID, Outcome: model.Done, Ref: step.Ref, Flags: want, Added: missing(before, want)}
			before = slices.Concat(before, want)
		}
	}
	return nil
}
