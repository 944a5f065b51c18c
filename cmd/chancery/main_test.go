package main

import (
	"os"
	"testing"
)

// TestMain lets the test binary be the daemon: tests start it again with asMain
// set, so that what they kill is a real process.
func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

const asMain = "CHANCERY_TEST_AS_MAIN"
