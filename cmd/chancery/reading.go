package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"chancery/config"
)

// reading is the configuration folder while it is read: it notes which files were
// asked for and what they looked like, so that a later look can tell whether they
// changed since, and, if it must, what they said. Symbolic links that lead out of
// the folder are refused.
type reading struct {
	root  *os.Root
	rules fs.FS // where rule files are read instead; nil: from root
	keep  bool
	aside map[string]fs.FS // where user files are read that were set aside; nil: nowhere
	read  map[string]*file
}

// file is one file as it was read.
type file struct {
	looks looks
	text  *bytes.Buffer // nil unless it is kept
	asked bool          // only its being there was looked at
}

// looks is what tells two states of a file apart without reading it.
type looks struct {
	size  int64
	time  time.Time
	inode uint64
}

func looksOf(info fs.FileInfo) looks {
	out := looks{size: info.Size(), time: info.ModTime()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		out.inode = st.Ino
	}
	return out
}

// openFolder opens a configuration folder; keep keeps what is read.
func openFolder(dir string, keep bool) (*reading, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open configuration folder: %w", err)
	}
	return &reading{root: root, keep: keep, read: map[string]*file{}}, nil
}

func (r *reading) close() { _ = r.root.Close() }

// from is the folder in which a name is looked for.
func (r *reading) from(name string) fs.FS {
	if other := r.aside[name]; other != nil {
		return other
	}
	if r.rules != nil && (isRuleFile(name) || name == "rules.d" || name == "users.d") {
		return r.rules
	}
	return config.Folder(r.root)
}

// Open is fs.FS.
func (r *reading) Open(name string) (fs.File, error) {
	if r.hidden(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	// A pipe that nobody writes to would never be open, and hold up the service.
	if info, err := fs.Stat(r.from(name), name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return unopened{info}, nil // config says what is wrong with it
	}
	f, err := r.from(name).Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return f, nil // config says what is wrong with it
	}
	noted := &file{looks: looksOf(info)}
	r.read[name] = noted
	if !r.keep {
		return f, nil
	}
	noted.text = &bytes.Buffer{}
	return kept{f, noted.text}, nil
}

// unopened is a pipe, a device or a socket that stands where a file should.
type unopened struct{ info fs.FileInfo }

func (u unopened) Stat() (fs.FileInfo, error) { return u.info, nil }
func (u unopened) Read([]byte) (int, error)   { return 0, fs.ErrInvalid }
func (u unopened) Close() error               { return nil }

// ReadDir is fs.ReadDirFS.
func (r *reading) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(r.from(name), name)
	return r.shown(name, list), err
}

// Stat is fs.StatFS: the mails of tests are looked at in this way.
func (r *reading) Stat(name string) (fs.FileInfo, error) {
	info, err := fs.Stat(r.from(name), name)
	if err == nil && r.read[name] == nil {
		r.read[name] = &file{looks: looksOf(info), asked: true}
	}
	return info, err
}

// kept is a file of which every octet read is kept.
type kept struct {
	fs.File
	text *bytes.Buffer
}

func (k kept) Read(p []byte) (int, error) {
	n, err := k.File.Read(p)
	k.text.Write(p[:n])
	return n, err
}

// forget drops what the files said.
func (r *reading) forget() {
	for _, f := range r.read {
		f.text = nil
	}
}

// isRuleFile reports whether a file holds rules or accounts, and not what rules
// name: it is taken at a reload only.
func isRuleFile(name string) bool {
	folder, _ := path.Split(name)
	return name == "chancery.yaml" || (folder == "rules.d/" || folder == "users.d/") && strings.HasSuffix(name, ".yaml")
}

// named are the files that rule files name: lists, terms, matters, templates.
func (r *reading) named() []string {
	var out []string
	for name, f := range r.read {
		if !f.asked && !isRuleFile(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
