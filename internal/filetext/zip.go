package filetext

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
)

// member is a file of an archive as its central directory describes it
// (APPNOTE 6.3.10 section 4.3.12). Nothing of it is believed without a look.
type member struct {
	name   string
	packed []byte
	method uint16
	locked bool // with a password

	at, end int64 // of its header and octets; of no meaning without packed
	size    int64 // unpacked
	sum     uint32
}

var (
	errBroken = errors.New("filetext: broken")
	errLimit  = errors.New("filetext: limit")
)

const (
	endSize    = 22
	memberSize = 46
	localSize  = 30
)

// members reads the central directory. It is walked once, to its end or to
// maxMembers, whatever number it claims.
func members(b []byte) ([]member, error) {
	tail := b[max(0, len(b)-endSize-1<<16):]
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < endSize {
		return nil, errBroken
	}
	end := tail[at:]
	size, from := int64(binary.LittleEndian.Uint32(end[12:])), int64(binary.LittleEndian.Uint32(end[16:]))
	endAt := int64(len(b) - len(end))
	if size == inExtra || from == inExtra {
		if size, from, endAt = largeEnd(b, endAt); endAt < 0 {
			return nil, errBroken
		}
	}
	before := endAt - size - from // octets in front of the archive
	if size < 0 || from < 0 || before < 0 || from > endAt || size > endAt {
		return nil, errBroken
	}
	dir := b[from+before : endAt]
	var out []member
	for len(dir) >= memberSize && string(dir[:4]) == "PK\x01\x02" {
		if len(out) == maxMembers {
			return nil, errLimit
		}
		names, extra, note := int(binary.LittleEndian.Uint16(dir[28:])), int(binary.LittleEndian.Uint16(dir[30:])), int(binary.LittleEndian.Uint16(dir[32:]))
		if len(dir) < memberSize+names+extra+note {
			return nil, errBroken
		}
		m := member{
			name: string(dir[memberSize : memberSize+names]), method: binary.LittleEndian.Uint16(dir[10:]), locked: dir[8]&1 != 0,
			at: int64(binary.LittleEndian.Uint32(dir[42:])), size: int64(binary.LittleEndian.Uint32(dir[24:])), sum: binary.LittleEndian.Uint32(dir[16:]),
		}
		length := int64(binary.LittleEndian.Uint32(dir[20:]))
		large(dir[memberSize+names:memberSize+names+extra], &m.size, &length, &m.at)
		m.at = min(m.at, int64(len(b))) + before
		m.packed, m.end = packed(b, m.at, length)
		out = append(out, m)
		dir = dir[memberSize+names+extra+note:]
	}
	if len(out) == 0 && binary.LittleEndian.Uint16(end[10:]) > 0 {
		return nil, errBroken // the directory is not where it should be
	}
	return out, nil
}

// packed finds the octets of a member behind its local header, and where they end;
// nil if they are not there.
func packed(b []byte, at, size int64) ([]byte, int64) {
	if at < 0 || at+localSize > int64(len(b)) || string(b[at:at+4]) != "PK\x03\x04" {
		return nil, 0
	}
	from := at + localSize + int64(binary.LittleEndian.Uint16(b[at+26:])) + int64(binary.LittleEndian.Uint16(b[at+28:]))
	if size < 0 || from > int64(len(b)) || size > int64(len(b))-from {
		return nil, 0
	}
	return b[from : from+size], from + size
}

// inExtra stands in a field of four octets whose value stands elsewhere in eight
// (APPNOTE 6.3.10 section 4.4.1.4). Some programs write so whatever the size.
const inExtra = 1<<32 - 1

// large takes the values of eight octets out of an extra field (APPNOTE 6.3.10
// section 4.5.3): only those are there whose own field says so, in this order. What
// does not fit into 63 bits becomes negative, and nothing is there.
func large(extra []byte, fields ...*int64) {
	for len(extra) >= 4 {
		id, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			return
		}
		if id == 1 {
			values := extra[:n]
			for _, f := range fields {
				if *f == inExtra && len(values) >= 8 {
					*f = int64(binary.LittleEndian.Uint64(values))
					values = values[8:]
				}
			}
			return
		}
		extra = extra[n:]
	}
}

// largeEnd reads the end of a directory whose own fields are too small for it
// (APPNOTE 6.3.10 sections 4.3.14 and 4.3.15). The end is where the directory must
// end; negative if it is not there.
func largeEnd(b []byte, endAt int64) (size, from, end int64) {
	const locator, record = 20, 56
	if endAt < locator || string(b[endAt-locator:endAt-locator+4]) != "PK\x06\x07" {
		return 0, 0, -1
	}
	at := int64(binary.LittleEndian.Uint64(b[endAt-locator+8:]))
	if at < 0 || at > endAt-locator-record || string(b[at:at+4]) != "PK\x06\x06" {
		return 0, 0, -1
	}
	return int64(binary.LittleEndian.Uint64(b[at+40:])), int64(binary.LittleEndian.Uint64(b[at+48:])), at
}

// plainArchive reports whether the beginning of an archive shows that it is no
// document: its first members have none of the names that documents have.
func plainArchive(head []byte) bool {
	for _, name := range []string{"[Content_Types].xml", "_rels/", "word/", "xl/", "ppt/", "docProps/", "mimetype", "content.xml"} {
		if bytes.Contains(head, []byte(name)) {
			return false
		}
	}
	return true
}

// open returns the octets of a member as they are unpacked, within the limits.
func (r *Reader) open(m member) (io.Reader, error) {
	if m.packed == nil {
		return nil, errBroken
	}
	var in io.Reader = bytes.NewReader(m.packed)
	switch m.method {
	case 0:
	case 8:
		in = flate.NewReader(in)
	default:
		return nil, errBroken
	}
	return &bounded{in: in, of: r, packed: len(m.packed)}, nil
}

// bounded ends with errLimit where a member becomes too large, or larger than an
// honest one of its packed size.
type bounded struct {
	in     io.Reader
	of     *Reader
	packed int
	out    int
}

func (b *bounded) Read(p []byte) (int, error) {
	left := MaxUnpacked - b.of.unpacked
	if left <= 0 || b.out > smallRatio && b.out/maxRatio > b.packed {
		return 0, errLimit
	}
	n, err := b.in.Read(p[:min(len(p), left)])
	b.out += n
	b.of.unpacked += n
	if err != nil && err != io.EOF {
		err = errBroken
	}
	return n, err
}
