package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"chancery/connectors/connectortest"
)

// An account that logs in by token: where the token comes from, how long it is
// good, and whose fault it is if there is none.
func TestDoctorOfTokens(t *testing.T) {
	const token = "eyJ.swordfish.token"
	for name, c := range map[string]struct {
		status   int
		body     string
		refuse   bool // by the mail server
		code     int
		want     []string
		problems int
	}{
		"good": {200, `{"access_token":"` + token + `","token_type":"Bearer","expires_in":3600}`, false, 0,
			[]string{`^ok       token +127\.0\.0\.1:\d+ gave an access token \(client_credentials\), good for (59|60) more minutes$`, `^ok       login +the server takes the token \(XOAUTH2\)`}, 0},
		"the program is refused": {401, `{"error":"invalid_client","error_description":"AADSTS7000215"}`, false, 1,
			[]string{`^problem  token +no access token: .*invalid_client`, `client_id, secret`}, 1},
		"the provider is down": {503, `oops`, false, 1, []string{`^problem  token +no access token: `}, 1},
		"the mailbox is refused": {200, `{"access_token":"` + token + `","token_type":"Bearer","expires_in":3600}`, true, 1,
			[]string{`^ok       token `, `^problem  login +the server refuses the token: NO `, `Add-MailboxPermission`}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(c.status)
				_, _ = fmt.Fprint(w, c.body)
			}))
			t.Cleanup(provider.Close)
			s := &connectortest.Script{Caps: "AUTH=XOAUTH2 SASL-IR IDLE UIDPLUS MOVE ID", Greeting: "* OK The Microsoft Exchange IMAP4 service is ready.",
				Handle: func(conn *connectortest.ScriptConn, tag, command string) bool {
					if c.refuse && strings.HasPrefix(command, "AUTHENTICATE") {
						conn.Say("%s NO AUTHENTICATE failed.\r\n", tag)
						return true
					}
					return false
				}}
			f := scriptedFirm(t, s, fmt.Sprintf(`, auth: xoauth2, oauth: {grant: client_credentials, token_url: "%s/token", client_id: me, secret: {file: secrets/1}, scopes: [imap]}`, provider.URL))
			f.edit("chancery.yaml", "user: gc, password: {file: secrets/1}", "user: gc")
			f.write("rules.d/10.yaml", "version: 1\n")
			out, code := f.cli("doctor", "gc-mail")
			tells(t, out, c.want...)
			if code != c.code || strings.Count(out, "\nproblem ") != c.problems {
				t.Errorf("exit %d\n%s", code, out)
			}
			if strings.Contains(out, "swordfish") {
				t.Errorf("a secret is shown:\n%s", out)
			}
		})
	}
}
