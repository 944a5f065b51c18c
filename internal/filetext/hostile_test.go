package filetext

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
)

// bombs are files that cost little to send.
func bombs(t testing.TB) map[string][]byte {
	t.Helper()
	many := make([]string, 0, 4000)
	for range 2000 {
		many = append(many, "word/document.xml", "")
	}
	parts := []string{"word/document.xml", "<d/>"}
	for range 300 {
		parts = append(parts, fmt.Sprintf("word/header%d.xml", len(parts)), "<d/>")
	}
	return map[string][]byte{
		"zeros":           document(t, strings.Repeat(" ", 40<<20)),
		"text":            document(t, para(strings.Repeat("privileged ", 3<<20))),
		"elements":        document(t, strings.Repeat("<w:p/>", 4<<20)),
		"depth":           document(t, strings.Repeat("<w:p>", 1<<20)),
		"references":      document(t, "<w:t>"+strings.Repeat("&amp;", 6<<20)+"</w:t>"),
		"bare ampersands": document(t, "<w:t>"+strings.Repeat("&", 20<<20)+"</w:t>"),
		"long tag":        document(t, "<w:p a=\""+strings.Repeat("x", 40<<20)+"\"/>"),
		"attributes":      document(t, "<w:p"+strings.Repeat(" a=\"1\"", 6<<20)+"/>"),
		"comments":        document(t, strings.Repeat("<!--x-->", 4<<20)),
		"entities":        pack(t, "word/document.xml", `<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><t>&b;</t>`),
		"many members":    pack(t, many...),
		"many parts":      pack(t, parts...),
		"open comments":   []byte("<html>" + strings.Repeat("<!--", 5<<20)),
		"open quotes":     []byte("<html>" + strings.Repeat(`<a x="><b y='>`, 1<<20)),
		"open scripts":    []byte("<html>" + strings.Repeat("<script></", 2<<20)),
		"brackets":        []byte("<html>" + strings.Repeat("<", 20<<20)),
		"groups":          []byte(`{\rtf1` + strings.Repeat("{", 20<<20)),
		"closed groups":   []byte(`{\rtf1` + strings.Repeat("{}", 10<<20)),
		"control words":   []byte(`{\rtf1` + strings.Repeat(`\u1?`, 5<<20)),
		"octets":          []byte(`{\rtf1` + strings.Repeat(`\'41`, 5<<20)),
		"binary":          []byte(`{\rtf1` + strings.Repeat(`\bin99999999 `, 1<<20)),
		"folded":          []byte("BEGIN:VCALENDAR\nSUMMARY:x" + strings.Repeat("\n x", 7<<20)),
		"quoted":          []byte("BEGIN:VCALENDAR\n" + strings.Repeat("ATTENDEE;CN=\"", 1<<20)),
		"one line":        bytes.Repeat([]byte("x"), 20<<20),
		"lines":           bytes.Repeat([]byte("\n"), 20<<20),
		"carriage":        bytes.Repeat([]byte("a\r"), 10<<20),
		"ends of archive": append([]byte("PK\x03\x04"), bytes.Repeat([]byte("PK\x05\x06"), 5<<20)...),
	}
}

// A hostile file unpacks no more than the limit, and allocates little beside it.
func TestHostileFilesAreBounded(t *testing.T) {
	saying := map[string]string{
		"zeros": "limit", "elements": "limit", "depth": "limit", "references": "limit", "many members": "limit", "many parts": "limit",
		"groups": "limit", "entities": "broken", "text": "cut", "one line": "cut",
	}
	for name, content := range bombs(t) {
		t.Run(name, func(t *testing.T) {
			r := new(Reader)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			text, _, code := r.Text(name, "", content)
			runtime.ReadMemStats(&after)
			if want := saying[name]; want != "" && code != want {
				t.Errorf("code %q, want %q", code, want)
			}
			if r.unpacked > MaxUnpacked {
				t.Errorf("%d octets unpacked", r.unpacked)
			}
			if len(text) > MaxText || !utf8.ValidString(text) {
				t.Errorf("%d octets of text, valid %v", len(text), utf8.ValidString(text))
			}
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 64 {
				t.Errorf("%d MiB allocated", used)
			}
		})
	}
}

