package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"reflect"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"chancery/sync"
	"chancery/sync/journal"
)

func newRun() *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:   "run",
		Short: "follow every configured account until stopped",
		Long: `Follow every configured mailbox and calendar, apply the rules and keep going
through lost connections and restarts of the servers.

SIGTERM and SIGINT let the steps under way finish, then stop. SIGHUP and
"chancery reload" read the configuration again; if it has a problem, the old
rules go on and the log says why. Under systemd it reports READY, RELOADING,
STOPPING and feeds the watchdog (unit file: chancery unit).

The tests of the rules must pass: with one that fails the service does not
start, and a reload changes nothing. Lists, terms, matters and templates that
rule files name are read again when they change, within half a minute; changed
rule files wait for a reload.

The log names sources, rules and codes, never content. A code is explained by
"chancery status".

With --once it works until nothing is left to do, then stops: for a first try,
or for firms that prefer a timer to a daemon.`,
		Example: "  chancery run --config /etc/chancery\n  chancery run --once --timeout 10m",
		RunE: func(c *cobra.Command, _ []string) error {
			o.dir = configDir(c)
			return runDaemon(c.Context(), o)
		},
	}
	c.Flags().BoolVar(&o.once, "once", false, "stop when nothing is left to do")
	c.Flags().DurationVar(&o.timeout, "timeout", 0, "with --once: give up after this time (0: never)")
	c.Flags().StringVar(&o.logFormat, "log-format", "text", "text or json")
	c.Flags().StringVar(&o.logLevel, "log-level", "info", "debug, info, warn or error")
	c.Flags().BoolVar(&o.untested, "skip-tests", false, "do not run the tests of the rules")
	completeWords(c, "log-format", "text", "json")
	completeWords(c, "log-level", "debug", "info", "warn", "error")
	return c
}

type runOptions struct {
	dir                 string
	once                bool
	untested            bool
	timeout             time.Duration
	watchEvery          time.Duration // 0: the constant
	logFormat, logLevel string
}

// runDaemon is the life of the service.
func runDaemon(ctx context.Context, o runOptions) error {
	log, err := newLogger(os.Stderr, o.logFormat, o.logLevel)
	if err != nil {
		return err
	}
	l, err := loadToRun(o.dir, o.untested)
	if err != nil {
		return err
	}
	l.mention(log)
	j, err := openJournal(ctx, l.cfg, false)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	h := &house{o: o, log: log, journal: j, now: l, reloads: make(chan chan error)}
	return h.live(ctx)
}

// house is the running service: one engine, replaced when the accounts change.
type house struct {
	o       runOptions
	log     *slog.Logger
	journal *journal.Journal
	now     *loaded                     // owned by live
	engine  atomic.Pointer[sync.Engine] // read by the watchdog and the control socket
	reloads chan chan error             // requests from the control socket
	watch   *watch                      // of the files that rules name; owned by live
	gone    chan struct{}               // made by listen, closed when nobody takes requests any more
}

func (h *house) live(ctx context.Context) error {
	if err := h.journal.Note(ctx, "", "started", h.now.set.Version(), time.Now()); err != nil {
		return err
	}
	h.running()
	stopControl, err := h.listen()
	if err != nil {
		return err
	}
	defer stopControl()
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	look := time.NewTicker(cmp.Or(h.o.watchEvery, watchEvery))
	defer look.Stop()
	stopWatch := h.watchdog()
	defer stopWatch()
	stopping := h.stopping()
	defer stopping()
	// At the signal, not after the drain: systemd counts from there.
	defer context.AfterFunc(ctx, stopping)()
	for {
		again, err := h.term(ctx, hup, look.C)
		if err != nil || !again {
			return err
		}
	}
}

// term runs one engine until the service stops (again false) or the accounts
// changed (again true).
func (h *house) term(ctx context.Context, hup <-chan os.Signal, look <-chan time.Time) (again bool, err error) {
	engine, err := newEngine(h.now, h.journal, h.log, wiring{})
	if err != nil {
		return false, err
	}
	h.engine.Store(engine)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	rested := h.awaitRest(ctx)
	h.ready()
	for {
		select {
		case err := <-ended:
			return false, err
		case err := <-rested:
			stop()
			return false, firstError(err, <-ended)
		case <-hup:
			again, _ = h.reload(ctx)
		case reply := <-h.reloads:
			again, err = h.reload(ctx)
			reply <- firstError(err, h.now.left())
		case <-look:
			if changed := h.watch.look(); len(changed) > 0 {
				h.reloadFiles(ctx, changed)
			}
		}
		if again {
			stop()
			return true, <-ended
		}
	}
}

