package main

import (
	"fmt"
	"slices"

	"chancery/config"
	"chancery/internal/model"
)

// whose is the principal whose account it is: the one who names it as own mail, else
// the one whose notes lie there; nil if there is none.
func whose(cfg *config.Config, account string) *config.Principal {
	all := cfg.Service.Principals
	i := slices.IndexFunc(all, func(p config.Principal) bool {
		return slices.ContainsFunc(p.Mail, func(t config.Text) bool { return t.Value == account })
	})
	if i < 0 {
		i = slices.IndexFunc(all, func(p config.Principal) bool { return p.Notes != nil && p.Notes.Account.Value == account })
	}
	if i < 0 {
		return nil
	}
	return &all[i]
}

// desk says where what rules write about a mail account goes: to the assistant of
// the principal whose account it is.
func desk(cfg *config.Config, account string) model.Desk {
	p := whose(cfg, account)
	if p == nil {
		return model.Desk{}
	}
	var out model.Desk
	if len(p.Addresses) > 0 {
		out.From = model.Address{Name: p.Name.Value, Addr: p.Addresses[0].Value}
		if p.Title.Value != "" {
			out.From.Name = p.Title.Value
		}
	}
	if p.Notes != nil {
		out.Notes, out.NotesBox, out.NotesTo = model.SourceID(p.Notes.Account.Value), p.Notes.Mailbox, p.Notes.To.Value
		if out.NotesTo == "" {
			out.NotesTo = out.From.Addr
		}
	}
	for _, a := range cfg.Service.Accounts {
		if a.IMAP != nil && whose(cfg, a.Name.Value) == p {
			out.Mail = append(out.Mail, model.SourceID(a.Name.Value))
		}
	}
	return out
}

// writtenAs is what goes into a calendar: "holds", "due dates", both, or "".
func writtenAs(cfg *config.Config, calendar string) string {
	var out []string
	all := cfg.Service.Principals
	if slices.ContainsFunc(all, func(p config.Principal) bool { return p.Holds.Value == calendar }) {
		out = append(out, "holds")
	}
	if slices.ContainsFunc(all, func(p config.Principal) bool { return p.Billing != nil && p.Billing.Calendar.Value == calendar }) {
		out = append(out, "due dates")
	}
	return list(out, "and")
}

// writtenInto reports whether holds or due dates go into a calendar.
func writtenInto(cfg *config.Config, calendar string) bool { return writtenAs(cfg, calendar) != "" }

// billDesk says where and when what is written about a principal's billing goes.
func billDesk(d config.Desk) model.BillDesk {
	out := model.BillDesk{
		Calendar: model.SourceID(d.Calendar.Value), Notes: d.Notes, Day: int(d.Day), At: d.At, Before: d.Before,
		Prebill: int(d.Prebill.Hours()), Place: d.Pos.String(),
	}
	for _, h := range d.Holidays {
		out.Holidays = append(out.Holidays, h.Value)
	}
	return out
}

// deskProblems warns of rules that write notes about the mail of an account whose
// notes nobody reads.
func deskProblems(cfg *config.Config) config.Errors {
	var out config.Errors
	for _, r := range cfg.Rules.Mail {
		at := slices.IndexFunc(r.Then, func(t config.Then) bool { return t.Note != nil })
		if at < 0 || r.Mode == config.Off {
			continue
		}
		for _, a := range cfg.Service.Accounts {
			if a.IMAP == nil || !looksInto(r, a) || desk(cfg, a.Name.Value).Notes != "" {
				continue
			}
			out = append(out, config.Error{Pos: r.Then[at].Note.Pos, Rule: r.Name.Value, Warning: true,
				Problem: fmt.Sprintf("nobody reads notes about the mail of account %s", a.Name.Value),
				Hint:    "give a principal notes:, and mail: [" + a.Name.Value + "]",
			})
		}
	}
	return out
}

// looksInto reports whether a rule looks at a followed mailbox of the account.
func looksInto(r config.MailRule, a config.Account) bool {
	named := func(list []config.Text, name string) bool {
		return slices.ContainsFunc(list, func(t config.Text) bool { return t.Value == name })
	}
	if len(r.Accounts) > 0 && !named(r.Accounts, a.Name.Value) {
		return false
	}
	return len(r.Folders) == 0 || slices.ContainsFunc(a.IMAP.Mailboxes, func(m config.Text) bool { return named(r.Folders, m.Value) })
}
