package main

import (
	"slices"

	"chancery/config"
	"chancery/internal/model"
)

// desk says where what rules write about a mail account goes: to the assistant of
// the principal whose account it is. That is the one whose notes lie there, else
// the one who names it as own mail.
func desk(cfg *config.Config, account string) model.Desk {
	all := cfg.Service.Principals
	i := slices.IndexFunc(all, func(p config.Principal) bool {
		return slices.ContainsFunc(p.Mail, func(t config.Text) bool { return t.Value == account })
	})
	if i < 0 {
		i = slices.IndexFunc(all, func(p config.Principal) bool { return p.Notes != nil && p.Notes.Account.Value == account })
	}
	if i < 0 {
		return model.Desk{}
	}
	p := all[i]
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
	return out
}
