// Package pdf reads the text layer of PDFs, and the files attached to them, in a
// process of its own that can do nothing else.
//
// The parser is PDFium compiled to WebAssembly: it sees a memory of its own and the
// octets of one file, and nothing besides. It runs in a child of this process that
// has no environment, opens no file, makes no connection and starts no program. Every
// file gets a fresh instance of the parser, so none can leave anything behind for the
// next. The parent speaks with the child in frames that are bounded both ways, holds
// no WebAssembly itself, and ends a child that takes too long; what was read until
// then is kept.
//
// The package never renders a page, runs no script, follows no link, fills no form,
// asks for no password and recognises no letters in pictures. What a child answers is
// as untrusted as the file it was given.
package pdf

import "time"

// Limits on one PDF. The codes are those of filetext.Codes.
const (
	MaxFile  = 20 << 20 // octets of a PDF: "size"
	MaxPages = 50       // pages that are read: "cut"
	MaxTime  = 10 * time.Second

	MaxMemory = 192 << 20 // octets that the parser may hold: "pdf-memory"
	MaxInside = 10        // attached files that are kept: "limit"
	MaxMember = 4 << 20   // octets of an attached file: "limit"

	maxMembers = 8 << 20 // octets of all attached files of a PDF: "limit"
	maxLook    = 100     // attached files that are looked at
	maxName    = 255     // octets of the name of an attached file
	maxChars   = 200_000 // characters of one page, with those that are blank: "limit"
	startTime  = 60 * time.Second
	pauseTime  = time.Minute
	warmTime   = 5 * time.Minute
)
