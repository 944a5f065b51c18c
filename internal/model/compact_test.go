package model

import (
	"reflect"
	"strconv"
	"testing"
	"time"
)

// fill sets every field of a value to something that is not zero.
func fill(v reflect.Value, serial *int) {
	*serial++
	switch v.Kind() {
	case reflect.String:
		v.SetString("word-" + strconv.Itoa(*serial))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint32:
		v.SetUint(uint64(*serial) << 20)
	case reflect.Int:
		v.SetInt(int64(*serial))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range 3 {
			fill(v.Index(i), serial)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), serial)
			}
		}
	}
}

// The compact form is written by hand: a field that is new in one of these types
// must not be lost without a word.
func TestCompactKeepsEveryField(t *testing.T) {
	serial := 0
	var mark Mark
	var file File
	fill(reflect.ValueOf(&mark).Elem(), &serial)
	fill(reflect.ValueOf(&file).Elem(), &serial)
	amends := Amend{
		UID: "u", Instance: Time{Wall: time.Unix(1_790_000_000, 0).UTC(), Loc: time.UTC}, Of: "c:1", Self: Hide([]string{"gc@firm.example"}),
		Base: Ref{Source: "c", Href: "/x", Version: `"1"`}, Was: Amended{Answer: "NEEDS-ACTION"}, Now: Amended{Answer: "DECLINED"},
	}
	for _, a := range []Action{mark, file, Mark{}, File{}, Withdraw{UID: "u"}, amends, Return{To: "x"}, Unmark{Flags: Flags{"k"}}} {
		var want Step
		fill(reflect.ValueOf(&want).Elem(), &serial)
		want.Order, want.Again, want.Why, want.Action = 0, false, Hide("why"), a
		b, err := EncodeStep(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := DecodeStep(b); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n got %#v\nwant %#v", a.Kind(), err, got, want)
		}
		if ref, err := DecodeRef(EncodeRef(want.Ref)); err != nil || ref != want.Ref {
			t.Errorf("place: %v", err)
		}
		for i := range b {
			if _, err := DecodeStep(b[:i]); err == nil {
				t.Errorf("%s: %d of %d octets were read", a.Kind(), i, len(b))
			}
		}
		if _, err := DecodeStep(append(b, 0)); err == nil {
			t.Errorf("%s: an octet too many was read", a.Kind())
		}
	}
}

// What a version of the program before this one wrote after the first: its
// compact forms are read for ever as well.
func TestDecodeCompactForms(t *testing.T) {
	const head = "\x01\x02id\x01r\x01v\x05f:1:2\x01w\x01s\x01i\x01s\x05INBOX\x01\x02\x00\x013"
	note := Note{Mailbox: []string{"INBOX"}, Replaces: []string{"<a@b>"}, Draft: true, Body: Hide(NoteBody{MessageID: "<x@y>", Of: "f1", Digest: "d",
		From: Address{"A", "a@b"}, To: Address{"B", "b@b"}, Date: 7, Subject: "s", Text: "t", HTML: "h", InReplyTo: "<a@b>"})}
	want := Step{ID: "id", Rule: "r", Version: "v", Place: "f:1:2", Why: Hide("w"), Source: "s",
		Ref: Ref{Source: "s", Mailbox: "INBOX", UIDValidity: 1, UID: 2, Version: "3"}, Ident: "i"}
	for form, a := range map[string]Action{
		"m\x01p\x01k\a$label1\x03red\x01g\x01": Mark{Name: "p", Keyword: "k", Thunderbird: "$label1", Apple: "red", Gmail: "g", Flagged: true},
		"f\x02\aBilling\x040042\x01":           File{Mailbox: []string{"Billing", "0042"}, Create: true},
		`j{"Note":{"Mailbox":["INBOX"],"Replaces":["<a@b>"],"Body":{"MessageID":"<x@y>","Digest":"d","From":{"Name":"A","Addr":"a@b"},"To":{"Name":"B","Addr":"b@b"},` +
			`"Date":7,"Subject":"s","Text":"t","HTML":"h","InReplyTo":"<a@b>","Of":"f1"},"Draft":true}}`: note,
		`j{"Hold":{"UID":"u","Of":"f","Digest":"d","Base":{"Source":""},"Body":{"Start":1,"End":2,"Stamp":0,"Summary":"","Description":"","Related":null,"Private":false}}}`: Hold{
			UID: "u", Of: "f", Digest: "d", Body: Hide(HoldBody{Start: 1, End: 2})},
		`j{"DropNote":{"Mailbox":["INBOX"],"MessageID":"<x@y>","Of":"f","Twins":true}}`: DropNote{Mailbox: []string{"INBOX"}, MessageID: "<x@y>", Of: "f", Twins: true},
		`j{"Unmark":{"Name":"p","Flags":["k","\\Flagged"],"Label":"g"}}`:                Unmark{Name: "p", Flags: Flags{"k", `\Flagged`}, Label: "g"},
		`j{"Return":{"To":"INBOX"}}`: Return{To: "INBOX"},
	} {
		want.Action = a
		if got, err := DecodeStep([]byte(head + form)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %#v", a.Kind(), err, got)
		}
	}
}

