package model

import (
	"encoding/binary"
	"errors"
)

// The form of a bill in the journal: a version, its texts, its numbers and its lists,
// each group with how many they are, and its flags in the bits of a number. A field that a later version of the program
// adds comes last in its group; a bill written before has fewer.
const billVersion = 1

var errBill = errors.New("decode bill: bad length")

// groups are the fields of a bill in the order of its form, which stays.
func (b *Bill) groups() (texts []*string, numbers []*int64, lists []*[]string, flags []*bool) {
	return []*string{
			&b.ID, (*string)(&b.Ident), (*string)(&b.Source), &b.MessageID, &b.Subject, &b.Class, &b.Event, &b.Number, &b.Plain, &b.Vendor,
			&b.Name, &b.Client, &b.Matter, &b.Currency, &b.File, &b.Bank, &b.Layer, &b.State, &b.By,
		}, []*int64{
			(*int64)(&b.At), &b.Amount, (*int64)(&b.Date), (*int64)(&b.Due), (*int64)(&b.From), (*int64)(&b.Till),
		}, []*[]string{&b.Doubts, &b.Faults, &b.Twins, &b.Keys, &b.Settles},
		[]*bool{&b.Proved, &b.Answered}
}

// EncodeBill writes a bill with its content, for the journal alone, which seals it.
func EncodeBill(b Bill) []byte {
	texts, numbers, lists, flags := b.groups()
	out := make([]byte, 0, 512)
	out = append(out, billVersion)
	out = binary.AppendUvarint(out, uint64(len(texts)))
	for _, t := range texts {
		out = appendText(out, *t)
	}
	out = binary.AppendUvarint(out, uint64(len(numbers)))
	for _, n := range numbers {
		out = binary.AppendVarint(out, *n)
	}
	out = binary.AppendUvarint(out, uint64(len(lists)))
	for _, l := range lists {
		out = binary.AppendUvarint(out, uint64(len(*l)))
		for _, t := range *l {
			out = appendText(out, t)
		}
	}
	bits := uint64(0)
	for n, f := range flags {
		if *f {
			bits |= 1 << n
		}
	}
	return binary.AppendUvarint(out, bits)
}

// DecodeBill reads what EncodeBill wrote, in this version of the program or before.
func DecodeBill(b []byte) (Bill, error) {
	if len(b) == 0 || b[0] != billVersion {
		return Bill{}, errors.New("decode bill: unknown form")
	}
	var out Bill
	texts, numbers, lists, flags := out.groups()
	r := billReader{rest: string(b[1:])} // its texts share one piece of memory
	for n := range r.count() {
		if t := r.text(); n < len(texts) {
			*texts[n] = t
		}
	}
	for n := range r.count() {
		if v := r.varint(); n < len(numbers) {
			*numbers[n] = v
		}
	}
	for n := range r.count() {
		if l := r.list(); n < len(lists) {
			*lists[n] = l
		}
	}
	bits := r.uvarint()
	for n, f := range flags {
		*f = bits>>n&1 == 1
	}
	if r.failed {
		return Bill{}, errBill
	}
	return out, nil
}

// billReader reads on after an error, as if everything were empty.
type billReader struct {
	rest   string
	failed bool
}

func (r *billReader) fail() {
	r.rest, r.failed = "", true
}

// uvarint reads a number as package binary writes it.
func (r *billReader) uvarint() uint64 {
	var n uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		c := r.rest[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			return n
		}
	}
	r.fail()
	return 0
}

func (r *billReader) varint() int64 {
	n := r.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

// count reads how many follow, each of which takes an octet at least.
func (r *billReader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *billReader) text() string {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *billReader) list() []string {
	n := r.count()
	if n == 0 {
		return nil
	}
	out := make([]string, 0, n)
	for range n {
		out = append(out, r.text())
	}
	return out
}
