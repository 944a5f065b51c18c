package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

const (
	serviceFile = "chancery.yaml"
	rulesFolder = "rules.d"
	usersFolder = "users.d"
)

// Config is everything IT wrote.
type Config struct {
	Service Service
	Rules   Rules
	Files   []string // every file that was read or looked for, sorted; relative to the folder, with slashes
}

// loader is one run of Load.
type loader struct {
	fsys  fs.FS
	cfg   *Config
	out   *problems
	sum   hash.Hash // over every rule input
	files map[string]*file
	rules int // so far

	conflicts Pos            // where calendar: conflicts: was first
	matterIn  Pos            // where matters: was first
	pattern   *regexp.Regexp // of matter numbers; nil if there are none
	marked    []namedUse     // marks that rules set
	watched   []namedUse     // mailboxes that rules look at
	listed    []namedUse     // lists that house: names
	expected  []namedUse     // rules that tests name
	switched  []switchUse    // rules that people switch
	matched   []namedUse     // extractions of kind matter
	unread    bool           // a rule file could not be read at all
	words     map[string]Pos // "list x", "terms x", "mark x", "rule x", ... and where each is
}

// namedUse is a name that must be defined somewhere else.
type namedUse struct {
	name Text
	rule string
}

// Load reads chancery.yaml, rules.d/*.yaml and users.d/*.yaml in the order of
// their names, the lists, templates and the matter list those name, and what is
// added to those for tests. dir is the folder fsys shows; paths to secrets and
// certificates are relative to it.
//
// The errors are every problem of every file, sorted. The configuration is never
// nil and holds what could be read, so that later checks can tell their errors in
// the same run; it must not be run while Errors.Fatal.
func Load(fsys fs.FS, dir string) (*Config, Errors) {
	l := &loader{
		fsys: fsys, cfg: &Config{}, out: newProblems(), sum: sha256.New(),
		files: map[string]*file{}, words: map[string]Pos{},
	}
	l.cfg.Service.Dir = dir
	l.service()
	l.sum.Reset() // the version is one of rules: a new password file changes no decision
	l.ruleFiles()
	l.userFiles()
	l.cfg.Rules.Billing.Desks = slices.ContainsFunc(l.cfg.Service.Principals, func(p Principal) bool { return p.Billing != nil })
	l.cfg.Rules.Version = hex.EncodeToString(l.sum.Sum(nil))
	l.testData()
	l.check()
	l.cfg.Files = slices.Sorted(maps.Keys(l.files))
	return l.cfg, l.out.all()
}

// LoadDir is Load for a folder on disk. Symbolic links that lead out of the
// folder are refused.
func LoadDir(dir string) (*Config, Errors) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		e := Error{Pos: Pos{serviceFile, 1, 1}, Problem: "the configuration folder cannot be opened", Hint: "check --config; chancery init DIR writes a starter configuration"}
		if errors.Is(err, fs.ErrNotExist) {
			e.Problem = "the configuration folder does not exist"
		}
		return &Config{Service: Service{Dir: dir}}, Errors{e}
	}
	defer root.Close()
	return Load(Folder(root), dir)
}

// ruleFiles reads rules.d. A file that looks like a rule file and is none is
// told: rules that are silently absent are worse than an error.
func (l *loader) ruleFiles() {
	listing, err := fs.ReadDir(l.fsys, rulesFolder)
	here := Pos{rulesFolder, 1, 1}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.out.add(Error{Pos: here, Problem: "the folder cannot be read", Hint: "the user that chancery runs as needs read and search access"})
		return
	}
	slices.SortFunc(listing, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	read := 0
	for _, d := range listing {
		name := path.Join(rulesFolder, d.Name())
		switch ext := path.Ext(d.Name()); {
		case strings.HasPrefix(d.Name(), "."):
		case d.IsDir():
			l.out.add(Error{Pos: Pos{name, 1, 1}, Problem: "folders inside rules.d are not read", Hint: "move the files up", Warning: true})
		case ext == ".yml" || ext == ".YAML" || ext == ".YML" || ext == ".json":
			l.out.add(Error{Pos: Pos{name, 1, 1}, Problem: "only files that end in .yaml are read", Hint: "rename it", Warning: true})
		case ext != ".yaml":
		case read >= MaxRuleFiles:
			l.out.add(Error{Pos: Pos{name, 1, 1}, Problem: fmt.Sprintf("more than %d rule files", MaxRuleFiles), Hint: "merge some"})
			return
		default:
			read++
			if !l.ruleFileNamed(name) {
				l.unread = true
			}
		}
	}
	if read == 0 {
		l.out.add(Error{Pos: here, Problem: "there is no rule file", Hint: "chancery init DIR writes some to begin with", Warning: true})
	}
	if l.cfg.Rules.Calendar.Pos.Line == 0 {
		l.cfg.Rules.Calendar.Conflicts.Mode = Off
	}
}

func (l *loader) ruleFileNamed(name string) bool {
	f := l.open(name, MaxFileBytes, Pos{}, "")
	if f == nil {
		return false
	}
	top := f.root()
	if top != nil {
		l.ruleFile(f, top)
	}
	return top != nil
}

// define notes a name that must be unique and tells a second use.
func (l *loader) define(f *file, kind string, name Text) bool {
	key := kind + " " + name.Value
	if first, dup := l.words[key]; dup {
		f.fail(name.Pos, fmt.Sprintf("%s %q is defined twice", kind, name.Value), "first at "+first.String())
		return false
	}
	l.words[key] = name.Pos
	return true
}

// defined lists the names of one kind in order.
func (l *loader) defined(kind string) []string {
	var out []string
	for key := range l.words {
		if name, ok := strings.CutPrefix(key, kind+" "); ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// service reads chancery.yaml.
func (l *loader) service() {
	f := l.open(serviceFile, MaxFileBytes, Pos{}, "")
	if f == nil {
		l.cfg.Service.State = l.stateDefaults()
		return
	}
	top := f.root()
	if top == nil {
		l.cfg.Service.State = l.stateDefaults()
		return
	}
	f.refuseSecrets(top)
	b, ok := f.block(top, serviceFile, "version", "state", "accounts", "principals")
	if !ok {
		l.cfg.Service.State = l.stateDefaults()
		return
	}
	b.version()
	l.cfg.Service.State = l.state(f, b.get("state"))
	if n := b.need("accounts", "a list of mail and calendar accounts"); n != nil {
		l.accounts(f, n)
	}
	if n := b.get("principals"); n != nil {
		l.principals(f, n)
	}
}

// each reads a list of mappings.
func (f *file) each(n *yaml.Node, example string, read func(*yaml.Node)) {
	items, ok := f.list(n, example)
	if ok && len(items) == 0 {
		f.fail(f.at(n), "the list is empty", "add an entry, or delete the key")
	}
	for _, item := range items {
		read(item)
	}
}
