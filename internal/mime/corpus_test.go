package mime

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"net/mail"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	stdmime "mime"

	"chancery/internal/model"
	"chancery/internal/servertest"
)

// watchdog is far over the one second that a file may take: it catches what does
// not end, not what is slow on a busy machine.
const watchdog = 10 * time.Second

// corpusFiles lists the files of a corpus folder; every step-th only.
func corpusFiles(t testing.TB, name string, step int) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(servertest.Corpus(t, name), func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var some []string
	for i := 0; i < len(files); i += step {
		some = append(some, files[i])
	}
	return some
}

func readFile(t testing.TB, p string) []byte {
	t.Helper()
	b, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// kept counts the octets that a Mail holds.
func kept(m model.Mail) int {
	n := len(m.MessageID) + len(m.Subject) + len(m.ListID) + len(m.Sensitivity)
	for _, l := range [][]model.Address{m.From, m.Sender, m.ReplyTo, m.To, m.Cc, m.Bcc} {
		for _, a := range l {
			n += len(a.Name) + len(a.Addr)
		}
	}
	for _, l := range [][]string{m.InReplyTo, m.References, m.Labels, m.Problems} {
		for _, s := range l {
			n += len(s)
		}
	}
	for _, l := range m.Header {
		for _, s := range l {
			n += len(s)
		}
	}
	for _, p := range m.Parts {
		n += len(p.Text)
	}
	for _, f := range m.Files {
		n += len(f.Name) + len(f.Type) + len(f.Head)
	}
	return n
}

// maxKept is what a Mail may hold in all.
const maxKept = 4 << 20

// Whatever a file holds, it is read to its end, its result is bounded and is
// text, and does not depend on how the octets came.
func TestEveryCorpusFileIsRead(t *testing.T) {
	for name, step := range map[string]int{"mime-permissive": 1, "court-ecf-emails": 1, "imip-mails": 1, "enron-calo-maildir": 7} {
		t.Run(name, func(t *testing.T) {
			files := corpusFiles(t, name, step)
			if len(files) < 10 {
				t.Fatalf("only %d files", len(files))
			}
			for _, p := range files {
				b := readFile(t, p)
				ctx, cancel := context.WithTimeout(t.Context(), watchdog)
				done := make(chan model.Mail, 1)
				go func() { done <- Read(b) }()
				select {
				case m := <-done:
					if n := kept(m); n > maxKept {
						t.Errorf("%s: keeps %d octets", filepath.Base(p), n)
					}
					checkLaws(t, b, m)
				case <-ctx.Done():
					t.Fatalf("%s: no end after %v", filepath.Base(p), watchdog)
				}
				cancel()
				if t.Failed() {
					t.Fatalf("in %s", p)
				}
			}
		})
	}
}

// The standard library is another opinion about well-formed mail.
func TestHeadersAgreeWithTheStandardLibrary(t *testing.T) {
	for name, floor := range map[string]float64{"enron-calo-maildir": 0.999, "court-ecf-emails": 0.99} {
		t.Run(name, func(t *testing.T) {
			total, same := map[string]int{}, map[string]int{}
			count := func(what, file string, err error, ok bool) {
				if err != nil {
					return // no other opinion
				}
				total[what]++
				if ok {
					same[what]++
				} else {
					t.Logf("%s: %s differs", file, what)
				}
			}
			words := &stdmime.WordDecoder{}
			parser := mail.AddressParser{WordDecoder: words}
			for _, p := range corpusFiles(t, name, 1) {
				if ext := filepath.Ext(p); ext == ".json" || ext == ".html" || filepath.Base(p) == "LICENSE" || filepath.Base(p) == "SOURCE.txt" {
					continue
				}
				b := readFile(t, p)
				if bytes.HasPrefix(b, []byte("From ")) {
					_, b, _ = bytes.Cut(b, []byte("\n"))
				}
				ref, err := mail.ReadMessage(bytes.NewReader(b))
				if err != nil {
					continue
				}
				got, file := Read(b), filepath.Base(p)
				subject, err := words.DecodeHeader(ref.Header.Get("Subject"))
				count("subject", file, err, subject == got.Subject)
				from, err := parser.ParseList(ref.Header.Get("From"))
				count("from", file, err, sameAddresses(from, got.From))
				to, err := parser.ParseList(ref.Header.Get("To"))
				count("to", file, err, sameAddresses(to, got.To) || len(ref.Header["To"]) > 1)
				date, err := ref.Header.Date()
				count("date", file, err, date.Equal(got.Date))
			}
			for what, n := range total {
				share := float64(same[what]) / float64(n)
				t.Logf("%s: %d of %d agree (%.4f)", what, same[what], n, share)
				if n < 50 || share < floor {
					t.Errorf("%s: %.4f of %d agree, want %.4f", what, share, n, floor)
				}
			}
		})
	}
}

func sameAddresses(ref []*mail.Address, got []model.Address) bool {
	return slices.EqualFunc(ref, got, func(a *mail.Address, b model.Address) bool {
		i := strings.LastIndexByte(a.Address, '@')
		return a.Address[:i]+"@"+strings.ToLower(a.Address[i+1:]) == b.Addr && a.Name == b.Name
	})
}

// expected is the part of a Stalwart result file that can be compared.
type expected struct {
	Attachments []int `json:"attachments"`
	Parts       []struct {
		Headers []struct {
			Name  json.RawMessage `json:"name"` // a string, or {"other": string}
			Value json.RawMessage `json:"value"`
		} `json:"headers"`
	} `json:"parts"`
}

// header returns a field of the message that is plain text in the result file.
func (e expected) header(name string) (string, bool) {
	if len(e.Parts) == 0 {
		return "", false
	}
	for _, h := range e.Parts[0].Headers {
		var v struct{ Text string }
		if string(h.Name) == `"`+name+`"` && json.Unmarshal(h.Value, &v) == nil && v.Text != "" {
			return v.Text, true
		}
	}
	return "", false
}

func (e expected) from() (string, bool) {
	for _, h := range e.Parts[0].Headers {
		var v struct {
			Address struct {
				List []struct{ Address string }
			}
		}
		if string(h.Name) == `"from"` && json.Unmarshal(h.Value, &v) == nil && len(v.Address.List) > 0 && strings.Contains(v.Address.List[0].Address, "@") {
			return v.Address.List[0].Address, true
		}
	}
	return "", false
}

// Stalwart's parser is a third opinion, about mail that is not well formed.
func TestAgreesWithStalwart(t *testing.T) {
	total, same := map[string]int{}, map[string]int{}
	count := func(what, file string, ok bool, got, want any) {
		total[what]++
		if ok {
			same[what]++
		} else {
			t.Logf("%s: %s: got %q, theirs %q", file, what, got, want)
		}
	}
	for _, p := range corpusFiles(t, "mime-permissive/stalwart-mail-parser/eml", 1) {
		if filepath.Ext(p) != ".eml" {
			continue
		}
		var want expected
		j, err := os.ReadFile(strings.TrimSuffix(p, ".eml") + ".json")
		if err != nil || json.Unmarshal(j, &want) != nil || len(want.Parts) == 0 {
			continue
		}
		got, file := Read(readFile(t, p)), filepath.Join(filepath.Base(filepath.Dir(p)), filepath.Base(p))
		if s, ok := want.header("subject"); ok {
			squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
			count("subject", file, squeeze(s) == squeeze(got.Subject), got.Subject, s)
		}
		if s, ok := want.from(); ok {
			count("from", file, len(got.From) > 0 && strings.EqualFold(got.From[0].Addr, s), got.From, s)
		}
		count("has files", file, (len(want.Attachments) > 0) == (len(got.Files) > 0), len(got.Files), len(want.Attachments))
	}
	// Theirs: UTF-7 is decoded, raw Latin-1 is not; a text in broken base64 and a
	// multipart without parts are attachments.
	for what, floor := range map[string]float64{"subject": 0.91, "from": 1, "has files": 0.87} {
		n := total[what]
		t.Logf("%s: %d of %d agree", what, same[what], n)
		if n < 40 || float64(same[what]) < floor*float64(n) {
			t.Errorf("%s: only %d of %d agree", what, same[what], n)
		}
	}
}

// A message of any size is read in little memory: 64 MiB of mail may not raise
// the heap by more than the limits allow.
func TestMemoryIsFlat(t *testing.T) {
	head := "From: a@firm.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf; name=x.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	line := strings.Repeat("QUJD", 19) + "\r\n"
	chunk := []byte(strings.Repeat(line, 32<<10/len(line)))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r := NewReader()
	_, _ = r.Write([]byte(head))
	written := 0
	for written < 64<<20 {
		n, _ := r.Write(chunk)
		written += n
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > maxKept {
		t.Errorf("reading 64 MiB allocated %d octets in all", grown)
	}
	m := r.Close(false)
	if len(m.Files) != 1 || len(m.Files[0].Head) != MaxHead || !m.Files[0].Cut || m.Files[0].Size != int64(written/len(line)*57) {
		t.Errorf("got %d files, %+v", len(m.Files), m.Files[0].Size)
	}
}

// corpusSeeds lists the files of a corpus for a fuzz target; none where it is
// not there.
func corpusSeeds(f *testing.F, name string) []string {
	root := os.Getenv("CHANCERY_CORPORA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "corpora")
	}
	if _, err := os.Stat(filepath.Join(root, name)); err != nil {
		return nil
	}
	return corpusFiles(f, name, 1)
}
