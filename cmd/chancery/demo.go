package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"chancery/internal/demo"
	"chancery/sync/journal"
)

func newDemo() *cobra.Command {
	var keep bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "watch the whole service work on an invented law office",
		Long: `Play a small law office inside this process: an IMAP server and a CalDAV server
on random ports of this machine alone, two leaders, their assistant, some sixty
mails, a dozen bills and forty appointments of our own writing. Then write a
configuration with the shipped rules, switched from observe to enforce, run the
real service on it until nothing is left to do, and print what each person would
see, and why. A remittance comes last, so that you see a due date go.

At the end it counts: every message must be there as it came, octet for octet,
and every appointment; else the exit code is 1. Nothing is installed, nothing is
left behind, no other host is contacted.

With --keep the office stays open until Ctrl-C, so that you can look at it with
a mail or calendar program, and undo, move and delete what you like.`,
		Example: "  chancery demo\n  chancery demo --keep",
		RunE: func(c *cobra.Command, _ []string) error {
			return runDemo(c.Context(), c.OutOrStdout(), c.ErrOrStderr(), keep)
		},
	}
	c.Flags().BoolVar(&keep, "keep", false, "leave the servers up, and keep following, until Ctrl-C")
	return c
}

// demoTime is how long the office may take; it takes a few seconds.
const demoTime = 2 * time.Minute

// runDemo is the demonstration from the first mail to the last line.
func runDemo(ctx context.Context, out, progress io.Writer, keep bool) (err error) {
	// The service takes SIGHUP for "reload"; here it means a closed terminal.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	began := time.Now()
	office, err := demo.Open(began)
	if err != nil {
		return err
	}
	defer office.Close()
	dir, err := os.MkdirTemp("", "chancery-demo-")
	if err != nil {
		return fmt.Errorf("make demo folder: %w", err)
	}
	defer func() { err = firstError(err, os.RemoveAll(dir)) }()
	if err := office.Configure(dir); err != nil {
		return err
	}
	s, err := openStage(ctx, dir, keep)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, s.close()) }()
	before, due, err := s.play(ctx, office, progress)
	if err != nil {
		return err
	}
	r, err := s.report(ctx, office, before, due, time.Since(began))
	if err != nil {
		return err
	}
	r.print(newPage(out))
	if keep {
		err = s.keepOpen(ctx, office, newPage(out))
	}
	return firstError(err, r.verify())
}

// stage is the service at work on the office.
type stage struct {
	dir     string
	house   *house
	journal *journal.Journal
	stop    context.CancelFunc
	ended   chan error
}

// openStage loads the configuration like any other and starts the service.
func openStage(ctx context.Context, dir string, keep bool) (*stage, error) {
	l, err := loadToRun(dir, false)
	if err != nil {
		return nil, err
	}
	j, err := openJournal(ctx, l.cfg, false)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	if keep {
		// The screen is for the report; the log lies beside the configuration.
		file, err := os.Create(filepath.Join(dir, "chancery.log"))
		if err != nil {
			_ = j.Close()
			return nil, fmt.Errorf("make demo log: %w", err)
		}
		context.AfterFunc(ctx, func() { _ = file.Close() })
		log = slog.New(slog.NewTextHandler(file, nil))
	}
	if err := begunBefore(ctx, j); err != nil {
		_ = j.Close()
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	s := &stage{
		dir: dir, journal: j, stop: stop, ended: make(chan error, 1),
		house: &house{o: runOptions{dir: dir}, log: log, journal: j, now: l, reloads: make(chan chan error)},
	}
	go func() { s.ended <- s.house.live(ctx) }()
	return s, nil
}

func (s *stage) close() error {
	s.stop()
	err := <-s.ended
	return firstError(err, s.journal.Close())
}

// untilRest waits until the service has nothing left to do, and shows how far
// it is.
func (s *stage) untilRest(ctx context.Context, office *demo.Office, w io.Writer) error {
	ctx, cancel := context.WithTimeoutCause(ctx, demoTime, fmt.Errorf("the office is still at work after %s", demoTime))
	defer cancel()
	bar := newProgress(w, len(office.Letters)+len(office.Appointments))
	defer bar.end()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var rested chan error
	for {
		select {
		case err := <-rested:
			if err != nil {
				return context.Cause(ctx)
			}
			bar.show(s.house.engine.Load().Status())
			return nil
		case err := <-s.ended:
			s.ended <- err
			return firstError(err, errors.New("the service ended early"))
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
			engine := s.house.engine.Load()
			if engine == nil {
				continue
			}
			if rested == nil {
				rested = make(chan error, 1)
				go func() { rested <- engine.Rest(ctx) }()
			}
			bar.show(engine.Status())
		}
	}
}
