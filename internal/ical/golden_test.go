package ical

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/internal/model"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%s", path, got)
	}
}

// TestGolden reads invented objects, written the way the known programs write.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.in.ics")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s, _, problems, f := Parse(data, nil)
			golden(t, strings.TrimSuffix(path, ".in.ics")+".golden", describe(s, problems, f))
		})
	}
}

func describe(s model.Series, problems []string, f *model.Fault) []byte {
	var b bytes.Buffer
	if f != nil {
		fmt.Fprintf(&b, "fault %s\n", f)
	}
	fmt.Fprintf(&b, "problems %s\nuid %s\n", problems, s.UID)
	if s.Master != nil {
		describeOne(&b, "master", *s.Master)
	}
	for _, o := range s.Overrides {
		describeOne(&b, "override", o)
	}
	return b.Bytes()
}

func describeOne(b *bytes.Buffer, kind string, o model.Occurrence) {
	fmt.Fprintf(b, "\n%s %s until %s\n", kind, showTime(o.Start), showTime(o.End))
	if o.Recurrence != nil {
		fmt.Fprintf(b, "  instead of %s, and all after %v\n", showTime(*o.Recurrence), o.ThisFuture)
	}
	fmt.Fprintf(b, "  %s, %s, show %d, sequence %d, created %s\n", o.Status, o.Class, o.Show, o.Sequence, o.Created.Format("2006-01-02"))
	fmt.Fprintf(b, "  summary %q\n  location %q\n  conference %q\n  categories %q\n  rule %q\n", o.Summary, o.Location, o.Conference, o.Categories, o.RRule)
	for _, t := range o.RDates {
		fmt.Fprintf(b, "  also %s\n", showTime(t))
	}
	for _, t := range o.ExDates {
		fmt.Fprintf(b, "  not %s\n", showTime(t))
	}
	fmt.Fprintf(b, "  organizer %+v\n", o.Organizer)
	for _, a := range o.Attendees {
		fmt.Fprintf(b, "  attendee %+v\n", a)
	}
}
