package demo

import (
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Office is the running office: two servers, full of mail and appointments.
type Office struct {
	Letters      []Letter
	Appointments []Appointment

	mail *mailServer
	cal  *calServer
}

// Open starts the servers on random loopback ports and fills them, with dates
// laid out around now.
func Open(now time.Time) (*Office, error) {
	letters, err := Letters(now)
	if err != nil {
		return nil, err
	}
	appointments, err := Appointments(now)
	if err != nil {
		return nil, err
	}
	o := &Office{Letters: letters, Appointments: appointments}
	if o.mail, err = newMailServer(); err != nil {
		return nil, err
	}
	if o.cal, err = newCalServer(); err != nil {
		o.mail.close()
		return nil, err
	}
	if err := o.fill(now); err != nil {
		o.Close()
		return nil, err
	}
	return o, nil
}

func (o *Office) fill(now time.Time) error {
	for _, p := range People() {
		if err := o.mail.addUser(p.Address, p.Password); err != nil {
			return err
		}
		if p.Login != "" {
			o.cal.addUser(p.Login, p.Password, p.Calendars...)
		}
	}
	for _, l := range o.Letters {
		if l.Late {
			continue
		}
		if err := o.deliver(l); err != nil {
			return err
		}
	}
	for _, a := range o.Appointments {
		o.cal.store(personOf(a.Account).Login, a.Calendar, a.Name+".ics", a.Raw, now)
	}
	return nil
}

func (o *Office) deliver(l Letter) error {
	var flags []imap.Flag
	if l.Seen {
		flags = append(flags, imap.FlagSeen)
	}
	if err := o.mail.deliver(personOf(l.Account).Address, "INBOX", l.Raw, l.Arrived, flags...); err != nil {
		return fmt.Errorf("%s: %w", l.Name, err)
	}
	return nil
}

// Arrive delivers the mail that comes late, and returns it.
func (o *Office) Arrive() ([]Letter, error) {
	var late []Letter
	for _, l := range o.Letters {
		if !l.Late {
			continue
		}
		if err := o.deliver(l); err != nil {
			return nil, err
		}
		late = append(late, l)
	}
	return late, nil
}

// Close ends both servers and every connection to them.
func (o *Office) Close() {
	o.mail.close()
	o.cal.close()
}

// MailPort is the port of the IMAP server on 127.0.0.1; it speaks without TLS.
func (o *Office) MailPort() int { return o.mail.port() }

// CalendarURL is the address of the CalDAV server.
func (o *Office) CalendarURL() string { return o.cal.url() }

// Calendar returns the raw objects of one calendar, by path.
func (o *Office) Calendar(p Person, name string) map[string][]byte {
	return o.cal.list(p.Login, name)
}
