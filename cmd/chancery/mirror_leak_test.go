package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"chancery/config"
	"chancery/connectors/connectortest"
	"chancery/connectors/google"
	"chancery/internal/ical"
	"chancery/internal/model"
	"chancery/rules"
)

const rulesOfMirror = `version: 1
calendar:
  mirrors:
    - {name: private-time, mode: enforce, from: [gc-calendar/personal], to: gc-calendar/work, when: 'ev.title != "" && ev.people_count >= 0'}
`

// secretText is text that nothing of ours says: of letters of many scripts, digits
// and marks, also such that need escapes in iCalendar, JSON or a folded line.
func secretText(r *rand.Rand, n int) string {
	alphabet := []rune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,;:\\\"'-_@/.äßéжщ例案件密🔒\u202e")
	var b strings.Builder
	for range n {
		b.WriteRune(alphabet[r.Intn(len(alphabet))])
	}
	return b.String()
}

// secretEvent is an event with texts wherever an event has them.
func secretEvent(r *rand.Rand, at time.Time, length time.Duration, series bool) (e model.Event, texts []string) {
	text := func(n int) string {
		s := secretText(r, 4+r.Intn(n))
		texts = append(texts, s)
		return s
	}
	matter := fmt.Sprintf("%05d.%04d", r.Intn(100000), r.Intn(10000))
	texts = append(texts, matter)
	uid := text(40)
	o := model.Occurrence{
		Start: model.Time{Wall: at, Loc: time.UTC}, End: model.Time{Wall: at.Add(length), Loc: time.UTC},
		Summary: matter + " " + text(60), Location: text(60), Conference: "https://" + text(30), Categories: []string{text(20), matter},
		Status: "CONFIRMED", Class: "PUBLIC", Organizer: model.Address{Name: text(20), Addr: text(20)},
	}
	for range r.Intn(4) {
		o.Attendees = append(o.Attendees, model.Attendee{Address: model.Address{Name: text(20), Addr: text(30)}, PartStat: "ACCEPTED"})
	}
	s := model.Series{UID: uid, Master: &o}
	if series {
		moved := o
		rec := model.Time{Wall: at.AddDate(0, 0, 7), Loc: time.UTC}
		moved.Recurrence, moved.Summary = &rec, text(40)
		moved.Start.Wall, moved.End.Wall = rec.Wall.Add(time.Hour), rec.Wall.Add(time.Hour+length)
		o.RRule, s.Overrides = "FREQ=WEEKLY;COUNT=3", []model.Occurrence{moved}
	}
	href := "/" + text(20) + ".ics"
	return model.Event{
		Ref: model.Ref{Source: "gc-calendar/personal", Href: model.Name(href), Version: `"` + text(10) + `"`}, Ident: ical.Ident(uid, href), Body: model.Hide(s),
	}, texts
}

// Nothing of what an event says gets into what a mirror writes: not into the object
// on either kind of server, the journal's words, reports or the log. But for names
// that are hashes, all of it is to the octet what it is for events at the same
// times that say something else.
func TestAMirrorLeaksNothing(t *testing.T) {
	set := mirrorSet(t)
	sign := func(...string) string { return "signature" }
	events := 0
	for seed := range int64(200) {
		said, texts := mirrorWrites(t, set, sign, seed, 1)
		other, _ := mirrorWrites(t, set, sign, seed, 2)
		if len(said.holds) == 0 || said.text != other.text {
			t.Fatalf("seed %d: the words of an event change what is written:\n%s\n%s", seed, said.text, other.text)
		}
		events += len(said.holds)
		plain, _ := mirrorWrites(t, set, sign, seed, 0)
		for _, text := range texts {
			for i, all := 0, []rune(text); i+4 <= len(all); i++ {
				if p := string(all[i : i+4]); strings.Contains(said.text, p) && !strings.Contains(plain.text, p) {
					t.Fatalf("seed %d: %q of %q is in\n%s", seed, p, text, said.text)
				}
			}
		}
		if seed < 20 {
			if a, b := overGoogle(t, sign, said.steps), overGoogle(t, sign, other.steps); a == "" || a != b {
				t.Fatalf("seed %d: the words of an event change what Google gets:\n%s\n%s", seed, a, b)
			}
		}
	}
	t.Logf("%d entries", events)
}

