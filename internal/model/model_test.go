package model

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"
)

const secret = "Smith v Jones"

// Every printer and encoder that a careless line could call must stay silent.
func TestContentNeverPrints(t *testing.T) {
	var out bytes.Buffer
	m := Message{
		Ref: Ref{Source: "gc", Mailbox: secret, UID: 7, Href: secret}, Ident: secret,
		Body: Hide(Mail{Subject: secret, From: []Address{{Name: secret}}}),
	}
	s := Step{Why: Hide(secret), Ident: secret, Ref: m.Ref}
	values := []any{m, &m, s, []any{m}, map[string]any{"k": m}, m.Body, m.Ref, m.Ident}
	for _, h := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		log := slog.New(h)
		for _, v := range values {
			log.Info("x", "v", v)
			log.With("w", v).WithGroup("g").Info("x")
			log.Info("x", "e", fmt.Errorf("wrap %v %s %+v %q: %w", v, v, v, v, errors.New("e")))
			log.Info(fmt.Sprintf("%v %+v %#v", v, v, v))
		}
	}
	for _, v := range values {
		_ = json.NewEncoder(&out).Encode(v)
		fmt.Fprintln(&out, v)
		fmt.Fprintf(&out, "%x %d", v, v)
	}
	_ = gob.NewEncoder(&out).Encode(m.Body)
	if i := strings.Index(out.String(), "Smith"); i >= 0 {
		t.Fatalf("content leaked: ...%s", out.String()[max(0, i-80):i+20])
	}
	if hex := fmt.Sprintf("%x", secret); strings.Contains(out.String(), hex) {
		t.Fatal("content leaked in hex")
	}
}

func TestRevealOfNothingIsZero(t *testing.T) {
	var p Private[Mail]
	if p.Present() || p.Reveal().Subject != "" {
		t.Fatal("zero Private holds something")
	}
}

func TestFlagsCompareWithoutCase(t *testing.T) {
	f := Flags{`\Seen`, "LX-Priv"}
	if !f.Has(`\seen`) || !f.Has("lx-priv") || f.Has("lx") {
		t.Fatal("flags must compare by whole word, without case")
	}
}

func TestTimeIn(t *testing.T) {
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	wall := time.Date(2026, 3, 8, 2, 30, 0, 0, time.UTC) // does not exist in New York
	got := Time{Wall: wall}.In(ny)
	if want := time.Date(2026, 3, 8, 7, 30, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("gap: got %v, want %v", got.UTC(), want)
	}
	if got := (Time{Wall: wall, Loc: time.UTC}).In(ny); !got.Equal(wall) {
		t.Errorf("own zone must win: %v", got)
	}
}

// RFC 5545 section 3.3.5: a wall clock that comes twice means the first time, in
// every zone: time.Date takes the second in those east of Greenwich.
func TestTimeInTakesTheFirst(t *testing.T) {
	for name, days := range map[string][]string{
		"Europe/Berlin":       {"2026-10-25 02:30 2026-10-25 00:30", "2026-10-25 01:59 2026-10-24 23:59", "2026-10-25 03:00 2026-10-25 02:00"},
		"America/New_York":    {"2026-11-01 01:30 2026-11-01 05:30", "2026-11-01 02:00 2026-11-01 07:00"},
		"Australia/Lord_Howe": {"2026-04-05 01:45 2026-04-04 14:45", "2026-04-05 02:00 2026-04-04 15:30"},
		"Pacific/Apia":        {"2011-12-29 12:00 2011-12-29 22:00", "2011-12-30 12:00 2011-12-30 22:00", "2011-12-31 12:00 2011-12-30 22:00"},
	} {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, day := range days {
			wall, _ := time.Parse("2006-01-02 15:04", day[:16])
			if got := (Time{Wall: wall}).In(loc).UTC().Format("2006-01-02 15:04"); got != day[17:] {
				t.Errorf("%s: %s is %s, want %s", name, day[:16], got, day[17:])
			}
		}
	}
}

func TestStepRoundTrip(t *testing.T) {
	actions := []Action{
		Mark{Name: "privileged", Keyword: "lx-priv", Thunderbird: "$label1", Apple: "purple", Flagged: true},
		File{Mailbox: []string{"Billing", "Ärzte", "0042.0070"}, Create: true},
		Note{Mailbox: []string{"INBOX"}, Replaces: []string{"<a@b>"}, Body: Hide(NoteBody{
			MessageID: "<x@y>", Of: "f1", Digest: "d", From: Address{"A", "a@b"}, More: []Address{{"C", "c@d"}, {"", "e@f"}}, Date: 7, Subject: secret, Text: "t", HTML: "h", InReplyTo: "<a@b>"})},
		Hold{UID: "u", Of: "f1", Digest: "d", Base: Ref{Source: "c", Href: "/x", Version: `"e"`}, Body: Hide(HoldBody{Start: 1, End: 2, Summary: secret, Related: []string{"r"}, Private: true})},
		Withdraw{UID: "u", Of: "f1", Base: Ref{Href: "/x"}},
		DropNote{Mailbox: []string{"INBOX"}, MessageID: "<x@y>", Of: "f1"},
		Unmark{Name: "privileged", Flags: Flags{"lx-priv", `\Flagged`, "gm:Ärzte"}, Label: "l"},
		Return{To: "Entwürfe/&"},
	}
	for _, a := range actions {
		want := Step{ID: "id", Rule: "r", Version: "v", Place: "f:1:2", Why: Hide("because"), Source: "s",
			Ref: Ref{Source: "s", Mailbox: "INBOX", UIDValidity: 1, UID: 2, Version: "3"}, Ident: "i", Action: a}
		b, err := EncodeStep(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeStep(b)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, want %#v", a.Kind(), got, want)
		}
	}
	if _, err := EncodeStep(Step{}); err == nil {
		t.Error("a step without action was encoded")
	}
	if _, err := DecodeStep([]byte(`{"ID":"x"}`)); err == nil {
		t.Error("a step without action was decoded")
	}
}