// awaitRest answers when --once has nothing left to do; nil without --once.
func (h *house) awaitRest(ctx context.Context) <-chan error {
	if !h.o.once {
		return nil
	}
	out := make(chan error, 1)
	go func() {
		if h.o.timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeoutCause(ctx, h.o.timeout, fmt.Errorf("still at work after %s", h.o.timeout))
			defer cancel()
		}
		if err := h.engine.Load().Rest(ctx); err != nil {
			out <- context.Cause(ctx)
			return
		}
		err := h.left(ctx)
		out <- firstError(failing(h.engine.Load().Status()), err)
	}()
	return out
}

// left says what --once leaves for later: what is not due, and what waits for a
// person.
func (h *house) left(ctx context.Context) error {
	held, err := h.journal.Held(ctx)
	if err != nil {
		return err
	}
	for _, s := range h.engine.Load().Status() {
		n, due, err := h.journal.PendingCount(ctx, s.Source)
		if err != nil {
			return err
		}
		if n > 0 {
			h.log.Info("steps left for later", "source", s.Source, "steps", n, "due_in", max(0, time.Until(due)).Round(time.Second).String())
		}
		for _, g := range held {
			if g.Source == s.Source {
				h.log.Warn("steps wait for approval", "source", s.Source, "steps", g.Steps)
			}
		}
	}
	return nil
}

// reload reads the configuration again. A configuration with a problem changes
// nothing. It reports whether the engine must be built anew.
func (h *house) reload(ctx context.Context) (rebuild bool, err error) {
	if ctx.Err() != nil {
		return false, errors.New("the service is stopping")
	}
	h.reloading()
	defer h.ready()
	next, err := loadToRun(h.o.dir, h.o.untested)
	if err == nil {
		rebuild, err = h.take(ctx, next)
	}
	if err != nil {
		return false, h.refused(ctx, err)
	}
	return rebuild, nil
}

// take puts a configuration in force that passed every check. It reports whether
// the engine must be built anew.
func (h *house) take(ctx context.Context, next *loaded) (rebuild bool, err error) {
	if !reflect.DeepEqual(next.cfg.Service.State, h.now.cfg.Service.State) {
		return false, withHint(errors.New("state: changed in chancery.yaml, and that needs a restart"), "systemctl restart chancery")
	}
	// What the files name may be missing: better found before the old one ends.
	if _, err = newEngine(next, h.journal, h.log, wiring{}); err != nil {
		return false, err
	}
	// What cannot be written down is not done.
	if err := h.journal.Note(ctx, "", "reloaded", next.set.Version(), time.Now()); err != nil {
		return false, err
	}
	rebuild = !reflect.DeepEqual(next.cfg.Service, h.now.cfg.Service)
	h.now = next
	if !rebuild {
		h.engine.Load().Reload(next.set)
	}
	h.running()
	h.log.Info("reloaded", "rules", short(next.set.Version()), "accounts_changed", rebuild)
	return rebuild, nil
}

// refused says that a reload changed nothing.
func (h *house) refused(ctx context.Context, err error) error {
	h.log.Error("reload refused, the old rules go on", "problems", err.Error())
	return firstError(err, h.journal.Note(ctx, "", "reload-refused", h.now.set.Version(), time.Now()))
}

// running keeps the rules in force beside the journal, and begins to watch the
// files they name. Neither is worth stopping for.
func (h *house) running() {
	if err := h.now.left(); err != nil {
		h.log.Warn("user files refused, what ran before goes on in their place, or nothing", "problems", err.Error())
	}
	if h.now.files == nil {
		return
	}
	h.watch = newWatch(os.DirFS(h.o.dir), h.now.files)
	if err := h.now.keepRunning(); err != nil {
		h.log.Warn("the running rules are not kept: plan --since compares with older ones", "error", err)
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// failing is an error if any source could not be read to the end.
func failing(status []sync.Status) error {
	var names []string
	for _, s := range status {
		if s.Code != "" {
			names = append(names, fmt.Sprintf("%s (%s: %s)", s.Source, s.State, s.Code))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("not everything was read: %s", strings.Join(names, ", "))
}
