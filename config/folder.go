package config

import (
	"io/fs"
	"os"
	"syscall"
)

// Folder is the files below root. Symbolic links that lead out of it are refused,
// and no open waits: a named pipe in a folder that others write to must not stop
// who reads it. What is not a regular file shows in its Stat.
func Folder(root *os.Root) fs.FS { return opened{root.FS(), root} }

type opened struct {
	fs.FS
	root *os.Root
}

// Open is fs.FS.
func (f opened) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	file, err := f.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return file, nil
}

// ReadDir is fs.ReadDirFS.
func (f opened) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(f.FS, name) }

// Stat is fs.StatFS.
func (f opened) Stat(name string) (fs.FileInfo, error) { return fs.Stat(f.FS, name) }
