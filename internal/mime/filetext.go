package mime

import (
	"strings"

	"chancery/internal/filetext"
	"chancery/internal/model"
)

// inFiles is what is left to read of the files of one message.
type inFiles struct {
	reader filetext.Reader
	pdf    filetext.PDF // nil: nobody reads PDF
	files  int          // files left
	pdfs   int          // of them PDF files
	octets int          // of their content
	texts  int          // of their text
}

// KeepFileText asks for the text of files: Attachment.Text and Unread. Files that
// may have some are then decoded whole, up to the limits; of others no more is kept
// than before. pdf reads PDF files; with nil their code is "pdf". Call it before the
// first Write.
func (r *Reader) KeepFileText(pdf filetext.PDF) {
	r.inFiles = &inFiles{pdf: pdf, files: MaxFiles, pdfs: MaxPDFs, octets: MaxContents, texts: MaxFileTexts}
}

// readsOn decides, where the beginning of a file is full, whether the whole of it
// is worth keeping, and makes room. next are the octets that do not fit.
func (r *Reader) readsOn(next []byte) bool {
	l, in := &r.leaf, r.inFiles
	if in == nil && !r.invites.wanted || l.text || l.judged || r.state != inLeaf {
		return false
	}
	l.judged = true
	// The same octets in whatever pieces they come.
	head := append(r.buf[:len(r.buf):len(r.buf)], next[:min(len(next), max(0, MaxHead-len(r.buf)))]...)
	more := r.calendarOn(head)
	if in == nil || in.files == 0 {
		return more
	}
	worth := r.worth(head)
	if worth == 0 {
		return more
	}
	l.limit = max(l.limit, min(MaxFile, in.octets, worth))
	return true
}

// look fills in what is read of a file and returns the files that stand in it. charset
// is that of a text, if the mail says one.
func (r *Reader) look(f *model.Attachment, raw []byte, charset string, where int, cut bool) []model.Attachment {
	in, content := r.inFiles, recoded(f.Type, raw, charset)
	opens := r.opens(content, where)
	if !opens && filetext.Worth(content) == 0 {
		_, _, f.Unread = in.reader.Text(f.Name, f.Type, content)
		return nil
	}
	if in.files == 0 || in.octets < len(raw) {
		f.Unread = "size"
		return nil
	}
	in.files--
	in.octets -= len(raw)
	if opens && cut {
		f.Unread = "size" // the directory of either stands at its end
		return nil
	}
	if opens && filetext.Holds(content) == "pdf" {
		return r.readPDF(f, content)
	}
	machine := r.bills != nil && r.bills.readData(f, raw, cut)
	r.readText(f, content, cut)
	if opens && f.Unread == "archive" {
		return r.readZip(f, content)
	}
	if machine && f.Data == nil {
		f.Unread = "size"
	}
	return nil
}

// recoded brings a text to UTF-8 if the mail says its charset.
func recoded(typ string, raw []byte, charset string) []byte {
	if main, _, _ := strings.Cut(typ, "/"); main == "text" && charset != "" && charset != "us-ascii" {
		if s, _ := toUTF8(raw, charset); s != "" {
			return []byte(s)
		}
	}
	return raw
}

// readText fills in the text of a file.
func (r *Reader) readText(f *model.Attachment, content []byte, cut bool) {
	if r.inFiles.texts == 0 {
		f.Unread = "size"
		return
	}
	var more bool
	f.Text, more, f.Unread = r.inFiles.reader.Text(f.Name, f.Type, content)
	if f.Unread == "message" {
		f.Text, f.Unread = readMessage(content), ""
	}
	if cut && !more {
		// Of an archive only its end says what is in it.
		if f.Unread = "cut"; f.Text == "" {
			f.Unread = "size"
		}
	}
	r.limitText(f)
}

// limitText cuts a text to what may be kept of it.
func (r *Reader) limitText(f *model.Attachment) {
	if limit := min(MaxFileText, r.inFiles.texts); len(f.Text) > limit {
		f.Text, f.Unread = cutRune(f.Text, limit), "cut"
	}
	r.inFiles.texts -= len(f.Text)
}

// readMessage reads a mail that was attached as a file: what stands in its window,
// not its own files.
func readMessage(content []byte) string {
	m := Read(content)
	var out strings.Builder
	out.WriteString(m.Subject)
	for _, p := range m.Parts {
		s := p.Text
		if p.HTML {
			s, _, _ = filetext.Text("", "text/html", []byte("<html>"+s))
		}
		if s = strings.TrimSpace(s); s != "" {
			out.WriteString("\n\n" + s)
		}
	}
	return strings.TrimSpace(out.String())
}
