package journal

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"chancery/internal/model"
)

func TestSealBindsToItsRow(t *testing.T) {
	k, err := derive(testKey)
	must(t, err)
	sealed := k.seal([]byte("cursor"), "source.cursor", "gc-mail")
	if plain, err := k.open(sealed, "source.cursor", "gc-mail"); err != nil || string(plain) != "cursor" {
		t.Fatalf("it does not open again: %v", err)
	}
	if again := k.seal([]byte("cursor"), "source.cursor", "gc-mail"); string(again) == string(sealed) {
		t.Error("the same value is sealed the same way twice")
	}
	other, err := derive([]byte(strings.Repeat("k", minKey)))
	must(t, err)
	fails := func(name string, k keys, b []byte, table string, row ...string) {
		if _, err := k.open(b, table, row...); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	fails("other row", k, sealed, "source.cursor", "cfo-mail")
	fails("other table", k, sealed, "intent.body", "gc-mail")
	fails("words pushed over", k, sealed, "source.cursorg", "c-mail")
	fails("other key", other, sealed, "source.cursor", "gc-mail")
	fails("nothing", k, nil, "source.cursor", "gc-mail")
	fails("other method", k, append([]byte{2}, sealed[1:]...), "source.cursor", "gc-mail")
	for i := range sealed {
		changed := append([]byte(nil), sealed...)
		changed[i] ^= 1
		fails("changed", k, changed, "source.cursor", "gc-mail")
		fails("cut", k, sealed[:i], "source.cursor", "gc-mail")
	}
	if _, err := derive([]byte("short")); err == nil {
		t.Error("a short install key was taken")
	}
}

// Different lists of words never share a token.
func TestTokenIsUnambiguous(t *testing.T) {
	k, err := derive(testKey)
	must(t, err)
	j := &Journal{keys: k}
	seen := map[string][]string{}
	letters := []string{"", "a", "b", "ab", "\x00", "a\x00"}
	add := func(kind string, parts ...string) {
		tok := j.Token(kind, parts...)
		if len(tok) != 32 || strings.Trim(tok, "0123456789abcdef") != "" {
			t.Fatalf("token %q", tok)
		}
		if old, ok := seen[tok]; ok {
			t.Errorf("%q %q has the token of %q", kind, parts, old)
		}
		seen[tok] = append([]string{kind}, parts...)
	}
	for _, kind := range letters {
		add(kind)
		for _, a := range letters {
			add(kind, a)
			for _, b := range letters {
				add(kind, a, b)
			}
		}
	}
}

func TestBodyRefusesBadLengths(t *testing.T) {
	k, err := derive(testKey)
	must(t, err)
	for _, plain := range []string{"", "\x05gc", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "\x00{"} {
		if _, _, err := k.openBody(k.seal([]byte(plain), "intent.body", "x"), "x"); err == nil {
			t.Errorf("%q was read", plain)
		}
	}
}

func TestResultForm(t *testing.T) {
	k, err := derive(testKey)
	must(t, err)
	for _, r := range []model.Result{
		{ID: "x", Flags: model.Flags{"", `\Flagged`, "lx-priv"}},
		{ID: "x", Ref: model.Ref{Source: "gc-cal/work", Href: "/a b.ics", Version: `"e"`}},
		{ID: "x", Ref: model.Ref{Source: "gc-mail", Mailbox: "Ärzte", UIDValidity: 1 << 31, UID: 1<<32 - 1, Version: "9"}, Flags: model.Flags{"a"}},
		{ID: "x", Flags: model.Flags{"a", "b"}, Added: model.Flags{"b"}},
		{ID: "x", Already: true},
	} {
		var in Intent
		err := k.openResult(k.sealResult(r), "x", &in)
		if err != nil || in.Ref != r.Ref || !slices.Equal(in.Flags, r.Flags) || !slices.Equal(in.Added, r.Added) || in.Already != r.Already {
			t.Errorf("%v came back: %v", r.ID, err)
		}
	}
	whole, err := k.open(k.sealResult(model.Result{ID: "x", Flags: model.Flags{"ab", "c"}, Added: model.Flags{"c"}, Ref: model.Ref{UID: 300}}), "intent.result", "x")
	must(t, err)
	for i := range whole {
		if err := k.openResult(k.seal(whole[:i], "intent.result", "x"), "x", new(Intent)); err == nil {
			t.Errorf("%d of %d octets were read", i, len(whole))
		}
	}
}

func FuzzClear(f *testing.F) {
	for _, s := range []string{"", "line 12", "a\x00b", "\xff\xfe", strings.Repeat("ä", 150), "\x7f\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clear(s)
		if len(got) > maxWord || !utf8.ValidString(got) || strings.ContainsAny(got, "\x00\r\n\x7f") {
			t.Fatalf("%q", got)
		}
		if clear(got) != got {
			t.Fatal("clear twice is not clear once")
		}
	})
}

// The same act about the same item in another wording of Ref is the same place.
func TestPlaceOfNothing(t *testing.T) {
	k, err := derive(testKey)
	must(t, err)
	for _, r := range []model.Ref{{}, {Source: "gc-mail"}, {Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 7}} {
		if k.place(r) != "" {
			t.Errorf("%v is a place", r)
		}
	}
}
