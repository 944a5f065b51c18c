package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sample is one message file and what people said of it.
type sample struct {
	path    string
	label   bool
	labeled bool
}

// maxSample bounds a message file; what is larger is no mail.
const maxSample = 64 << 20

// findSamples lists the message files in the order of their paths. Where labels
// were asked for, files without one are left out.
func findSamples(o measureOptions) ([]sample, error) {
	kth, of, err := parsePart(o.part)
	if err != nil {
		return nil, err
	}
	var table map[string]bool
	if o.labels != "" {
		if table, err = readLabels(o.labels); err != nil {
			return nil, err
		}
	}
	var out []sample
	for _, dir := range o.dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return fmt.Errorf("read samples: %w", err)
			case d.IsDir() || !isSample(d) || !inPart(d.Name(), kth, of):
				return nil
			}
			s := sample{path: path}
			switch {
			case o.gold != nil:
				s.label, s.labeled = goldLabel(path, o.gold)
			case table != nil:
				s.label, s.labeled = table[absolute(path)], has(table, absolute(path))
			default:
				s.label, s.labeled = folderLabel(dir, path)
			}
			if s.labeled || o.gold == nil && table == nil {
				out = append(out, s)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b sample) int { return strings.Compare(a.path, b.path) })
	if len(out) == 0 {
		return nil, withHint(errors.New("measure: no message file found"), "with --gold or --labels only files with a label count")
	}
	return out, nil
}

// isSample passes over what lies beside messages.
func isSample(d fs.DirEntry) bool {
	info, err := d.Info()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSample || strings.HasPrefix(d.Name(), ".") {
		return false
	}
	return !slices.Contains([]string{".cats", ".csv", ".json", ".md", ".yaml", ".py"}, filepath.Ext(d.Name()))
}

// folderLabel looks for a folder with a telling name between dir and the file.
func folderLabel(dir, path string) (label, labeled bool) {
	below, err := filepath.Rel(dir, path)
	if err != nil {
		return false, false
	}
	steps := strings.Split(filepath.Dir(below), string(filepath.Separator))
	steps = append([]string{filepath.Base(absolute(dir))}, steps...)
	for _, s := range slices.Backward(steps) {
		switch s {
		case "positive", "match":
			return true, true
		case "negative", "no-match":
			return false, true
		}
	}
	return false, false
}

// goldLabel reads the .cats file beside a message.
func goldLabel(path string, codes []string) (label, labeled bool) {
	b, err := os.ReadFile(strings.TrimSuffix(path, filepath.Ext(path)) + ".cats")
	if err != nil {
		return false, false
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Split(strings.TrimSpace(line), ",")
		if len(f) >= 2 && slices.Contains(codes, f[0]+"."+f[1]) {
			return true, true
		}
	}
	return false, true
}

// labelWords are the labels of a CSV file.
var labelWords = map[string]bool{
	"yes": true, "1": true, "true": true, "sensitive": true, "positive": true,
	"no": false, "0": false, "false": false, "not": false, "negative": false,
}

// readLabels reads a CSV file. Its paths are seen from its own folder.
func readLabels(name string) (map[string]bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read labels: %w", err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.Comment = -1, '#'
	out := map[string]bool{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read labels: %w", err)
		}
		line, _ := r.FieldPos(0)
		if len(row) < 2 {
			return nil, fmt.Errorf("read labels: %s:%d: no label", name, line)
		}
		label, ok := labelWords[strings.ToLower(strings.TrimSpace(row[1]))]
		if !ok {
			if line == 1 {
				continue // the headings
			}
			return nil, withHint(fmt.Errorf("read labels: %s:%d: unknown label", name, line), "write yes or no")
		}
		path := row[0]
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(name), path)
		}
		out[absolute(path)] = label
	}
}

// parsePart reads "K/N"; "" is everything.
func parsePart(s string) (kth, of int, err error) {
	if s == "" {
		return 1, 1, nil
	}
	if n, err := fmt.Sscanf(s, "%d/%d", &kth, &of); n != 2 || err != nil || kth < 1 || kth > of || fmt.Sprintf("%d/%d", kth, of) != s {
		return 0, 0, withHint(fmt.Errorf("measure: --part %s is no part", s), "write 1/2 for the first of two halves")
	}
	return kth, of, nil
}

// inPart divides files by a hash of their names, so that a part stays the same
// when others are added.
func inPart(name string, kth, of int) bool {
	h := fnv.New32a()
	_, _ = io.WriteString(h, name)
	return int(h.Sum32()>>8)%of == kth-1
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func has[K comparable, V any](m map[K]V, k K) bool {
	_, ok := m[k]
	return ok
}
