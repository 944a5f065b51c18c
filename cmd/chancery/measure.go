package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"chancery/config"
	"chancery/internal/mime"
	"chancery/internal/model"
	"chancery/rules"
)

func newMeasure() *cobra.Command {
	var o measureOptions
	c := &cobra.Command{
		Use:   "measure DIR...",
		Short: "count how often the mail rules are right on labelled messages",
		Long: `Ask the mail rules about every message file below the folders, as if all of them
acted, and compare with what people said of each message: how many are flagged
rightly, flagged wrongly and missed, with precision, recall and F1, in all, by
mark and by rule. Nothing is connected to and nothing is changed.

Labels come from one of

    folders named positive (or match) and negative (or no-match), on the way
        from DIR to the message
    --labels FILE.csv   lines "path,label", the path as seen from FILE.csv; a
                        label is yes or no (1 or 0, sensitive or not)
    --gold CODES        files beside the messages, N.cats beside N.txt, with
                        lines "n1,n2,count"; a message with one of the codes,
                        such as 3.10, is a positive

and without any of them it is only counted what is flagged. Choose with --mark
or --rule what counts as flagged: with billing rules in the set, a rightly
marked invoice would otherwise count as a mistake.

To tune on one half and judge on the other: --part 1/2, then --part 2/2.`,
		Example: "  chancery measure ~/samples --mark privileged --mark restricted\n" +
			"  chancery measure enron --gold 3.10,2.8,4.10 --mark privileged --misses",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.dirs = args
			return measure(c.OutOrStdout(), configDir(c), o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.labels, "labels", "", "CSV file with a path and a label a line")
	f.StringSliceVar(&o.gold, "gold", nil, "codes of .cats files that make a positive")
	f.StringArrayVar(&o.marks, "mark", nil, "count rules that set this mark; may be repeated")
	f.StringArrayVar(&o.rules, "rule", nil, "count this rule; may be repeated")
	f.StringVar(&o.folder, "folder", "INBOX", "mailbox they are taken to lie in")
	f.StringVar(&o.part, "part", "", "K/N: only the Kth of N parts, divided by file name")
	f.BoolVar(&o.misses, "misses", false, "list the wrong files; without labels, those flagged")
	f.BoolVar(&o.json, "json", false, "for programs")
	c.AddCommand(newMeasureBilling(pdfs.Read))
	return c
}

type measureOptions struct {
	dirs, gold, marks, rules []string
	labels, folder, part     string
	misses, json             bool
}

func measure(w io.Writer, dir string, o measureOptions) error {
	t, err := takeMeasure(dir, o)
	if err != nil {
		return err
	}
	if o.json {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(t)
	}
	t.print(w, o.misses)
	return nil
}

// takeMeasure asks the rules of dir about every sample.
func takeMeasure(dir string, o measureOptions) (*measurement, error) {
	j, err := newJudge(dir, o)
	if err != nil {
		return nil, err
	}
	samples, err := findSamples(o)
	if err != nil {
		return nil, err
	}
	t := newMeasurement(short(j.set.Version()))
	for _, s := range samples {
		raw, err := os.ReadFile(s.path)
		if err != nil {
			return nil, fmt.Errorf("read sample: %w", err)
		}
		t.add(s, j.flags(raw))
	}
	t.done()
	return t, nil
}

// judge asks the rules of a configuration as if all of them acted.
type judge struct {
	set    *rules.Set
	source model.SourceID
	folder model.Name
	marks  map[string][]string // by rule that counts
}

func newJudge(dir string, o measureOptions) (*judge, error) {
	l, err := load(dir)
	if err != nil {
		return nil, err
	}
	j := &judge{folder: model.Name(o.folder), marks: map[string][]string{}}
	for i := range l.cfg.Rules.Mail {
		r := &l.cfg.Rules.Mail[i]
		if r.Mode == config.Off {
			continue
		}
		r.Mode = config.Enforce
		marks := marksSet(*r)
		if counts(r.Name.Value, marks, o) {
			j.marks[r.Name.Value] = marks
		}
	}
	if len(j.marks) == 0 {
		return nil, withHint(fmt.Errorf("measure: no rule to count"), "--mark and --rule take the names that the rule files give")
	}
	for _, a := range l.cfg.Service.Accounts {
		if a.IMAP != nil {
			j.source = model.SourceID(a.Name.Value)
			break
		}
	}
	set, problems := rules.Compile(&l.cfg.Rules)
	if set == nil {
		return nil, problems
	}
	j.set = set
	return j, nil
}

// marksSet are the marks that a rule sets.
func marksSet(r config.MailRule) []string {
	var marks []string
	for _, t := range r.Then {
		if t.Mark != nil {
			marks = append(marks, t.Mark.Value)
		}
	}
	return marks
}

// counts reports whether what a rule flags is to be counted.
func counts(rule string, marks []string, o measureOptions) bool {
	if len(o.marks) == 0 && len(o.rules) == 0 {
		return true
	}
	return slices.Contains(o.rules, rule) || slices.ContainsFunc(marks, func(m string) bool { return slices.Contains(o.marks, m) })
}

// flags returns the rules that match a message, with the marks of each.
func (j *judge) flags(raw []byte) map[string][]string {
	mail := mime.ReadFor(raw, model.Need{Text: true, Files: true, FileText: j.set.Need().FileText, Invite: j.set.Need().Invite, Bills: j.set.Need().Bills}, pdfs.Read)
	ref := model.Ref{Source: j.source, Mailbox: j.folder, UIDValidity: 1, UID: 1}
	msg := &model.Message{Ref: ref, Ident: "sample", Arrived: mail.Date, Size: int64(len(raw)), Body: model.Hide(mail)}
	out := map[string][]string{}
	for _, v := range j.set.Explain(model.Change{Op: model.Put, Ref: ref, Ident: msg.Ident, Message: msg}, model.View{Now: mail.Date.Add(time.Hour)}) {
		if marks, ok := j.marks[v.Rule]; ok && v.Matched && v.Outcome == "acts" {
			out[v.Rule] = marks
		}
	}
	return out
}
