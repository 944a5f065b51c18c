package demo

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Letter is one mail of the office and what should become of it.
type Letter struct {
	Name      string // "privilege/merger"
	Account   string // whose: Person.Account
	MessageID string // with angle brackets; "" if the mail has none
	Raw       []byte
	Arrived   time.Time
	Seen      bool
	Late      bool // it comes only when the office is at rest

	Marks  []string // names of marks it should get, sorted
	Folder string   // where it should lie; INBOX if it should stay
	Left   string   // why it is left alone on purpose; "" for mail nobody would ask about
}

// letterCells: item, arrived, state, marks, folder, why it is left alone.
const letterCells = 6

// Letters writes the mail of the office as of now, oldest first.
func Letters(now time.Time) ([]Letter, error) {
	d, err := newDays(now)
	if err != nil {
		return nil, err
	}
	archives, err := readArchives("mail", letterCells)
	if err != nil {
		return nil, err
	}
	var out []Letter
	for _, a := range archives {
		for _, row := range a.rows {
			l, err := readLetter(d, row, a.items[row[0]])
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", a.name, row[0], err)
			}
			if l.Arrived.After(now) {
				return nil, fmt.Errorf("%s: %s arrives only in the future", a.name, row[0])
			}
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b Letter) int { return a.Arrived.Compare(b.Arrived) })
	return out, nil
}

func readLetter(d days, row []string, text []byte) (Letter, error) {
	account, name, ok := strings.Cut(strings.TrimSuffix(row[0], ".eml"), "/")
	if !ok {
		return Letter{}, fmt.Errorf("name without an account")
	}
	l := Letter{Name: name, Account: account, Seen: row[2] == "seen", Late: row[2] == "late", Folder: row[4], Left: row[5]}
	var ago int
	var clock string
	if _, err := fmt.Sscanf(row[1], "%d %s", &ago, &clock); err != nil || ago >= 0 {
		return Letter{}, fmt.Errorf("arrived %q is no working day before today", row[1])
	}
	var err error
	if l.Arrived, err = d.at(ago, clock); err != nil {
		return Letter{}, err
	}
	if l.Folder == "" {
		l.Folder = "INBOX"
	}
	l.Marks = strings.Fields(row[3])
	slices.Sort(l.Marks)
	if l.Raw, err = fill(row[0], text, d.words(), mailWords()); err != nil {
		return Letter{}, err
	}
	l.Raw = crlf(l.complete())
	return l, nil
}

// complete adds the fields that every mail has and nobody wants to write: Date,
// Message-ID and To. A mail that begins with a blank line wants none of them.
func (l *Letter) complete() []byte {
	raw := bytes.TrimSuffix(l.Raw, []byte("\n"))
	if rest, bare := bytes.CutPrefix(raw, []byte("\n")); bare {
		return append(rest, '\n')
	}
	head, _, _ := bytes.Cut(raw, []byte("\n\n"))
	has := func(field string) bool {
		return bytes.Contains(append([]byte("\n"), bytes.ToLower(head)...), []byte("\n"+field+":"))
	}
	var fields bytes.Buffer
	if !has("date") {
		fmt.Fprintf(&fields, "Date: %s\n", l.Arrived.Format(time.RFC1123Z))
	}
	if !has("message-id") {
		l.MessageID = fmt.Sprintf("<%s@%s>", l.Name, senderDomain(head))
		fmt.Fprintf(&fields, "Message-ID: %s\n", l.MessageID)
	}
	if !has("to") {
		p := personOf(l.Account)
		fmt.Fprintf(&fields, "To: %s <%s>\n", p.Name, p.Address)
	}
	fields.Write(raw)
	fields.WriteByte('\n')
	return fields.Bytes()
}

// senderDomain is the domain of From, for the Message-ID.
func senderDomain(head []byte) string {
	for line := range strings.Lines(string(head)) {
		field, value, _ := strings.Cut(line, ":")
		if !strings.EqualFold(field, "From") {
			continue
		}
		if _, domain, ok := strings.Cut(value, "@"); ok {
			return strings.TrimRight(domain, "> \r\n")
		}
	}
	return "nowhere.example"
}
