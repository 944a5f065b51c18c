package pdf

import (
	"errors"
	"slices"
	"strings"

	"github.com/klippa-app/go-pdfium"
	pdfium_errors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"chancery/internal/filetext"
)

// sink takes what is read, in the order in which it is read, so that nothing is lost
// when the rest takes too long. An error ends the reading.
type sink interface {
	text(s string) error
	member(m filetext.Member) error
}

// document is one open PDF.
type document struct {
	pdfium.Pdfium
	ref  references.FPDF_DOCUMENT
	room int // octets of text that may still come
	told bool
	code string
}

// worse holds the codes by what they hide: the first that applies is told.
var worse = []string{"pdf-time", "pdf-memory", "broken", "limit", "cut", "pdf-empty", ""}

func (d *document) note(code string) {
	if slices.Index(worse, code) < slices.Index(worse, d.code) {
		d.code = code
	}
}

// read reads one PDF, and says what was left out. The files inside come first: they
// are worth more than pages, and cheaper.
func (e *engine) read(content []byte, to sink) (code string, err error) {
	p, err := e.instance()
	if err != nil {
		return "", err
	}
	defer func() {
		if p.Close() != nil { // a parser that trapped cannot close its document
			_ = p.Kill()
		}
	}()
	opened, err := p.OpenDocument(&requests.OpenDocument{File: &content})
	switch {
	case errors.Is(err, pdfium_errors.ErrPassword), errors.Is(err, pdfium_errors.ErrSecurity):
		return "encrypted", nil
	case err != nil:
		return e.blame("broken"), nil
	}
	d := &document{Pdfium: p, ref: opened.Document, room: filetext.MaxText}
	if err := d.members(to); err != nil {
		return "", err
	}
	if err := d.pages(to); err != nil {
		return "", err
	}
	if !d.told {
		d.note("pdf-empty")
	}
	return e.blame(d.code), nil
}

// blame tells a parser that found no room from a file that is damaged.
func (e *engine) blame(code string) string {
	if e.memory.refused.Load() {
		return "pdf-memory"
	}
	return code
}

func (d *document) pages(to sink) error {
	count, err := d.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.ref})
	if err != nil || count.PageCount <= 0 {
		d.note("broken")
		return nil
	}
	if count.PageCount > MaxPages {
		d.note("cut")
	}
	for i := range min(count.PageCount, MaxPages) {
		text := d.page(i)
		if text == "" {
			continue
		}
		if d.told {
			text = "\n" + text
		}
		d.told = true
		if len(text) > d.room {
			text = strings.ToValidUTF8(text[:d.room], "")
			d.note("cut")
		}
		d.room -= len(text)
		if err := to.text(text); err != nil {
			return err
		}
		if d.room == 0 || d.code == "cut" && i < MaxPages && d.room < 4 {
			break
		}
	}
	return nil
}

// page reads one page; "" if there is no text on it.
func (d *document) page(i int) string {
	page := requests.Page{ByIndex: &requests.PageByIndex{Document: d.ref, Index: i}}
	layer, err := d.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: page})
	if err != nil {
		d.note("broken")
		return ""
	}
	defer func() { _, _ = d.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: layer.TextPage}) }()
	count, err := d.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: layer.TextPage})
	switch {
	case err != nil:
		d.note("broken")
		return ""
	case count.Count > maxChars:
		d.note("limit")
		return ""
	case count.Count <= 0:
		return ""
	}
	found, err := d.GetPageTextStructured(&requests.GetPageTextStructured{Page: page, Mode: requests.GetPageTextStructuredModeChars})
	if err != nil {
		d.note("broken")
		return ""
	}
	glyphs := make([]glyph, 0, len(found.Chars))
	for _, c := range found.Chars {
		at := c.PointPosition
		glyphs = append(glyphs, glyph{c.Text, box{at.Left, at.Bottom, at.Right, at.Top}, c.Angle})
	}
	var sheet box
	if b, err := d.FPDF_GetPageBoundingBox(&requests.FPDF_GetPageBoundingBox{Page: page}); err == nil {
		sheet = box{float64(b.Rect.Left), float64(b.Rect.Bottom), float64(b.Rect.Right), float64(b.Rect.Top)}
	}
	return layout(glyphs, fonts{d, layer.TextPage}, sheet)
}

// fonts asks the parser about single glyphs.
type fonts struct {
	d    *document
	page references.FPDF_TEXTPAGE
}

func (f fonts) origin(i int) (x, y float64, ok bool) {
	o, err := f.d.FPDFText_GetCharOrigin(&requests.FPDFText_GetCharOrigin{TextPage: f.page, Index: i})
	if err != nil {
		return 0, 0, false
	}
	return o.X, o.Y, true
}

func (f fonts) room(i int) (box, bool) {
	r, err := f.d.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: f.page, Index: i})
	if err != nil {
		return box{}, false
	}
	return box{float64(r.Rect.Left), float64(r.Rect.Bottom), float64(r.Rect.Right), float64(r.Rect.Top)}, true
}

// members reads the files inside, those of XML first.
func (d *document) members(to sink) error {
	count, err := d.FPDFDoc_GetAttachmentCount(&requests.FPDFDoc_GetAttachmentCount{Document: d.ref})
	if err != nil || count.AttachmentCount <= 0 {
		return nil
	}
	if count.AttachmentCount > maxLook {
		d.note("limit")
	}
	type entry struct {
		ref  references.FPDF_ATTACHMENT
		name string
	}
	var all []entry
	for i := range min(count.AttachmentCount, maxLook) {
		a, err := d.FPDFDoc_GetAttachment(&requests.FPDFDoc_GetAttachment{Document: d.ref, Index: i})
		if err != nil {
			d.note("broken")
			continue
		}
		e := entry{ref: a.Attachment}
		if n, err := d.FPDFAttachment_GetName(&requests.FPDFAttachment_GetName{Attachment: a.Attachment}); err == nil {
			e.name = shortName(lastName(n.Name))
		}
		all = append(all, e)
	}
	isXML := func(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".xml") }
	slices.SortStableFunc(all, func(a, b entry) int {
		switch x, y := isXML(a.name), isXML(b.name); {
		case x && !y:
			return -1
		case y && !x:
			return 1
		}
		return 0
	})
	size, kept := 0, 0
	for _, e := range all {
		if kept == MaxInside {
			d.note("limit")
			break
		}
		file, err := d.FPDFAttachment_GetFile(&requests.FPDFAttachment_GetFile{Attachment: e.ref})
		switch {
		case err != nil:
			d.note("broken")
			continue
		case len(file.Contents) > MaxMember, size+len(file.Contents) > maxMembers:
			d.note("limit")
			continue
		}
		if len(file.Contents) == 0 {
			continue
		}
		size += len(file.Contents)
		kept++
		if err := to.member(filetext.Member{Name: e.name, Content: file.Contents}); err != nil {
			return err
		}
	}
	return nil
}

// shortName keeps the end of a long name: that is where its kind stands.
func shortName(s string) string {
	if len(s) > maxName {
		s = strings.ToValidUTF8(s[len(s)-maxName:], "")
	}
	return s
}
