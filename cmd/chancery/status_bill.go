package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
	"chancery/internal/pdf"
	"chancery/rules/billdesk"
	"chancery/sync/journal"
)

const (
	mostBills   = 2000 // open bills of a source that are looked into
	mostSettled = 5000 // bills that are not open among which disputed ones are looked for
	lately      = 31 * 24 * time.Hour
	notesLooked = 8 // billing notes that are looked for, the newest first
)

// billStatus is what status says of the bills of one source. A bill that came to two
// sources counts for each.
type billStatus struct {
	Source model.SourceID
	Bills  int // that the ledger holds
	Open   int
	Soon   int // open, and due within seven days
	Late   int // open, and past due
	Check  int // with doubts that raise an alarm: open, or disputed in the last month and nobody looked at it
	Like   int // open, and like an earlier bill
	Looked int // how many open bills the four were counted in, the newest
}

// noteStatus is when a principal's billing note was written and is due.
type noteStatus struct {
	Principal string
	Due       time.Time // the next one
	Last      time.Time `json:",omitzero"` // when the newest was written; zero if none was lately
	Waiting   bool      `json:",omitzero"` // a note is to be written and is not yet there
}

// pdfStatus is how the running service reads PDFs.
type pdfStatus struct {
	pdf.State
	Mails int // that are decided again once their PDFs can be read
}

// tallyBills counts the bills of each source, and looks into the newest open ones.
func tallyBills(ctx context.Context, j *journal.Journal, l *loaded, now time.Time) ([]billStatus, error) {
	counts, err := j.BillCounts(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(counts, func(a, b journal.BillCount) int { return strings.Compare(string(a.Source), string(b.Source)) })
	var out []billStatus
	tallies, today := map[model.SourceID]*billdesk.Tally{}, map[model.SourceID]time.Time{}
	count := func(b model.Bill) {
		if t := tallies[b.Source]; t != nil {
			t.Count(b, today[b.Source])
		}
	}
	for _, c := range counts {
		tallies[c.Source], today[c.Source] = &billdesk.Tally{}, now.In(zoneOf(l, c.Source))
		looked := 0
		if err := j.NewestBills(ctx, c.Source, mostBills, func(b model.Bill) { looked++; count(b) }); err != nil {
			return nil, err
		}
		out = append(out, billStatus{Source: c.Source, Bills: c.Bills, Open: c.Open, Looked: looked})
	}
	if len(out) == 0 {
		return nil, nil
	}
	err = j.DisputedBills(ctx, now.Add(-lately), mostSettled, count)
	for i := range out {
		t := tallies[out[i].Source]
		out[i].Soon, out[i].Late, out[i].Check, out[i].Like = t.Soon, t.PastDue, t.Check, t.Like
	}
	return out, err
}

// zoneOf is the zone of the principal whose account it is.
func zoneOf(l *loaded, source model.SourceID) *time.Location {
	if p := whose(l.cfg, string(source)); p != nil {
		if zone, err := time.LoadLocation(p.Zone.Value); err == nil {
			return zone
		}
	}
	return time.Local
}

// tallyNotes finds the last and the next billing note of each principal.
func tallyNotes(ctx context.Context, j *journal.Journal, l *loaded, now time.Time) ([]noteStatus, error) {
	var out []noteStatus
	for _, c := range l.cfg.Service.Principals {
		p, err := principal(c)
		if err != nil {
			return nil, err
		}
		moments := billdesk.Moments(p.Principal, p.Desk, now, notesLooked)
		if len(moments) == 0 || p.Notes == "" {
			continue
		}
		s := noteStatus{Principal: p.Name, Due: moments[0].At}
		for _, m := range moments[1:] {
			found, err := j.ByIdent(ctx, []model.Ident{m.Of})
			if err != nil {
				return nil, err
			}
			for _, in := range found[m.Of] {
				if _, note := in.Step.Action.(model.Note); !note {
					continue
				}
				switch in.State {
				case journal.StateConfirmed:
					s.Last = in.EndedAt
				case journal.StatePlanned, journal.StateSent, journal.StateHeld:
					s.Waiting = true
				}
			}
			if !s.Last.IsZero() {
				break
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// sayBills tells about the ledger, the billing notes and the reading of PDFs.
func (r statusReport) sayBills(w io.Writer) {
	if len(r.Bills) > 0 {
		t := newTable("BILLS", "KEPT", "OPEN", "DUE IN 7 DAYS", "PAST DUE", "TO CHECK", "TWINS")
		part := false
		for _, b := range r.Bills {
			t.row(string(b.Source), number(b.Bills), number(b.Open), number(b.Soon), number(b.Late), number(b.Check), number(b.Like))
			part = part || b.Looked < b.Open
		}
		t.print(w)
		if part {
			_, _ = fmt.Fprintf(w, "of the newest %d open bills of each; of all: chancery ledger --due-before DAY\n", mostBills)
		}
	}
	for _, n := range r.Notes {
		last := "none was written lately"
		if !n.Last.IsZero() {
			last = "written " + clock(n.Last)
		}
		if n.Waiting {
			last += ", one waits for its server"
		}
		_, _ = fmt.Fprintf(w, "\nbilling note of %s: %s; the next one is due %s\n", n.Principal, last, clock(n.Due))
	}
	if r.PDF != nil && *r.PDF != (pdfStatus{}) {
		r.PDF.say(w)
	}
}

func (p *pdfStatus) say(w io.Writer) {
	if !p.Failing.IsZero() {
		_, _ = fmt.Fprintf(w, "\nPDF reader: does not start since %s; %s not read\n", clock(p.Failing), plural(int(p.Later), "file"))
		_, _ = fmt.Fprintln(w, wrapHint("    ", "try it with: chancery doctor; if the service has a reader of its own, look at: systemctl status chancery-pdf.socket"))
	} else {
		at := "at rest"
		if p.Readers > 0 {
			at = "at hand"
		}
		_, _ = fmt.Fprintf(w, "\nPDF reader: %s; %s read, %d too slow, %d too big\n", at, plural(int(p.Read), "file"), p.Slow, p.Big)
	}
	if p.Mails > 0 {
		_, _ = fmt.Fprintf(w, "    for it: %s, decided again when the PDF can be read\n", plural(p.Mails, "message"))
	}
}

// sickPDF reports whether mail waits for a reader that does not mend itself.
func (r statusReport) sickPDF() bool {
	return r.PDF != nil && !r.PDF.Failing.IsZero() && time.Since(r.PDF.Failing) > patience
}
