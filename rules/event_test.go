package rules

import (
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/model"
)

// What conditions on events see beyond plain texts.
func TestWordsForEvents(t *testing.T) {
	at := func(location string) func(*model.Occurrence) {
		return func(o *model.Occurrence) { o.Location = location }
	}
	for _, c := range []struct {
		name, when string
		change     func(*model.Occurrence)
		want       bool
	}{
		{"a room", `ev.place`, at("Courtroom 4B, 40 Foley Square"), true},
		{"a link", `ev.place`, at("https://video.example/j/93"), false},
		{"a room and a link", `ev.place`, at("Room 12; https://video.example/j/93"), true},
		{"a program", `ev.place`, at("Microsoft Teams Meeting"), false},
		{"a call", `ev.place`, at("Phone"), false},
		{"nowhere", `ev.place`, at("  "), false},
		{"a way", `ev.travel == duration("45m")`, func(o *model.Occurrence) { o.Travel = 45 * time.Minute }, true},
		{"no way", `ev.travel == duration("0s")`, at(""), true},
		{"focus", `ev.focus`, func(o *model.Occurrence) { o.Focus = true }, true},
		{"no focus", `ev.focus`, at(""), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ranks(t, week(rankLine("yes", 7, c.when)), booked("Call", 2, c.change)); got != c.want {
				t.Errorf("%s is %v", c.when, got)
			}
		})
	}
}

func ranks(t *testing.T, r *config.Rules, e model.Event) bool {
	t.Helper()
	s := compiled(t, r)
	return newRanker(s, &model.View{Now: now, Principal: view().Principal}).rank(&e, e.Body.Reveal().Master).Name == "yes"
}

// An event is about a matter as mail is: by its number, and only if there is one.
func TestMatterOfAnEvent(t *testing.T) {
	titled := func(title string) func(*model.Occurrence) {
		return func(o *model.Occurrence) { o.Summary = title }
	}
	for _, c := range []struct {
		name, when string
		change     func(*model.Occurrence)
		want       bool
	}{
		{"in the title", `ev.matter.found && ev.matter.number == "10042.0070" && ev.matter.where == "title"`, titled("Deposition 10042.0070"), true},
		{"in the location", `ev.matter.where == "location"`, func(o *model.Occurrence) { o.Location = "War room 10042.0070" }, true},
		{"in a category", `ev.matter.where == "category"`, func(o *model.Occurrence) { o.Categories = []string{"Work", "10042.0070"} }, true},
		{"none", `ev.matter.found || ev.matter.hold || ev.matter.client != ""`, titled("Deposition"), false},
		{"no such number", `ev.matter.found`, titled("Deposition 99999.0001"), false},
		{"two", `ev.matter.found`, titled("Call 10042.0070 and 10042.0071"), false},
		{"on hold", `ev.matter.hold`, titled("Call 10042.0070"), true},
		{"behind a wall", `ev.people.exists(p, p.is_in(ev.matter.wall))`, titled("Call 10042.0070"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := week(rankLine("yes", 7, c.when))
			r.Matters = config.Matters{Number: tx(config.DefaultNumber), List: []config.Matter{
				{Number: "10042.0070", Client: "10042", Name: "Lease", Hold: true, Wall: []string{"client.example"}, Open: true},
				{Number: "10042.0071", Client: "10042", Name: "Tax", Open: true},
			}}
			if got := ranks(t, r, booked("Call", 2, c.change)); got != c.want {
				t.Errorf("%s is %v", c.when, got)
			}
		})
	}
}
