// Package deploy carries the files that a package puts on a system, so that the
// binary can print the very unit file it is tested with. It does nothing itself.
package deploy

import _ "embed"

// Unit is the hardened systemd unit.
//
//go:embed chancery.service
var Unit string

// PDFSocket is the unit of the socket behind which PDF files are read.
//
//go:embed chancery-pdf.socket
var PDFSocket string

// PDFService is the hardened unit that reads them.
//
//go:embed chancery-pdf.service
var PDFService string
