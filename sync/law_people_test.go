package sync

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
	"chancery/rules/agenda"
	"chancery/sync/journal"
)

// act is one thing that people do.
func (w *town) act() {
	w.t.Helper()
	if w.mail != nil && w.r.Intn(4) > 0 {
		w.billAct()
		return
	}
	holds := w.cal[model.SourceID([]string{"c/holds", "c/holds", "d/holds", "c/work"}[w.r.Intn(4)])]
	switch w.r.Intn(12) {
	case 0, 1:
		w.book()
	case 2, 3:
		w.change()
	case 4:
		w.remove()
	case 5:
		w.answerAgain()
	case 6, 7, 8, 9:
		w.handle(holds)
	case 10:
		w.clear()
	case 11:
		w.approve()
	}
}

var townTitles = []string{"Court", "Board", "Staff", "Team", "Client"}

// book puts a meeting, a series or a day out of office into one calendar or two.
func (w *town) book() {
	w.made++
	start := time.Date(2026, 3, 4+w.r.Intn(3), 9+w.r.Intn(7), 30*w.r.Intn(2), 0, 0, time.UTC)
	title := townTitles[w.r.Intn(len(townTitles))]
	o := &model.Occurrence{Summary: title, Status: "CONFIRMED", Start: model.Time{Wall: start, Loc: time.UTC}, End: model.Time{Wall: start.Add(time.Duration(1+w.r.Intn(2)) * time.Hour), Loc: time.UTC}}
	switch w.r.Intn(12) {
	case 0:
		o.Summary += " #hold3"
	case 1:
		day := start.Truncate(24 * time.Hour)
		o.Show, o.Start, o.End = model.OutOfOffice, model.Time{Wall: day, Date: true}, model.Time{Wall: day.AddDate(0, 0, 1), Date: true}
	case 2, 3:
		o.RRule = "FREQ=DAILY;COUNT=4"
	}
	in := [][]model.SourceID{{"c/work"}, {"c/work"}, {"c/home"}, {"d/work"}, {"c/work", "d/work"}, {"c/work", "c/home"}}[w.r.Intn(6)]
	self := model.Attendee{Address: model.Address{Addr: selfOf(in[0])}, PartStat: "ACCEPTED"}
	switch w.r.Intn(3) {
	case 0:
		o.Organizer = model.Address{Addr: "kim@other.example"}
		o.Attendees = []model.Attendee{{Address: o.Organizer, PartStat: "ACCEPTED"}, self}
	case 1:
		o.Organizer, o.Attendees = self.Address, []model.Attendee{self, {Address: model.Address{Addr: "kim@other.example"}, PartStat: "ACCEPTED"}}
	}
	if len(in) > 1 && in[1] == "d/work" && len(o.Attendees) > 0 {
		o.Attendees = append(o.Attendees, model.Attendee{Address: model.Address{Addr: "cfo@firm.example"}, PartStat: "ACCEPTED"})
	}
	uid := fmt.Sprint("m", w.made)
	w.say("book %s %s at %s in %v", uid, o.Summary, start.Format("0102T1504"), in)
	for _, id := range in {
		w.cal[id].put(model.Event{Ident: model.Ident("u:" + uid), Ref: model.Ref{Href: model.Name("/" + uid)}, Body: model.Hide(model.Series{UID: uid, Master: o})})
	}
}

// some picks a meeting.
func (w *town) some() (c *townCalendar, href model.Name, ok bool) {
	c = w.cal[[]model.SourceID{"c/work", "c/work", "c/home", "d/work"}[w.r.Intn(4)]]
	hrefs := slices.DeleteFunc(slices.Sorted(maps.Keys(c.events)), func(h model.Name) bool { return c.events[h].Own != nil })
	if len(hrefs) == 0 {
		return c, "", false
	}
	return c, hrefs[w.r.Intn(len(hrefs))], true
}

