package filetext

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"
)

// entry is a member as a hostile program writes it.
type entry struct {
	name   string
	packed []byte
	size   int // that it claims
	sum    uint32
	method uint16
	flags  uint16
	at     int  // of its local header; -1: behind the one before
	large  bool // sizes and place stand in eight octets
}

func stored(name, content string) entry {
	return entry{name: name, packed: []byte(content), size: len(content), sum: crc32.ChecksumIEEE([]byte(content)), at: -1}
}

func deflated(name string, content []byte) entry {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	_, _ = w.Write(content)
	_ = w.Close()
	return entry{name: name, packed: b.Bytes(), size: len(content), sum: crc32.ChecksumIEEE(content), method: 8, at: -1}
}

// archive writes the entries; with end64 its end too stands in eight octets.
func archiveOf(end64 bool, all ...entry) []byte {
	var b, dir bytes.Buffer
	put := func(w io.Writer, values ...any) {
		for _, v := range values {
			_ = binary.Write(w, binary.LittleEndian, v)
		}
	}
	for _, e := range all {
		at := e.at
		if at < 0 {
			at = b.Len()
			put(&b, []byte("PK\x03\x04"), uint16(20), e.flags, e.method, uint32(0), e.sum, uint32(len(e.packed)), uint32(e.size), uint16(len(e.name)), uint16(0), []byte(e.name), e.packed)
		}
		packed, size, place, extra := uint32(len(e.packed)), uint32(e.size), uint32(at), []byte{}
		if e.large {
			var x bytes.Buffer
			put(&x, uint16(7), uint16(2), uint16(0), uint16(1), uint16(24), uint64(e.size), uint64(len(e.packed)), uint64(at))
			packed, size, place, extra = inExtra, inExtra, inExtra, x.Bytes()
		}
		put(&dir, []byte("PK\x01\x02"), uint16(20), uint16(20), e.flags, e.method, uint32(0), e.sum, packed, size, uint16(len(e.name)), uint16(len(extra)), uint16(0), uint16(0), uint16(0), uint32(0), place, []byte(e.name), extra)
	}
	from, n := uint32(b.Len()), uint32(dir.Len())
	_, _ = b.Write(dir.Bytes())
	if end64 {
		at := uint64(b.Len())
		put(&b, []byte("PK\x06\x06"), uint64(44), uint16(45), uint16(45), uint32(0), uint32(0), uint64(len(all)), uint64(len(all)), uint64(n), uint64(from))
		put(&b, []byte("PK\x06\x07"), uint32(0), at, uint32(1))
		from, n = inExtra, inExtra
	}
	put(&b, []byte("PK\x05\x06"), uint16(0), uint16(0), uint16(len(all)), uint16(len(all)), n, from, uint16(0))
	return b.Bytes()
}

func unpacked(b []byte, most int) (names []string, total int, code string) {
	code = new(Reader).Unpack(b, most, func(m Member) {
		names = append(names, m.Name)
		total += len(m.Content)
	})
	return names, total, code
}

func TestUnpack(t *testing.T) {
	large, lie, wrong, locked, odd := stored("large", "abc"), stored("lie", "abc"), stored("wrong", "abc"), stored("locked", "abc"), stored("odd", "abc")
	large.large, lie.size, wrong.sum, locked.flags, odd.method = true, 2, 7, 1, 12
	longer, beyond, far := stored("longer", "abc"), stored("beyond", "abc"), stored("far", "abc")
	longer.size, beyond.size, far.at = 9, MaxUnpacked+1, 1<<30
	a := stored("a", "abc")
	again := a
	again.at = 0 // the same octets
	bomb := deflated("bomb", make([]byte, 30<<20))
	small := bomb
	small.name, small.size = "small", 1<<10
	for name, tt := range map[string]struct {
		all  []entry
		want []string
		code string
	}{
		"files":              {[]entry{a, deflated("b/c", []byte("abc")), stored("d/", "")}, []string{"a", "c"}, ""},
		"nothing":            {nil, nil, ""},
		"sizes in 64 bits":   {[]entry{large}, []string{"large"}, ""},
		"paths":              {[]entry{stored("../../etc/x", ""), stored(`C:\w\y`, ""), stored("a/..", ""), stored("/z", "")}, []string{"x", "y", "z"}, ""},
		"what a Mac adds":    {[]entry{stored("__MACOSX/._a", ""), stored(".DS_Store", ""), a}, []string{"a"}, ""},
		"other letters":      {[]entry{stored("M\x81ller", "")}, []string{"Müller"}, ""},
		"shorter than it is": {[]entry{lie, a}, []string{"a"}, "broken"},
		"longer than it is":  {[]entry{longer, a}, []string{"a"}, "broken"},
		"wrong checksum":     {[]entry{wrong, a}, []string{"a"}, "broken"},
		"password":           {[]entry{locked, a}, []string{"a"}, "encrypted"},
		"unknown method":     {[]entry{odd, a}, []string{"a"}, "broken"},
		"too large":          {[]entry{beyond, a}, []string{"a"}, "limit"},
		"outside":            {[]entry{far, a}, []string{"a"}, "broken"},
		"same octets twice":  {[]entry{a, again}, nil, "limit"},
		"tightly packed":     {[]entry{bomb, a}, []string{"a"}, "limit"},
		"small by its word":  {[]entry{small, a}, []string{"a"}, "broken"},
		"too many":           {[]entry{a, a, a, a, a}, []string{"a", "a", "a"}, "limit"},
		"not packed at all":  {[]entry{{name: "x", packed: []byte("abc"), size: 3, method: 8, at: -1}, a}, []string{"a"}, "broken"},
	} {
		for _, end64 := range []bool{false, true} {
			if names, _, code := unpacked(archiveOf(end64, tt.all...), 3); !slices.Equal(names, tt.want) || code != tt.code {
				t.Errorf("%s (64 bits %v): %q, code %q; want %q, %q", name, end64, names, code, tt.want, tt.code)
			}
		}
	}
	whole := archiveOf(false, a)
	elsewhere := bytes.Clone(whole)
	elsewhere[len(whole)-10]++ // the directory is longer than it is
	for name, b := range map[string][]byte{
		"empty": nil, "no directory": []byte("PK\x03\x04"), "cut": whole[:len(whole)-1], "elsewhere": elsewhere, "front": bytes.Repeat([]byte("PK\x05\x06"), 10),
	} {
		if names, _, code := unpacked(b, 3); names != nil || code != "broken" {
			t.Errorf("%s: %q, code %q", name, names, code)
		}
	}
	if names, _, code := unpacked(append([]byte("#!/bin/sh\n"), whole...), 3); !slices.Equal(names, []string{"a"}) || code != "" {
		t.Errorf("an archive behind a program: %q, %q", names, code)
	}
}

