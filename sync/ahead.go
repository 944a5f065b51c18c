package sync

import (
	"context"

	"chancery/connectors"
)

// ahead reads the next batch while the one before is decided and written down.
// The connection still does one thing at a time: whoever needs it waits for the
// read first.
type ahead struct {
	src    connectors.Source
	cancel context.CancelFunc
	done   chan struct{} // nil: nothing is being read
	batch  connectors.Batch
	err    error
}

// begin reads what follows since.
func (a *ahead) begin(ctx context.Context, src connectors.Source, since connectors.Cursor) {
	ctx, a.cancel = context.WithCancel(ctx)
	a.src, a.done = src, make(chan struct{})
	go func() {
		defer close(a.done)
		a.batch, a.err = src.Pull(ctx, since)
	}()
}

// rest waits until the connection is free.
func (a *ahead) rest() {
	if a.done != nil {
		<-a.done
	}
}

// take returns what was read; ok is false if nothing was begun.
func (a *ahead) take() (b connectors.Batch, err error, ok bool) {
	if a.done == nil {
		return b, nil, false
	}
	a.rest()
	b, err = a.batch, a.err
	a.drop()
	return b, err, true
}

// drop gives up what is being read and waits for its end.
func (a *ahead) drop() {
	if a.done == nil {
		return
	}
	select {
	case <-a.done:
	default:
		a.cancel()
		<-a.done
	}
	a.cancel()
	*a = ahead{}
}