func (w *town) remove() {
	if c, href, ok := w.some(); ok && len(c.events) > 4 {
		w.say("remove %s of %s", string(href), c.id)
		c.drop(href)
	}
}

// change moves a meeting, gives it another title, or changes one instance of it.
func (w *town) change() {
	c, href, ok := w.some()
	if !ok {
		return
	}
	ev := c.events[href]
	series := ev.Body.Reveal()
	o := *series.Master
	by := []time.Duration{time.Hour, -time.Hour, 24 * time.Hour, -24 * time.Hour}[w.r.Intn(4)]
	how := w.r.Intn(4)
	switch {
	case o.RRule != "" && how < 3:
		w.say("change an instance of %s at %s", string(href), c.id)
		x := o
		at := model.Time{Wall: o.Start.Wall.AddDate(0, 0, w.r.Intn(4)), Loc: o.Start.Loc, Date: o.Start.Date}
		x.Recurrence, x.RRule = &at, ""
		length := o.End.Wall.Sub(o.Start.Wall)
		x.Start.Wall = at.Wall.Add(by)
		x.End.Wall = x.Start.Wall.Add(length)
		if how == 0 {
			x.Status = "CANCELLED"
		}
		series.Overrides = append(slices.DeleteFunc(slices.Clone(series.Overrides), func(y model.Occurrence) bool { return y.Recurrence.Wall.Equal(at.Wall) }), x)
		delete(c.amends, amended(href, at)) // it is another meeting now
	case how < 2:
		w.say("move %s of %s by %s", string(href), c.id, by)
		o.Start.Wall, o.End.Wall = o.Start.Wall.Add(by), o.End.Wall.Add(by)
		series.Master, series.Overrides = &o, nil
		c.changedBack(amended(href, model.Time{}))
	default:
		o.Summary = []string{"Court", "Board", "Staff", "Team"}[w.r.Intn(4)]
		w.say("call %s of %s %s", string(href), c.id, o.Summary)
		series.Master = &o
	}
	ev.Body = model.Hide(series)
	c.put(ev)
}

// answerAgain is a person who answers as before what was answered for them.
func (w *town) answerAgain() {
	c, href, ok := w.some()
	if !ok {
		return
	}
	ev := c.events[href]
	stand := func(o *model.Occurrence) bool {
		return slices.ContainsFunc(o.Attendees, func(a model.Attendee) bool { return a.Addr == selfOf(c.id) && a.PartStat != "ACCEPTED" })
	}
	series := ev.Body.Reveal()
	done := false
	if stand(series.Master) {
		ev, done = amendedEvent(ev, model.Time{}, model.Amended{Answer: "ACCEPTED"}), true
		c.changedBack(amended(href, model.Time{}))
	} else {
		for _, o := range series.Overrides {
			if stand(&o) && o.Status != "CANCELLED" && !done {
				ev, done = amendedEvent(ev, *o.Recurrence, model.Amended{Answer: "ACCEPTED"}), true
				c.changedBack(amended(href, *o.Recurrence))
			}
		}
	}
	if done {
		w.say("answer %s of %s again", string(href), c.id)
		c.put(ev)
	}
}

// changedBack notes that a person had the last word, if the journal knows that it
// was us who spoke before.
func (s *townCalendar) changedBack(key string) {
	if s.amends[key] > 0 {
		s.back[key] = true
	}
}

