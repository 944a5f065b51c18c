package main

import (
	"io"
	"log/slog"
	"os"
)

// newLogger writes refs and codes; content cannot be logged (model.Private).
func newLogger(w io.Writer, format, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, withHint(usagef("unknown log level %q", level), "one of: debug, info, warn, error")
	}
	o := &slog.HandlerOptions{Level: l}
	if os.Getenv("JOURNAL_STREAM") != "" {
		// The system's journal writes the time itself.
		o.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}
	}
	switch format {
	case "text":
		return slog.New(advised{slog.NewTextHandler(w, o)}), nil
	case "json":
		return slog.New(advised{slog.NewJSONHandler(w, o)}), nil
	}
	return nil, withHint(usagef("unknown log format %q", format), "one of: text, json")
}
