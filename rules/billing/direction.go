package billing

import (
	"strings"

	"chancery/internal/model"
)

// invoiceClass tells whose invoice it is: one that we send, that of a law firm, or that
// of somebody else who works for us.
func (x *extraction) invoiceClass() {
	f, v := &x.facts, &x.evidence
	own := x.options.Own
	f.Why = append(v.reasons(invoiceMail), x.documentReasons()...)
	if v.invoice == "subject" {
		f.Why = append([]Reason{{"subject-word", v.word, "subject"}}, f.Why...)
	}
	if own != nil && len(x.mail.From) > 0 && own(strings.ToLower(x.mail.From[0].Addr)) {
		// A forward of ours carries somebody else's invoice, if all of it is quoted.
		if told, _ := x.head.told(false); outward(own, x.mail) || told > 0 {
			f.Class = classNames[invoiceOut]
			f.Why = append(f.Why, Reason{"from-us", sender(x.mail), "from"})
			return
		}
	}
	if len(x.mail.From) > 0 {
		name := x.mail.From[0].Name + "  " + strings.ReplaceAll(x.mail.From[0].Addr, "@", "  ")
		v.zone("from", name, findCues(name), 3)
	}
	law, _ := v.weight(lawFirm)
	other, _ := v.weight(supplier)
	for _, b := range x.machine {
		if b.File > 0 && Kind(x.mail.Files[b.File-1]) != "xml-invoice" {
			law += 20 // LEDES is what law firms write
		}
	}
	if law >= 4 && law >= other {
		f.Class = classNames[invoiceIn]
		f.Why = append(f.Why, v.reasons(lawFirm)...)
		return
	}
	f.Class = classNames[vendorMail]
	f.Why = append(f.Why, v.reasons(supplier)...)
}

// outward reports whether a mail goes to anybody outside.
func outward(own func(string) bool, m *model.Mail) bool {
	for _, list := range [][]model.Address{m.To, m.Cc, m.Bcc} {
		for _, a := range list {
			if a.Addr != "" && !own(strings.ToLower(a.Addr)) {
				return true
			}
		}
	}
	return false
}

func sender(m *model.Mail) string {
	if len(m.From) == 0 {
		return ""
	}
	return strings.ToLower(m.From[0].Addr)
}

// fileCode is the code of a reason for a file that machines read.
func (x *extraction) fileCode(file int) string {
	if file > 0 && Kind(x.mail.Files[file-1]) == "xml-invoice" {
		return "xml-invoice"
	}
	return "ledes-file"
}
