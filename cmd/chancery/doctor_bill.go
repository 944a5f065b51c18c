package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery/config"
)

// examineBilling looks at what reading files and bills needs of this machine and of the
// configuration; nil if no rule does either.
func examineBilling(ctx context.Context, l *loaded) *checkup {
	need := l.set.Need()
	if !need.Bills && !need.FileText {
		return nil
	}
	k := &checkup{Account: "files and bills", Kind: "house", Server: "this machine"}
	k.sayReader(ctx, l)
	if need.Bills {
		k.sayMatters(&l.cfg.Rules)
		k.sayHouse(&l.cfg.Rules)
		k.sayDesks(l.cfg)
	}
	return k
}

// onePDF is a page that says "chancery".
const onePDF = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 99]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 37>>stream
BT /F 9 Tf 9 9 Td (chancery) Tj ET  
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
`

// sayReader reads a PDF, and asks the service how that goes there: it may be forbidden
// what this command may do.
func (k *checkup) sayReader(ctx context.Context, l *loaded) {
	const hint = "enable the reader of its own: systemctl enable --now chancery-pdf.socket; mail with a PDF is decided again when it can be read"
	live, err := ask(ctx, socketPath(l.cfg), "status")
	if err == nil && live.PDF != nil && !live.PDF.Failing.IsZero() {
		k.problem("PDF", hint, "the service could start no reader since %s: %s not read", clock(live.PDF.Failing), plural(int(live.PDF.Later), "file"))
		return
	}
	begun := time.Now()
	switch text, _, code := pdfs.Read([]byte(onePDF)); {
	case code == "" && strings.Contains(text, "chancery"):
		k.ok("PDF", "a reader starts, and reads a page after %s", took(time.Since(begun)))
	case code == "pdf-later":
		k.problem("PDF", hint, "no reader could be started")
	default:
		k.problem("PDF", "is this machine out of memory, or very slow?", "a reader starts and cannot read a page (%s)", dash(code))
	}
}

// sayMatters tells whether bills can find their matters.
func (k *checkup) sayMatters(r *config.Rules) {
	switch {
	case r.Matters.Pos.Line == 0:
		k.note("matters", "name the file in the rule files: matters: {file: matters.csv}", "there is no matter list: no bill has a client or a matter")
		return
	case len(r.Matters.List) == 0:
		k.note("matters", "fill in the file that matters: names in the rule files", "the matter list is empty: no bill has a client or a matter")
		return
	}
	clients := map[string]bool{}
	for _, m := range r.Matters.List {
		clients[m.Client] = true
	}
	k.ok("matters", "%s of %s", plural(len(r.Matters.List), "matter"), plural(len(clients), "client"))
}

// sayHouse tells whether it is known who we are, and who can be proved.
func (k *checkup) sayHouse(r *config.Rules) {
	firm := r.House.Firm.Value
	own := slices.ContainsFunc(r.Lists, func(l config.List) bool { return l.Name.Value == firm && len(l.Entries) > 0 })
	if firm == "" || !own {
		hint := "write them into a list, and name that list in the rule files: house: {firm: firm}"
		if firm != "" {
			hint = "write them into the list " + firm
		}
		k.note("house", hint, "your own domains are not known: what you bill is taken for what others bill you")
	} else {
		k.ok("house", "your own domains are known")
	}
	if len(r.House.AuthServ) == 0 {
		k.note("authserv", "write the name of your mail server into the rule files: house: {authserv: [mx.firm.example]}", "no sender can be proved: no remittance pays a bill, and no portal changes one")
	} else {
		k.ok("authserv", "senders are proved by %s", r.House.AuthServ[0].Value)
	}
}

// sayDesks tells where what is found about bills goes.
func (k *checkup) sayDesks(cfg *config.Config) {
	desks := 0
	for _, p := range cfg.Service.Principals {
		if p.Billing == nil {
			continue
		}
		desks++
		var to []string
		if c := p.Billing.Calendar.Value; c != "" {
			to = append(to, "due dates into "+c)
		}
		if p.Notes != nil {
			to = append(to, fmt.Sprintf("reminders and the %s note into %s of %s", p.Billing.Notes, strings.Join(p.Notes.Mailbox, "/"), p.Notes.Account.Value))
		}
		if p.Notes == nil {
			to = append(to, "no reminders and no billing note")
		}
		k.ok("desk", "%s: %s", p.Name.Value, list(to, "and"))
	}
	if desks == 0 {
		k.ok("desk", "no principal has a billing desk: there are no due dates, reminders and billing notes")
		return
	}
	for _, a := range cfg.Service.Accounts {
		if a.IMAP == nil {
			continue
		}
		if p := whose(cfg, a.Name.Value); p == nil {
			k.note("desk", "name the account as mail: of a principal", "bills of %s reach no billing desk: the account is nobody's", a.Name.Value)
		}
	}
}
