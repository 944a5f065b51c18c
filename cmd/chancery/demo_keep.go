package main

import (
	"context"
	"strings"
	"time"

	"chancery/internal/demo"
	"chancery/sync/journal"
)

// keepOpen leaves the office open until ctx ends, and tells what the service
// does meanwhile.
func (s *stage) keepOpen(ctx context.Context, office *demo.Office, p *page) error {
	s.printDoors(office, p)
	after, err := s.journalEnd(ctx)
	if err != nil {
		return err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			p.line("")
			p.line("the office closes")
			return nil
		case err := <-s.ended:
			s.ended <- err
			return err
		case <-tick.C:
			for e, err := range s.journal.Entries(ctx, journal.Filter{After: after}) {
				if err != nil {
					break // ctx ended, or the service will say why
				}
				after = e.Seq
				s.tell(p, e)
			}
		}
	}
}

// journalEnd is the number of the last entry there is.
func (s *stage) journalEnd(ctx context.Context) (int64, error) {
	sum, err := s.journal.Summary(ctx)
	return sum.Entries, err
}

// tell prints one entry of the journal as it is made.
func (s *stage) tell(p *page, e journal.Entry) {
	what := map[string]string{
		"planned": "", "sent": "", "confirmed": "done: " + e.Action, "released": "a person decided (" + e.Code + "): never again",
	}
	text, known := what[e.Kind]
	if !known {
		text = e.Kind + " " + e.Code
	}
	if text == "" {
		return
	}
	rule := ""
	if e.Rule != "" {
		rule = "rule " + e.Rule
	}
	p.line("%s  %-18s %s  %s", e.Time.Local().Format("15:04:05"), e.Source, strings.TrimSpace(text), p.style(dim, rule))
}

// printDoors says how to get in.
func (s *stage) printDoors(office *demo.Office, p *page) {
	p.heading("The office stays open until Ctrl-C", "")
	p.line("  IMAP      127.0.0.1 port %d, no TLS, normal password", office.MailPort())
	p.line("  CalDAV    %s", office.CalendarURL())
	p.line("")
	for _, person := range demo.People() {
		p.line("  %s: login %s, password %s", p.style(bold, person.Name), person.Address, person.Password)
		if person.Login != "" {
			p.line("    calendars %s, %s: login %s, same password", strings.Join(person.Calendars, ", "), demo.Holds, person.Login)
		}
	}
	who := demo.People()[0]
	p.line("")
	p.wrap(2, plain, "Thunderbird: new account, manual configuration, IMAP, 127.0.0.1, the port above, connection security none. Calendar: new calendar, on the network, the CalDAV address.")
	p.line("")
	p.line("neomutt -f imap://%s@127.0.0.1:%d/INBOX \\", strings.ReplaceAll(who.Address, "@", "%40"), office.MailPort())
	p.line("    -e 'set ssl_starttls=no ssl_force_tls=no imap_pass=%s'", who.Password)
	p.line("curl -u %s:%s %s%s/calendars/court/hearing.ics", who.Login, who.Password, office.CalendarURL(), who.Login)
	p.line("")
	p.wrap(2, plain, "In another terminal:")
	p.line("")
	p.line("export CONFIGURATION_DIRECTORY=%s", s.dir)
	p.line("chancery status")
	p.line("chancery explain '<advice-dredging@okafor-lane.example>'")
	p.line("chancery ledger       # --doubtful, --duplicates, show ID, paid ID")
	p.line("chancery reload       # after you changed a rule in rules.d/")
	p.line("")
	p.wrap(2, plain, "Try: take a flag away, move a bill back, delete a hold. A person wins: it is not done again.")
	p.line("")
}
