package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// measurement is the result of measure, as --json prints it.
type measurement struct {
	RuleSet   string      `json:"rule_set"`
	Messages  int         `json:"messages"`
	Labeled   int         `json:"labeled"`
	Positives int         `json:"positives"`
	Total     confusion   `json:"total"`
	Marks     []confusion `json:"marks"`
	Rules     []confusion `json:"rules"`
	Wrong     []wrong     `json:"wrong"`
	Flagged   []wrong     `json:"flagged,omitempty"` // of messages without a label

	marks, rules map[string]*confusion
}

// confusion counts one rule, one mark or all of them together. Right, Wrong and
// Missed are the true positives, false positives and false negatives. What a
// single rule missed is not its fault: the rules share the work.
type confusion struct {
	Name      string  `json:"name,omitempty"`
	Flagged   int     `json:"flagged"`
	Right     int     `json:"right"`
	Wrong     int     `json:"wrong"`
	Missed    int     `json:"missed"`
	Quiet     int     `json:"rightly_quiet"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// wrong is one message that rules and people see differently.
type wrong struct {
	Path   string   `json:"path"`
	Missed bool     `json:"missed"` // else it was flagged wrongly
	Rules  []string `json:"rules"`
}

func newMeasurement(version string) *measurement {
	return &measurement{RuleSet: version, Wrong: []wrong{}, marks: map[string]*confusion{}, rules: map[string]*confusion{}}
}

// add counts one sample that the given rules flag.
func (t *measurement) add(s sample, flags map[string][]string) {
	t.Messages++
	if s.labeled {
		t.Labeled++
	}
	if s.label {
		t.Positives++
	}
	t.Total.count(len(flags) > 0, s)
	marks := map[string]bool{}
	for rule, ms := range flags {
		one(t.rules, rule).count(true, s)
		for _, m := range ms {
			marks[m] = true
		}
	}
	for m := range marks {
		one(t.marks, m).count(true, s)
	}
	switch hit := len(flags) > 0; {
	case s.labeled && hit != s.label:
		t.Wrong = append(t.Wrong, wrong{s.path, s.label, slices.Sorted(maps.Keys(flags))})
	case !s.labeled && hit:
		t.Flagged = append(t.Flagged, wrong{s.path, false, slices.Sorted(maps.Keys(flags))})
	}
}

func one(of map[string]*confusion, name string) *confusion {
	if of[name] == nil {
		of[name] = &confusion{Name: name}
	}
	return of[name]
}

func (c *confusion) count(hit bool, s sample) {
	if hit {
		c.Flagged++
	}
	switch {
	case !s.labeled:
	case hit && s.label:
		c.Right++
	case hit:
		c.Wrong++
	case s.label:
		c.Missed++
	default:
		c.Quiet++
	}
}

// done works out the ratios.
func (t *measurement) done() {
	t.Marks, t.Rules = t.list(t.marks), t.list(t.rules)
	t.Total.ratios()
}

func (t *measurement) list(of map[string]*confusion) []confusion {
	out := []confusion{}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		c := *of[name]
		c.Missed = t.Positives - c.Right
		c.Quiet = t.Labeled - t.Positives - c.Wrong
		c.ratios()
		out = append(out, c)
	}
	return out
}

func (c *confusion) ratios() {
	c.Precision = float64(c.Right) / float64(max(c.Right+c.Wrong, 1))
	c.Recall = float64(c.Right) / float64(max(c.Right+c.Missed, 1))
	c.F1 = 2 * float64(c.Right) / float64(max(2*c.Right+c.Wrong+c.Missed, 1))
}

func (t *measurement) print(w io.Writer, misses bool) {
	_, _ = fmt.Fprintf(w, "rule set %s: %s, %d labeled, %d of them positive\n", t.RuleSet, plural(t.Messages, "message"), t.Labeled, t.Positives)
	if t.Labeled == 0 {
		_, _ = fmt.Fprintf(w, "%d flagged\n", t.Total.Flagged)
		if t.Total.Flagged > 0 {
			t.flagged(w)
		}
		if misses {
			listFiles(w, "flagged", t.Flagged)
		}
		return
	}
	_, _ = fmt.Fprintf(w, "\n                 positive  negative\nflagged          %8d  %8d\nnot flagged      %8d  %8d\n",
		t.Total.Right, t.Total.Wrong, t.Total.Missed, t.Total.Quiet)
	all := newTable("", "flagged", "right", "wrong", "precision", "recall", "F1")
	put := func(kind string, c confusion) {
		all.row(kind+c.Name, number(c.Flagged), number(c.Right), number(c.Wrong), ratio(c.Precision), ratio(c.Recall), ratio(c.F1))
	}
	put("all", t.Total)
	for _, c := range t.Marks {
		put("mark ", c)
	}
	for _, c := range t.Rules {
		put("rule ", c)
	}
	all.print(w)
	if !misses {
		return
	}
	var added, missed []wrong
	for _, x := range t.Wrong {
		if x.Missed {
			missed = append(missed, x)
		} else {
			added = append(added, x)
		}
	}
	listFiles(w, "flagged wrongly", added)
	listFiles(w, "missed", missed)
}

// listFiles names files and the rules that flag them.
func listFiles(w io.Writer, heading string, files []wrong) {
	_, _ = fmt.Fprintf(w, "\n%s\n", heading)
	for _, x := range files {
		_, _ = fmt.Fprintln(w, "    "+strings.TrimSpace(x.Path+"  "+strings.Join(x.Rules, ", ")))
	}
}

// flagged is the table without labels.
func (t *measurement) flagged(w io.Writer) {
	all := newTable("", "flagged")
	for _, c := range t.Marks {
		all.row("mark "+c.Name, number(c.Flagged))
	}
	for _, c := range t.Rules {
		all.row("rule "+c.Name, number(c.Flagged))
	}
	all.print(w)
}

func ratio(f float64) string { return fmt.Sprintf("%.2f", f) }
