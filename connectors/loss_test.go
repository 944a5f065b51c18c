package connectors

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func names(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprint("/", i))
	}
	return out
}

// A sudden loss passes when it shows a second time, and not before; what went by our
// own hand is no loss.
func TestSuddenLossIsConfirmed(t *testing.T) {
	const wait = time.Minute
	for _, tt := range []struct {
		name  string
		judge func(l *Loss) error
		held  bool
	}{
		{"twenty of forty", func(l *Loss) error { return l.Gone(names(20), 40, false, wait) }, false},
		{"twenty-one of forty", func(l *Loss) error { return l.Gone(names(21), 40, false, wait) }, true},
		{"thirty of a hundred", func(l *Loss) error { return l.Gone(names(30), 100, false, wait) }, false},
		{"thirty-one of a hundred", func(l *Loss) error { return l.Gone(names(31), 100, false, wait) }, true},
		{"all of five", func(l *Loss) error { return l.Gone(names(5), 5, true, wait) }, true},
		{"all of four", func(l *Loss) error { return l.Gone(names(4), 4, true, wait) }, false},
		{"all of five, told one by one", func(l *Loss) error { return l.Gone(names(5), 5, false, wait) }, false},
		{"none of five after a restart", func(l *Loss) error { return l.Fewer(0, 5, true, wait) }, true},
		{"more than before", func(l *Loss) error { return l.Fewer(9, 5, true, wait) }, false},
		{"our own", func(l *Loss) error {
			for _, name := range names(25) {
				l.Took(name)
			}
			return l.Gone(names(25), 40, false, wait)
		}, false},
		{"ours that are there again", func(l *Loss) error {
			for _, name := range names(25) {
				l.Took(name)
				l.Put(name)
			}
			return l.Gone(names(25), 40, false, wait)
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &Loss{}
				err := tt.judge(l)
				if _, code := Classify(err); (err != nil) != tt.held || err != nil && code != "mass-loss" {
					t.Fatalf("got %v", err)
				}
				if !tt.held {
					return
				}
				time.Sleep(wait - time.Second)
				if tt.judge(l) == nil {
					t.Error("believed before its time")
				}
				time.Sleep(time.Second)
				if err := tt.judge(l); err != nil {
					t.Errorf("never believed: %v", err)
				}
				if l.Gone(names(99), 99, true, wait) == nil {
					t.Error("another loss is believed at once")
				}
			})
		})
	}
}

func TestCursorsCount(t *testing.T) {
	for _, rest := range []string{"", "s:token", "c:1:x", "a:b:c"} {
		for _, n := range []int{0, 1, 5000} {
			if c := Count(n, rest); Counted(c) != n || Uncounted(c) != rest {
				t.Errorf("%q: %d and %q", string(c), Counted(c), Uncounted(c))
			}
		}
	}
	for _, c := range []Cursor{"", "s:token", "c:", "c:-1:x", "c:many:x"} {
		if Counted(c) != 0 {
			t.Errorf("%q counts %d", string(c), Counted(c))
		}
	}
}
