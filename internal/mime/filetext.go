package mime

import (
	"strings"

	"chancery/internal/filetext"
	"chancery/internal/model"
)

// inFiles is what is left to read of the files of one message.
type inFiles struct {
	reader filetext.Reader
	files  int // files left
	octets int // of their content
	texts  int // of their text
}

// KeepFileText asks for the text of files: Attachment.Text and Unread. Files that
// may have some are then decoded whole, up to the limits; of others no more is kept
// than before. Call it before the first Write.
func (r *Reader) KeepFileText() {
	r.inFiles = &inFiles{files: MaxFiles, octets: MaxContents, texts: MaxFileTexts}
}

// ReadFor reads a whole message at once, as far as need goes.
func ReadFor(b []byte, need model.Need) model.Mail {
	r := NewReader()
	r.Keep(need.Text, need.Files)
	if need.FileText {
		r.KeepFileText()
	}
	if need.Invite {
		r.KeepInvite()
	}
	_, _ = r.Write(b)
	return r.Close(true)
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
	worth := filetext.Worth(head)
	if worth == 0 {
		return more
	}
	l.limit = max(l.limit, min(MaxFile, in.octets, worth))
	return true
}

// readFile fills in the text of the file in r.buf.
func (r *Reader) readFile(f *model.Attachment) {
	in, l := r.inFiles, &r.leaf
	content := r.buf
	if main, _, _ := strings.Cut(f.Type, "/"); main == "text" && l.charset != "" && l.charset != "us-ascii" {
		if s, _ := toUTF8(content, l.charset); s != "" {
			content = []byte(s)
		}
	}
	if filetext.Worth(content) == 0 {
		_, _, f.Unread = in.reader.Text(f.Name, f.Type, content)
		return
	}
	if in.files == 0 || in.octets < len(r.buf) || in.texts == 0 {
		f.Unread = "size"
		return
	}
	in.files--
	in.octets -= len(r.buf)
	var cut bool
	f.Text, cut, f.Unread = in.reader.Text(f.Name, f.Type, content)
	if f.Unread == "message" {
		f.Text, f.Unread = readMessage(content), ""
	}
	if l.cut && !cut {
		// Of an archive only its end says what is in it.
		if f.Unread = "cut"; f.Text == "" {
			f.Unread = "size"
		}
	}
	if limit := min(MaxFileText, in.texts); len(f.Text) > limit {
		f.Text, f.Unread = cutRune(f.Text, limit), "cut"
	}
	in.texts -= len(f.Text)
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
