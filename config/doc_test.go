package config

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The examples of the package comment are files that load.
func TestDocExamplesLoad(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range regexp.MustCompile(`(?m)(^//\t.*\n(//\n)?)+`).FindAllString(string(text), -1) {
		block := regexp.MustCompile(`(?m)^//\t?`).ReplaceAllString(m, "")
		if strings.HasPrefix(block, "version: 1\n") {
			blocks = append(blocks, block)
		}
	}
	if len(blocks) != 2 {
		t.Fatalf("%d examples that begin with a version, want a service file and a rule file", len(blocks))
	}
	cfg, errs := Load(files("chancery.yaml", blocks[0], "rules.d/10.yaml", blocks[1],
		"lists/counsel.txt", "counsel.example\n", "matters.csv", "number\n10042.0070\n"), "")
	if len(errs) > 0 {
		t.Errorf("the examples of doc.go have problems:\n%v", errs)
	}
	if len(cfg.Rules.Mail) != 1 || len(cfg.Rules.Calendar.Ranks) != 1 || len(cfg.Service.Principals) != 1 {
		t.Errorf("read: %+v", cfg)
	}
}
