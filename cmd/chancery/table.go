package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// table is rows under headings, numbers to the right.
type table struct {
	rows  [][]string
	right []bool
}

func newTable(headings ...string) *table {
	t := &table{rows: [][]string{headings}, right: make([]bool, len(headings))}
	for i := range t.right {
		t.right[i] = true
	}
	return t
}

func (t *table) row(cells ...string) {
	for i, c := range cells {
		if strings.ContainsFunc(c, func(r rune) bool { return r < '0' || r > '9' }) {
			t.right[i] = false
		}
	}
	t.rows = append(t.rows, cells)
}

// without leaves out those columns from one up to another whose every cell says the
// same nothing.
func (t *table) without(nothing string, from, to int) {
	for i := to - 1; i >= from; i-- {
		if slices.ContainsFunc(t.rows[1:], func(row []string) bool { return row[i] != nothing }) {
			continue
		}
		t.right = slices.Delete(t.right, i, i+1)
		for n := range t.rows {
			t.rows[n] = slices.Delete(t.rows[n], i, i+1)
		}
	}
}

// print writes an empty line and the table.
func (t *table) print(w io.Writer) {
	widths := make([]int, len(t.right))
	for _, row := range t.rows {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	_, _ = fmt.Fprintln(w)
	for _, row := range t.rows {
		var b strings.Builder
		for i, c := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if t.right[i] {
				b.WriteString(pad + c)
			} else {
				b.WriteString(c + pad)
			}
			b.WriteString("  ")
		}
		_, _ = fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

func number[N ~int | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }

// ago says how long ago t was, in the largest unit that fits.
func ago(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	d := time.Since(t)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds ago", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%dm ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh ago", int(d.Hours()))
	}
	return t.Local().Format("2006-01-02")
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// clock is a time as people here read it.
func clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }
