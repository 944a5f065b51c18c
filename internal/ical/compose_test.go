package ical

import (
	"bytes"
	"math/rand"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"chancery/internal/model"
)

// hold is a hold with the texts a test gives.
func hold(summary, description string, related ...string) model.Hold {
	return model.Hold{UID: "c-0123@chancery", Of: "f:9", Digest: "abc/def", Body: model.Hide(model.HoldBody{
		Start: 1772442000, End: 1772445600, Stamp: 1772000000, Summary: summary, Description: description, Related: related,
	})}
}

func TestComposeGolden(t *testing.T) {
	h := hold("Conflict: Hearing, Smith v. Doe; Lunch", "Keep: Hearing\nYields: Lunch with the Größenwahn committee of the whole house\n\nFree: Tue 10:00", "a@firm.example", "b@firm.example")
	body := h.Body.Reveal()
	body.Private = true
	h.Body = model.Hide(body)
	golden(t, "testdata/hold.ics", Compose(h, testSign))
}

// nasty are the pieces of text that have become properties somewhere.
var nasty = []string{
	"\r\n", "\n", "\r", "\u0085", "\u2028", "\u2029", "\v", "\f", "\x1c", "\x1e", "\x00", "\x7f", "\t", "\\", "\\n", ";", ",", ":", `"`, "^n",
	"BEGIN:VALARM", "END:VEVENT", "ATTENDEE:mailto:a@firm.example", "X-CHANCERY-TAG:1.a.b.c.d", "é", "日本語", "\xff", "\xc3", " ", "%2C", "%0D%0A", "=", "a", strings.Repeat("w", 80),
}

func randomText(rng *rand.Rand) string {
	var b strings.Builder
	for range rng.Intn(12) {
		b.WriteString(nasty[rng.Intn(len(nasty))])
	}
	return b.String()
}

// said is what a reader must see of a text: the same without the characters that
// cannot be written.
func said(s string) string {
	s = strings.NewReplacer("\r\n", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029:
			return '\n'
		case r == '\t':
			return ' '
		case r == '\\':
			return '/'
		case r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0:
			return -1
		}
		return r
	}, s))
}

// TestComposeLaw: whatever a hold says, the object has one event of the same
// properties, folded and escaped, and reads as it was meant.
func TestComposeLaw(t *testing.T) {
	rng := rand.New(rand.NewSource(11))
	for range 2000 {
		h := hold(randomText(rng), randomText(rng), randomText(rng))
		h.UID, h.Of, h.Digest = "u"+randomText(rng), model.Ident(randomText(rng)), randomText(rng)
		body := h.Body.Reveal()
		body.Blocks = rng.Intn(3) == 0
		if body.Date = rng.Intn(3) == 0; body.Date {
			body.Start = model.UnixTime(20000+rng.Intn(9000)) * 86400
			body.End = body.Start + model.UnixTime(1+rng.Intn(3))*86400
		}
		h.Body = model.Hide(body)
		checkComposed(t, h)
	}
}

