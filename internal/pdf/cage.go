package pdf

import (
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// childHeap is what the child's own heap should stay within, in octets; the parser's
// memory is not part of it.
const childHeap = 256 << 20

// lockIn gives up, for all threads and for good, what reading a PDF has no use for.
// Each step stands for itself: where a system refuses one (a container, a service
// manager that already forbids it) the others are taken all the same.
func lockIn() {
	// Where memory is short, this is what the system ends, and not who asks.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)
	for what, limit := range map[int]uint64{
		unix.RLIMIT_CORE:   0,  // a dump would hold the mail's file
		unix.RLIMIT_FSIZE:  0,  // no file grows
		unix.RLIMIT_NOFILE: 32, // what the runtime itself needs
	} {
		_ = unix.Setrlimit(what, &unix.Rlimit{Cur: limit, Max: limit})
	}
	_ = forbid()
}

// hide keeps what a process holds from its core dumps, also those that a system pipes
// into a program whatever RLIMIT_CORE says (core(5)), and from others of this user
// (ptrace(2)). From then on its folder in /proc may be nobody else's to read.
func hide() { _ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) }

// allowed are the system calls of a Go program that computes: memory, threads, time,
// and octets through descriptors that are open. No call here opens, connects, sends,
// or runs anything.
var allowed = []uint32{
	unix.SYS_READ, unix.SYS_WRITE, unix.SYS_CLOSE, unix.SYS_FSTAT,
	unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MPROTECT, unix.SYS_MADVISE, unix.SYS_MINCORE, unix.SYS_BRK,
	unix.SYS_FUTEX, unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY, unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_MEMBARRIER,
	unix.SYS_EXIT, unix.SYS_EXIT_GROUP, unix.SYS_GETTID, unix.SYS_GETPID,
	unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK, unix.SYS_RESTART_SYSCALL,
	unix.SYS_NANOSLEEP, unix.SYS_CLOCK_GETTIME, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_GETTIMEOFDAY, unix.SYS_GETRANDOM,
	unix.SYS_TIMER_CREATE, unix.SYS_TIMER_SETTIME, unix.SYS_TIMER_DELETE,
	unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL, unix.SYS_EPOLL_PWAIT, unix.SYS_EVENTFD2, unix.SYS_PIPE2,
}

// part is a system call of which some uses are allowed: those of which an argument, the
// first being 0, is one of some values, or has the bit of a mask.
type part struct {
	call   uint32
	arg    uint32
	values []uint32
	mask   uint32
}

// partly are the calls that reach further than a computation should, for most of what
// they can do: a signal to another process, also by way of who owns a descriptor
// (F_SETOWN, F_SETSIG); a new process; a life beyond the parent's.
func partly() []part {
	return []part{
		{call: unix.SYS_TGKILL, values: []uint32{uint32(os.Getpid())}},
		{call: unix.SYS_FCNTL, arg: 1, values: []uint32{unix.F_GETFD, unix.F_GETFL, unix.F_SETFL}},
		{call: unix.SYS_PRCTL, values: []uint32{unix.PR_SET_DUMPABLE, unix.PR_GET_DUMPABLE, unix.PR_SET_VMA}},
		{call: unix.SYS_CLONE, mask: unix.CLONE_THREAD},
	}
}

// The words of a seccomp program (seccomp(2)).
const (
	loadWord  = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	jumpEqual = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	jumpSet   = unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K
	give      = unix.BPF_RET | unix.BPF_K

	refuse = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)

	atCall = 0 // offsets in struct seccomp_data
	atArch = 4
	atArg0 = 16
)

// forbid lets every thread of the process make the calls that are allowed and no
// other, from now on.
func forbid() error {
	arch, ok := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	if !ok {
		return unix.ENOSYS
	}
	program := []unix.SockFilter{
		{Code: loadWord, K: atArch},
		{Code: jumpEqual, K: arch, Jt: 1},
		{Code: give, K: unix.SECCOMP_RET_KILL_PROCESS},
		{Code: loadWord, K: atCall},
	}
	for _, c := range allowed {
		program = append(program, unix.SockFilter{Code: jumpEqual, K: c, Jf: 1}, unix.SockFilter{Code: give, K: unix.SECCOMP_RET_ALLOW})
	}
	for _, p := range partly() {
		program = append(program, p.program()...)
	}
	program = append(program,
		// Its flags lie in memory, where no filter looks. A C library falls back to clone.
		unix.SockFilter{Code: jumpEqual, K: unix.SYS_CLONE3, Jf: 1},
		unix.SockFilter{Code: give, K: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)},
		unix.SockFilter{Code: give, K: refuse},
	)
	return install(program)
}

// program decides about one call, and leaves every other to what follows. The system
// looks at the lower half of these arguments only, as this does.
func (p part) program() []unix.SockFilter {
	body := []unix.SockFilter{{Code: loadWord, K: atArg0 + 8*p.arg}}
	for _, v := range p.values {
		body = append(body, unix.SockFilter{Code: jumpEqual, K: v, Jf: 1}, unix.SockFilter{Code: give, K: unix.SECCOMP_RET_ALLOW})
	}
	if p.mask != 0 {
		body = append(body, unix.SockFilter{Code: jumpSet, K: p.mask, Jf: 1}, unix.SockFilter{Code: give, K: unix.SECCOMP_RET_ALLOW})
	}
	body = append(body, unix.SockFilter{Code: give, K: refuse})
	return append([]unix.SockFilter{{Code: jumpEqual, K: p.call, Jf: uint8(len(body))}}, body...)
}

// install puts a program between the process and the system.
func install(program []unix.SockFilter) error {
	// Set for this thread, and by TSYNC for the others with it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	p := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&p)))
	runtime.KeepAlive(program)
	if errno != 0 {
		return errno
	}
	return nil
}
