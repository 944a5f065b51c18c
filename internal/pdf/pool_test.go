package pdf

import (
	"os"
	"testing"
)

// The test binary is the child too, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "pdf-reader" {
		os.Exit(Main())
	}
	os.Exit(m.Run())
}

func newPool(t testing.TB, o Options) *Pool {
	t.Helper()
	p := New(o)
	t.Cleanup(p.Close)
	return p
}