// What the first version of the program wrote is read for ever.
func TestDecodeOldForms(t *testing.T) {
	const head = `{"ID":"id","Rule":"r","Version":"v","Place":"f:1:2","Why":"w","Source":"s","Ref":{"Source":"s","Mailbox":"INBOX","UIDValidity":1,"UID":2,"Version":"3"},"Ident":"i",`
	want := Step{ID: "id", Rule: "r", Version: "v", Place: "f:1:2", Why: Hide("w"), Source: "s",
		Ref: Ref{Source: "s", Mailbox: "INBOX", UIDValidity: 1, UID: 2, Version: "3"}, Ident: "i"}
	for form, a := range map[string]Action{
		`"Mark":{"Name":"p","Keyword":"k","Thunderbird":"$label1","Apple":"red","Flagged":true}}`:   Mark{Name: "p", Keyword: "k", Thunderbird: "$label1", Apple: "red", Flagged: true},
		`"File":{"Mailbox":["Billing","0042"],"Create":true}}`:                                      File{Mailbox: []string{"Billing", "0042"}, Create: true},
		`"Withdraw":{"UID":"u","Of":"f","Base":{"Source":"c","Href":"/x"}}}`:                        Withdraw{UID: "u", Of: "f", Base: Ref{Source: "c", Href: "/x"}},
		`"DropNote":{"Mailbox":["INBOX"],"MessageID":"<x@y>","Of":"f"}}`:                            DropNote{Mailbox: []string{"INBOX"}, MessageID: "<x@y>", Of: "f"},
		`"Hold":{"UID":"u","Of":"f","Digest":"d","Base":{"Source":""},"Body":{"Start":1,"End":2}}}`: Hold{UID: "u", Of: "f", Digest: "d", Body: Hide(HoldBody{Start: 1, End: 2})},
	} {
		want.Action = a
		if got, err := DecodeStep([]byte(head + form)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %#v", a.Kind(), err, got)
		}
	}
	if r, err := DecodeRef([]byte(`{"Source":"c","Href":"/x","Version":"\"e\""}`)); err != nil || r != (Ref{Source: "c", Href: "/x", Version: `"e"`}) {
		t.Errorf("place: %v, %#v", err, r)
	}
}

func FuzzDecodeStep(f *testing.F) {
	for _, a := range []Action{Mark{Keyword: "k"}, File{Mailbox: []string{"a", "b"}}, Withdraw{UID: "u"}} {
		b, err := EncodeStep(Step{ID: "id", Rule: "r", Ref: Ref{UID: 300}, Action: a})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"ID":"x","Mark":{}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeStep(b)
		if err != nil {
			return
		}
		again, err := EncodeStep(s)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := DecodeStep(again); err != nil || !reflect.DeepEqual(back, s) {
			t.Fatalf("%v: %#v became %#v", err, s, back)
		}
	})
}

func BenchmarkStep(b *testing.B) {
	s := Step{ID: "0123456789abcdef0123456789abcdef", Rule: "privileged", Version: "v1", Place: "rules.d/a.yaml:3:5", Why: Hide("because"),
		Source: "gc-mail", Ident: "ident-1", Ref: Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 7, UID: 1, Version: "12"},
		Action: Mark{Name: "privileged", Keyword: "lx-priv", Flagged: true}}
	form, err := EncodeStep(s)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			_, _ = EncodeStep(s)
		}
	})
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			_, _ = DecodeStep(form)
		}
	})
}
