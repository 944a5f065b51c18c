package imap

import (
	"context"
	"fmt"
	"net"
	"strings"

	"chancery/connectors"
)

// handshake does everything up to the authenticated state on the bare socket.
func handshake(ctx context.Context, socket net.Conn, o *Options) (*conn, error) {
	if o.TLS == "implicit" {
		t, err := startTLS(ctx, socket, o)
		if err != nil {
			return nil, err
		}
		socket = t
	}
	c := newConn(socket)
	greeting, err := c.greeting()
	if err != nil {
		return nil, err
	}
	if o.TLS == "starttls" {
		// RFC 9051 section 7.1.4: PREAUTH cannot be upgraded any more, so it is an
		// attack or a misconfiguration.
		if greeting.status == "PREAUTH" {
			return nil, &connectors.Error{Class: connectors.Network, Code: "preauth"}
		}
		if c, err = c.upgrade(ctx, o); err != nil {
			return nil, err
		}
		greeting = answer{status: "OK"} // RFC 3501 section 6.2.1: forget what was said before
	}
	if greeting.code == "CAPABILITY" {
		c.caps = capabilities(greeting.args)
	}
	if greeting.status != "PREAUTH" {
		if err := c.login(ctx, o); err != nil {
			return nil, err
		}
	}
	if c.caps == nil {
		if err := c.askCapabilities(); err != nil {
			return nil, err
		}
	}
	for _, k := range o.hide {
		delete(c.caps, k)
	}
	if err := c.identify(); err != nil {
		return nil, err
	}
	if o.Compress && c.caps["COMPRESS=DEFLATE"] {
		return c, c.compress()
	}
	return c, nil
}

// upgrade is STARTTLS (RFC 9051 section 6.2.1). The capabilities are not asked
// first: in the clear anybody could strike STARTTLS from the list.
func (c *conn) upgrade(ctx context.Context, o *Options) (*conn, error) {
	if _, err := c.talk(cmd("STARTTLS"), nil); err != nil {
		if a, ok := asRefusal(err); ok {
			return nil, &connectors.Error{Class: connectors.Network, Code: "starttls", Err: &refusal{a}}
		}
		return nil, err
	}
	// What came in the same packet as the OK was not protected: somebody put it
	// there to be read after the handshake.
	if c.br.Buffered() > 0 {
		return nil, &connectors.Error{Class: connectors.Network, Code: "starttls-injection"}
	}
	t, err := startTLS(ctx, c.Conn, o)
	if err != nil {
		return nil, err
	}
	return newConn(t), nil
}

func (c *conn) greeting() (answer, error) {
	line, err := c.line()
	if err != nil {
		return answer{}, c.broken(err)
	}
	_, kind, rest, ok := untagged(line)
	if !ok {
		return answer{}, &connectors.Error{Class: connectors.Protocol, Code: "greeting"}
	}
	a := condition(kind, line[min(rest.i, len(line)):])
	switch a.status {
	case "OK", "PREAUTH":
		return a, nil
	case "BYE":
		return a, classify(a, "bye")
	}
	return a, &connectors.Error{Class: connectors.Protocol, Code: "greeting"}
}

func (c *conn) login(ctx context.Context, o *Options) error {
	if c.caps == nil {
		if err := c.askCapabilities(); err != nil {
			return err
		}
	}
	a, err := c.prove(ctx, o)
	c.caps = nil // RFC 9051 section 6.2.2: they may differ after login
	if refused, ok := asRefusal(err); ok {
		return classify(refused, "login")
	}
	if err == nil && a.code == "CAPABILITY" {
		c.caps = capabilities(a.args)
	}
	return err
}

func (c *conn) askCapabilities() error {
	_, err := c.talk(cmd("CAPABILITY"), func(kind string, rest *scanner) {
		if kind == "CAPABILITY" {
			c.caps = capabilities(string(rest.b[min(rest.i, len(rest.b)):]))
		}
	})
	if err == nil && c.caps == nil {
		return &connectors.Error{Class: connectors.Protocol, Code: "no-capabilities"}
	}
	return err
}

// identify is ID (RFC 2971 section 3.1): the server's name explains its quirks. A refusal
// means nothing.
func (c *conn) identify() error {
	if !c.caps["ID"] {
		return nil
	}
	_, err := c.talk(cmd(`ID ("name" "chancery")`), func(kind string, rest *scanner) {
		values, err := rest.values()
		if kind != "ID" || err != nil || len(values) != 1 {
			return
		}
		for i := 0; i+1 < len(values[0].list); i += 2 {
			if strings.EqualFold(values[0].list[i].s, "name") {
				c.server = strings.ToLower(values[0].list[i+1].s)
			}
		}
	})
	if _, refused := asRefusal(err); refused {
		return nil
	}
	return err
}

// talk runs one command before the library is there: it reads for itself.
func (c *conn) talk(k *command, each func(kind string, rest *scanner)) (answer, error) {
	const tag = "H"
	line := tag + " "
	for _, p := range k.parts {
		line += p.text
		if p.literal == nil {
			continue
		}
		line += fmt.Sprintf(" {%d}", len(p.literal))
		if err := c.write([]byte(line + "\r\n")); err != nil {
			return answer{}, c.broken(err)
		}
		a, _, goAhead, err := c.listen(tag, each)
		if !goAhead {
			return a, err
		}
		line = string(p.literal)
	}
	if err := c.write([]byte(line + "\r\n")); err != nil {
		return answer{}, c.broken(err)
	}
	a, _, goAhead, err := c.listen(tag, each)
	if goAhead {
		err = &connectors.Error{Class: connectors.Protocol, Code: "continuation"}
	}
	return a, err
}

// listen reads up to the tagged response, or up to a continuation and its text.
func (c *conn) listen(tag string, each func(kind string, rest *scanner)) (_ answer, text string, goAhead bool, _ error) {
	for range 1000 {
		line, err := c.line()
		if err != nil {
			return answer{}, "", false, c.broken(err)
		}
		response, err := c.response(line)
		if err != nil {
			return answer{}, "", false, c.broken(err)
		}
		if response[0] == '+' {
			return answer{}, strings.TrimSpace(string(response[1:])), true, nil
		}
		if rest, ok := strings.CutPrefix(string(response), tag+" "); ok {
			status, text, _ := strings.Cut(strings.TrimRight(rest, "\r\n"), " ")
			a := condition(status, []byte(text))
			if !a.ok() {
				return a, "", false, &refusal{a}
			}
			return a, "", false, nil
		}
		_, kind, rest, ok := untagged(response)
		if !ok {
			continue
		}
		c.remark(kind, response, rest)
		if each != nil {
			each(kind, rest)
		}
	}
	return answer{}, "", false, &connectors.Error{Class: connectors.Protocol, Code: "flood"}
}
