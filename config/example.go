package config

import (
	"embed"
	"io/fs"
)

//go:embed example
var example embed.FS

// Example returns the starter configuration that init writes: a folder that
// loads without a problem and waits for addresses and logins.
func Example() fs.FS {
	sub, err := fs.Sub(example, "example")
	if err != nil {
		return example // not reached: the path is a constant
	}
	return sub
}