func checkComposed(t *testing.T, h model.Hold) {
	t.Helper()
	data := Compose(h, testSign)
	body := h.Body.Reveal()
	if !utf8.Valid(data) || bytes.ContainsAny(bytes.ReplaceAll(data, []byte("\r\n"), nil), "\r\n\x00\v\f\u0085\u2028") {
		t.Fatalf("forbidden characters in %q", data)
	}
	for line := range bytes.SplitSeq(data, []byte("\r\n")) {
		if len(line) > 75 || !utf8.Valid(line) {
			t.Fatalf("line of %d octets: %q", len(line), line)
		}
	}
	p := &problems{}
	root, f := read(data, p, true)
	if f != nil || len(p.codes) > 0 || len(root.children) != 1 || len(root.children[0].children) != 1 || len(root.children[0].children[0].children) != 0 {
		t.Fatalf("fault %v, problems %q in %q", f, p.codes, data)
	}
	var names []string
	for _, line := range root.children[0].children[0].props {
		names = append(names, line.Name)
		if len(line.Params) > 0 && (!body.Date || !dateProps[line.Name]) {
			t.Errorf("%s has parameters", line.Name)
		}
	}
	want := []string{"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "STATUS", "TRANSP", "RELATED-TO", tagName}
	status, show := "TENTATIVE", model.Free
	if body.Blocks {
		want = slices.Insert(want, 8, busyStatus)
		status, show = "CONFIRMED", model.Busy
	}
	if body.Description == "" {
		want = slices.DeleteFunc(want, func(s string) bool { return s == "DESCRIPTION" })
	}
	if !slices.Equal(names, want) {
		t.Fatalf("properties %q", names)
	}
	s, own, problems, f := Parse(data, testSign)
	if f != nil || len(problems) > 0 || s.UID != said(h.UID) {
		t.Fatalf("fault %v, problems %q, UID %q", f, problems, s.UID)
	}
	if s.UID == h.UID && (own == nil || !own.Intact || own.Confirmed || own.Of != h.Of || own.Digest != h.Digest) {
		t.Fatalf("own %+v", own)
	}
	o := s.Master
	if o.Summary != said(body.Summary) || o.Status != status || o.Show != show || o.Start.Date != body.Date || len(o.Attendees) != 0 {
		t.Fatalf("reads as %q, meant %q", o.Summary, said(body.Summary))
	}
	if o.Start.Wall.Unix() != int64(body.Start) || o.End.Wall.Unix() != int64(body.End) {
		t.Fatal("other times")
	}
}

// The golden of a mirror: it takes time, whole days of it.
func TestComposeBlocksGolden(t *testing.T) {
	h := hold("Busy", "")
	h.Of = "m:1"
	h.Body = model.Hide(model.HoldBody{Start: 1772409600, End: 1772409600, Stamp: 1772000000, Summary: "Busy", Private: true, Blocks: true, Date: true})
	golden(t, "testdata/hold-blocks.ics", Compose(h, testSign))
}

// What versions before this one wrote is ours for ever: the file was written by
// the first.
func TestOldHoldsVerify(t *testing.T) {
	data, err := os.ReadFile("testdata/hold.ics")
	if err != nil {
		t.Fatal(err)
	}
	o, f := Read(data, testSign)
	if f != nil || o.Own == nil || !o.Own.Intact || o.Own.Confirmed || !o.Tagged {
		t.Errorf("fault %v, own %+v", f, o.Own)
	}
}

// A person confirms a hold in the words of the program at hand.
func TestConfirmed(t *testing.T) {
	asks := string(Compose(hold("Conflict", "why"), testSign))
	body := hold("Busy", "")
	body.Body = model.Hide(model.HoldBody{Start: 1772442000, End: 1772445600, Summary: "Busy", Blocks: true})
	blocks := string(Compose(body, testSign))
	const status, transp = "STATUS:TENTATIVE\r\n", "TRANSP:TRANSPARENT\r\n"
	for _, test := range []struct {
		name, data string
		replace    []string
		want       bool
	}{
		{"untouched", asks, nil, false},
		{"retitled", asks, []string{"SUMMARY:Conflict", "SUMMARY:Smith"}, false},
		{"moved", asks, []string{"DTSTART:20260302T09", "DTSTART:20260302T08"}, false},
		{"confirmed", asks, []string{status, "STATUS:CONFIRMED\r\n"}, true},
		{"confirmed in small letters", asks, []string{status, "status:confirmed\r\n"}, true},
		{"confirmed and moved", asks, []string{status, "STATUS:CONFIRMED\r\n", "DTSTART:20260302T09", "DTSTART:20260302T08"}, true},
		{"confirmed, still free", asks, []string{status, "STATUS:CONFIRMED\r\n", transp, "TRANSP:TRANSPARENT\r\n" + busyStatus + ":FREE\r\n"}, true},
		{"status lost", asks, []string{status, ""}, false},
		{"busy", asks, []string{transp, "TRANSP:OPAQUE\r\n"}, true},
		{"busy and moved", asks, []string{transp, "TRANSP:OPAQUE\r\n", "DTSTART:20260302T09", "DTSTART:20260302T08"}, true},
		{"busy by leaving it out", asks, []string{transp, ""}, true},
		{"busy in Outlook", asks, []string{transp, transp + busyStatus + ":BUSY\r\n"}, true},
		{"out of office in Outlook", asks, []string{transp, transp + busyStatus + ":OOF\r\n"}, true},
		{"tentative in Outlook", asks, []string{transp, "TRANSP:OPAQUE\r\n" + busyStatus + ":TENTATIVE\r\n"}, false},
		{"cancelled", asks, []string{status, "STATUS:CANCELLED\r\n", transp, ""}, false},
		{"what blocks", blocks, nil, false},
		{"what blocks, moved", blocks, []string{"DTSTART:20260302T09", "DTSTART:20260302T08"}, false},
	} {
		o, f := Read([]byte(strings.NewReplacer(test.replace...).Replace(test.data)), testSign)
		if f != nil || o.Own == nil || o.Own.Confirmed != test.want || o.Own.Intact != (test.replace == nil) {
			t.Errorf("%s: own %+v, fault %v", test.name, o.Own, f)
		}
	}
	// The kind of a hold is signed: a mirror cannot be made a question.
	forged := strings.Replace(blocks, tagName+":MWI.", tagName+":MQ.", 1)
	if o, f := Read([]byte(forged), testSign); forged == blocks || f != nil || o.Own != nil || !o.Tagged {
		t.Errorf("forged: own %+v, tagged %v, fault %v", o.Own, o.Tagged, f)
	}
}

func TestTagged(t *testing.T) {
	for _, test := range []struct {
		name string
		data []byte
		want bool
	}{
		{"a stranger's", event("UID:1", startLine), false},
		{"ours", Compose(hold("a", "b"), testSign), true},
		{"of another installation", Compose(hold("a", "b"), func(...string) string { return "other" }), true},
		{"nonsense", event("UID:1", startLine, tagName+":what"), true},
		{"empty", event("UID:1", startLine, tagName+":"), true},
		{"small letters", event("UID:1", startLine, strings.ToLower(tagName)+":what"), true},
		{"in an alarm", event("UID:1", startLine, "BEGIN:VALARM", tagName+":what", "END:VALARM"), false},
		{"in an override", []byte(strings.Replace(string(event("UID:1", startLine)), "END:VCALENDAR",
			"BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID:20260309T080000Z\r\n"+tagName+":x\r\nEND:VEVENT\r\nEND:VCALENDAR", 1)), true},
	} {
		if o, f := Read(test.data, testSign); f != nil || o.Tagged != test.want {
			t.Errorf("%s: tagged %v, fault %v", test.name, o.Tagged, f)
		}
	}
}

func TestOwn(t *testing.T) {
	data := string(Compose(hold("Conflict", "why", "a@firm.example"), testSign))
	other := func(parts ...string) string { return testSign(append(parts, "forged")...) }
	change := func(replace ...string) string { return strings.NewReplacer(replace...).Replace(data) }
	for _, test := range []struct {
		name, data  string
		own, intact bool
	}{
		{"as written", data, true, true},
		{"stamped by a server", change("DTSTAMP:2026", "DTSTAMP:2027"), true, true},
		{"reordered", change("SUMMARY:Conflict\r\n", "", "STATUS:TENTATIVE\r\n", "STATUS:TENTATIVE\r\nSUMMARY:Conflict\r\n"), true, true},
		{"moved", change("DTSTART:20260302T09", "DTSTART:20260302T08"), true, false},
		{"confirmed", change("TENTATIVE", "CONFIRMED"), true, false},
		{"retitled", change("SUMMARY:Conflict", "SUMMARY:Settled"), true, false},
		{"given an alarm", change("END:VEVENT", "BEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\nEND:VEVENT"), true, false},
		{"joined by another event", data + string(event("UID:2", startLine)), true, false},
		{"copied to another UID", change("UID:c-0123@", "UID:c-0124@"), false, false},
		{"tag removed", change(tagName, "X-OTHER-TAG"), false, false},
		{"tag of another version", change(tagName+":MQ", tagName+":Mg"), false, false},
		{"forged", string(Compose(hold("Conflict", "why"), other)), false, false},
		{"signed with nothing", string(Compose(hold("Conflict", "why"), func(...string) string { return "" })), false, false},
	} {
		_, own, _, f := Parse([]byte(test.data), testSign)
		if f != nil || (own != nil) != test.own || own != nil && (own.Intact != test.intact || own.Of != "f:9" || own.Digest != "abc/def") {
			t.Errorf("%s: own %+v, fault %v", test.name, own, f)
		}
	}
	if _, own, _, _ := Parse([]byte(data), nil); own != nil {
		t.Error("verified by nobody")
	}
}
