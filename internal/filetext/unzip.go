package filetext

import (
	"cmp"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Holds tells a file that may hold others by its beginning: "zip" or "pdf", else "".
// An Office document is "zip" too.
func Holds(head []byte) string {
	if kind := kindOf(head); kind == "zip" || kind == "pdf" {
		return kind
	}
	return ""
}

// Unpack gives the files of an archive to take, in the order of its directory, at
// most most of them. What is left out has a code, the first that was met: "limit" for
// what is more, larger or more tightly packed than the limits of the Reader allow, or
// lies in the same octets as another file; "encrypted" for what has a password;
// "broken" for what is not as long as the directory says, or not of its checksum. An
// archive inside is a file like any other. Folders, and what a Mac adds to each file,
// are no files.
func (r *Reader) Unpack(content []byte, most int, take func(Member)) (code string) {
	all, err := members(content)
	if err != nil {
		return codeOf(err)
	}
	if overlap(all) {
		return "limit"
	}
	for _, m := range all {
		name := lastName(m.name)
		if name == "" || strings.HasPrefix(name, "._") || name == ".DS_Store" {
			continue
		}
		if most--; most < 0 {
			return cmp.Or(code, "limit")
		}
		if m.locked {
			code = cmp.Or(code, "encrypted")
			continue
		}
		file, err := r.whole(m)
		if err != nil {
			code = cmp.Or(code, codeOf(err))
			continue
		}
		take(Member{Name: name, Content: file})
	}
	return code
}

// overlap reports whether octets belong to two members: no honest program writes so,
// and a few octets would become very many.
func overlap(all []member) bool {
	there := make([]member, 0, len(all))
	for _, m := range all {
		if m.packed != nil {
			there = append(there, m)
		}
	}
	slices.SortFunc(there, func(a, b member) int { return cmp.Compare(a.at, b.at) })
	for i := 1; i < len(there); i++ {
		if there[i].at < there[i-1].end {
			return true
		}
	}
	return false
}

// whole unpacks a member. Nothing is unpacked of one that says itself that it is too
// large, so that it costs the others nothing.
func (r *Reader) whole(m member) ([]byte, error) {
	switch {
	case m.packed == nil || m.size < 0:
		return nil, errBroken
	case m.size > int64(MaxUnpacked-r.unpacked), m.size > smallRatio && m.size/maxRatio > int64(len(m.packed)):
		return nil, errLimit
	}
	in, err := r.open(m)
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(in, m.size+1))
	switch {
	case errors.Is(err, errLimit):
		return nil, err
	case err != nil, int64(len(out)) != m.size, crc32.ChecksumIEEE(out) != m.sum:
		return nil, errBroken
	}
	return out, nil
}

// lastName is the last segment of a path, "" for a folder. Names that are not UTF-8
// are of code page 437 (APPNOTE 6.3.10 section D.1).
func lastName(path string) string {
	if !utf8.ValidString(path) {
		if s, err := charmap.CodePage437.NewDecoder().String(path); err == nil {
			path = s
		}
	}
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		path = path[i+1:]
	}
	if path == "." || path == ".." {
		return ""
	}
	return path
}
