package filetext

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"
)

func set(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

// The languages of the documents: ECMA-376 part 1 sections 17 (word), 18 (sheet),
// 19 and 21 (slides), and OpenDocument 1.3 part 3.
var (
	wordXML = &grammar{
		text:  set("t"), // deleted text stands in delText, codes of fields in instrText
		start: map[string]string{"r/tab": "\t", "r/ptab": "\t", "r/br": "\n", "r/cr": "\n", "r/noBreakHyphen": "-"},
		end:   set("p", "tr"),
		skip:  set("Fallback", "rPr", "pPr", "sectPr", "del", "moveFrom"), // Fallback says again what Choice says
	}
	sheetXML = &grammar{
		text: set("t", "oddHeader", "oddFooter"),
		end:  set("si", "is", "comment", "oddHeader", "oddFooter"),
		skip: set("rPh"), // how it is pronounced
		attr: map[string]string{"sheet": "name"},
	}
	slideXML = &grammar{
		text:  set("t", "text"),
		start: map[string]string{"p/br": "\n"},
		end:   set("p", "cm"),
		skip:  set("Fallback"),
	}
	openXML = &grammar{
		text: set("p", "h"), deep: true,
		start: map[string]string{"s": " ", "tab": "\t", "line-break": "\n"},
		end:   set("p", "h"),
		skip:  set("tracked-changes", "binary-data"),
	}
)

// section is a group of members of a document that are read with one grammar.
type section struct {
	prefix, suffix string
	g              *grammar
}

// sections of a document, in the order in which a person reads them.
var (
	wordSections = []section{
		{"word/document", ".xml", wordXML}, {"word/header", ".xml", wordXML}, {"word/footer", ".xml", wordXML},
		{"word/footnotes", ".xml", wordXML}, {"word/endnotes", ".xml", wordXML}, {"word/comments", ".xml", wordXML},
	}
	sheetSections = []section{
		{"xl/workbook", ".xml", sheetXML}, {"xl/comments", ".xml", sheetXML},
		{"xl/threadedComments/", ".xml", slideXML}, {"xl/drawings/drawing", ".xml", slideXML}, // then the cells: see sheets
	}
	slideSections = []section{
		{"ppt/slides/slide", ".xml", slideXML}, {"ppt/notesSlides/notesSlide", ".xml", slideXML}, {"ppt/comments/", ".xml", slideXML},
	}
	openSections = []section{{"content.xml", "", openXML}, {"styles.xml", "", openXML}}
)

// archive reads a document that is an archive, and says so if it is none.
func (r *Reader) archive(p *page, b []byte) string {
	all, err := members(b)
	if err != nil {
		return codeOf(err)
	}
	sections, code := sectionsOf(all)
	if code != "" {
		return code
	}
	read, open := 0, tables(p)
	for _, s := range sections {
		if s.g == openXML {
			s.g = open
		}
		for _, m := range s.of(all) {
			if p.full {
				return ""
			}
			if read++; read > maxParts {
				return "limit"
			}
			if m.locked {
				return "encrypted"
			}
			if err := r.readMember(p, m, s.g); err != nil {
				code = cmp.Or(code, codeOf(err))
				if errors.Is(err, errLimit) {
					return "limit"
				}
			}
			p.line()
		}
	}
	if len(sections) == len(sheetSections) && sections[0] == sheetSections[0] {
		code = cmp.Or(code, r.sheets(p, all))
	}
	return code
}

func (r *Reader) readMember(p *page, m member, g *grammar) error {
	in, err := r.open(m)
	if err != nil {
		return err
	}
	return readXML(p, in, g)
}

func codeOf(err error) string {
	if errors.Is(err, errLimit) {
		return "limit"
	}
	return "broken"
}

// sectionsOf tells what kind of document an archive is by its members.
func sectionsOf(all []member) ([]section, string) {
	has := func(name string) bool {
		return slices.ContainsFunc(all, func(m member) bool { return m.name == name })
	}
	begins := func(prefix string) bool {
		return slices.ContainsFunc(all, func(m member) bool { return strings.HasPrefix(m.name, prefix) })
	}
	switch {
	case begins("word/document"):
		return wordSections, ""
	case begins("xl/workbook"):
		return sheetSections, ""
	case begins("ppt/presentation"), begins("ppt/slides/"):
		return slideSections, ""
	case has("content.xml") && has("META-INF/manifest.xml"):
		if sealed(all) {
			return nil, "encrypted"
		}
		return openSections, ""
	}
	return nil, "archive"
}

// sealed reports whether the manifest of an OpenDocument file says that it has a
// password (OpenDocument 1.3 part 2 section 4.4).
func sealed(all []member) bool {
	for _, m := range all {
		if m.name != "META-INF/manifest.xml" {
			continue
		}
		in, err := new(Reader).open(m)
		if err != nil {
			return false
		}
		manifest, _ := io.ReadAll(io.LimitReader(in, maxLook))
		return bytes.Contains(manifest, []byte("encryption-data"))
	}
	return false
}

// of returns the members of a section in the order of their numbers.
func (s section) of(all []member) []member {
	var out []member
	for _, m := range all {
		rest, ok := strings.CutPrefix(m.name, s.prefix)
		if !ok || !strings.HasSuffix(rest, s.suffix) || strings.Contains(rest, "/") {
			continue
		}
		if s.suffix == "" && rest != "" || slices.ContainsFunc(out, func(o member) bool { return o.name == m.name }) {
			continue // of two members with one name the first counts
		}
		out = append(out, m)
	}
	slices.SortStableFunc(out, func(a, b member) int {
		return cmp.Or(cmp.Compare(len(a.name), len(b.name)), strings.Compare(a.name, b.name))
	})
	return out
}
