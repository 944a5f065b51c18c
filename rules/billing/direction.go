package billing

import (
	"strings"

	"chancery/internal/model"
	"chancery/rules/text"
)

// invoiceClass tells whose invoice it is: one that we send, that of a law firm, or that
// of somebody else who works for us.
func (x *extraction) invoiceClass(z text.Zones) {
	f, v := &x.facts, &x.evidence
	own := x.options.Own
	f.Why = append(v.reasons(invoiceMail, legalBill), x.documentReasons()...)
	if v.invoice == "subject" {
		f.Why = append([]Reason{{"subject-word", v.word, "subject"}}, f.Why...)
	}
	if own != nil && len(x.mail.From) > 0 && own(strings.ToLower(x.mail.From[0].Addr)) {
		// A forward among ourselves carries somebody else's invoice.
		if outward(own, x.mail) || prefix(x.mail.Subject) != 'f' && x.facts.Where["invoice"] != "quoted" {
			f.Class = classNames[invoiceOut]
			f.Why = append(f.Why, Reason{"from-us", sender(x.mail), "from"})
			return
		}
	}
	law, _ := v.weight(lawFirm)
	legal, _ := v.weight(legalBill)
	other, _ := v.weight(supplier)
	law += legal
	if w := lawyerly(x.mail, z); w != "" {
		law += 8
		f.Why = append(f.Why, Reason{"law-firm-sender", w, "from"})
	}
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

// lawyers are parts of the names and domains of law firms.
var lawyers = []string{
	"counsel", "attorney", "lawyer", "lawfirm", "law firm", "law office", "legal", "solicitor", "barrister", " llp", "llp.", "chambers",
	"kanzlei", "recht", "advoka", "anwalt", "anwält", "avocat", "abogad", "bufete", "cabinet", "avvocat", "studio legale", "advoca", "advoc", "notar",
}

// lawyerly returns the part of the sender, or of the one whose mail was forwarded, that
// names a law firm; "" if none does.
func lawyerly(m *model.Mail, z text.Zones) string {
	var names []string
	for _, a := range m.From {
		names = append(names, a.Name, a.Addr)
	}
	if prefix(m.Subject) == 'f' {
		q := z.Quoted[:min(len(z.Quoted), 400)]
		if i := strings.Index(q, "From:"); i >= 0 {
			_, end := line(q, i)
			names = append(names, q[i:end])
		}
	}
	for _, n := range names {
		n = strings.ToLower(n)
		for _, w := range lawyers {
			if strings.Contains(n, w) {
				return n
			}
		}
	}
	return ""
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
