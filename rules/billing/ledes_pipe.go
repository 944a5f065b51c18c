package billing

import (
	"bytes"
	"io"
	"strconv"
	"unicode/utf8"
)

// piped reads a file of LEDES 1998B or 98BI.
func (c *ledesCheck) piped(in io.Reader) error {
	s := newLedesRecords(in, c.room)
	first, ok := s.next(0)
	if !ok {
		return s.ended(ErrNotLedes)
	}
	p := ledesPipe{ledesCheck: c, s: s, columns: num98B}
	for i := range p.order {
		p.order[i] = uint8(i)
	}
	c.line = s.line
	if err := p.version(first); err != nil {
		return err
	}
	if c.bom {
		c.say(codeBOM, "", "", nil)
	}
	if !p.headed {
		if rec, ok := p.next(); ok {
			p.header(rec)
		} else if s.err == nil && !c.o.Cut {
			c.line = s.line
			c.say(codeHeaderMissing, "", "", nil)
		}
	}
	for {
		rec, ok := p.next()
		if !ok {
			break
		}
		p.record(rec)
	}
	c.inv = nil
	if ends := min(s.crlf, 1) + min(s.lf, 1) + min(s.cr, 1); ends > 1 && s.lf+s.crlf+s.cr > 2 || s.cr > 1 {
		c.line = 1
		c.say(codeLineEnds, "", "", nil)
	}
	return s.ended(nil)
}

// ended prefers the reader's own error.
func (s *ledesRecords) ended(err error) error {
	if s.err != nil {
		return s.err
	}
	return err
}

// ledesPipe reads the records of one file.
type ledesPipe struct {
	*ledesCheck
	s       *ledesRecords
	columns int
	order   [numFields]uint8 // which field stands in a column
	moved   bool             // columns are not in the order of the format
	headed  bool             // the header has been read

	last   []byte // the beginning of the last record: what belongs to its invoice
	lastOK bool   // and there was nothing wrong with it
}

// version reads the first record.
func (p *ledesPipe) version(first []byte) error {
	const v98B, v98BI = "LEDES1998B", "LEDES98BI V2"
	name := string(bytes.ToUpper(first[:min(len(first), 40)]))
	p.out.Version = "1998B"
	switch {
	case p.s.bare && bytes.Contains(first, []byte("|")) && !foldPrefix(first, "INVOICE_DATE"):
		return ErrNotLedes
	case foldPrefix(first, "INVOICE_DATE|"):
		p.bi = bytes.Count(first, []byte("|")) > num98B
	case foldPrefix(first, "LEDES98BI"), foldPrefix(first, "LEDES98B-INTL"):
		p.bi = true
	case foldPrefix(first, "LEDES1998B"), foldPrefix(first, "LEDES98B"):
	default:
		misspelt, bi := misspeltVersion(first)
		if !misspelt || p.s.bare {
			return ErrNotLedes
		}
		p.bi = bi
	}
	want := v98B + "[]"
	if p.bi {
		p.out.Version, p.columns, want = "98BI V2", num98BI, v98BI+"[]"
	}
	// Spreadsheets fill the line up with as many separators as the longest line has.
	filled := len(p.s.rest) > 0 && len(bytes.Trim(p.s.rest, "|,;\t\" ")) == 0
	got := first
	if filled {
		got = append(append(got[:len(got):len(got)], "[]"...), p.s.rest...)
		p.s.rest = nil
	}
	if string(first) != v98B && string(first) != v98BI && name != "LEDES98BI" || name != string(first) || filled {
		p.say(codeVersion, "", want, got)
	}
	if p.s.bare && !p.o.Cut {
		p.say(codeRecordEnd, "", "[]", nil)
	}
	if foldPrefix(first, "INVOICE_DATE|") {
		p.headed = true
		p.header(first)
	}
	return nil
}

// misspeltVersion reports whether a first line means one of the pipe formats, such as
// "LEDES 1998B" or "LEDES98_BI", and whether it means 98BI.
func misspeltVersion(first []byte) (is, bi bool) {
	var word []byte
	for _, c := range bytes.ToUpper(first[:min(len(first), 40)]) {
		if alnum(c) {
			word = append(word, c)
		}
	}
	for _, prefix := range [...]string{"LEDES1998", "LEDES98"} {
		if rest, ok := bytes.CutPrefix(word, []byte(prefix)); ok {
			return true, bytes.HasPrefix(rest, []byte("BI")) || bytes.Contains(rest, []byte("INTL"))
		}
	}
	return false, false
}

// next returns the next record and tells what is wrong with its outside.
func (p *ledesPipe) next() ([]byte, bool) {
	rec, ok := p.s.next(p.columns - 1)
	p.inv = nil
	if p.s.long > 0 {
		p.line = p.s.long
		p.s.long = 0
		p.table.unsure = true
		p.say(codeRecordLong, "", "at most "+strconv.Itoa(maxRecord)+" octets", nil)
	}
	if !ok {
		return nil, false
	}
	p.line = p.s.line
	if p.s.bare && p.o.Cut && p.s.over {
		return nil, false // the part of a file ends here
	}
	if p.s.bare && p.s.over && len(bytes.Trim(rec, "\x1a\x00")) == 0 {
		p.say(codeControl, "", "nothing behind the last line", rec)
		return nil, false
	}
	switch {
	case p.s.bare:
		p.say(codeRecordEnd, "", "[]", tail(rec))
	case p.s.broken:
		p.say(codeFieldBreak, "", "", nil)
	case p.s.inside:
		p.say(codeBracket, "", "", nil)
	case p.s.joined:
		p.say(codeJoined, "", "", nil)
	}
	if p.s.empty > 0 {
		p.sayAt(p.s.empty, codeEmptyLine, "", "", nil)
	}
	return rec, true
}

