package mime

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"chancery/internal/model"
)

func TestAddresses(t *testing.T) {
	for name, c := range map[string]struct {
		in      string
		want    string // name|address, joined by " + "
		problem string
	}{
		"bare":                 {"a@firm.example", "|a@firm.example", ""},
		"angle":                {"Ann Lee <a@firm.example>", "Ann Lee|a@firm.example", ""},
		"quoted":               {`"Lee, Ann" <a@firm.example>`, "Lee, Ann|a@firm.example", ""},
		"escaped quote":        {`"Ann \"A\" Lee" <a@firm.example>`, `Ann "A" Lee|a@firm.example`, ""},
		"domain case":          {"Ann.Lee@Firm.EXAMPLE", "|Ann.Lee@firm.example", ""},
		"A-label":              {"a@bücher.example", "|a@xn--bcher-kva.example", ""},
		"A-label, upper case":  {"<a@BÜCHER.example>", "|a@xn--bcher-kva.example", ""},
		"two":                  {"a@x.example, B <b@y.example>", "|a@x.example + B|b@y.example", ""},
		"semicolon":            {"a@x.example; b@y.example", "|a@x.example + |b@y.example", ""},
		"empty members":        {",, a@x.example,,", "|a@x.example", ""},
		"group":                {"Board: a@x.example, B <b@y.example>;, c@z.example", "|a@x.example + B|b@y.example + |c@z.example", ""},
		"empty group":          {"undisclosed-recipients:;", "", ""},
		"name in comment":      {"a@x.example (Ann Lee)", "Ann Lee|a@x.example", ""},
		"comment in name":      {"Ann (the (old) one) Lee <a@x.example>", "Ann Lee|a@x.example", ""},
		"comment in address":   {"<a(c)@(d)x.example(e)>", "|a@x.example", ""},
		"route":                {"<@relay.example,@b.example:a@x.example>", "|a@x.example", ""},
		"spaces":               {"< a @ x.example >", "|a@x.example", ""},
		"bare, spaces":         {"a @ x.example", "|a@x.example", ""},
		"quoted local":         {`"a b"@x.example`, `|"a b"@x.example`, ""},
		"needless quotes":      {`"a.b"@x.example`, "|a.b@x.example", ""},
		"literal":              {"a@[192.0.2.1], b@[IPv6:2001:db8::1]", "|a@[192.0.2.1] + |b@[ipv6:2001:db8::1]", ""},
		"mailto":               {"<mailto:a@x.example>", "|a@x.example", ""},
		"encoded name":         {"=?utf-8?q?J=C3=B6rg?= <a@x.example>", "Jörg|a@x.example", ""},
		"encoded in quotes":    {`"=?utf-8?q?J=C3=B6rg?=" <a@x.example>`, "Jörg|a@x.example", ""},
		"Latin-1 name":         {"J\xf6rg <a@x.example>", "Jörg|a@x.example", ""},
		"encoded address":      {"=?utf-8?q?=3Ca=40x.example=3E?= <b@y.example>", "<a@x.example>|b@y.example", ""},
		"only encoded":         {"=?utf-8?q?a=40x.example?=", "a@x.example|", ""},
		"Exchange":             {"</O=FIRM/OU=NA/CN=RECIPIENTS/CN=ALEE>", "/O=FIRM/OU=NA/CN=RECIPIENTS/CN=ALEE|", ""},
		"Exchange, named":      {`"Lee, Ann" </O=FIRM/CN=ALEE>`, "Lee, Ann|", ""},
		"Exchange, doubled":    {`Lee, Ann <</O=FIRM/CN=ALEE>@FIRM.example>`, "Lee| + Ann|", "address"},
		"name only":            {"Ann Lee", "Ann Lee|", ""},
		"no angle":             {"Ann Lee a@x.example", "Ann Lee|a@x.example", "address"},
		"no end of angle":      {"Ann <a@x.example, b@y.example", "Ann|a@x.example + |b@y.example", "address"},
		"no end of quotes":     {`"Ann <a@x.example>`, "Ann <a@x.example>|", ""},
		"no end of comment":    {"a@x.example (oops, b@y.example", "oops, b@y.example|a@x.example", "address"},
		"address as name":      {`"a@bank.example" <b@evil.example>`, "a@bank.example|b@evil.example", ""},
		"address as bare name": {"a@bank.example <b@evil.example>", "a@bank.example|b@evil.example", ""},
		"address as comment":   {"(a@bank.example) b@evil.example", "a@bank.example|b@evil.example", ""},
		"angle in comment":     {"(<a@bank.example>) <b@evil.example>", "<a@bank.example>|b@evil.example", ""},
		"two angles":           {"<a@bank.example> <b@evil.example>", "|a@bank.example + |b@evil.example", "address"},
		"behind the angle":     {"<a@x.example> b@evil.example", "|a@x.example", "address"},
		"no comma":             {"a@x.example b@y.example", "|a@x.example + |b@y.example", "address"},
		"two at signs":         {"<a@x.example@y.example>", "a@x.example@y.example|", "address"},
		"NUL":                  {"<a@bank.example\x00@evil.example>", "a@bank.example @evil.example|", "address"},
		"group of an address":  {"a@bank.example: b@evil.example;", "|b@evil.example", "address"},
		"line end in a name":   {"\"A\r\nB\" <a@x.example>", "A  B|a@x.example", ""},
		"odd domain":           {"<a@x_y.example.>", "|a@x_y.example", ""},
		"null path":            {"<>", "", ""},
		"domain not UTF-8":     {"A <a@b\xe5\x91\u0252.xn-->", "A|", "address"},
		"ideographic stop":     {"<a@bücher。example。>", "|a@xn--bcher-kva.example", ""},
		"nothing":              {" \t", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, problem := parseAddresses(nil, c.in, 10)
			if show(got) != c.want || problem != c.problem {
				t.Errorf("%q:\n got %s, problem %q\nwant %s, problem %q", c.in, show(got), problem, c.want, c.problem)
			}
		})
	}
}

