package connectors

import (
	"context"

	"chancery/internal/model"
)

// Cursor is a position in the history of a source, opaque to everyone but its
// connector. The empty Cursor stands before everything. It may hold mailbox
// names: the journal seals it, and it prints as redacted.
type Cursor = model.Name

// Batch is one slice of changes.
type Batch struct {
	Changes []model.Change
	Next    Cursor // position after Changes; store it last
	More    bool   // call Pull again at once
	// Whole says that Changes and the batches before it since Pull("") list the
	// source completely: what is not in them no longer exists. Calendars only.
	Whole bool
	// Messages is how many messages each mailbox named in Changes holds, and in a
	// Batch without More each that is followed, as far as the connector knows. Mail
	// only.
	Messages map[model.Name]int
}

// Source follows the mailboxes of one IMAP account, or one calendar.
type Source interface {
	// Pull returns what changed after since, bounded in number and size. An empty
	// Batch with More unset means that nothing changed. ErrCursorExpired means
	// that the server forgot since: start again from "".
	Pull(ctx context.Context, since Cursor) (Batch, error)
	// Wait returns nil when the source may have news, or ctx.Err(). The Source
	// stays usable after a cancelled Wait.
	Wait(ctx context.Context) error
	// Apply carries out steps in order and answers each. It returns fewer Results
	// than steps only together with an error: the rest is then unknown. A step with
	// Again may have had its effect before: that is looked for, not repeated.
	Apply(ctx context.Context, steps []model.Step) ([]model.Result, error)
	// Close may be called at any time, also while another method runs.
	Close() error
}

// Sign proves that an object is ours: it returns the same short ASCII token for
// the same parts on every machine that shares the install key, and nobody
// without the key can make one.
type Sign func(parts ...string) string
