package sync

import (
	"context"

	"chancery/connectors"
)

// ahead reads the next batch while the one before is decided and written down,
// and the one after that while the results of steps are written down. The
// connection still does one thing at a time: whoever needs it waits for the read
// first.
type ahead []*reading // at most two, in the order of the batches

// reading is one batch on its way.
type reading struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when the rest is there
	batch  connectors.Batch
	err    error
}

// begin reads what follows since.
func (a *ahead) begin(ctx context.Context, src connectors.Source, since connectors.Cursor) {
	ctx, cancel := context.WithCancel(ctx)
	r := &reading{cancel: cancel, done: make(chan struct{})}
	*a = append(*a, r)
	go func() {
		defer close(r.done)
		r.batch, r.err = src.Pull(ctx, since)
	}()
}

// rest waits until the connection is free.
func (a ahead) rest() {
	for _, r := range a {
		<-r.done
	}
}

// extend begins the batch after the one that was read ahead, if there is one.
func (a *ahead) extend(ctx context.Context, src connectors.Source) {
	if len(*a) != 1 {
		return
	}
	a.rest()
	if r := (*a)[0]; r.err == nil && r.batch.More {
		a.begin(ctx, src, r.batch.Next)
	}
}

// take returns what was read; ok is false if nothing was begun.
func (a *ahead) take() (b connectors.Batch, err error, ok bool) {
	if len(*a) == 0 {
		return b, nil, false
	}
	r := (*a)[0]
	*a = (*a)[1:]
	<-r.done
	r.cancel()
	return r.batch, r.err, true
}

// drop gives up what is being read and waits for its end.
func (a *ahead) drop() {
	for _, r := range *a {
		r.cancel()
		<-r.done
	}
	*a = nil
}
