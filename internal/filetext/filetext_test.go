package filetext

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// pack makes an archive of names and contents, in turn.
func pack(t testing.TB, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		if err == nil {
			_, err = w.Write([]byte(members[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	xmlHead  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	wordHead = xmlHead + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="m"><w:body>`
	wordTail = `</w:body></w:document>`
)

// document is a text document with a body, and other members.
func document(t testing.TB, body string, more ...string) []byte {
	return pack(t, append([]string{"[Content_Types].xml", xmlHead + `<Types/>`, "_rels/.rels", xmlHead + `<Relationships/>`,
		"word/document.xml", wordHead + body + wordTail}, more...)...)
}

func para(s string) string {
	return `<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t xml:space="preserve">` + s + `</w:t></w:r></w:p>`
}

func wide16(s string, order binary.ByteOrder, mark bool) []byte {
	var out []byte
	if mark {
		s = "\ufeff" + s
	}
	for _, u := range utf16.Encode([]rune(s)) {
		var two [2]byte
		order.PutUint16(two[:], u)
		out = append(out, two[:]...)
	}
	return out
}

func TestTextOfKinds(t *testing.T) {
	tests := []struct {
		name    string
		content []byte
		want    string
		code    string
	}{
		{"empty", nil, "", ""},
		{"text", []byte("Settlement terms\r\nRule 408\r\n"), "Settlement terms\nRule 408", ""},
		{"Windows-1252", []byte("K\xfcndigung \x93now\x94"), "Kündigung “now”", ""},
		{"UTF-8 with a mark", []byte("\xef\xbb\xbfsealed"), "sealed", ""},
		{"UTF-16 with a mark", wide16("sealed – no", binary.LittleEndian, true), "sealed – no", ""},
		{"UTF-16, big end first", wide16("sealed", binary.BigEndian, true), "sealed", ""},
		{"UTF-16 without a mark", wide16("sealed and confidential", binary.LittleEndian, false), "sealed and confidential", ""},
		{"control characters", []byte("privi\x07leged and quite ordinary prose for all the rest of the line, as it is"), "privileged and quite ordinary prose for all the rest of the line, as it is", ""},
		{"table", []byte("matter,hours\n12345.001,2.5\n"), "matter,hours\n12345.001,2.5", ""},
		{"HTML", []byte("<!DOCTYPE html><html><head><title>Memo</title><style>p{x:'privileged'}</style></head><body><!-- secret --><p>Attorney&nbsp;client<br>work" +
			"   <b>pro</b>duct</p><script>var privileged</script><p title='a>b'>end &lt;1</p>"), "Memo\n\nAttorney\u00a0client\nwork product\n\nend <1", ""},
		{"calendar", []byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY;LANGUAGE=en:Privi\r\n leged: call\\, maybe\r\nDESCRIPTION:one\\ntwo\r\n" +
			"ORGANIZER;CN=\"Ray, Alex\":mailto:alex@bar.example\r\nX-SECRET:no\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"), "Privileged: call, maybe\none\ntwo\nRay, Alex", ""},
		{"mail", []byte("From: a@bar.example\nSubject: x\n\nprivileged"), "", "message"},
		{"PDF", []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"), "", "pdf"},
		{"picture", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "", "kind"},
		{"older Office", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 WordDocument"), "", "ole"},
		{"Office with a password", append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....."), wide16("EncryptedPackage", binary.LittleEndian, false)...), "", "encrypted"},
		{"OpenPGP message", []byte("-----BEGIN PGP MESSAGE-----\n\nhQEMA"), "", "encrypted"},
		{"key", []byte("-----BEGIN CERTIFICATE-----\nMIIB"), "", "kind"},
		{"archive", pack(t, "privileged.txt", "work product"), "", "archive"},
		{"archive in an archive", pack(t, "a.docx", string(document(t, para("inside")))), "", "archive"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, cut, code := Text("", "", tt.content)
			if got != tt.want || cut || code != tt.code {
				t.Errorf("got %q, %v, %q; want %q, %q", got, cut, code, tt.want, tt.code)
			}
		})
	}
}

func TestTextOfOffice(t *testing.T) {
	tests := []struct {
		name    string
		content []byte
		want    string
		code    string
	}{
		{"paragraphs", document(t, para("Attorney &amp; client")+para("work&#32;product&#x21;")), "Attorney & client\nwork product!", ""},
		{"runs of one word", document(t, `<w:p><w:r><w:t>privi</w:t></w:r><w:proofErr/><w:r><w:rPr><w:b/></w:rPr><w:t>leged</w:t></w:r></w:p>`), "privileged", ""},
		{"tabs and breaks", document(t, `<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r></w:p>`), "a\tb\nc-d", ""},
		{"deleted and moved text", document(t, `<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t>here</w:t></w:r></w:ins>`+
			`<w:moveFrom><w:r><w:t>twice</w:t></w:r></w:moveFrom></w:p>`), "here", ""},
		{"a text box is read once", document(t, `<mc:AlternateContent><mc:Choice>`+para("box")+`</mc:Choice><mc:Fallback>`+para("box")+`</mc:Fallback></mc:AlternateContent>`), "box", ""},
		{"codes of fields", document(t, `<w:p><w:r><w:instrText>HYPERLINK privileged</w:instrText></w:r><w:r><w:t>link</w:t></w:r></w:p>`), "link", ""},
		{"table", document(t, `<w:tbl><w:tr><w:tc>`+para("a")+`</w:tc><w:tc>`+para("b")+`</w:tc></w:tr></w:tbl>`), "a\nb", ""},
		{"CDATA and comments", document(t, `<w:p><w:r><!-- no --><w:t><![CDATA[a<b]]></w:t></w:r></w:p>`), "a<b", ""},
		{"another prefix", pack(t, "word/document2.xml", `<x:document><x:p><x:r><x:t>found</x:t></x:r></x:p></x:document>`), "found", ""},
		{"headers, notes and comments", document(t, para("body"), "word/comments.xml", `<w:comments>`+para("comment")+`</w:comments>`,
			"word/header2.xml", `<w:hdr>`+para("second")+`</w:hdr>`, "word/header1.xml", `<w:hdr>`+para("PRIVILEGED")+`</w:hdr>`,
			"word/footnotes.xml", `<w:footnotes>`+para("note")+`</w:footnotes>`, "word/settings.xml", para("no")),
			"body\n\nPRIVILEGED\n\nsecond\n\nnote\n\ncomment", ""},
		{"sheets", pack(t, "xl/workbook.xml", `<workbook><sheets><sheet name="Fees &amp; costs" sheetId="1"/></sheets></workbook>`,
			"xl/worksheets/sheet1.xml", `<worksheet><sheetData><row><c t="s"><v>1</v></c><c><v>42</v></c><c t="inlineStr"><is><t>inline</t></is></c></row><row><c t="s"><v>0</v></c></row></sheetData><headerFooter><oddHeader>&amp;CSealed</oddHeader></headerFooter></worksheet>`,
			"xl/sharedStrings.xml", `<sst><si><t>severance</t><rPh><t>spoken</t></rPh></si><si><r><t>two </t></r><r><t>runs</t></r></si></sst>`),
			"Fees & costs\n\ntwo runs\t42\tinline\nseverance\n\n&CSealed", ""},
		{"slides in order", pack(t, "ppt/presentation.xml", `<p/>`, "ppt/slides/slide10.xml", slide("ten"), "ppt/slides/slide2.xml", slide("two"),
			"ppt/slides/_rels/slide2.xml.rels", slide("no"), "ppt/notesSlides/notesSlide1.xml", slide("spoken")), "two\n\nten\n\nspoken", ""},
		{"open document", pack(t, "mimetype", "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml", `<m/>`,
			"content.xml", `<o:document-content><o:tracked-changes><text:p>gone</text:p></o:tracked-changes><text:h>Title</text:h><text:p>a<text:s/><text:span>b</text:span><text:tab/>c<text:line-break/>d</text:p></o:document-content>`,
			"styles.xml", `<o:document-styles><style:header><text:p>PRIVILEGED</text:p></style:header></o:document-styles>`), "Title\na b\tc\nd\n\nPRIVILEGED", ""},
		{"open document with a password", pack(t, "content.xml", "\x01\x02", "META-INF/manifest.xml", `<m><f><manifest:encryption-data/></f></m>`), "", "encrypted"},
		{"DOCTYPE", pack(t, "word/document.xml", `<!DOCTYPE d [<!ENTITY a "privileged">]><d><t>&a;</t></d>`), "", "broken"},
		{"entity without DOCTYPE", document(t, para("a&b;c&d")), "ac&d", ""},
		{"ends in the middle", pack(t, "word/document.xml", `<w:d><w:p><w:r><w:t>kept`), "kept", "broken"},
		{"elements that cross", pack(t, "word/document.xml", `<w:d><w:p><w:r><w:t>kept</w:r></w:t>`), "kept", "broken"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, cut, code := Text("", "", tt.content)
			if got != tt.want || cut || code != tt.code {
				t.Errorf("got %q, %v, %q; want %q, %q", got, cut, code, tt.want, tt.code)
			}
			if Worth(tt.content) == 0 {
				t.Error("not worth fetching")
			}
		})
	}
}

func slide(s string) string {
	return `<p:sld><p:txBody><a:p><a:r><a:t>` + s + `</a:t></a:r></a:p></p:txBody></p:sld>`
}

func TestTextOfRTF(t *testing.T) {
	const head = `{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times;}}{\*\generator privileged;}{\info{\title hidden}}` + "\r\n"
	tests := []struct{ name, content, want, code string }{
		{"paragraphs", head + `\pard Attorney\~client\par work\tab product\par}`, "Attorney client\nwork\tproduct", ""},
		{"octets of the code page", head + `K\'fcndigung \ldblquote now\rdblquote}`, "Kündigung “now”", ""},
		{"another code page", `{\rtf1\ansi\ansicpg1251 \'d1\'e5\'ea\'f0\'e5\'f2}`, "Секрет", ""},
		{"Unicode with what stands for it", head + `\u8220 ?sealed\u8221\'94}`, "“sealed”", ""},
		{"surrogates", head + `{\uc0\u-10179\u-8704}}`, "\U0001F600", ""},
		{"a picture is passed over", head + `a{\pict\bin4 }}}}}b}`, "ab", ""},
		{"fields", head + `{\field{\*\fldinst HYPERLINK "x"}{\fldrslt link}}}`, "link", ""},
		{"a comment is read", head + `a{\*\annotation{\*\atnid 1} think of Rule 408}}`, "a think of Rule 408", ""},
		{"escapes", head + `\{a\}\\b}`, `{a}\b`, ""},
		{"no end", head + `kept`, "kept", "broken"},
		{"too deep", strings.Repeat(`{\rtf1 `, 500), "", "limit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, cut, code := Text("", "", []byte(tt.content))
			got = strings.ReplaceAll(got, "\u00a0", " ")
			if got != tt.want || cut || code != tt.code {
				t.Errorf("got %q, %v, %q; want %q, %q", got, cut, code, tt.want, tt.code)
			}
		})
	}
}

func TestTextIsCutAtACharacter(t *testing.T) {
	long := strings.Repeat("ü", MaxText)
	for name, content := range map[string][]byte{
		"text":     []byte("a" + long),
		"HTML":     []byte("<html>a" + long),
		"document": document(t, para("a"+long)),
		"RTF":      []byte(`{\rtf1 a` + strings.Repeat(`\'fc`, MaxText) + "}"),
		"calendar": []byte("BEGIN:VCALENDAR\nSUMMARY:a" + long),
	} {
		got, cut, code := Text("", "", content)
		if len(got) != MaxText-1 || !utf8.ValidString(got) || !cut || code != "cut" {
			t.Errorf("%s: %d octets, valid %v, cut %v, code %q", name, len(got), utf8.ValidString(got), cut, code)
		}
	}
}

func TestEveryCodeIsDescribed(t *testing.T) {
	for _, c := range []string{"cut", "pdf", "archive", "ole", "encrypted", "message", "kind", "broken", "limit", "size"} {
		if Codes[c] == "" {
			t.Errorf("code %q is not described", c)
		}
	}
}
