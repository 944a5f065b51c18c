package imap

import "strings"

const (
	maxStructure = 500 // parts of one message; a longer list is read no further
	wrapped      = 100 // bodies within bodies
)

// piece is a part as BODYSTRUCTURE describes it (RFC 9051 section 7.5.2).
type piece struct {
	octets int64   // of the encoded content; -1 for a multipart
	parts  []piece // of a multipart
	inner  *piece  // the body of an attached message
}

// at follows a path of mime.Place; nil if the description knows no such part.
func (p *piece) at(path []int) *piece {
	for _, n := range path {
		switch {
		case n == 0:
			p = p.inner
		case n > len(p.parts):
			return nil
		default:
			p = &p.parts[n-1]
		}
		if p == nil {
			return nil
		}
	}
	return p
}

// describe reads the value of a BODYSTRUCTURE item. It builds nothing but the
// tree of sizes, whatever the server writes.
func describe(raw []byte) (*piece, error) {
	r := &outline{scanner: scanner{b: raw}, room: maxStructure}
	return r.piece(0)
}

// outline is a scanner over a BODYSTRUCTURE with its literals in place.
type outline struct {
	scanner
	room int
}

func (r *outline) piece(depth int) (*piece, error) {
	if depth > wrapped {
		return nil, errDepth
	}
	if r.room--; r.room < 0 {
		return nil, errSyntax
	}
	r.spaces()
	if r.peek() != '(' {
		return nil, errSyntax
	}
	r.i++
	r.spaces()
	p := &piece{octets: -1}
	var err error
	if r.peek() == '(' {
		err = r.multipart(p, depth)
	} else {
		err = r.single(p, depth)
	}
	if err != nil {
		return nil, err
	}
	return p, r.close()
}

func (r *outline) multipart(p *piece, depth int) error {
	for r.peek() == '(' {
		inner, err := r.piece(depth + 1)
		if err != nil {
			return err
		}
		p.parts = append(p.parts, *inner)
		r.spaces()
	}
	return nil
}

// single reads "type" "subtype" params id description encoding octets, and for an
// attached message its envelope and body.
func (r *outline) single(p *piece, depth int) error {
	kind, err := r.word()
	if err != nil {
		return err
	}
	sub, err := r.word()
	if err != nil {
		return err
	}
	for range 4 {
		if err := r.over(); err != nil {
			return err
		}
	}
	octets, err := r.word()
	if err != nil {
		return err
	}
	n, ok := digits([]byte(octets))
	if !ok || n >= 1<<62 {
		return errSyntax
	}
	p.octets = int64(n)
	if !strings.EqualFold(kind, "message") || !strings.EqualFold(sub, "rfc822") && !strings.EqualFold(sub, "global") {
		return nil
	}
	if err := r.over(); err != nil { // the envelope
		return err
	}
	r.spaces()
	if r.peek() != '(' {
		return nil // the server did not look into it
	}
	p.inner, err = r.piece(depth + 1)
	return err
}

// close passes over extension data up to the end of the list.
func (r *outline) close() error {
	for {
		r.spaces()
		if r.peek() == ')' {
			r.i++
			return nil
		}
		if err := r.over(); err != nil {
			return err
		}
	}
}

// word reads an atom or a short string.
func (r *outline) word() (string, error) {
	r.spaces()
	start := r.i
	if err := r.over(); err != nil {
		return "", err
	}
	if raw := r.b[start:r.i]; raw[0] != '(' && len(raw) <= 200 {
		return string(text(raw)), nil
	}
	return "", errSyntax
}

// over passes over one datum.
func (r *outline) over() error {
	r.spaces()
	depth := 0
	for {
		end, err := r.pass(&depth)
		if err != nil || end {
			return err
		}
		// pass looks at a literal as the end of a line: here its octets follow.
		if _, err := r.literal(); err != nil {
			return err
		}
		if depth == 0 {
			return nil
		}
	}
}
