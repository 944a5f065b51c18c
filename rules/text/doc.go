// Package text tells who wrote which part of a message: the new words of the
// sender, what is quoted or forwarded, the signature, and the boilerplate that
// the mail system adds. It also turns HTML to text and folds text to the form in
// which words are compared.
//
// It never decides what a mail means, never reads headers, does no I/O, and
// keeps nothing between calls.
package text
