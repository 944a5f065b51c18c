package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"time"

	"chancery/internal/demo"
	"chancery/internal/model"
	"chancery/sync/journal"
)

// begunBefore lets the journal say that somebody has looked after the billing for
// some weeks: nobody is reminded of what came before, and an office that is open for
// seconds would have nothing to tell.
func begunBefore(ctx context.Context, j *journal.Journal) error {
	for _, p := range demo.People() {
		if !p.Desk {
			continue
		}
		if _, err := j.Claim(ctx, model.SourceID("billing/"+p.Principal), "demo", time.Now().AddDate(0, 0, -30)); err != nil {
			return err
		}
	}
	return nil
}

// play lets the service work until it rests, then the late mail come, and the service
// work on that. before is every message that came; due is how many due dates there
// were before the late mail.
func (s *stage) play(ctx context.Context, office *demo.Office, progress io.Writer) (before []demo.Seen, due int, err error) {
	if before, err = office.Look(); err != nil {
		return nil, 0, err
	}
	if err = s.untilRest(ctx, office, progress); err != nil {
		return nil, 0, err
	}
	due = dueDates(office)
	late, err := office.Arrive()
	if err != nil {
		return nil, 0, err
	}
	for _, l := range late {
		before = append(before, demo.Seen{Account: l.Account, MessageID: l.MessageID, Raw: l.Raw, Sum: sha256.Sum256(l.Raw)})
		if err := s.hears(ctx, l); err != nil {
			return nil, 0, err
		}
	}
	return before, due, s.untilRest(ctx, office, io.Discard)
}

// hears waits until the service has begun with a mail that was just delivered: until
// then it is at rest, and knows nothing of it.
func (s *stage) hears(ctx context.Context, l demo.Letter) error {
	ctx, cancel := context.WithTimeout(ctx, demoTime)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		known, err := s.journal.ByMessageID(ctx, l.MessageID)
		if err != nil || len(known) > 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s was delivered and not read: %w", l.Name, ctx.Err())
		case <-tick.C:
		}
	}
}

// dueDates counts the due dates in the calendars.
func dueDates(office *demo.Office) (n int) {
	for _, p := range demo.People() {
		if p.Desk {
			n += len(office.Calendar(p, demo.Bills))
		}
	}
	return n
}
