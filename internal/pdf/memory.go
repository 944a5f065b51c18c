package pdf

import (
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// memory gives the parser its linear memory: address space of which the system backs
// what is touched. Growing moves nothing, and afterwards everything goes back at once.
type memory struct {
	limit   int
	refused atomic.Bool // more was asked for than there is
}

// Allocate implements experimental.MemoryAllocator.
func (m *memory) Allocate(_, _ uint64) *region {
	all, err := unix.Mmap(-1, 0, m.limit, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		all = nil // every growth is refused
	}
	return &region{owner: m, all: all}
}

type region struct {
	owner *memory
	all   []byte
}

// Reallocate implements experimental.LinearMemory.
func (r *region) Reallocate(size uint64) []byte {
	if size > uint64(len(r.all)) {
		r.owner.refused.Store(true)
		return nil
	}
	return r.all[:size:size]
}

// Free implements experimental.LinearMemory.
func (r *region) Free() {
	if r.all != nil {
		_ = unix.Munmap(r.all)
		r.all = nil
	}
}