func show(list []model.Address) string {
	var s []string
	for _, a := range list {
		s = append(s, a.Name+"|"+a.Addr)
	}
	return strings.Join(s, " + ")
}

// Law 4: whatever name stands before an address, the address is the same.
func TestNoNameChangesAnAddress(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a@bank.example", "<a@bank.example>", ",", ";", ":", "(", ")", `\`, "=?utf-8?q?=3Ca=40b=3E?=", "=?utf-8?b?PGFAYj4=?=", " ", "\t", "@", "Ann", "\"", "\x00", "ö", "\xf6", "\r\n "}
	for range 20000 {
		var name strings.Builder
		for range rng.IntN(6) {
			name.WriteString(pieces[rng.IntN(len(pieces))])
		}
		quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name.String()) + `"`
		got, _ := parseAddresses(nil, quoted+" <b@firm.example>", 10)
		if len(got) != 1 || got[0].Addr != "b@firm.example" {
			t.Fatalf("%q: %q", quoted, got)
		}
		comment := "(" + strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(name.String()) + ")"
		got, _ = parseAddresses(nil, comment+" Ann "+comment+" <b@firm.example> "+comment, 10)
		if len(got) != 1 || got[0] != (model.Address{Name: "Ann", Addr: "b@firm.example"}) {
			t.Fatalf("%q: %q", comment, got)
		}
	}
}

func TestAddressLimit(t *testing.T) {
	for n, problem := range map[int]string{9: "", 10: "", 11: "addresses"} {
		got, p := parseAddresses(nil, strings.TrimSuffix(strings.Repeat("a@x.example, ", n), ", "), 10)
		if len(got) != min(n, 10) || p != problem {
			t.Errorf("%d: %d addresses, problem %q", n, len(got), p)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{`"A" <a@b.example>, g: c@d.example;`, "(x) a @ b", "<@r:a@b>", "a@[IPv6:::1]", `"a"@b`, "=?utf-8?q?a?= <a@bü.example>"} {
		f.Add(s)
	}
	for _, p := range corpusSeeds(f, "mime-permissive/flanker") {
		if filepath.Ext(p) == ".txt" {
			for line := range strings.Lines(string(readFile(f, p))) {
				f.Add(strings.TrimSpace(line))
			}
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, _ := parseAddresses(nil, s, 50)
		if len(got) > 50 {
			t.Fatal("over the limit")
		}
		for _, a := range got {
			checkAddress(t, a)
			if a.Addr == "" {
				continue
			}
			again, _ := parseAddresses(nil, "<"+a.Addr+">", 5)
			if len(again) != 1 || again[0].Addr != a.Addr {
				t.Errorf("%q is read as %q", a.Addr, again)
			}
		}
	})
}
