// Package billing reads the facts of billing mail: invoice numbers, money,
// dates, terms and LEDES files, each with the place it was found in.
//
// It never decides what happens with a mail, never trusts a file name or a
// claimed media type, never computes with floating point, and does no I/O.
package billing
