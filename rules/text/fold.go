package text

import "strings"

// Fold returns the form of s in which words are compared.
func Fold(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }
