package mime

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"chancery/internal/filetext"
	"chancery/internal/model"
)

// bills is what is left to read of the files of one message that may be bills.
type bills struct {
	sum    hash.Hash // of the leaf that is being read
	inside int       // files inside others left
	data   int       // octets of Data left
}

// Where a file stands. What is inside a file of an archive is not opened, so that
// nothing unfolds without end.
const (
	inMail = iota
	inArchive
	inPDF
)

// KeepBills asks for files that may be bills: Attachment.Data and Sum, and the files
// inside archives and PDF files, which follow the one they are Inside of. It asks for
// the text of files too, see KeepFileText. Call it before the first Write.
func (r *Reader) KeepBills(pdf filetext.PDF) {
	r.KeepFileText(pdf)
	r.inFiles.files = MaxBillFiles
	r.bills = &bills{sum: sha256.New(), inside: MaxInside, data: MaxBills}
}

// ReadFor reads a whole message at once, as far as need goes. pdf reads PDF files, see
// KeepFileText.
func ReadFor(b []byte, need model.Need, pdf filetext.PDF) model.Mail {
	r := NewReader()
	r.KeepFor(need, pdf)
	_, _ = r.Write(b)
	return r.Close(true)
}

// KeepFor is Keep and the others as need asks for them.
func (r *Reader) KeepFor(need model.Need, pdf filetext.PDF) {
	r.Keep(need.Text, need.Files)
	switch {
	case need.Bills:
		r.KeepBills(pdf)
	case need.FileText:
		r.KeepFileText(pdf)
	}
	if need.Invite {
		r.KeepInvite()
	}
}

// worth is how many octets of a file that begins so are worth having; 0 if none.
func (r *Reader) worth(head []byte) int {
	n := filetext.Worth(head)
	switch {
	case r.bills != nil && filetext.Machine(head) != "":
		return max(n, MaxBill)
	case r.opens(head, inMail):
		return MaxFile
	}
	return n
}

// opens reports whether a file is read as a whole that may hold others: a PDF by
// whoever reads those, an archive only where files in it are looked for.
func (r *Reader) opens(head []byte, where int) bool {
	switch filetext.Holds(head) {
	case "pdf":
		return r.inFiles.pdf != nil && where != inPDF
	case "zip":
		return r.bills != nil && where == inMail
	}
	return false
}

// total is the checksum of the leaf, all of whose octets were seen.
func (b *bills) total() string { return hex.EncodeToString(b.sum.Sum(nil)) }

// readData keeps the whole of a file for a machine, and reports whether it is one.
func (b *bills) readData(f *model.Attachment, content []byte, cut bool) bool {
	if filetext.Machine(content) == "" {
		return false
	}
	if !cut && len(content) <= min(MaxBill, b.data) {
		b.data -= len(content)
		f.Data = bytes.Clone(content)
	}
	return true
}

// readPDF has a PDF file read by whoever does that, and takes the files out of it that
// may be bills.
func (r *Reader) readPDF(f *model.Attachment, content []byte) []model.Attachment {
	in := r.inFiles
	if in.pdfs == 0 {
		f.Unread = "size"
		return nil
	}
	in.pdfs--
	text, members, code := in.pdf(content)
	if code == "pdf-time" || code == "pdf-memory" {
		in.pdfs = min(in.pdfs, 1) // one message shall not hold up the mail behind it
	}
	f.Text, f.Unread = valid(text), code
	r.limitText(f)
	if r.bills == nil {
		return nil
	}
	var inside []model.Attachment
	for _, m := range members {
		if r.bills.inside == 0 {
			f.Unread = "limit"
			break
		}
		inside = append(inside, r.member(f.Name, m, inPDF)...)
	}
	return inside
}

// readZip takes the files out of an archive.
func (r *Reader) readZip(f *model.Attachment, content []byte) []model.Attachment {
	var inside []model.Attachment
	f.Unread = r.inFiles.reader.Unpack(content, r.bills.inside, func(m filetext.Member) {
		inside = append(inside, r.member(f.Name, m, inArchive)...)
	})
	return inside
}

// member is a file that was found in another, and those found in it.
func (r *Reader) member(outer string, m filetext.Member, where int) []model.Attachment {
	r.bills.inside--
	sum := sha256.Sum256(m.Content)
	f := model.Attachment{
		Name: cutRune(flat(valid(m.Name)), MaxName), Size: int64(len(m.Content)), Sum: hex.EncodeToString(sum[:]), Inside: outer,
	}
	f.Head = bytes.Clone(m.Content[:min(len(m.Content), MaxInsideHead, r.heads)])
	f.Cut = len(f.Head) < len(m.Content)
	r.heads -= len(f.Head)
	inside := r.look(&f, m.Content, "", where, false)
	return append([]model.Attachment{f}, inside...)
}
