package journal

import "errors"

var (
	// ErrFenced: another owner claimed the source since. The caller stops working
	// on the source.
	ErrFenced = errors.New("another owner claimed the source")
	// ErrNotPending: a step to be sent was superseded or ended meanwhile. Nothing
	// was marked; the caller reads Pending again.
	ErrNotPending = errors.New("a step is no longer pending")
	// ErrNewer: a newer version of the program wrote the journal.
	ErrNewer = errors.New("the journal has a newer schema than this program")
	// ErrOlder: a read-only journal cannot be migrated.
	ErrOlder = errors.New("the journal has an older schema: start the service once")
	// ErrKey: the install key is not the one the journal was made with.
	ErrKey = errors.New("the install key does not fit this journal")
	// ErrLocked: another process writes to this SQLite journal.
	ErrLocked = errors.New("another process holds the journal")
	// ErrReadOnly: the journal was opened to be read.
	ErrReadOnly = errors.New("the journal is open read-only")
	// ErrSealed: a sealed value does not open. It was changed or moved.
	ErrSealed = errors.New("a sealed value does not open")
	// ErrChain: the end of the audit chain is missing or was not written with the
	// install key. Nothing is written after it; Verify names the place.
	ErrChain = errors.New("the audit chain is broken at its end")
	// ErrUnsupported: the engine has its own tools for this.
	ErrUnsupported = errors.New("not supported by this engine")
)
