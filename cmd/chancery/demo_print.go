package main

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"chancery/internal/demo"
	"chancery/internal/mime"
	"chancery/internal/model"
)

// marksCells is the column of the marks.
const marksCells = 26

// leftCells is the column of what is left alone.
const leftCells = 34

// print tells the whole story.
func (r *demoReport) print(p *page) {
	p.wrap(0, plain, `Hartwell & Vance LLP, an invented law office. The rules are those that chancery ships, switched from "mode: observe" to "mode: enforce".`)
	for _, person := range demo.People() {
		if person.Login != "" {
			r.printPerson(p, person)
		}
	}
	r.printBills(p)
	r.printHolds(p)
	r.printNotes(p)
	r.printLeft(p)
	r.printEnd(p)
}

// printPerson shows the mailboxes of a leader.
func (r *demoReport) printPerson(p *page, person demo.Person) {
	p.heading(person.Name+", "+person.Role, person.Address)
	boxes := map[string][]demo.Seen{}
	for _, s := range r.after {
		if s.Account == person.Account {
			boxes[s.Mailbox] = append(boxes[s.Mailbox], s)
		}
	}
	names := slices.Collect(keysOf(boxes))
	slices.SortFunc(names, func(a, b string) int {
		if (a == "INBOX") != (b == "INBOX") {
			if a == "INBOX" {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	told := map[string]bool{}
	for _, name := range names {
		touched := slices.DeleteFunc(slices.Clone(boxes[name]), func(s demo.Seen) bool { return len(r.steps(s)) == 0 })
		count := plural(len(boxes[name]), "mail")
		if len(touched) < len(boxes[name]) {
			count += fmt.Sprintf(", %d marked", len(touched))
		}
		p.line("  %s  %s", p.style(bold, name), p.style(dim, count))
		for _, s := range slices.Backward(touched) { // newest first, as in a mail program
			p.pair(4, orUntitled(s.Subject), shows(s.Flags), colourOf(s.Flags), marksCells)
			why := r.because(s)
			if told[why] {
				why = r.again(s)
			}
			told[r.because(s)] = true
			p.wrap(8, dim, why)
		}
	}
}

func keysOf[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func orUntitled(s string) string {
	if strings.TrimSpace(s) == "" {
		return "(no subject)"
	}
	return s
}

func (r *demoReport) steps(s demo.Seen) []model.Step { return r.why[s.Account+s.MessageID] }

// because says which rule found which words in which zone, and where it stands.
// A rule that marks and files says so once.
func (r *demoReport) because(s demo.Seen) string {
	var out []string
	for _, step := range r.steps(s) {
		why := fmt.Sprintf("%s (%s)", strings.TrimPrefix(oneLine(step.Why.Reveal()), "rule "), path.Base(step.Place))
		why = strings.Replace(why, fmt.Sprintf("%q:", step.Rule), step.Rule+":", 1)
		if !slices.Contains(out, why) {
			out = append(out, why)
		}
	}
	return strings.Join(out, "; ")
}

// again names the rules alone, for a reason that was told above.
func (r *demoReport) again(s demo.Seen) string {
	var names []string
	for _, step := range r.steps(s) {
		if !slices.Contains(names, step.Rule) {
			names = append(names, step.Rule)
		}
	}
	return strings.Join(names, "; ") + ", as above"
}

var (
	thunderbirdTags = map[string]string{"$label1": "Important", "$label2": "Work", "$label3": "Personal", "$label4": "To Do", "$label5": "Later"}
	appleColours    = []string{"red", "orange", "yellow", "green", "blue", "purple", "gray"}
)

// shows says how mail programs show flags: the flag with its colour in Apple
// Mail, the tag in Thunderbird.
func shows(flags []string) string {
	has := func(f string) bool { return slices.Contains(flags, f) }
	var out []string
	if has(`\flagged`) {
		out = append(out, "★ "+appleColours[bits(flags)%len(appleColours)])
	}
	for _, f := range flags {
		if tag, ok := thunderbirdTags[f]; ok {
			out = append(out, "tag "+tag)
		}
	}
	return strings.Join(out, ", ")
}

// bits reads the colour of Apple Mail.
func bits(flags []string) int {
	n := 0
	for i := range 3 {
		if slices.Contains(flags, fmt.Sprintf("$mailflagbit%d", i)) {
			n |= 1 << i
		}
	}
	return n
}

// colourOf is the nearest colour of a terminal.
func colourOf(flags []string) string {
	if !slices.Contains(flags, `\flagged`) {
		return plain
	}
	return []string{"31", "33", "93", "32", "34", "35", "90", plain}[bits(flags)]
}

// printHolds shows the calendars of holds.
func (r *demoReport) printHolds(p *page) {
	p.heading("Calendars", plural(len(r.holds), "hold")+" in two calendars named "+demo.Holds)
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		zone = time.UTC
	}
	for _, h := range r.holds {
		p.line("  %s  %s", p.style(bold, h.title), p.style(dim, "tentative, for "+h.person.Name))
		p.line("    %s–%s", h.start.In(zone).Format("Mon 2 Jan 2006, 15:04"), h.end.In(zone).Format("15:04"))
		if h.offered() {
			continue // the hold that tells the conflict says it all
		}
		for _, uid := range h.uids {
			p.line("    %s %s", p.style(dim, "about:"), r.titleOf(uid))
		}
		for part := range strings.SplitSeq(h.text, "\n\n") {
			p.wrap(8, dim, inOne.Replace(part))
		}
	}
	p.wrap(2, dim, "A hold names ranks and times but no titles, because the rule file says discreet: true; the titles above are told by the demonstration.")
}

// inOne puts a paragraph of a hold on one line.
var inOne = strings.NewReplacer(":\n- ", ": ", "\n- ", "; ", "\n(", " (", "\n", ", ")

// titleOf finds the title of an appointment of the office.
func (r *demoReport) titleOf(uid string) string {
	for _, a := range r.office.Appointments {
		if a.UID != uid {
			continue
		}
		for line := range strings.Lines(string(a.Raw)) {
			if title, ok := strings.CutPrefix(line, "SUMMARY:"); ok {
				return strings.ReplaceAll(strings.TrimSpace(title), `\,`, ",")
			}
		}
	}
	return uid
}

// printNotes shows what the assistant finds in the morning.
func (r *demoReport) printNotes(p *page) {
	for _, person := range demo.People() {
		if person.Login != "" {
			continue
		}
		p.heading(person.Name+", "+person.Role, person.Address)
		for _, s := range r.notes() {
			p.line("  %s  %s", p.style(bold, s.Mailbox), shorten(s.Subject, p.width-4-cells(s.Mailbox)))
		}
		p.wrap(2, dim, "A note about a conflict says what its hold says, and that nothing was moved and nobody was told. A reminder goes by itself when what it reminds of is done.")
	}
}

// printLeft shows what looks as if it should have been touched, and was not.
func (r *demoReport) printLeft(p *page) {
	p.heading("Left alone on purpose", "")
	for _, l := range slices.Backward(r.office.Letters) {
		if l.Left != "" {
			p.columns(2, leftCells, orUntitled(mime.Read(l.Raw).Subject), l.Left)
		}
	}
	p.line("")
	told := map[string]bool{}
	for _, a := range r.office.Appointments {
		if a.Left != "" && !told[a.UID] {
			told[a.UID] = true
			p.columns(2, leftCells, r.titleOf(a.UID), a.Left)
		}
	}
	for _, k := range r.parked {
		p.line("  parked: %s %s", k.Code, k.Place)
	}
}

// printEnd counts.
func (r *demoReport) printEnd(p *page) {
	notes := len(r.notes())
	marked, filed := 0, 0
	for _, s := range r.after {
		if steps := r.steps(s); len(steps) > 0 {
			if shows(s.Flags) != "" {
				marked++
			}
			if s.Mailbox != "INBOX" {
				filed++
			}
		}
	}
	p.line("")
	p.wrap(0, bold, fmt.Sprintf("%s read, %d marked, %d filed; %s read, %s, %s; %.1f seconds.", plural(len(r.before), "mail"), marked, filed,
		plural(r.events.before, "appointment"), plural(len(r.holds), "hold"), plural(notes, "note"), r.took.Seconds()))
	if err := r.verify(); err != nil {
		p.wrap(0, red, err.Error())
		return
	}
	p.wrap(0, green, fmt.Sprintf("Nothing was sent, nothing was deleted: %d messages before, %d after, each octet for octet the same (SHA-256), and %s of ours; %d appointments before, %d after, none changed.",
		len(r.before), len(r.after)-notes, plural(notes, "note"), r.events.before, r.events.after))
}
