package model

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
)

// redacted is what content looks like to every printer.
const redacted = "[redacted]"

// Private carries content (a subject, a body, a title) that no printer, logger
// or encoder can show. Only Reveal reads it. The value stands behind a pointer
// because fmt reads unexported struct fields by reflection and would bypass the
// methods below.
type Private[T any] struct{ v *T }

// Hide wraps v.
func Hide[T any](v T) Private[T] { return Private[T]{&v} }

// Reveal returns the content; the zero T when there is none.
func (p Private[T]) Reveal() T {
	if p.v == nil {
		var zero T
		return zero
	}
	return *p.v
}

// Present reports whether there is content.
func (p Private[T]) Present() bool { return p.v != nil }

func (Private[T]) Format(f fmt.State, _ rune)   { _, _ = f.Write([]byte(redacted)) }
func (Private[T]) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (Private[T]) MarshalText() ([]byte, error) { return []byte(redacted), nil }
func (Private[T]) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// Name is a comparable piece of content: a mailbox name, a path on a server, an
// identity. It converts to string only on purpose. Use it in exported fields
// only: fmt does not call the methods of an unexported field, nor encoding/json
// those of a map key.
type Name string

func (Name) Format(f fmt.State, _ rune)   { _, _ = f.Write([]byte(redacted)) }
func (Name) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (Name) MarshalText() ([]byte, error) { return []byte(redacted), nil }

var (
	_ fmt.Formatter          = Private[string]{}
	_ slog.LogValuer         = Private[string]{}
	_ json.Marshaler         = Private[string]{}
	_ encoding.TextMarshaler = Name("")
)
