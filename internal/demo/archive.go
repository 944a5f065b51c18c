package demo

import (
	"bytes"
	"embed"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template"

	"github.com/rogpeppe/go-internal/txtar"
)

//go:embed office
var office embed.FS

// archive is one file of the office: a table and the items it lists.
type archive struct {
	name  string
	rows  [][]string // cells by row, trimmed
	items map[string][]byte
}

// readArchives reads the archives of a folder in the order of their names. Each
// row of a table has the given number of cells, the first of which names an item.
func readArchives(folder string, cells int) ([]archive, error) {
	entries, err := office.ReadDir(path.Join("office", folder))
	if err != nil {
		return nil, fmt.Errorf("read office: %w", err)
	}
	var out []archive
	for _, e := range entries {
		raw, err := office.ReadFile(path.Join("office", folder, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read office: %w", err)
		}
		a, err := parseArchive(e.Name(), raw, cells)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

func parseArchive(name string, raw []byte, cells int) (archive, error) {
	in := txtar.Parse(raw)
	a := archive{name: name, items: map[string][]byte{}}
	for _, f := range in.Files {
		if a.items[f.Name] != nil {
			return a, fmt.Errorf("read %s: %s stands there twice", name, f.Name)
		}
		a.items[f.Name] = f.Data
	}
	for line := range strings.Lines(string(in.Comment)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(line, "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		if len(row) != cells {
			return a, fmt.Errorf("read %s: %s has %d cells, not %d", name, row[0], len(row), cells)
		}
		if a.items[row[0]] == nil {
			return a, fmt.Errorf("read %s: there is no %s", name, row[0])
		}
		a.rows = append(a.rows, row)
	}
	listed := func(item string) bool {
		return slices.ContainsFunc(a.rows, func(r []string) bool { return r[0] == item })
	}
	for item := range a.items {
		if !listed(item) {
			return a, fmt.Errorf("read %s: the table does not list %s", name, item)
		}
	}
	return a, nil
}

// fill runs a template of the office.
func fill(name string, text []byte, words ...map[string]any) ([]byte, error) {
	funcs := template.FuncMap{}
	for _, w := range words {
		maps.Copy(funcs, w)
	}
	t, err := template.New(name).Option("missingkey=error").Funcs(funcs).Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, nil); err != nil {
		return nil, fmt.Errorf("fill template: %w", err)
	}
	return out.Bytes(), nil
}

// crlf ends every line as mail and calendars do (RFC 5322 section 2.1, RFC 5545
// section 3.1).
func crlf(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
}
