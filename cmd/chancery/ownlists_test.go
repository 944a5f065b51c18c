package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chancery/config"
)

// filesOfLists are the lists of the starter configuration.
func filesOfLists(t *testing.T) []string {
	t.Helper()
	cfg, _ := config.Load(config.Example(), "")
	var out []string
	for _, l := range cfg.Rules.Lists {
		out = append(out, l.File)
	}
	if len(out) < 7 {
		t.Fatalf("lists %v", out)
	}
	return out
}

// overwrite changes files below dir.
func overwrite(t *testing.T, dir string, files map[string]func(old string) string) {
	t.Helper()
	for name, change := range files {
		path := filepath.Join(dir, name)
		old, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if text := change(string(old)); text == string(old) {
			t.Fatalf("%s does not change", name)
		} else if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func to(text string) func(string) string { return func(string) string { return text } }

func replacing(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }

// ownData is what another firm writes over what init wrote: its lists, its
// accounts, its server, its matters, and numbers that look otherwise.
func ownData(t *testing.T, r *rand.Rand) map[string]func(string) string {
	people := []string{"vogt-partner.test", "jane@vogt-partner.test", "mail.vogt-partner.test", "kanzlei.test", "acme.test", "bills@kanzlei.test", "board@acme.test"}
	out := map[string]func(string) string{}
	for _, file := range filesOfLists(t) {
		var b strings.Builder
		for _, i := range r.Perm(len(people))[:r.IntN(4)] {
			b.WriteString(people[i] + "\n")
		}
		out[file] = to("# ours\n" + b.String())
	}
	switch numbers := r.IntN(3); numbers {
	case 0: // as shipped, with numbers and names that the shipped tests use
		out["matters.csv"] = to("number,client,folder,aliases,wall\n10042.0070,Vogt,Akten/Vogt,Harbor Freight,acme.test\n77777.0001,Acme,,Pier 9 lease;Project Cider,\n")
	case 1:
		out["matters.csv"] = to("number,client\n")
	case 2:
		out["matters.csv"] = to("number,client\n26/000123,Vogt\n26/000124,Acme\n")
		out["rules.d/20-billing.yaml"] = replacing(`'\b(\d{3,6})[-.](\d{3,4})\b'`, `'\b\d\d/\d{6}\b'`)
	}
	if r.IntN(2) == 0 {
		out["rules.d/00-house.yaml"] = replacing("authserv: [mx.firm.example]", "authserv: [mx.vogt-partner.test]")
		out["chancery.yaml"] = replacing("gc-mail", "leitung", "firm.example", "vogt-partner.test", "America/New_York", "Europe/Berlin")
	} else if r.IntN(2) == 0 { // one mailbox, and nobody who reads notes
		out["chancery.yaml"] = to("version: 1\naccounts:\n  - {name: m, imap: {host: h.vogt-partner.test, user: m, password: {credential: m}}}\n")
	}
	return out
}

// Whatever a firm writes into its lists, the shipped tests are about other people:
// check and test are green, and what runs decides nothing by those.
func TestCheckIsGreenWithAnyListsOfTheFirm(t *testing.T) {
	tests := 0
	for seed := range uint64(25) {
		dir := starter(t)
		files := ownData(t, rand.New(rand.NewPCG(seed, 1)))
		if seed == 0 {
			files = map[string]func(string) string{} // as init wrote it
		}
		overwrite(t, dir, files)
		out, code := (&firm{t: t, dir: dir}).cli("check")
		if code != 0 {
			t.Fatalf("seed %d, %v: check: exit %d\n%s", seed, slices.Sorted(maps.Keys(files)), code, out)
		}
		out, code = (&firm{t: t, dir: dir}).cli("test")
		var n int
		if _, err := fmt.Sscanf(out, "good: %d tests", &n); code != 0 || err != nil || n < 100 || tests > 0 && n != tests {
			t.Fatalf("seed %d: test: exit %d, %v\n%s", seed, code, err, out)
		}
		tests = n
	}
}

// A test whose rule was changed says which file it is, what it expected, and what
// to do; deleting that file is enough.
func TestCheckSaysHowToMendATest(t *testing.T) {
	dir := starter(t)
	overwrite(t, dir, map[string]func(string) string{"rules.d/10-sensitive.yaml": replacing("    - without prejudice\n", "")})
	out, code := (&firm{t: t, dir: dir}).cli("check")
	for _, want := range []string{
		`tests/settlement/match/without-prejudice.eml:1:1: rule "settlement": test "tests/settlement/match/without-prejudice.eml" fails: expected the rule to match`,
		"if the rule is right as it is now, delete tests/settlement/match/without-prejudice.eml, or move it to tests/settlement/no-match",
	} {
		if code != 1 || !strings.Contains(out, want) {
			t.Errorf("exit %d, no %q in\n%s", code, want, out)
		}
	}
	if err := os.Remove(filepath.Join(dir, "tests/settlement/match/without-prejudice.eml")); err != nil {
		t.Fatal(err)
	}
	if out, code := (&firm{t: t, dir: dir}).cli("check"); code != 0 {
		t.Errorf("after the file was deleted: exit %d\n%s", code, out)
	}
}
