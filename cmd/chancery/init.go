package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"chancery/config"
)

func newInit() *cobra.Command {
	return &cobra.Command{
		Use:   "init DIR",
		Short: "write a starter configuration",
		Long: `Write a starter configuration into DIR: chancery.yaml, the shipped rule files in
rules.d with their tests, a matter list and lists of addresses. It passes
"chancery check" as it is, with a warning of each list that waits to be filled
in; what else you must fill in is marked in chancery.yaml.

Nothing that exists is overwritten.`,
		Example: "  chancery init /etc/chancery",
		Args:    cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(c *cobra.Command, args []string) error {
			dir := args[0]
			if err := writeExample(dir, config.Example()); err != nil {
				return err
			}
			_, _ = fmt.Fprintf(c.OutOrStdout(), `wrote a starter configuration to %[1]s

next:
    1. fill in the accounts in %[1]s/chancery.yaml
    2. put each password into a systemd credential or a file of mode 0600
    3. fill in who you are: %[1]s/lists, matters.csv and
       house: in rules.d/00-house.yaml
    4. chancery check --config %[1]s
    5. chancery plan --config %[1]s --all
       (what the rules would do to the mail there is; nothing is changed)
    6. chancery run --config %[1]s
`, dir)
			return nil
		},
	}
}

// writeExample copies files below dir. It looks first whether any of them is
// there, so that a refused init leaves nothing half written.
func writeExample(dir string, files fs.FS) error {
	var names, there []string
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		names = append(names, name)
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name))); !errors.Is(err, fs.ErrNotExist) {
			there = append(there, name)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read starter files: %w", err)
	}
	if len(there) > 0 {
		slices.Sort(there)
		return withHint(fmt.Errorf("write starter configuration: %s exists in %s", there[0], dir), "choose an empty folder; nothing was written")
	}
	for _, name := range names {
		if err := writeNew(filepath.Join(dir, filepath.FromSlash(name)), files, name); err != nil {
			return err
		}
	}
	return nil
}

func writeNew(path string, files fs.FS, name string) error {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("read starter file %s: %w", name, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("write starter configuration: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("write starter configuration: %w", err)
	}
	_, err = f.Write(data)
	return firstError(err, f.Close())
}
