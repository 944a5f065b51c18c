package mime

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"chancery/internal/ical"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

var inviteNeed = model.Need{Text: true, Files: true, Invite: true}

// calendarOf is a scheduling message; more stands inside the event.
func calendarOf(method, more string) string {
	head := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//firm.example//test//EN\r\n"
	if method != "" {
		head += "METHOD:" + method + "\r\n"
	}
	return head + "BEGIN:VEVENT\r\nUID:m1@counsel.example\r\nDTSTAMP:20260301T080000Z\r\nSEQUENCE:2\r\nDTSTART:20260312T150000Z\r\nDTEND:20260312T160000Z\r\n" +
		"SUMMARY:Call\r\nORGANIZER;SENT-BY=\"mailto:pa@counsel.example\":mailto:jo@counsel.example\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:gc@firm.example\r\n" +
		more + "END:VEVENT\r\nEND:VCALENDAR\r\n"
}

// partOf is one MIME part.
func partOf(header, body string) string { return header + "\r\n\r\n" + body }

func mailOf(kind string, parts ...string) []byte {
	out := "From: jo@counsel.example\r\nTo: gc@firm.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/" + kind + "; boundary=bb\r\n\r\n"
	for _, p := range parts {
		out += "--bb\r\n" + p + "\r\n"
	}
	return []byte(out + "--bb--\r\n")
}

func inBase64Of(s string) string {
	var out strings.Builder
	enc := base64.StdEncoding.EncodeToString([]byte(s))
	for len(enc) > 76 {
		out.WriteString(enc[:76] + "\r\n")
		enc = enc[76:]
	}
	return out.String() + enc
}

