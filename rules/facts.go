package rules

import (
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/billing"
	"chancery/rules/text"
)

const (
	maxPeople = 10000 // addresses of one message
	maxFiles  = 100   // files of one message
)

// facts is everything rules may know about one message. What costs something is
// worked out when it is first asked for and then kept. It belongs to one call.
type facts struct {
	set  *Set
	msg  *model.Message
	mail model.Mail
	now  time.Time

	thread         []string // names of the marks its thread has
	from, fromName string

	*scratch
	read           bool // body and attached are known
	body, attached string
	may            [lookings]answer // what a look over them said
	torn           answer           // whether damaged terms stand at their head
	split          bool
	zones          text.Zones
	folded         [zones]string
	foldedZ        [zones]bool

	placed  [zones]bool // starts are known
	scanned scanning    // how many of the hits are known
	inFiles [][]hit     // by term set, with those in files; nil: not known

	matters  []found
	searched bool

	bill     *billing.Facts // nil: not read; nearly all mail is never read so
	billable answer         // whether it may be billing mail
	account  answer         // whether it may speak of a new account
	billMail *billMail
	earlier  []model.Bill     // of the ledger, those of other messages
	recorded []model.Bill     // of the ledger, those of the message itself
	deskName string           // of the account's principal
	mailOf   []model.SourceID // accounts of the same principal
	readers  [2]string        // addresses of the principal, and of who reads notes
	auth     *authentication
	value    map[string]ref.Val // lists that were already turned into values
	invite   *invitation        // nil: the message is none
}

// found is one matter and the best zone it stands in.
type found struct {
	matter *config.Matter
	text   string
	zone   int
}

func newFacts(s *Set, c model.Change, v model.View) *facts {
	f := &facts{set: s, msg: c.Message, mail: c.Message.Body.Reveal(), now: v.Now, thread: v.Thread, deskName: v.Desk.From.Name, mailOf: v.Desk.Mail, readers: [2]string{v.Desk.From.Addr, v.Desk.NotesTo}, scratch: scratches.Get().(*scratch)}
	for i := range v.Bills {
		if b := v.Bills[i]; b.Ident == c.Ident {
			f.recorded = append(f.recorded, b)
		} else {
			f.earlier = append(f.earlier, b)
		}
	}
	if len(f.mail.From) > 0 {
		f.from, f.fromName = address(f.mail.From[0]), f.mail.From[0].Name
	}
	if f.mail.Invite != nil {
		f.invite = newInvitation(f, v)
	}
	return f
}

// address is an address as rules compare it.
func address(a model.Address) string { return strings.ToLower(a.Addr) }

// text returns the zones, split once.
func (f *facts) text() *text.Zones {
	if !f.split {
		f.split = true
		body, attached := f.texts()
		f.zones = text.SplitBody(&f.mail, body, attached)
		f.zones.Subject = f.subject()
		f.zones.New = bounded(f.zones.New)
		f.zones.Quoted = bounded(f.zones.Quoted)
		f.zones.Signature = bounded(f.zones.Signature)
		f.zones.Footer = bounded(f.zones.Footer)
	}
	return &f.zones
}

// subject needs no split.
func (f *facts) subject() string { return bounded(f.mail.Subject) }

// fold returns a zone in the form in which terms and numbers are looked for.
func (f *facts) fold(zone int) string {
	if !f.foldedZ[zone] {
		f.foldedZ[zone] = true
		switch zone {
		case zoneSubject:
			f.folded[zone] = text.FoldIn(&f.folds[zone], f.subject())
		case zoneNew:
			f.folded[zone] = foldZone(&f.folds[zone], f.text().New, f.text().Seams.New)
		case zoneName:
			f.folded[zone] = foldNames(f.mail.Files)
		case zoneQuoted:
			f.folded[zone] = foldZone(&f.folds[zone], f.text().Quoted, f.text().Seams.Quoted)
		case zoneSignature:
			f.folded[zone] = foldZone(&f.folds[zone], f.text().Signature, f.text().Seams.Signature)
		case zoneFooter:
			f.folded[zone] = foldZone(&f.folds[zone], f.text().Footer, f.text().Seams.Footer)
		}
	}
	return f.folded[zone]
}

// foldZone folds the text of a zone. A line ends at each seam, so that no phrase
// goes across what somebody else wrote.
func foldZone(buf *[]byte, s string, seams []int32) string {
	if len(seams) == 0 {
		return text.FoldIn(buf, s)
	}
	var out strings.Builder
	out.Grow(len(s))
	piece := func(s string) {
		if s = text.FoldIn(buf, s); s != "" && out.Len() > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(s)
	}
	from := 0
	for _, at := range seams {
		if int(at) < len(s) {
			piece(s[from:at])
			from = int(at)
		}
	}
	piece(s[from:])
	return out.String()
}

// foldNames puts file names one on a line, so that no phrase spans two.
func foldNames(files []model.Attachment) string {
	var folded []string
	size := 0
	for _, a := range files {
		if a.Name == "" {
			continue
		}
		if size += len(a.Name); size > maxText {
			break
		}
		folded = append(folded, text.Fold(a.Name))
	}
	return strings.Join(folded, "\n")
}

// scanning says of which zones the hits are known.
type scanning uint8

const (
	unscanned scanning = iota
	headScanned
	allScanned
)

// scan looks for all terms of all sets in all zones, once.
func (f *facts) scan() [][]hit {
	hits := f.sized(f.set.words.count)
	if f.scanned == allScanned || f.set.words.machine == nil {
		return hits
	}
	body := f.mayStand(lookTerms)
	if f.scanned == headScanned && body && f.fold(zoneName) != "" { // hits stand in the order of the zones
		for i := range hits {
			hits[i] = hits[i][:0]
		}
		f.scanned = unscanned
	}
	for zone := range zones {
		if ofBody(zone) && body || (zone == zoneSubject || zone == zoneName) && f.scanned == unscanned {
			f.scanZone(hits, zone)
		}
	}
	f.scanned = allScanned
	return hits
}

