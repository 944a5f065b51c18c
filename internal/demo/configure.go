package demo

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"text/template"

	"chancery/config"
)

// Configure writes into dir what IT would write for this office: chancery.yaml,
// a file of mode 0600 for each password, the list of matters and of addresses,
// and the rule files that chancery ships, which differ in one word: what they
// ship with, "mode: observe", becomes "mode: enforce". The journal goes to
// dir/state.
func (o *Office) Configure(dir string) error {
	if err := o.rules(dir); err != nil {
		return err
	}
	for _, p := range People() {
		if err := write(dir, "secrets/"+p.Account, []byte(p.Password+"\n"), 0o600); err != nil {
			return err
		}
	}
	service, err := o.service(dir)
	if err != nil {
		return err
	}
	return write(dir, "chancery.yaml", service, 0o644)
}

// rules copies the shipped rule files, and the office's own lists beside them.
func (o *Office) rules(dir string) error {
	shipped := config.Example()
	names, err := fs.Glob(shipped, "rules.d/*.yaml")
	if err != nil || len(names) == 0 {
		return fmt.Errorf("write rules: the shipped ones are missing")
	}
	letters, err := fs.Glob(shipped, "templates/*.txt")
	if err != nil {
		return fmt.Errorf("write rules: %w", err)
	}
	names = append(names, letters...)
	for _, name := range names {
		text, err := fs.ReadFile(shipped, name)
		if err != nil {
			return fmt.Errorf("write rules: %w", err)
		}
		text = bytes.ReplaceAll(text, []byte("mode: observe"), []byte("mode: enforce"))
		if err := write(dir, name, text, 0o644); err != nil {
			return err
		}
	}
	return fs.WalkDir(office, "office/firm", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := office.ReadFile(name)
		if err != nil {
			return err
		}
		return write(dir, strings.TrimPrefix(name, "office/firm/"), text, 0o644)
	})
}

// service fills chancery.yaml.
func (o *Office) service(dir string) ([]byte, error) {
	text, err := office.ReadFile("office/chancery.yaml")
	if err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	t, err := template.New("chancery.yaml").Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	var out bytes.Buffer
	err = t.Execute(&out, map[string]any{
		"State": filepath.Join(dir, "state"), "Port": o.MailPort(), "URL": o.CalendarURL(),
		"People": People(), "Zone": zoneName, "Holds": Holds, "Bills": Bills,
	})
	if err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	return out.Bytes(), nil
}

func write(dir, name string, text []byte, mode os.FileMode) error {
	file := filepath.Join(dir, filepath.FromSlash(path.Clean(name)))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	if err := os.WriteFile(file, text, mode); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}
