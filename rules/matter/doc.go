// Package matter finds the matters of a client list in text. A number counts
// only if it stands in the list, as a whole word and as written: 12345.001 is
// not in 112345.0012, and 300.1 is not 300.10. Cost does not grow with the
// length of the list: the text is cut into tokens and each is looked up once.
//
// It never reads a number as a decimal, never repairs one, and never guesses
// between two matters.
package matter
