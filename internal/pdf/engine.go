package pdf

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"golang.org/x/sys/unix"
)

// How the parser runs: translated to machine code, or step by step where the system
// refuses memory that can be executed (MemoryDenyWriteExecute=yes).
const (
	modeFast = "fast"
	modeSlow = "slow"
)

const wasmPage = 64 << 10

// engine is the parser, ready to be instantiated.
type engine struct {
	pool   pdfium.Pool
	memory *memory
	mode   string
}

// newEngine prepares the parser, which takes some seconds of one processor where it
// is translated.
func newEngine(mode string) (*engine, error) {
	e := &engine{memory: &memory{limit: MaxMemory}, mode: mode}
	o := wazero.NewRuntimeConfigInterpreter()
	if mode == modeFast {
		o = wazero.NewRuntimeConfigCompiler()
	}
	o = o.WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).WithMemoryLimitPages(MaxMemory/wasmPage + 1)
	ctx := experimental.WithMemoryAllocator(context.Background(), experimental.MemoryAllocatorFunc(
		func(least, most uint64) experimental.LinearMemory { return e.memory.Allocate(least, most) }))
	var err error
	e.pool, err = webassembly.Init(webassembly.Config{
		Context: ctx, MaxTotal: 1, RuntimeConfig: o, FSConfig: wazero.NewFSConfig(), // not the default, which is the whole file system
		Stdout: io.Discard, Stderr: io.Discard, RandomSource: zeroes{},
	})
	if err != nil {
		return nil, fmt.Errorf("prepare the PDF reader: %w", err)
	}
	debug.FreeOSMemory() // translating leaves more than what is kept
	return e, nil
}

func (e *engine) instance() (pdfium.Pdfium, error) {
	e.memory.refused.Store(false)
	p, err := e.pool.GetInstance(startTime)
	if err != nil {
		return nil, fmt.Errorf("start the PDF reader: %w", err)
	}
	return p, nil
}

// zeroes answers the parser's only question to the world: the same file is read the
// same way each time.
type zeroes struct{}

func (zeroes) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// executable reports whether this process may make memory executable.
func executable() bool {
	b, err := unix.Mmap(-1, 0, unix.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return false
	}
	defer func() { _ = unix.Munmap(b) }()
	return unix.Mprotect(b, unix.PROT_READ|unix.PROT_EXEC) == nil
}