// keyHits returns the hits that may make a key: all of them, or those of subject
// and names if no key can have enough in the body.
func (f *facts) keyHits() [][]hit {
	if f.scanned == allScanned || f.set.ungated || f.set.words.machine == nil {
		return f.scan()
	}
	hits := f.sized(f.set.words.count)
	if f.scanned == unscanned {
		f.scanZone(hits, zoneSubject)
		f.scanZone(hits, zoneName)
		f.scanned = headScanned
	}
	if f.may[lookKeys] == unasked {
		f.counted(hits)
	}
	if f.mayStand(lookKeys) {
		return f.scan()
	}
	return hits
}

func (f *facts) scanZone(hits [][]hit, zone int) {
	if f.fold(zone) == "" {
		return
	}
	f.joins = f.joins[:0]
	s, same := plainJoins(&f.plain, &f.joins, f.fold(zone))
	starts := f.startsOf(zone)
	if !same {
		f.places = text.Starts(f.places[:0], s)
		starts = f.places
	}
	f.set.words.scan(hits, zone, s, starts)
	if len(f.joins) > 0 {
		f.set.words.scanJoined(f.scratch, hits, zone, s, f.joins)
	}
	if zone == zoneSubject || zone == zoneNew {
		f.scanGlued(hits, zone, s)
	}
}

// term returns the hits of one set as a list.
func (f *facts) term(set int) ref.Val {
	hits := f.scan()[set]
	v := f.scratch.value(set)
	if *v == nil {
		values := make([]ref.Val, len(hits))
		for i := range hits {
			values[i] = record{hitKind, &hits[i]}
		}
		*v = types.NewRefValList(f.set.types, values)
	}
	return *v
}

// named returns every listed matter in the message, each once, with the best
// zone it stands in. Signatures and footers do not count.
func (f *facts) named() []found {
	if f.searched {
		return f.matters
	}
	f.searched = true
	if f.set.matters.Len() == 0 {
		return nil
	}
	for _, zone := range []int{zoneSubject, zoneNew, zoneName, zoneQuoted} {
		if ofBody(zone) && !f.mayStand(lookMatters) {
			continue
		}
		s := f.fold(zone)
		if zone == zoneName {
			s = strings.ReplaceAll(s, "_", " ") // words start where they did
			f.fromLedes()
		}
		if s != "" {
			f.find(s, f.startsOf(zone), zone)
		}
	}
	return f.matters
}

// find adds the matters of one folded text, in which words start at starts.
func (f *facts) find(s string, starts []int32, zone int) {
	for _, h := range f.set.matters.FindIn(s, starts) {
		if !slices.ContainsFunc(f.matters, func(o found) bool { return o.matter == h.Matter }) {
			f.matters = append(f.matters, found{h.Matter, h.Text, zone})
		}
	}
}

// fromLedes adds the matters that LEDES files name, as if their names did.
func (f *facts) fromLedes() {
	for i := range f.mail.Files[:min(len(f.mail.Files), maxFiles)] {
		if billing.Kind(f.mail.Files[i]) != "ledes" {
			continue
		}
		for _, l := range f.billing().Ledes {
			for _, inv := range l.Invoices {
				for _, number := range []string{inv.Matter, inv.LawFirmMatter} {
					s := text.Fold(number)
					f.find(s, text.Starts(nil, s), zoneName)
				}
			}
		}
		return
	}
}

// held returns a matter under legal hold that the message names, nil if there is
// none.
func (f *facts) held() *config.Matter {
	if !f.set.holds {
		return nil
	}
	for _, m := range f.named() {
		if m.matter.Hold {
			return m.matter
		}
	}
	return nil
}

// candidates returns the matters of the best zone: none, one, or several that
// nothing tells apart.
func (f *facts) candidates() []found {
	all := f.named()
	n := 0
	for n < len(all) && all[n].zone == all[0].zone {
		n++
	}
	return all[:n]
}

// matter returns the one matter of the message, or nil.
func (f *facts) matter() *found {
	if c := f.candidates(); len(c) == 1 {
		return &c[0]
	}
	return nil
}

// billing returns what the mail says as a bill.
func (f *facts) billing() *billing.Facts {
	if f.bill == nil {
		o := f.set.bills
		o.Today = f.submitted()
		bill := billing.Extract(*f.text(), &f.mail, o)
		f.bill = &bill
	}
	return f.bill
}

// arrived is when the message came, by the server, else by its own Date.
func (f *facts) arrived() time.Time {
	if !f.msg.Arrived.IsZero() {
		return f.msg.Arrived
	}
	return f.mail.Date
}

// list keeps a list of strings as a value.
func (f *facts) list(name string, make func() []string) ref.Val {
	if v, ok := f.value[name]; ok {
		return v
	}
	return f.keep(name, types.NewStringList(f.set.types, make()))
}

// keep keeps a value for the next expression that asks.
func (f *facts) keep(name string, v ref.Val) ref.Val {
	if f.value == nil {
		f.value = map[string]ref.Val{}
	}
	f.value[name] = v
	return v
}

// people turns addresses into strings, without the unreadable ones.
func people(groups ...[]model.Address) []string {
	var list []string
	for _, as := range groups {
		for _, a := range as {
			if s := address(a); s != "" && len(list) < maxPeople {
				list = append(list, s)
			}
		}
	}
	return list
}