// mirrorWrote is all that leaves for some events.
type mirrorWrote struct {
	holds []model.Hold
	steps []model.Step
	text  string // every octet, with names for the hashes
}

func mirrorSet(t *testing.T) *rules.Set {
	t.Helper()
	cfg, problems := config.Load(fstest.MapFS{
		"chancery.yaml": {Data: []byte(stubService)}, "rules.d/10.yaml": {Data: []byte(rulesOfMirror)}, "secrets/password": {Data: []byte("x")},
	}, "")
	set, compiled := rules.Compile(&cfg.Rules)
	if problems = append(problems, compiled...); problems.Fatal() {
		t.Fatal(problems)
	}
	return set
}

// mirrorWrites is what a mirror writes of some events: seed says when they are,
// words what they say.
func mirrorWrites(t *testing.T, set *rules.Set, sign func(...string) string, seed, words int64) (out mirrorWrote, texts []string) {
	t.Helper()
	v := model.View{
		Now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Findings: map[model.Ident]model.Finding{},
		Principal: model.Principal{Name: "gc", Zone: time.UTC, Addresses: []string{"gc@firm.example"}, Holds: "gc-calendar/holds"},
	}
	when, tell := rand.New(rand.NewSource(seed)), rand.New(rand.NewSource(seed*3+words))
	for i := range 1 + when.Intn(4) {
		at := v.Now.Add(time.Duration(24*i+when.Intn(20)) * time.Hour)
		e, said := secretEvent(tell, at, time.Duration(1+when.Intn(5))*30*time.Minute, when.Intn(3) == 0)
		v.Agenda, texts = append(v.Agenda, e), append(texts, said...)
	}
	plan := set.Decide(model.Change{Op: model.Look, Principal: "gc"}, v)
	var all bytes.Buffer
	log := slog.New(slog.NewTextHandler(&all, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	tag := regexp.MustCompile(`X-CHANCERY-TAG:[\w.-]+(\r\n [\w.-]+)*`)
	var names []string
	for i, s := range plan.Steps {
		s.ID = model.StepID(fmt.Sprintf("%032d", i))
		h := s.Action.(model.Hold)
		out.steps, out.holds = append(out.steps, s), append(out.holds, h)
		for _, name := range []struct{ text, form, is string }{{string(h.Of), `^m:[0-9a-f]{40}$`, "OF"}, {h.UID, `^chancery-[0-9a-f]{32}$`, "UID"}} {
			if !regexp.MustCompile(name.form).MatchString(name.text) {
				t.Fatalf("the name %q is no hash", name.text)
			}
			names = append(names, name.text, name.is)
		}
		ics := ical.Compose(h, sign)
		if n := len(tag.FindAll(ics, -1)); n != 1 {
			t.Fatalf("%d tags in\n%s", n, ics)
		}
		all.Write(tag.ReplaceAll(ics, []byte("TAG")))
		raw, err := model.EncodeStep(s)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(raw)
		log.Info("step", "step", s, "why", s.Why.Reveal(), "ref", s.Ref)
		fmt.Fprintf(&all, "%v %+v\n", s, h)
	}
	for _, report := range plan.Reports {
		fmt.Fprintf(&all, "%v %s\n", report, report.Why.Reveal())
	}
	out.text = strings.NewReplacer(names...).Replace(all.String())
	return out, texts
}

// overGoogle is what Google is sent for some steps, without names that are hashes.
func overGoogle(t *testing.T, sign func(...string) string, steps []model.Step) string {
	t.Helper()
	g := connectortest.NewGoogle(t)
	src, err := google.Open(t.Context(), google.Options{
		Source: "gc-calendar/work", URL: g.URL, User: g.Self, Match: "Work", Sign: sign,
		Token: func(context.Context) (string, error) { return "token", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if _, err := src.Apply(t.Context(), steps); err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`^[0-9a-v]{8,}$`)
	var out strings.Builder
	for _, c := range g.Calls() {
		if c.Method == "GET" {
			continue
		}
		if id, _ := c.Body["id"].(string); !name.MatchString(id) {
			t.Fatalf("the name %q is no hash", id)
		}
		delete(c.Body, "id")
		delete(c.Body, "extendedProperties")
		raw, err := json.Marshal(c.Body)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s %s %s\n", c.Method, c.Query.Encode(), raw)
	}
	return out.String()
}
