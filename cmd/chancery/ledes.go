package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"chancery/config"
	"chancery/rules"
	"chancery/rules/billing"
)

func newLedes() *cobra.Command {
	c := &cobra.Command{
		Use:   "ledes",
		Short: "check LEDES files before they are submitted",
		Long:  "What a billing desk does with LEDES files, without an account and without mail.",
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newLedesCheck())
	return c
}

// ledesOptions are the flags of "ledes check".
type ledesOptions struct {
	client, today     string
	json, strict, all bool
}

func newLedesCheck() *cobra.Command {
	var o ledesOptions
	c := &cobra.Command{
		Use:   "check FILE...",
		Short: "say what a portal would refuse in LEDES files",
		Long: `Read LEDES files (1998B, 98BI V2, XML 2.0 to 2.2) from end to end and say what
is wrong with them: structure, fields, dates, UTBMS codes, the arithmetic of
every line and invoice, what stands there twice. Invoices of clients for whom
the rule files have guidelines are held against these too. "-" is the standard
input. The file itself is not changed, and nothing is sent.

Each kind of problem is told once, with what to do and the first lines that have
it; --all prints every one in the order of the file. The size of a file does not
matter: a big one takes time, not memory.

This prints what stands in the files. Exit code 0 if they are good (warnings may
be printed), 1 if there are errors, 2 if a file cannot be read as LEDES.`,
		Example: "  chancery ledes check march.txt\n" +
			"  chancery ledes check --client C100 --strict *.txt\n" +
			"  chancery ledes check --json - < march.txt",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error { return ledesCheck(c, o, files) },
	}
	f := c.Flags()
	f.StringVar(&o.client, "client", "", "client whose guidelines are used (default: by CLIENT_ID)")
	f.StringVar(&o.today, "today", "", "YYYY-MM-DD: when files are submitted (default today)")
	f.BoolVar(&o.strict, "strict", false, "take warnings as errors")
	f.BoolVar(&o.all, "all", false, "print every problem, in the order of the file")
	f.BoolVar(&o.json, "json", false, "for programs: one object a file")
	complete(c, "client", guidelineClients)
	return c
}

// guidelineClients are the clients that guidelines are for, and their names.
func guidelineClients(cfg *config.Config) []string {
	var out []string
	for _, g := range cfg.Rules.Billing.Guidelines {
		out = append(out, g.Name.Value)
		for _, t := range g.Clients {
			out = append(out, t.Value)
		}
	}
	return out
}

// ledesCheck checks each file and says the worst of them.
func ledesCheck(c *cobra.Command, o ledesOptions, files []string) error {
	how := billing.LedesOptions{Client: o.client, Strict: o.strict}
	var err error
	if how.Today, err = ledesToday(o.today); err != nil {
		return err
	}
	if err = ledesGuidelines(c, o.client, &how); err != nil {
		return err
	}
	var report ledesReport = &ledesPage{w: c.OutOrStdout(), all: o.all}
	if o.json {
		report = &ledesObjects{w: c.OutOrStdout(), all: o.all}
	}
	// A file goes through memory; what it leaves behind is collected soon, which keeps a
	// big one below 64 MiB with all of the program.
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	wrong := false
	var unread error
	for _, name := range files {
		l, err := ledesFile(c, name, how, report)
		if err != nil {
			unread = cannot{fmt.Errorf("check %s: %w", name, err)}
			report.unread(name, err)
			if !o.json {
				printError(c.ErrOrStderr(), unread)
			}
			continue
		}
		wrong = wrong || l.Errors > 0
	}
	switch {
	case unread != nil:
		return cannot{errSilent}
	case wrong:
		return errSilent
	}
	return nil
}

func ledesToday(s string) (time.Time, error) {
	if s == "" {
		y, m, d := time.Now().Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), nil
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, withHint(usagef("%q is not a day", s), "write it like 2026-03-31")
	}
	return day, nil
}

// ledesGuidelines takes over those of the configuration, and whose matters are whose.
// Without one, which a billing desk need not have, there are none.
func ledesGuidelines(c *cobra.Command, client string, how *billing.LedesOptions) error {
	dir := configDir(c)
	if !c.Flags().Changed("config") {
		if _, err := os.ReadDir(dir); errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			if client != "" {
				return withHint(usagef("--client needs guidelines, and there is no configuration in %s", dir), "name it with --config DIR")
			}
			return nil
		}
	}
	if err := readable(dir); err != nil {
		return cannot{err}
	}
	cfg, problems := config.LoadDir(dir)
	if problems.Fatal() {
		return cannot{problems}
	}
	how.Guidelines, how.Whose = cfg.Rules.Billing.Guidelines, rules.Clients(&cfg.Rules)
	if client != "" && !knownClient(how.Guidelines, client) {
		hint := "the rule files have none; they are written below billing: guidelines:"
		if all := guidelineClients(cfg); len(all) > 0 {
			hint = "guidelines are for " + list(all[:min(len(all), 20)], "and")
		}
		return withHint(usagef("no guideline is for the client %q", client), hint)
	}
	return nil
}

// ledesReport prints what is found in files.
type ledesReport interface {
	begin(name string)
	problem(p billing.LedesProblem)
	end(l billing.Ledes)
	unread(name string, err error)
}

func ledesFile(c *cobra.Command, name string, how billing.LedesOptions, report ledesReport) (billing.Ledes, error) {
	var in io.Reader = c.InOrStdin()
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return billing.Ledes{}, unwrapPath(err)
		}
		defer func() { _ = f.Close() }()
		in, how.File = f, name
	}
	report.begin(name)
	l, err := billing.CheckLedes(in, how, report.problem)
	if err != nil {
		return l, unwrapPath(err)
	}
	report.end(l)
	return l, nil
}

// unwrapPath takes the path out of an error that will be told with the file's name.
func unwrapPath(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
