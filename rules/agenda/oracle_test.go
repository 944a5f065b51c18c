package agenda

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const isoWall = "2006-01-02T15:04:05"

type oracleCase struct {
	Rule  string `json:"rule"`
	Start string `json:"start"`
	From  string `json:"from"`
	Till  string `json:"till"`
}

// P2: an independent implementation expands random rules to the same instances.
// The window lies up to 40 years after the start, so that our jump is tried.
func TestExpandAgreesWithDateutil(t *testing.T) {
	python := "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import dateutil.rrule").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("python3-dateutil is missing")
		}
		t.Skip("python3-dateutil is not installed")
	}
	r := rand.New(rand.NewSource(2))
	cases := make([]oracleCase, 2500)
	for i := range cases {
		start := time.Date(1980+r.Intn(46), time.Month(1+r.Intn(12)), 1+r.Intn(31), r.Intn(24), r.Intn(4)*15, 0, 0, time.UTC)
		from := start.AddDate(r.Intn(3)*r.Intn(14), r.Intn(12)-2, r.Intn(31))
		cases[i] = oracleCase{randomRule(r, start), start.Format(isoWall), from.Format(isoWall), from.AddDate(0, 2+r.Intn(12), 0).Format(isoWall)}
	}
	in, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "testdata/oracle.py")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	answer, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want [][]string
	if err := json.Unmarshal(answer, &want); err != nil {
		t.Fatal(err)
	}
	unasked, instances := 0, 0
	for i, c := range cases {
		if want[i] == nil {
			unasked++
			continue
		}
		instances += len(want[i])
		got, problems := expandCase(t, c)
		if !slices.Equal(got, want[i]) || len(problems) > 0 {
			t.Errorf("%+v\n got %d %v\nwant %d %v\nproblems %v", c, len(got), head(got), len(want[i]), head(want[i]), problems)
		}
		if t.Failed() && i > 500 {
			break
		}
	}
	t.Logf("%d rules, %d instances agree; the oracle gave up on %d", len(cases), instances, unasked)
	if unasked > len(cases)/10 {
		t.Errorf("the oracle gave up on %d of %d rules", unasked, len(cases))
	}
}

func head(s []string) []string { return s[:min(len(s), 8)] }

func expandCase(t *testing.T, c oracleCase) (walls, problems []string) {
	t.Helper()
	parse := func(s string) time.Time {
		at, err := time.Parse(isoWall, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	e := meeting("oracle", parse(c.Start), time.Minute, repeats(c.Rule))
	from, till := parse(c.From), parse(c.Till)
	in, problems := Expand(&e, time.UTC, from, till, 0)
	for _, x := range in {
		if !x.Start.Before(from) { // the oracle has no length
			walls = append(walls, x.Start.Format(isoWall))
		}
	}
	if walls == nil {
		walls = []string{}
	}
	return walls, problems
}

// randomRule writes a rule that the guard lets through and dateutil reads as RFC
// 5545 does: it takes BYDAY=MO,2TU for both, so the kinds are not mixed.
func randomRule(r *rand.Rand, start time.Time) string {
	freq := []string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}[r.Intn(4)]
	parts := []string{"FREQ=" + freq}
	add := func(chance int, name string, value func() string) bool {
		if r.Intn(100) >= chance {
			return false
		}
		parts = append(parts, name+"="+value())
		return true
	}
	ints := func(low, high, most int, minus bool) func() string {
		return func() string {
			var out []string
			for range 1 + r.Intn(most) {
				n := low + r.Intn(high-low+1)
				if minus && r.Intn(3) == 0 {
					n = -n
				}
				out = append(out, strconv.Itoa(n))
			}
			return strings.Join(out, ",")
		}
	}
	add(50, "INTERVAL", ints(1, 1+r.Intn(40), 1, false))
	if !add(20, "COUNT", ints(1, 60, 1, false)) {
		add(20, "UNTIL", func() string { return start.AddDate(r.Intn(20), r.Intn(12), 0).Format("20060102T150405") })
	}
	add(20, "WKST", func() string { return dayNames[r.Intn(7)] })
	inMonth := add(25, "BYMONTH", ints(1, 12, 4, false))
	add(20, "BYMONTHDAY", ints(1, 28, 5, true))
	if freq == "YEARLY" {
		add(10, "BYYEARDAY", ints(1, 366, 6, true))
		add(10, "BYWEEKNO", ints(1, 53, 4, true))
	}
	add(35, "BYDAY", func() string { return randomDays(r, freq, inMonth) })
	add(20, "BYHOUR", ints(0, 23, 3, false))
	add(10, "BYMINUTE", ints(0, 59, 2, false))
	most := map[string]int{"DAILY": 1, "WEEKLY": 3, "MONTHLY": 10, "YEARLY": 40}[freq]
	add(10, "BYSETPOS", ints(1, most, 3, true))
	return strings.Join(parts, ";")
}

var dayNames = []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}

func randomDays(r *rand.Rand, freq string, inMonth bool) string {
	numbered := (freq == "MONTHLY" || freq == "YEARLY") && r.Intn(2) == 0
	most := 5
	if freq == "YEARLY" && !inMonth {
		most = 53
	}
	var out []string
	for range 1 + r.Intn(4) {
		d := dayNames[r.Intn(7)]
		if numbered {
			n := 1 + r.Intn(most)
			if r.Intn(3) == 0 {
				n = -n
			}
			d = fmt.Sprint(n) + d
		}
		out = append(out, d)
	}
	return strings.Join(out, ",")
}