// handle edits, confirms, renames or deletes a hold of ours.
func (w *town) handle(c *townCalendar) {
	var ours []model.Name
	for _, href := range slices.Sorted(maps.Keys(c.events)) {
		if ev := c.events[href]; ev.Own != nil && ev.Own.Intact {
			ours = append(ours, href)
		}
	}
	if len(ours) == 0 {
		return
	}
	href := ours[w.r.Intn(len(ours))]
	ev := c.events[href]
	own, series := *ev.Own, ev.Body.Reveal()
	o := *series.Master
	own.Intact = false
	how := []string{"delete", "delete", "move", "retitle", "confirm", "rename"}[w.r.Intn(6)]
	w.say("%s the hold of %s", how, string(own.Of))
	w.touch(c, o.Summary)
	switch how {
	case "delete":
		c.drop(href)
		// Of what stood when the journal was lost only a process that saw it can say that
		// it is missing: it is taken up, and not written down.
		// Nor can anybody say it of a hold whose answer was lost, before it is asked for, or
		// of one that is about to be taken away in any case, or taken away and made again.
		switch {
		case c.unsure[href], w.madeAgain(own.Of):
		case w.stand(own.Of).confirmed:
			c.mine[href] = ""
		case w.lost:
			w.blind = true
		}
		return
	case "rename":
		if !strings.HasSuffix(string(href), "-renamed") { // a program writes it under another name
			c.drop(href)
			ev.Ref.Href = href + "-renamed"
			c.put(ev)
		}
		return
	case "move":
		o.Start.Wall, o.End.Wall = o.Start.Wall.Add(time.Hour), o.End.Wall.Add(time.Hour)
	case "retitle":
		o.Summary = "Mine"
	case "confirm":
		own.Confirmed, o.Status, o.Show = true, "CONFIRMED", model.Busy
	}
	series.Master = &o
	ev.Own, ev.Body = &own, model.Hide(series)
	c.mine[href] = c.put(ev).Ref.Version
}

// touch notes that a person edits or deletes a due date.
func (w *town) touch(c *townCalendar, title string) {
	if c.id == "c/bills" {
		for _, word := range numbersIn(title) {
			w.mail.touched[word] = true
		}
	}
}

// clear sends a draft, or deletes or files a note.
func (w *town) clear() {
	for _, id := range slices.Sorted(maps.Keys(w.box.there)) {
		x := w.box.there[id]
		if w.r.Intn(3) > 0 || x.touched {
			continue
		}
		w.say("take the note of %s, draft %v", string(x.of), x.draft)
		if x.draft {
			w.box.sent[x.of] = true
		}
		delete(w.box.there, id)
		return
	}
}

// approve lets wait no more what was too much at once.
func (w *town) approve() {
	for _, id := range townCalendars {
		if _, err := w.j.Approve(w.t.Context(), id, w.now); err != nil {
			w.t.Fatal(err)
		}
	}
}

// ask is "chancery holds".
func (w *town) ask() {
	w.t.Helper()
	i := w.r.Intn(len(w.leads))
	from := time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)
	req := HoldRequest{Principal: w.leads[i].Name, Request: agenda.Request{Title: []string{"Deposition", "Board date"}[w.r.Intn(2)], Length: 2 * time.Hour,
		Count: 2 + w.r.Intn(3), From: from, Till: from.AddDate(0, 0, 10), Withdraw: w.r.Intn(4) == 0}}
	_, err := w.e.settlers[i].hold(w.t.Context(), req)
	w.say("ask %s for %d holds %s, withdraw %v: %v", req.Principal, req.Count, req.Title, req.Withdraw, err)
	if isJournal(err) {
		w.t.Fatal(err)
	}
}

// stand is what the journal says of a finding.
func (w *town) stand(of model.Ident) stand {
	w.t.Helper()
	by, err := w.j.ByIdent(w.t.Context(), []model.Ident{of})
	if err != nil {
		w.t.Fatal(err)
	}
	return standing(by[of])[of]
}

// madeAgain reports whether a hold is about to be written as if it did not stand: it
// was to be taken away, and was asked for again before that was done.
func (w *town) madeAgain(of model.Ident) bool {
	w.t.Helper()
	by, err := w.j.ByIdent(w.t.Context(), []model.Ident{of})
	if err != nil {
		w.t.Fatal(err)
	}
	return slices.ContainsFunc(by[of], func(in journal.Intent) bool {
		h, ok := in.Step.Action.(model.Hold)
		return ok && h.Base.Href == "" && in.EndedAt.IsZero()
	})
}
