package pdf

import (
	"os"
	"path/filepath"
	"testing"
)

// The test binary is the child too, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "pdf-reader" {
		os.Exit(Main())
	}
	os.Exit(m.Run())
}

func TestDump(t *testing.T) {
	p := New(Options{})
	defer p.Close()
	files, _ := filepath.Glob(os.Getenv("PDFS"))
	for _, f := range files {
		b, _ := os.ReadFile(f)
		text, in, code := p.Read(b)
		t.Log(f, len(text), code, len(in))
		for _, m := range in {
			t.Log(m.Name, len(m.Content))
		}
		os.WriteFile("/tmp/pdf/out/"+filepath.Base(f)+".txt", []byte(text), 0o644)
	}
}