func inQuotedOf(s string) string {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	w.Binary = true
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

func inUTF16(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func TestInviteIsFoundWhereverItStands(t *testing.T) {
	text := partOf("Content-Type: text/plain", "You are invited.")
	typed := "Content-Type: text/calendar; charset=utf-8; method=REQUEST"
	request := calendarOf("REQUEST", "")
	long := calendarOf("REQUEST", "X-LONG:"+strings.Repeat("a", 200)+"\r\nDESCRIPTION:"+strings.Repeat("so it is ", 12_000)+"\r\n")
	tests := map[string][]byte{
		"alternative":     mailOf("alternative", text, partOf(typed, request)),
		"base64":          mailOf("alternative", text, partOf(typed+"\r\nContent-Transfer-Encoding: base64", inBase64Of(request))),
		"quoted":          mailOf("alternative", text, partOf(typed+"\r\nContent-Transfer-Encoding: quoted-printable", inQuotedOf(request))),
		"attachment":      mailOf("mixed", text, partOf("Content-Type: application/ics; name=invite.ics\r\nContent-Disposition: attachment; filename=invite.ics", request)),
		"by name":         mailOf("mixed", text, partOf("Content-Type: application/octet-stream; name=\"Meeting.ICS\"", request)),
		"by content":      mailOf("mixed", text, partOf("Content-Type: application/octet-stream; name=part2", "\xef\xbb\xbf"+request)),
		"as text":         mailOf("mixed", text, partOf("Content-Type: text/plain", request)),
		"alone":           []byte("From: jo@counsel.example\r\n" + typed + "\r\n\r\n" + request),
		"small letters":   mailOf("alternative", text, partOf("content-type: TEXT/Calendar; METHOD=request", strings.Replace(request, "METHOD:REQUEST", "method:request", 1))),
		"utf-16":          mailOf("mixed", text, partOf("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64", inBase64Of(inUTF16(request)))),
		"nested":          mailOf("mixed", "Content-Type: multipart/alternative; boundary=cc\r\n\r\n--cc\r\n"+text+"\r\n--cc\r\n"+partOf(typed, request)+"\r\n--cc--", partOf("Content-Type: application/ics", request)),
		"long by type":    mailOf("alternative", text, partOf(typed, long)),
		"long by content": mailOf("mixed", text, partOf("Content-Type: application/octet-stream", long)),
		"no method above": mailOf("alternative", text, partOf("Content-Type: text/calendar", request)),
	}
	for name, raw := range tests {
		t.Run(name, func(t *testing.T) {
			in := ReadFor(raw, inviteNeed, nil).Invite
			if in == nil {
				t.Fatal("nothing is found")
			}
			if in.Method != "REQUEST" || in.Differs || in.Several {
				t.Errorf("method %q, differs %v, several %v", in.Method, in.Differs, in.Several)
			}
			m := in.Series.Master
			if m == nil || m.Summary != "Call" || m.Sequence != 2 || m.Organizer.Addr != "jo@counsel.example" || m.Start.Wall.Format("20060102T1504") != "20260312T1500" {
				t.Errorf("got %+v", in.Series)
			}
			if in.Ident != ical.Ident("m1@counsel.example", "") || !slices.Equal(in.SentBy, []string{"pa@counsel.example"}) || in.Stamp.IsZero() {
				t.Errorf("ident %s, sent by %v, stamp %v", in.Ident, in.SentBy, in.Stamp)
			}
			if Read(raw).Invite != nil {
				t.Error("it is read though nobody asked")
			}
		})
	}
}

func TestInviteFacts(t *testing.T) {
	typed := func(method string) string { return "Content-Type: text/calendar; method=" + method }
	request, cancel := calendarOf("REQUEST", ""), calendarOf("CANCEL", "")
	reply := "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:m1@counsel.example\r\nATTENDEE;PARTSTAT=ACCEPTED;SENT-BY=\"mailto:pa@firm.example\":mailto:gc@firm.example\r\nORGANIZER:mailto:jo@counsel.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	task := "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTODO\r\nUID:t@x\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
	big := calendarOf("REQUEST", "DESCRIPTION:"+strings.Repeat("x", ical.MaxSize)+"\r\n")
	type facts struct {
		method           string
		differs, several bool
		event            bool
		problem          string // one of them
	}
	tests := []struct {
		name string
		raw  []byte
		want *facts
	}{
		{"header and body differ", mailOf("alternative", partOf(typed("CANCEL"), request)), &facts{"REQUEST", true, false, true, ""}},
		{"body without a method", mailOf("alternative", partOf(typed("REQUEST"), calendarOf("", ""))), &facts{"REQUEST", false, false, true, "method-missing"}},
		{"two calendars of two methods", mailOf("alternative", partOf(typed("REQUEST"), request+cancel)), &facts{"REQUEST", true, false, true, "several-calendars"}},
		{"the same twice", mailOf("mixed", partOf(typed("REQUEST"), request), partOf("Content-Type: application/ics", request)), &facts{"REQUEST", false, false, true, ""}},
		{"two that differ", mailOf("mixed", partOf(typed("REQUEST"), request), partOf(typed("CANCEL"), cancel)), &facts{"REQUEST", false, true, true, ""}},
		{"two of other times", mailOf("mixed", partOf(typed("REQUEST"), request), partOf("Content-Type: application/ics", strings.Replace(request, "T15", "T11", 1))), &facts{"REQUEST", false, true, true, ""}},
		{"a holiday list", mailOf("mixed", partOf("Content-Type: text/calendar", calendarOf("", ""))), nil},
		{"a holiday list, then an invitation", mailOf("mixed", partOf("Content-Type: text/calendar", calendarOf("", "")), partOf(typed("REQUEST"), request)), &facts{"REQUEST", false, false, true, ""}},
		{"an answer without a time", mailOf("alternative", partOf(typed("REPLY"), reply)), &facts{"REPLY", false, false, true, ""}},
		{"a task", mailOf("alternative", partOf(typed("REQUEST"), task)), &facts{"REQUEST", false, false, false, "not-an-event"}},
		{"too large", mailOf("alternative", partOf(typed("REQUEST"), big)), &facts{"REQUEST", false, false, false, "ics-too-large"}},
		{"broken off", mailOf("alternative", partOf(typed("REQUEST"), request[:len(request)-40])), &facts{"REQUEST", false, false, false, "ics-truncated"}},
		{"nothing in it", mailOf("alternative", partOf(typed("REQUEST"), "")), &facts{"REQUEST", false, false, false, "ics-no-calendar"}},
		{"garbage, then an invitation", mailOf("mixed", partOf(typed("REQUEST"), ""), partOf(typed("CANCEL"), cancel)), &facts{"REQUEST", false, true, false, "ics-no-calendar"}},
		{"an odd method", mailOf("alternative", partOf(typed("REQ%20UEST"), calendarOf("IN VITE", ""))), &facts{"", false, false, true, "method-unreadable"}},
		{"in an attached message", mailOf("mixed", "Content-Type: message/rfc822\r\n\r\nFrom: jo@counsel.example\r\n"+partOf(typed("REQUEST"), request)), nil},
		{"no calendar", mailOf("alternative", partOf("Content-Type: text/plain", "BEGIN:VCARD")), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := ReadFor(tt.raw, inviteNeed, nil).Invite
			if in == nil || tt.want == nil {
				if in != nil || tt.want != nil {
					t.Fatalf("got %+v, want %+v", in, tt.want)
				}
				return
			}
			got := facts{in.Method, in.Differs, in.Several, in.Series.Master != nil || len(in.Series.Overrides) > 0, tt.want.problem}
			if got != *tt.want {
				t.Errorf("got %+v, want %+v", got, *tt.want)
			}
			if tt.want.problem != "" && !slices.Contains(in.Problems, tt.want.problem) {
				t.Errorf("problems %v, want %s", in.Problems, tt.want.problem)
			}
		})
	}
}

func TestInvitesAreCounted(t *testing.T) {
	var parts []string
	for i := range MaxInvites + 3 {
		parts = append(parts, partOf("Content-Type: text/calendar; method=REQUEST", strings.Replace(calendarOf("REQUEST", ""), "m1@", fmt.Sprintf("m%d@", i), 1)))
	}
	in := ReadFor(mailOf("mixed", parts...), inviteNeed, nil).Invite
	if in == nil || !in.Several || !slices.Contains(in.Problems, "invites-cut") {
		t.Errorf("got %+v", in)
	}
}

// TestLawInviteChangesNothingElse: whether anyone asks for calendars, and in which
// pieces the mail comes, changes nothing but Mail.Invite.
func TestLawInviteChangesNothingElse(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	long := calendarOf("REQUEST", "DESCRIPTION:"+strings.Repeat("so it is ", 20_000)+"\r\n")
	kinds := []string{"text/calendar; method=REQUEST", "application/ics", "application/octet-stream", "text/plain", "text/plain; name=a.ics", "application/pdf", "message/rfc822"}
	for range 200 {
		var parts []string
		for range 1 + r.IntN(4) {
			body := []string{calendarOf("REQUEST", ""), calendarOf("CANCEL", ""), long, "no calendar", strings.Repeat("x", r.IntN(200_000))}[r.IntN(5)]
			head := "Content-Type: " + kinds[r.IntN(len(kinds))]
			switch r.IntN(3) {
			case 0:
				head, body = head+"\r\nContent-Transfer-Encoding: base64", inBase64Of(body)
			case 1:
				head, body = head+"\r\nContent-Transfer-Encoding: quoted-printable", inQuotedOf(body)
			}
			parts = append(parts, partOf(head, body))
		}
		raw := mailOf("mixed", parts...)
		without := ReadFor(raw, model.Need{Text: true, Files: true}, nil)
		with := ReadFor(raw, inviteNeed, nil)
		pieces := NewReader()
		pieces.KeepInvite()
		for rest := raw; len(rest) > 0; {
			n := min(len(rest), 1+r.IntN(5000))
			_, _ = pieces.Write(rest[:n])
			rest = rest[n:]
		}
		if cut := pieces.Close(true); !reflect.DeepEqual(cut, with) {
			t.Fatalf("in pieces it is another mail:\n%+v\n%+v", cut.Invite, with.Invite)
		}
		if bare := ReadFor(raw, model.Need{Text: true, Invite: true}, nil); !reflect.DeepEqual(bare.Invite, with.Invite) {
			t.Fatalf("without files it is another invitation:\n%+v\n%+v", bare.Invite, with.Invite)
		}
		with.Invite = nil
		if !reflect.DeepEqual(without, with) {
			t.Fatal("asking for calendars changed the mail")
		}
	}
}

// FuzzInvite: no mail panics, and what comes out is bounded and of whole cloth.
func FuzzInvite(f *testing.F) {
	for _, method := range []string{"REQUEST", "CANCEL", "REPLY", "COUNTER", "REFRESH", "ADD", "DECLINECOUNTER", "PUBLISH", ""} {
		f.Add([]byte(calendarOf(method, "RRULE:FREQ=WEEKLY;COUNT=3\r\n")), "text/calendar; method="+method)
		f.Add([]byte(inBase64Of(calendarOf(method, ""))), "text/calendar; charset=utf-16\r\nContent-Transfer-Encoding: base64")
	}
	f.Add([]byte("BEGIN:VCALENDAR\r\nMETHOD;X=\"\r\nBEGIN:VEVENT"), "application/ics")
	f.Fuzz(func(t *testing.T, body []byte, kind string) {
		raw := mailOf("mixed", partOf("Content-Type: text/plain", "x"), partOf("Content-Type: "+kind, string(body)))
		in := ReadFor(raw, inviteNeed, nil).Invite
		if in == nil {
			return
		}
		if in.Method == "" && len(in.Problems) == 0 {
			t.Error("an invitation without method or problem")
		}
		if len(in.Method) > 32 || len(in.Series.Overrides) > ical.MaxOverrides || len(in.SentBy) > 20 || len(in.Problems) > 60 {
			t.Error("more than the limits allow")
		}
		for _, code := range in.Problems {
			if strings.ContainsFunc(code, func(c rune) bool { return c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') }) {
				t.Errorf("%q is no code", code)
			}
		}
	})
}

// TestInvitesOfTheWorld reads every scheduling mail of the corpus.
func TestInvitesOfTheWorld(t *testing.T) {
	dir := servertest.Corpus(t, "imip-mails")
	want := map[string]string{ // by the beginning of the name
		"good_reply": "REPLY", "reply_missing_organizer": "REPLY", "reply_missing_attendee": "REPLY",
		"reply_missing_attachment": "", "dsn_failure_no_ics": "", "dsn_failure_no_original": "",
		"dsn_failure_with_ics": "", // what came back is not what the sender says
	}
	seen := 0
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		for prefix, method := range want {
			if !strings.HasPrefix(d.Name(), prefix) {
				continue
			}
			raw, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			seen++
			in := ReadFor(raw, inviteNeed, nil).Invite
			switch {
			case method == "" && in != nil:
				t.Errorf("%s: got %s", d.Name(), in.Method)
			case method != "" && (in == nil || in.Method != method || in.Ident == "" || in.Differs):
				t.Errorf("%s: got %+v", d.Name(), in)
			}
		}
		return nil
	})
	if err != nil || seen < 8 {
		t.Errorf("%d mails were read: %v", seen, err)
	}
}