func tail(b []byte) []byte { return b[max(0, len(b)-20):] }

// header compares the names of the columns. Known names in another order are read
// in that order.
func (p *ledesPipe) header(rec []byte) {
	names := bytes.Split(rec, []byte("|"))
	if len(names) > 2 && ledesDay(bytes.TrimSpace(names[0]), false) != noDay {
		p.say(codeHeaderMissing, "", ledesNames[0]+"|...", nil)
		p.record(rec)
		return
	}
	if len(names) != p.columns {
		p.say(codeFields, "", strconv.Itoa(p.columns), []byte(strconv.Itoa(len(names))))
	}
	order, all := p.order, len(names) == p.columns
	var used [numFields]bool
	for i, n := range names[:min(len(names), p.columns)] {
		at := columnOf(bytes.TrimSpace(n), p.columns)
		if all = all && at >= 0 && !used[max(at, 0)]; all {
			order[i], used[at] = uint8(at), true
		}
	}
	if all {
		p.moved = order != p.order
		p.order = order
		if p.moved {
			p.say(codeHeaderOrder, "", "", nil)
		}
		return
	}
	for i, n := range names[:min(len(names), p.columns)] {
		if !bytes.EqualFold(bytes.TrimSpace(n), []byte(ledesNames[i])) {
			p.say(codeHeader, ledesNames[i], ledesNames[i], n)
			if len(names) != p.columns {
				break // the rest has only moved
			}
		}
	}
}

func columnOf(name []byte, columns int) int {
	for i, n := range ledesNames[:columns] {
		if bytes.EqualFold(name, []byte(n)) {
			return i
		}
	}
	return -1
}

// record reads one line item.
func (p *ledesPipe) record(rec []byte) {
	it := &p.item
	n, at := 0, 0
	for n < p.columns {
		i := bytes.IndexByte(rec[at:], '|')
		if i < 0 {
			break
		}
		it.f[p.order[n]] = trimText(rec[at : at+i])
		n++
		at += i + 1
	}
	if n != p.columns-1 {
		p.fields(rec)
		return
	}
	it.f[p.order[n]] = trimText(rec[at:])
	it.head = p.repeated(rec)
	before := p.out.Errors + p.out.Warnings
	p.lineItem(p.columns)
	p.remember(rec, it.head || p.out.Errors+p.out.Warnings == before)
	if !plain(rec) {
		p.characters()
	}
}

// fields tells that a record has too few fields or too many. What it says then is
// not known: the sums of its invoice are not compared.
func (p *ledesPipe) fields(rec []byte) {
	parts := bytes.Count(rec, []byte("|")) + 1
	p.lastOK = false
	if parts > 2 {
		number := bytes.SplitN(rec, []byte("|"), 3)[1]
		if p.moved || !p.table.doubt(bytes.TrimSpace(number)) {
			p.table.unsure = true
		}
	}
	p.out.Lines++
	p.say(codeFields, "", strconv.Itoa(p.columns), []byte(strconv.Itoa(parts)))
}

// repeated reports whether the record begins like the last one, up to its line
// number: then what belongs to the invoice has been checked.
func (p *ledesPipe) repeated(rec []byte) bool {
	return p.lastOK && len(p.last) > 0 && bytes.HasPrefix(rec, p.last)
}

func (p *ledesPipe) remember(rec []byte, ok bool) {
	if p.lastOK = ok && !p.moved; !p.lastOK || p.item.head {
		return
	}
	at := 0
	for range fInvoiceText + 1 {
		at += bytes.IndexByte(rec[at:], '|') + 1
	}
	p.last = append(p.last[:0], rec[:at]...)
}

// trimText takes blanks off both ends of a field.
func trimText(b []byte) []byte {
	if len(b) > 0 && (b[0] <= ' ' || b[len(b)-1] <= ' ') {
		return trimBlanks(b)
	}
	return b
}

// plain reports whether a record is printable ASCII.
func plain(b []byte) bool {
	for _, c := range b {
		if c-' ' >= 0x7f-' ' {
			return false
		}
	}
	return true
}

// characters looks for what a field should not have: the first of each kind in a
// record is told.
func (p *ledesPipe) characters() {
	high, control := false, false
	for i := range p.columns {
		f := p.item.f[i]
		if plain(f) {
			continue
		}
		for _, b := range f {
			if !control && (b < ' ' && b != '\t' || b == 0x7f) {
				control = true
				p.say(codeControl, ledesNames[i], "", f)
			}
			if !high && b >= 0x80 && utf8.Valid(f) {
				high = true
				p.say(codeUTF8, ledesNames[i], "", f)
			}
		}
	}
}
