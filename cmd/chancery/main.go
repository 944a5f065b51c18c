// Command chancery follows the mailboxes and calendars of a legal leader's
// office and applies the firm's rules to them. It wires the rooms together and
// speaks with people; it decides nothing itself.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes: done, failed, wrong use; of test also: cannot be run.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	code := run(os.Args[1:])
	pdfs.Close()
	os.Exit(code)
}

// run is main without the exit, for the script tests.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errSilent):
		return exitOf(err)
	}
	printError(os.Stderr, err)
	return exitOf(err)
}

func exitOf(err error) int {
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[cannot](err); ok {
		return exitUsage
	}
	return exitFailed
}

// errSilent ends with exit 1 after everything has been said.
var errSilent = errors.New("failed")

// cannot is why a command could not even begin what it is for, where a failure has
// a meaning of its own.
type cannot struct{ error }

func (c cannot) Unwrap() error { return c.error }

// usageError is a mistake on the command line.
type usageError struct{ error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}
