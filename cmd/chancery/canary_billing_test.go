package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// Nothing that stands in bills is in logs at the most talkative level, in the journal's
// files, in what the service answers or in what commands say that show no content: no
// number, vendor, amount, account, matter, subject or name of a file, in no spelling.
func TestNothingOfBillsIsTold(t *testing.T) {
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	f := billingFirm(t, d, dav)
	due := time.Now().AddDate(0, 0, 30).Format("January 2, 2006")
	letter := func(name, subject, text string, more ...billFile) billLetter {
		return billLetter{name: "kanarid-" + name, from: "Kanarvendor Kanarname <kanarlocal@kanardomain.example>", date: hoursAgo(2), subject: "Kanarsubj " + subject, text: text, files: more}
	}
	bill := "Please find our invoice no. KANAR-998871 for kanarbody services.\nTotal due: USD 4,815,162.34\nDue date: " + due + "\nPlease pay to IBAN DE89 3704 0044 0532 0130 00.\n"
	changed := letter("2", "invoice KANAR-998872", strings.NewReplacer("998871", "998872", "DE89 3704 0044 0532 0130 00", "GB29 NWBK 6016 1331 9268 19").Replace(bill))
	letters := []billLetter{
		letter("1", "invoice KANAR-998871", bill, pdfFile("kanarfile.pdf", "Invoice KANAR-998871", "kanarpdf Total due USD 4,815,162.34")),
		letter("3", "again: invoice KANAR-998871", bill), // a twin
		changed, // may be forged
		letter("4", "remittance advice", "Remittance advice: we have paid invoice KANAR-998872.\nAmount paid: USD 4,815,162.34\n"),
		letter("5", "IOLTA: replenish the trust account", "Please replenish the retainer in our IOLTA trust account: USD 4,815,162.34, due "+due+"\n"),
		letter("6", "invoice with files", "Our invoice is attached.", billFile{"kanarledes.txt", "text/plain", []byte("LEDES1998B[]\nINVOICE_DATE|kanarcolumn|[]\n20260101|KANAR-998873|[]\n")},
			billFile{"kanarfile.xml", "application/xml", []byte(`<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID>KANAR-998874</kanarbroken>`)}, zipFile("kanarfile.zip", "kanarmember.csv", "Invoice No,Balance\nKANAR-998875,4815162.34\n"),
			billFile{"kanarbroken.pdf", "application/pdf", []byte("%PDF-1.7\nkanarpdf\n")}),
	}
	r := f.startAs(func(cmd *exec.Cmd) { cmd.Args = append(cmd.Args, "--log-level", "debug") })
	await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })
	deliverBills(t, d, letters...)
	defer func() {
		if t.Failed() {
			t.Log(where(t, d, gc), f.dueDates())
		}
	}()
	await(t, "bills and a due date", func() bool { return len(f.dueDates()) > 0 && len(f.ledger()) >= 5 })
	s := &sinks{t: t, f: f, texts: map[string][]byte{}}
	id := f.bill("kanarid-1")["id"]
	for _, args := range [][]string{{"status"}, {"status", "--json"}, {"journal"}, {"journal", "--json"}, {"journal", "verify"}, {"rules"}, {"check"}, {"doctor"}, {"reload"},
		{"ledger", "paid", "ffffffffffff"}, {"ledger", "void", "nothing"}, {"journal", "--json"}} {
		if args[0] == "status" { // the command tells content to who calls it, and nobody else
			_, _ = f.cli("ledger", "dispute", id)
			_, _ = f.cli("ledger", "open", id)
		}
		s.run(args...)
	}
	s.socket(`{"do":"status"}`)
	s.state()
	_ = r.stop(syscall.SIGQUIT)
	s.add("log, and stacks at the end", []byte(r.log()))
	s.state()
	if len(s.texts) < 14 {
		t.Errorf("there are only %d places to look at", len(s.texts))
	}
	told := []string{"kanar", "998871", "998872", "998873", "4815162", "4,815,162", "481516234", "37040044", "3704 0044", "60161331", "6016 1331", "iolta: replenish"}
	for name, text := range s.texts {
		for _, w := range told {
			if strings.HasPrefix(name, "running: ") && !strings.HasPrefix(w, "kanar") {
				continue // rule files have numbers of their own
			}
			for form, b := range map[string]string{"": w, " in base64": base64.RawStdEncoding.EncodeToString([]byte(w + "ab"))[:len(w)], " in hex": fmt.Sprintf("%x", w)} {
				if at := bytes.Index(bytes.ToLower(text), []byte(strings.ToLower(b))); at >= 0 {
					t.Errorf("%s shows %s%s: ...%q", name, w, form, text[max(0, at-80):min(len(text), at+60)])
				}
			}
		}
	}
}