// What is unpacked counts for all files of a message together.
func TestFilesShareTheirLimit(t *testing.T) {
	r := new(Reader)
	var body strings.Builder
	for i := range 300_000 {
		fmt.Fprintf(&body, "<w:p w:rsidR='%x'/>", i*i)
	}
	bomb := document(t, body.String()+para("kept"))
	read := 0
	for range 10 {
		if text, _, _ := r.Text("", "", bomb); text == "kept" {
			read++
		}
	}
	if read == 0 || read == 10 || r.unpacked > MaxUnpacked {
		t.Errorf("%d of 10 files were read, %d octets unpacked", read, r.unpacked)
	}
}

// Nothing that is done to a good file makes Text panic or give more than it may.
func TestBrokenFiles(t *testing.T) {
	good := [][]byte{
		document(t, para("privileged")+para("&#65;&lt;"), "word/header1.xml", "<h>"+para("x")+"</h>"),
		[]byte(`{\rtf1\ansi\ansicpg1251{\fonttbl x}\u1234 ?a\'fc{\*\annotation b}\bin3 abc\par}`),
		[]byte("<html><p title=\"x\">a&amp;b<!-- c --><script>x</script><td>y</td>"),
		[]byte("BEGIN:VCALENDAR\r\nSUMMARY;X=\"a:b\":c\\nd\r\n e\r\nATTENDEE;CN=f:g\r\n"),
	}
	rnd := rand.New(rand.NewSource(7))
	for range 4000 {
		b := bytes.Clone(good[rnd.Intn(len(good))])
		for range 1 + rnd.Intn(4) {
			switch i := rnd.Intn(len(b)); rnd.Intn(4) {
			case 0:
				b[i] = byte(rnd.Intn(256))
			case 1:
				b = b[:i+1]
			case 2:
				binary.LittleEndian.PutUint16(b[min(i, len(b)-2)&^1:], uint16(rnd.Intn(1<<16)))
			case 3:
				b = append(b[:i:i], b[rnd.Intn(len(b)):]...)
			}
			if len(b) < 4 {
				break
			}
		}
		text, _, code := Text("x", "", b)
		if !utf8.ValidString(text) || len(text) > MaxText || code != "" && Codes[code] == "" {
			t.Fatalf("%q: %d octets, code %q", b, len(text), code)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add(document(f, para("privileged")))
	f.Add([]byte(`{\rtf1\ansi a\par\u8220 ?\'fc}`))
	f.Add([]byte("<html><p>a&amp;b"))
	f.Add([]byte("BEGIN:VCALENDAR\nSUMMARY:a\\nb\n c"))
	f.Add([]byte("plain"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := new(Reader)
		text, _, code := r.Text("", "", b)
		if !utf8.ValidString(text) || len(text) > MaxText || code != "" && Codes[code] == "" || r.unpacked > MaxUnpacked {
			t.Errorf("%d octets, code %q, %d unpacked", len(text), code, r.unpacked)
		}
	})
}

// FuzzXML reads bare XML, which an archive hides from FuzzText.
func FuzzXML(f *testing.F) {
	f.Add([]byte(wordHead + para("a&amp;b") + wordTail))
	f.Add([]byte(`<t a='>'><![CDATA[x]]>&#x41;<!-- y --></t>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, g := range []*grammar{wordXML, sheetXML, slideXML, openXML} {
			p := &page{}
			_ = readXML(p, bytes.NewReader(b), g)
			if len(p.text()) > MaxText {
				t.Error("too long")
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	for name, content := range bombs(b) {
		b.Run("bomb="+strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Text(name, "", content)
			}
		})
	}
}
