package connectors

import (
	"errors"
	"fmt"
	"time"
)

// ErrCursorExpired says that the server no longer knows the cursor.
var ErrCursorExpired = errors.New("cursor expired")

// Class says what a failed call means for the source. Anything that is not an
// *Error counts as Network.
type Class int

const (
	Network   Class = iota // reconnect with back-off
	Throttled              // the server asks to wait: RetryAfter, else back-off
	Auth                   // credentials refused: stop hammering, tell a person
	Protocol               // the server answered what no reader can understand
	Config                 // the configuration asks for what is not there, e.g. a mailbox
)

func (c Class) String() string {
	switch c {
	case Network:
		return "network"
	case Throttled:
		return "throttled"
	case Auth:
		return "auth"
	case Protocol:
		return "protocol"
	case Config:
		return "config"
	}
	return "unknown"
}

// Error is a failed call. Code is stable and safe to log; Err may quote the
// server and is shown only on the console of an administrator.
type Error struct {
	Class      Class
	Code       string // e.g. "dial", "tls", "login", "bye", "line-too-long"
	RetryAfter time.Duration
	Err        error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("%s: %s", e.Class, e.Code)
	}
	return fmt.Sprintf("%s: %s: %v", e.Class, e.Code, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Classify returns the class and the code of any error of a Source, both safe to
// log.
func Classify(err error) (Class, string) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class, e.Code
	}
	return Network, "connection"
}
