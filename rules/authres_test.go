package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chancery/internal/model"
)

func TestParseAuthResults(t *testing.T) {
	for field, want := range map[string]string{
		"mx.firm.example; none": "mx.firm.example true",
		"MX.firm.example 1; spf=pass smtp.mailfrom=a@b.example; dkim=pass header.d=b.example": "mx.firm.example true spf=pass dkim=pass",
		"mx.firm.example 2; spf=pass": "mx.firm.example false",
		`"mx.firm.example"; dmarc=pass (p=reject; dis=none) header.from=b.example`:                 "mx.firm.example true dmarc=pass",
		"mx.firm.example (a (nested) comment; dkim=pass header.d=evil.example); dkim=fail":         "mx.firm.example true dkim=fail",
		`mx.firm.example; dkim=fail reason="bad; dkim=pass header.d=b.example" header.d=b.example`: "mx.firm.example true dkim=fail",
		"mx.firm.example; dkim = pass header.i=@b.example ;":                                       "mx.firm.example true dkim=pass",
		"mx.firm.example; dkim/1=pass; dkim/2=pass":                                                "mx.firm.example true dkim=pass =pass",
		"mx.firm.example; dkim=pass header.d=b.example; garbage here":                              "mx.firm.example false",
		`mx.firm.example; dkim=pass reason="never closed`:                                          "mx.firm.example false",
		"mx.firm.example; spf=": "mx.firm.example false",
		"mx.firm.example; spf=pass (this comment never ends; dkim=pass": "mx.firm.example false spf=pass",
		"":   " false",
		";":  " false",
		"()": " false",
	} {
		id, results, ok := parseAuthResults(field)
		got := fmt.Sprint(id, " ", ok)
		for _, r := range results {
			got += " " + r.method + "=" + r.result
		}
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", field, got, want)
		}
	}
}

func proving(fields ...string) *model.Mail {
	return &model.Mail{Header: map[string][]string{"Authentication-Results": fields}}
}

func TestOnlyOurOwnServerProves(t *testing.T) {
	ours := []string{"mx.firm.example"}
	good := "mx.firm.example; dmarc=pass header.from=b.example; dkim=pass header.d=b.example"
	for name, c := range map[string]struct {
		fields []string
		want   bool
	}{
		"ours":                         {[]string{good}, true},
		"nobody's":                     {nil, false},
		"another server's":             {[]string{strings.Replace(good, "mx.firm", "mx.evil", 1)}, false},
		"ours below another's":         {[]string{"mx.evil.example; dmarc=fail header.from=b.example", good}, true},
		"theirs below ours":            {[]string{"mx.firm.example; dmarc=fail header.from=b.example", good}, false},
		"ours says nothing":            {[]string{"mx.firm.example; none", good}, false},
		"ours cannot be read":          {[]string{"mx.firm.example; dmarc=pass header.from=b.example; =", good}, false},
		"id with a suffix":             {[]string{strings.Replace(good, "firm.example", "firm.example.evil.example", 1)}, false},
		"dkim of the domain":           {[]string{"mx.firm.example; dkim=pass header.d=b.example"}, true},
		"dkim of a domain below":       {[]string{"mx.firm.example; dkim=pass header.d=mail.b.example"}, true},
		"dkim of somebody else":        {[]string{"mx.firm.example; dkim=pass header.d=mailer.example"}, false},
		"dkim of a look-alike":         {[]string{"mx.firm.example; dkim=pass header.d=evilb.example"}, false},
		"dkim failed":                  {[]string{"mx.firm.example; dkim=fail header.d=b.example"}, false},
		"dkim passed, dmarc failed":    {[]string{"mx.firm.example; dkim=pass header.d=b.example; dmarc=fail header.from=b.example"}, false},
		"dmarc of another From":        {[]string{"mx.firm.example; dmarc=pass header.from=evil.example"}, false},
		"spf alone":                    {[]string{"mx.firm.example; spf=pass smtp.mailfrom=x@b.example"}, false},
		"dmarc twice, the first fails": {[]string{"mx.firm.example; dmarc=fail header.from=b.example; dmarc=pass header.from=b.example"}, false},
		"header.d smuggled in":         {[]string{"mx.firm.example; dkim=pass header.d=evil.example header.d=b.example"}, false},
	} {
		a := authenticated(proving(c.fields...), ours)
		if got := a.proves("jo@b.example"); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if a := authenticated(proving(good), nil); a.known || a.proves("jo@b.example") {
		t.Error("a house without servers believes anyone")
	}
}

func TestAlignment(t *testing.T) {
	for pair, want := range map[string]bool{
		"b.example b.example": true, "mail.b.example b.example": true, "b.example mail.b.example": true,
		"x.b.example y.b.example": false, "co.uk b.co.uk": false, "b.co.uk b.co.uk": true, "m.b.co.uk b.co.uk": true, "bb.example b.example": false,
	} {
		a, b, _ := strings.Cut(pair, " ")
		if aligned(a, b) != want {
			t.Errorf("%s: want %v", pair, want)
		}
	}
}

func FuzzAuthResults(f *testing.F) {
	for _, s := range []string{
		"mx.firm.example; dmarc=pass header.from=b.example", `mx; dkim=pass reason="a\"b" header.d=b.example`, "mx (((; spf=pass", "mx 1;;;;", "mx; a/b=c",
		strings.Repeat("(", 1000), strings.Repeat("; a=b c.d=e", 200),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, results, _ := parseAuthResults(s)
		if id != strings.ToLower(id) || len(results) > maxAuthResults {
			t.Fatalf("id %q, %d results", id, len(results))
		}
		// Law: what stands behind our own field changes nothing.
		ours := []string{"mx.firm.example"}
		first := "mx.firm.example; dkim=fail header.d=b.example"
		a, b := authenticated(proving(first), ours), authenticated(proving(first, s), ours)
		if a.known != b.known || !slices.Equal(a.dkim, b.dkim) || b.proves("jo@b.example") {
			t.Fatalf("%q below our own field changes what it says", s)
		}
	})
}