// Members that each unpack a part of what the others unpack, and archives in archives,
// become no more than the limit allows.
func TestUnpackBombs(t *testing.T) {
	kernel := deflated("k", make([]byte, 1<<20))
	overlapping := []entry{kernel}
	for range 500 {
		e := kernel
		e.at = 0
		overlapping = append(overlapping, e)
	}
	if _, total, code := unpacked(archiveOf(false, overlapping...), 1000); total != 0 || code != "limit" {
		t.Errorf("overlapping: %d octets, code %q", total, code)
	}
	var many []entry
	noise := []byte(strings.Repeat("0123456789abcdef the quick brown fox ", 30_000))
	for range 200 {
		many = append(many, deflated("x", noise))
	}
	if _, total, code := unpacked(archiveOf(false, many...), 1000); total > MaxUnpacked || code != "limit" {
		t.Errorf("many: %d octets, code %q", total, code)
	}
	inner := archiveOf(false, deflated("0", make([]byte, 1<<20)))
	if names, total, code := unpacked(archiveOf(false, stored("inner.zip", string(inner))), 10); total != len(inner) || len(names) != 1 || code != "" {
		t.Errorf("nested: %q, %d octets, code %q", names, total, code)
	}
}

// What another program packs is unpacked as it was.
func TestUnpackWhatOthersPack(t *testing.T) {
	r := rand.New(rand.NewSource(8))
	for range 100 {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		want := map[string]string{}
		for i := range r.Intn(10) {
			name, content := fmt.Sprintf("%d.txt", i), strings.Repeat("x", r.Intn(5000))
			w, err := z.CreateHeader(&zip.FileHeader{Name: "dir/" + name, Method: []uint16{zip.Store, zip.Deflate}[r.Intn(2)]})
			if err == nil {
				_, err = w.Write([]byte(content))
			}
			if err != nil {
				t.Fatal(err)
			}
			want[name] = content
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		if code := new(Reader).Unpack(b.Bytes(), 10, func(m Member) { got[m.Name] = string(m.Content) }); code != "" || !maps.Equal(got, want) {
			t.Fatalf("code %q: %d files, want %d", code, len(got), len(want))
		}
	}
}

func FuzzZip(f *testing.F) {
	e := stored("large", "abc")
	e.large = true
	f.Add(archiveOf(false, stored("a", "abc"), deflated("b", []byte("abc"))))
	f.Add(archiveOf(true, e))
	f.Fuzz(func(t *testing.T, b []byte) {
		names, total, code := unpacked(b, 10)
		if len(names) > 10 || total > MaxUnpacked || code != "" && Codes[code] == "" {
			t.Errorf("%d files, %d octets, code %q", len(names), total, code)
		}
		for _, n := range names {
			if n == "" || strings.ContainsAny(n, `/\`) {
				t.Errorf("name %q", n)
			}
		}
	})
}

func TestMachine(t *testing.T) {
	for text, want := range map[string]string{
		"LEDES1998B[]\n": "ledes", "\ufeffLEDES98BI V2[]": "ledes", "  ledes1998b[]": "ledes",
		`<?xml version="1.0"?><!-- a > b --><ubl:Invoice>`: "ubl", "<CreditNote/>": "ubl", "<rsm:CrossIndustryInvoice xmlns='x'>": "cii",
		"<CrossIndustryDocument>": "cii", "<ledesXML2.1>": "ledesxml", "<!DOCTYPE Invoice><Invoice>": "ubl",
		"<\x00I\x00n\x00v\x00o\x00i\x00c\x00e\x00>\x00": "ubl", "<!--" + strings.Repeat("licence ", 3000) + "--><Invoice>": "ubl",
		"": "", "Dear all": "", "Ledger": "", "<html>": "", "<Invoices>": "", "<!-- ": "", "<": "", "\xff\xfe": "",
	} {
		if got := Machine([]byte(text)); got != want {
			t.Errorf("%.40q: %q, want %q", text, got, want)
		}
	}
}
