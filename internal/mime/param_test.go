package mime

import (
	"fmt"
	"strings"
	"testing"
)

func TestParams(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":                {`text/plain; charset=utf-8`, `text/plain charset="utf-8"`},
		"case and space":       {` Text/HTML ; Charset = "UTF-8" `, `text/html charset="UTF-8"`},
		"comment":              {`text/plain (really); charset=us-ascii (comment)`, `text/plain charset="us-ascii"`},
		"quotes":               {`multipart/mixed; boundary="a;b=\"c\" d"`, `multipart/mixed boundary="a;b=\"c\" d"`},
		"no end quote":         {`multipart/mixed; boundary="abc`, `multipart/mixed boundary="abc"`},
		"spaces, no quotes":    {`attachment; filename=my file (1).pdf; size=7`, `attachment name="my file (1).pdf"`},
		"windows path":         {`attachment; filename="C:\temp\x.pdf"`, `attachment name="C:\\temp\\x.pdf"`},
		"no semicolon":         {`text/plain charset=utf-8`, `text/plain charset=utf-8`},
		"empty parameters":     {`text/plain;; ;charset=x;`, `text/plain charset="x"`},
		"first one counts":     {`text/plain; charset=a; charset=b`, `text/plain charset="a"`},
		"smime":                {`application/pkcs7-mime; smime-type=Enveloped-Data`, `application/pkcs7-mime smime="enveloped-data"`},
		"encoded word":         {`attachment; filename="=?utf-8?q?J=C3=A4nner?=.pdf"`, `attachment name="Jänner.pdf"`},
		"split encoded word":   {`attachment; filename*0="=?utf-8?q?J=C3"; filename*1="=A4nner?=.pdf"`, `attachment name="Jänner.pdf"`},
		"RFC 2231":             {`attachment; filename*=utf-8'de'J%C3%A4nner.pdf`, `attachment name="Jänner.pdf"`},
		"RFC 2231, latin":      {`attachment; filename*=iso-8859-1''J%E4nner.pdf`, `attachment name="Jänner.pdf"`},
		"RFC 2231 wins":        {`attachment; filename=x.pdf; filename*=utf-8''y.pdf`, `attachment name="y.pdf"`},
		"pieces":               {`attachment; filename*1=b; filename*0=a; filename*2="c d"`, `attachment name="abc d"`},
		"encoded pieces":       {`attachment; filename*0*=utf-8''J%C3; filename*1*=%A4n; filename*2=n%41.pdf`, `attachment name="Jänn%41.pdf"`},
		"gap":                  {`attachment; filename*0=a; filename*2=c`, `attachment name="a"`},
		"no first piece":       {`attachment; filename*1=a; filename=b`, `attachment name="b"`},
		"twice the same piece": {`attachment; filename*0=a; filename*0=b`, `attachment name="a"`},
		"no quotes in it":      {`attachment; filename*=J%C3%A4nner`, `attachment name="Jänner"`},
		"line end":             {`attachment; filename*=utf-8''a%0D%0AX:b`, `attachment name="a  X:b"`},
		"unknown charset":      {`attachment; filename*=x-none''a`, `attachment name="a" problem=charset-unknown`},
		"empty":                {``, ``},
		"only a semicolon":     {`;`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			p := parseParams(c.in)
			got := p.value
			for _, f := range []struct{ key, value string }{{"charset", p.charset}, {"boundary", p.boundary}, {"name", p.name}, {"smime", p.smime}} {
				if f.value != "" {
					got += fmt.Sprintf(" %s=%q", f.key, f.value)
				}
			}
			if p.problem != "" {
				got += " problem=" + p.problem
			}
			if got != c.want {
				t.Errorf("%s:\n got %s\nwant %s", c.in, got, c.want)
			}
		})
	}
}

func TestParamsAreBounded(t *testing.T) {
	for n, problem := range map[int]string{MaxParams - 1: "", MaxParams: "", MaxParams + 1: "params"} {
		p := parseParams("attachment" + strings.Repeat("; x=y", n-1) + "; filename=f")
		if p.problem != problem || (p.name == "f") != (problem == "") {
			t.Errorf("%d parameters: problem %q, name %q", n, p.problem, p.name)
		}
	}
	p := parseParams("attachment; filename=" + strings.Repeat("x", MaxParam+1))
	if len(p.name) != MaxParam || p.problem != "params" {
		t.Errorf("%d octets, problem %q", len(p.name), p.problem)
	}
	// Pieces may not add up to more than one value may hold.
	var b strings.Builder
	for i := range 50 {
		fmt.Fprintf(&b, "; filename*%d=%s", i, strings.Repeat("x", 1000))
	}
	if p := parseParams("attachment" + b.String()); len(p.name) != MaxParam || p.problem != "params" {
		t.Errorf("%d octets, problem %q", len(p.name), p.problem)
	}
}
