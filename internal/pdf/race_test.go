//go:build race

package pdf

// raced says that the race detector makes children ten times as slow and as large:
// what the parser does to files is tested without it.
const raced = true
