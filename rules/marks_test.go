package rules

import (
	"reflect"
	"testing"

	"chancery/config"
	"chancery/internal/model"
)

func TestMarks(t *testing.T) {
	set, errs := Compile(&config.Rules{Marks: []config.Mark{
		{Name: config.Text{Value: "star", Pos: config.Pos{}}, Flagged: true},
		{Name: config.Text{Value: "privileged"}, Keyword: "lx-1", Thunderbird: "$label1", Apple: "grey", Gmail: "P", Flagged: true},
	}})
	if errs.Fatal() {
		t.Fatal(errs)
	}
	want := []model.Mark{
		{Name: "privileged", Keyword: "lx-1", Thunderbird: "$label1", Apple: "gray", Gmail: "P", Flagged: true},
		{Name: "star", Flagged: true},
	}
	got := set.Marks()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v", got)
	}
	got[0].Name = "changed"
	if set.Marks()[0].Name != "privileged" {
		t.Error("a caller changed the set")
	}
}
