package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be the daemon: tests start it again with asMain
// set, so that what they kill is a real process, and scripts call it chancery.
func TestMain(m *testing.M) {
	// What reads PDFs has no environment; without this line it would run the tests.
	if os.Getenv(asMain) != "" || len(os.Args) == 2 && os.Args[1] == "pdf-reader" {
		main()
	}
	testscript.Main(m, map[string]func(){"chancery": main})
}

const asMain = "CHANCERY_TEST_AS_MAIN"
