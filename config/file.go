package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"go.yaml.in/yaml/v4"
)

// file is one file while it is read: its lines, and where its problems
// go.
type file struct {
	name    string
	whole   string
	starts  []int // octet offset of each line
	out     *problems
	rule    string              // name of the rule being read, for its problems
	refused map[*yaml.Node]bool // values already told about; nothing more to say of them
}

func (f *file) at(n *yaml.Node) Pos { return Pos{f.name, n.Line, n.Column} }

func (f *file) fail(p Pos, problem, hint string) {
	f.out.add(Error{Pos: p, Rule: f.rule, Problem: problem, Hint: hint})
}

func (f *file) warn(p Pos, problem, hint string) {
	f.out.add(Error{Pos: p, Rule: f.rule, Problem: problem, Hint: hint, Warning: true})
}

// line returns line n (from 1) without its end, "" outside the file.
func (f *file) line(n int) string {
	if n < 1 || n > len(f.starts) {
		return ""
	}
	end := len(f.whole)
	if n < len(f.starts) {
		end = f.starts[n] - 1
	}
	return strings.TrimSuffix(f.whole[f.starts[n-1]:end], "\r")
}

// pos turns an octet offset into a place.
func (f *file) pos(line, octets int) Pos {
	text := f.line(line)
	octets = max(0, min(octets, len(text)))
	return Pos{f.name, line, utf8.RuneCountInString(text[:octets]) + 1}
}

// open reads a file of the configuration folder. from is where its name was
// written; the zero Pos stands for the file itself.
func (l *loader) open(name string, limit int64, from Pos, rule string) *file {
	if f, ok := l.files[name]; ok {
		return f
	}
	tell := func(problem, hint string) {
		p := from
		if p.File == "" {
			p = Pos{name, 1, 1}
		}
		l.out.add(Error{Pos: p, Rule: rule, Problem: problem, Hint: hint})
	}
	l.files[name] = nil
	text, err := readCapped(l.fsys, name, limit)
	switch {
	case errors.Is(err, errTooLarge):
		tell(fmt.Sprintf("file %s is larger than %s", name, octets(limit)), "split it, or look whether it is the right file")
		return nil
	case errors.Is(err, fs.ErrNotExist):
		hint := "paths are relative to the folder of chancery.yaml"
		if from.File == "" {
			hint = "chancery init DIR writes a starter configuration"
		}
		tell(fmt.Sprintf("file %s does not exist", name), hint)
		return nil
	case errors.Is(err, fs.ErrPermission):
		tell(fmt.Sprintf("file %s may not be read", name), "the user that chancery runs as needs read access")
		return nil
	case err != nil:
		tell(fmt.Sprintf("file %s cannot be read", name), "it must be a regular file inside the configuration folder")
		return nil
	}
	fmt.Fprintf(l.sum, "%d:%s%d:", len(name), name, len(text))
	l.sum.Write(text)
	// Nobody writes to text any more; a matter list is too large to be there twice.
	f := &file{name: name, whole: unsafe.String(unsafe.SliceData(text), len(text)), out: l.out, refused: map[*yaml.Node]bool{}}
	f.whole = strings.TrimPrefix(f.whole, "\ufeff")
	f.starts = append(make([]int, 0, strings.Count(f.whole, "\n")+1), 0)
	for i := range len(f.whole) {
		if f.whole[i] == '\n' {
			f.starts = append(f.starts, i+1)
		}
	}
	if !f.clean() {
		return nil
	}
	l.files[name] = f
	return f
}

var errTooLarge = errors.New("too large")

func readCapped(fsys fs.FS, name string, limit int64) ([]byte, error) {
	r, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	if info.Size() > limit {
		return nil, errTooLarge
	}
	var b bytes.Buffer
	b.Grow(int(info.Size()) + bytes.MinRead) // it may still grow while it is read
	if _, err := b.ReadFrom(io.LimitReader(r, limit+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > limit {
		return nil, errTooLarge
	}
	return b.Bytes(), nil
}

// clean refuses what editors do not show: such a character makes a rule that
// reads one way and works another.
func (f *file) clean() bool {
	ok := true
	for n := 1; n <= len(f.starts); n++ {
		text := f.line(n)
		for i, r := range text {
			if r == utf8.RuneError {
				if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
					f.fail(f.pos(n, i), "the file is not UTF-8", "save it as UTF-8; in Excel choose \"CSV UTF-8\"")
					return false
				}
			}
			if r == '\t' || r < 0x80 && r >= ' ' && r != 0x7f || r >= 0x80 && !hidden(r) {
				continue
			}
			f.fail(f.pos(n, i), fmt.Sprintf("character U+%04X does not belong in a configuration file", r), charHint(r))
			ok = false
			break
		}
	}
	return ok
}

func hidden(r rune) bool {
	switch {
	case unicode.IsControl(r), r == 0x2028, r == 0x2029, r == 0xfeff, r == 0xfffe, r == 0xffff:
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // bidirectional overrides
		return true
	}
	return false
}

func charHint(r rune) string {
	if r == '\r' {
		return "end lines with LF, or with CR LF"
	}
	return "it is invisible and often comes from copying; delete it and type the line again"
}

// inside returns the path a rule file names, cleaned, or "" and the reason.
func inside(name string) (clean, problem string) {
	switch {
	case strings.Contains(name, `\`):
		return "", "a path is written with /, not \\"
	case path.IsAbs(name):
		return "", "a path here is relative to the configuration folder"
	}
	clean = path.Clean(name)
	if !fs.ValidPath(clean) || clean == "." {
		return "", "a path must stay inside the configuration folder"
	}
	return clean, ""
}
