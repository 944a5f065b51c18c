package sync

import (
	"testing"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// What a first try found done was there before us; what a second one found so was
// done by the first, whose answer was lost with its process.
func TestHadEffect(t *testing.T) {
	mark := model.Mark{Name: "billing", Keyword: "lx-4"}
	for _, tt := range []struct {
		name string
		in   journal.Intent
		want bool
	}{
		{"filed", journal.Intent{Step: model.Step{Action: model.File{}}, Attempts: 1}, true},
		{"filed by others", journal.Intent{Step: model.Step{Action: model.File{}}, Attempts: 1, Already: true}, false},
		{"filed before it was sent", journal.Intent{Step: model.Step{Action: model.File{}}, Already: true}, false},
		{"filed by a try that was not answered", journal.Intent{Step: model.Step{Action: model.File{}}, Attempts: 2, Already: true}, true},
		{"marked", journal.Intent{Step: model.Step{Action: mark}, Attempts: 1, Added: model.Flags{"lx-4"}, Flags: model.Flags{"lx-4"}}, true},
		{"marked by others", journal.Intent{Step: model.Step{Action: mark}, Attempts: 2, Already: true, Flags: model.Flags{"lx-4"}}, false},
		{"marked by a try that was not answered", journal.Intent{Step: model.Step{Action: mark}, Attempts: 2, Already: true, Added: model.Flags{"lx-4"}}, true},
		{"a letter", journal.Intent{Step: model.Step{Action: model.Note{}}, Attempts: 1}, false},
		{"an undo", journal.Intent{Step: model.Step{Action: model.Return{}}, Attempts: 1}, false},
	} {
		if got := HadEffect(tt.in); got != tt.want {
			t.Errorf("%s: %t, want %t", tt.name, got, tt.want)
		}
	}
}
