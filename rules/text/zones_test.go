package text

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"

	"chancery/internal/model"
)

func plainMail(body string) *model.Mail {
	return &model.Mail{Subject: "Re: the lease", From: []model.Address{{Name: "Alma Reyes", Addr: "alma.reyes@firm.example"}}, Parts: []model.TextPart{{Text: body}}}
}

func TestSplit(t *testing.T) {
	tests := []struct{ name, body, newText, quoted, signature, footer string }{
		{name: "empty"},
		{name: "one line", body: "Yes.", newText: "Yes."},
		{name: "an answer of thanks alone", body: "Thanks!\n", newText: "Thanks!"},
		{
			name:    "top posting, marks",
			body:    "See below.\n\nOn Tue, May 12, 2026 at 10:04 AM Ben Okafor <ben@firm.example> wrote:\n> Is it signed?\n> Ben\n",
			newText: "See below.", quoted: "On Tue, May 12, 2026 at 10:04 AM Ben Okafor <ben@firm.example> wrote:\nIs it signed?\nBen",
		},
		{
			name:    "attribution over two lines",
			body:    "See below.\n\nOn Tuesday, May 12, 2026 at 10:04 AM, Ben Okafor of the litigation group\n<ben.okafor@firm.example> wrote:\n\n> Is it signed?\n",
			newText: "See below.",
			quoted:  "On Tuesday, May 12, 2026 at 10:04 AM, Ben Okafor of the litigation group\n<ben.okafor@firm.example> wrote:\n\nIs it signed?",
		},
		{
			name:    "bottom posting",
			body:    "On 12/05/2026 10:04, Ben wrote:\n> Is it signed?\n\nIt is.\n",
			newText: "It is.", quoted: "On 12/05/2026 10:04, Ben wrote:\nIs it signed?",
		},
		{
			name:    "inline answers",
			body:    "Ben wrote on 12/05/2026:\n> Signed?\nYes.\n\n> Sent?\nNo, tomorrow.\n",
			newText: "Yes.\n\nNo, tomorrow.", quoted: "Ben wrote on 12/05/2026:\nSigned?\n\nSent?",
		},
		{
			name:    "broken quote",
			body:    "> we have looked at the draft of the agreement of last Tuesday and\nfind it good\n> so far\n\nFine.",
			newText: "Fine.", quoted: "we have looked at the draft of the agreement of last Tuesday and\nfind it good\nso far",
		},
		{
			name:    "outlook",
			body:    "Please file.\r\n\r\nFrom: Ben Okafor <ben@firm.example>\r\nSent: Tuesday, May 12, 2026 10:04 AM\r\nTo: Alma Reyes\r\nSubject: RE: the lease\r\n\r\nIs it signed?\r\n",
			newText: "Please file.",
			quoted:  "From: Ben Okafor <ben@firm.example>\nSent: Tuesday, May 12, 2026 10:04 AM\nTo: Alma Reyes\nSubject: RE: the lease\n\nIs it signed?",
		},
		{
			name:    "outlook, german",
			body:    "Bitte ablegen.\n\nVon: Ben <ben@firm.example>\nGesendet: Dienstag, 12. Mai 2026 10:04\nAn: Alma\nBetreff: AW: Mietvertrag\n\nUnterschrieben?",
			newText: "Bitte ablegen.",
			quoted:  "Von: Ben <ben@firm.example>\nGesendet: Dienstag, 12. Mai 2026 10:04\nAn: Alma\nBetreff: AW: Mietvertrag\n\nUnterschrieben?",
		},
		{
			name:    "outlook, bold labels",
			body:    "Ok\n\n*From:* Ben\n*Sent:* Tuesday 10:04\n*To:* Alma\n*Subject:* lease\n\nText",
			newText: "Ok", quoted: "*From:* Ben\n*Sent:* Tuesday 10:04\n*To:* Alma\n*Subject:* lease\n\nText",
		},
		{
			name:    "original message",
			body:    "Ok\n\n-----Original Message-----\nfrom somebody\n\ntext",
			newText: "Ok", quoted: "-----Original Message-----\nfrom somebody\n\ntext",
		},
		{
			name:    "lotus notes forward",
			body:    "FYI\n---------------------- Forwarded by Ben Okafor/NYC/FIRM on 05/12/2026 10:04 AM ---------------------------\n\nBen\n05/12/2026 10:00 AM\nTo: Alma\ncc:\nSubject: lease\n\nText",
			newText: "FYI",
			quoted:  "---------------------- Forwarded by Ben Okafor/NYC/FIRM on 05/12/2026 10:04 AM ---------------------------\n\nBen\n05/12/2026 10:00 AM\nTo: Alma\ncc:\nSubject: lease\n\nText",
		},
		{
			name:    "lotus notes reply",
			body:    "Agreed.\n\n\n\tBen Okafor\n\t05/12/2026 10:00 AM\n\t\t \n\t\t To: Alma Reyes/NYC/FIRM@FIRM\n\t\t cc: \n\t\t Subject: lease\n\nText",
			newText: "Agreed.",
			quoted:  "Ben Okafor\n05/12/2026 10:00 AM\n\nTo: Alma Reyes/NYC/FIRM@FIRM\ncc:\nSubject: lease\n\nText",
		},
		{
			name:    "apple forward",
			body:    "FYI\n\nBegin forwarded message:\n\n> From: Ben\n> Subject: lease\n>\n> Text\n",
			newText: "FYI", quoted: "Begin forwarded message:\n\nFrom: Ben\nSubject: lease\n\nText",
		},
		{
			name:    "gmail forward",
			body:    "FYI\n\n---------- Forwarded message ---------\nFrom: Ben <ben@firm.example>\nDate: Tue, May 12, 2026\nSubject: lease\n\nText",
			newText: "FYI", quoted: "---------- Forwarded message ---------\nFrom: Ben <ben@firm.example>\nDate: Tue, May 12, 2026\nSubject: lease\n\nText",
		},
		{
			name:    "german attribution",
			body:    "Ja.\n\nAm 12.05.2026 um 10:04 schrieb Ben Okafor <ben@firm.example>:\n> Unterschrieben?",
			newText: "Ja.", quoted: "Am 12.05.2026 um 10:04 schrieb Ben Okafor <ben@firm.example>:\nUnterschrieben?",
		},
		{
			name:    "french attribution",
			body:    "Oui.\n\nLe 12 mai 2026 à 10:04, Ben a écrit :\n> Signé ?",
			newText: "Oui.", quoted: "Le 12 mai 2026 à 10:04, Ben a écrit :\nSigné ?",
		},
		{
			name:    "a memo is new text",
			body:    "TO: All partners\nFROM: Alma Reyes\nDATE: May 12, 2026\nRE: Retention\n\nPlease keep all papers.",
			newText: "TO: All partners\nFROM: Alma Reyes\nDATE: May 12, 2026\nRE: Retention\n\nPlease keep all papers.",
		},
		{
			name:    "people write that others wrote",
			body:    "As the judge wrote:\n\nthe motion is denied.",
			newText: "As the judge wrote:\n\nthe motion is denied.",
		},
		{name: "mailbox file escape", body: ">From the desk of Alma: all is well.", newText: "From the desk of Alma: all is well."},
		{
			name:    "signature by dashes",
			body:    "The lease is signed.\n\n-- \nAlma Reyes\nReyes Holt LLP\n",
			newText: "The lease is signed.", signature: "--\nAlma Reyes\nReyes Holt LLP",
		},
		{
			name:    "sign-off",
			body:    "The lease is signed.\n\nKind regards,\n\nAlma Reyes\nPartner | Reyes Holt LLP\n+1 555 010 7788\n",
			newText: "The lease is signed.", signature: "Kind regards,\n\nAlma Reyes\nPartner | Reyes Holt LLP\n+1 555 010 7788",
		},
		{
			name:    "visiting card without a sign-off",
			body:    "The lease is signed.\n\nAlma Reyes\nReyes Holt LLP\nTel. +1 555 010 7788",
			newText: "The lease is signed.", signature: "Alma Reyes\nReyes Holt LLP\nTel. +1 555 010 7788",
		},
		{name: "own name", body: "The lease is signed.\n\nAlma", newText: "The lease is signed.", signature: "Alma"},
		{name: "another's name is text", body: "Who signed?\n\nBen", newText: "Who signed?\n\nBen"},
		{name: "telephone", body: "It is.\n\nSent from my iPhone", newText: "It is.", signature: "Sent from my iPhone"},
		{
			name:      "signature above a quote",
			body:      "It is.\n\nRegards,\nAlma\n\nOn 12/05/2026 10:04, Ben wrote:\n> Signed?\n> Regards,\n> Ben",
			newText:   "It is.",
			signature: "Regards,\nAlma", quoted: "On 12/05/2026 10:04, Ben wrote:\nSigned?\nRegards,\nBen",
		},
		{
			name:    "a sentence after thanks is text",
			body:    "All done.\n\nThanks,\n\nThe settlement offer is in the folder.\nAlma",
			newText: "All done.\n\nThanks,\n\nThe settlement offer is in the folder.", signature: "Alma",
		},
		{
			name:    "a list after thanks is text",
			body:    "Thanks,\n\n1. we will file the motion on Tuesday and serve it the same day, see the attached draft of the notice\n2. then we wait",
			newText: "Thanks,\n\n1. we will file the motion on Tuesday and serve it the same day, see the attached draft of the notice\n2. then we wait",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			z := Split(plainMail(tt.body))
			for _, f := range []struct{ zone, got, want string }{
				{"new", z.New, tt.newText}, {"quoted", z.Quoted, tt.quoted}, {"signature", z.Signature, tt.signature}, {"footer", z.Footer, tt.footer},
			} {
				if f.got != f.want {
					t.Errorf("%s: got %q, want %q", f.zone, f.got, f.want)
				}
			}
			checkLossless(t, tt.body, z)
		})
	}
}

func TestSplitSubjectAndNames(t *testing.T) {
	m := plainMail("x")
	m.Files = []model.Attachment{{Name: "a.pdf"}, {}, {Name: "b.txt"}}
	if z := Split(m); z.Subject != m.Subject || !slices.Equal(z.Names, []string{"a.pdf", "b.txt"}) {
		t.Errorf("%+v", z)
	}
}

func TestBody(t *testing.T) {
	long := "<p>The settlement offer of the other side is attached, please read it before Tuesday.</p>"
	same := "The settlement offer of the other side is attached, please read it before Tuesday."
	tests := []struct {
		name  string
		parts []model.TextPart
		want  string
	}{
		{"plain wins", []model.TextPart{{Text: same + " "}, {HTML: true, Text: long}}, same + " "},
		{"html alone", []model.TextPart{{HTML: true, Text: long}}, same},
		{"empty plain", []model.TextPart{{Text: " \n"}, {HTML: true, Text: long}}, same},
		{"plain is a stub", []model.TextPart{{Text: "The settlement offer"}, {HTML: true, Text: long}}, same},
		{"each says something", []model.TextPart{{Text: "Nothing of interest in this mail."}, {HTML: true, Text: long}},
			"Nothing of interest in this mail.\n\n" + same},
		{"two plain", []model.TextPart{{Text: "a"}, {Text: "b"}}, "a\n\nb"},
	}
	for _, tt := range tests {
		if got := Body(&model.Mail{Parts: tt.parts}); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// checkLossless is the law of Split: each character that is not white space or
// a quote mark stands in exactly one zone.
func checkLossless(t testing.TB, body string, z Zones) {
	t.Helper()
	got := letters(z.New + "\n" + z.Quoted + "\n" + z.Signature + "\n" + z.Footer)
	if want := letters(body); !slices.Equal(got, want) {
		t.Fatalf("of %d characters %d stand in the zones\nbody %q\n%+v", len(want), len(got), body, z)
	}
}

func letters(s string) []rune {
	var out []rune
	for _, r := range s {
		if !unicode.IsSpace(r) && r != '>' {
			out = append(out, r)
		}
	}
	slices.Sort(out)
	return out
}

// pieces are lines that mean something to Split.
var pieces = []string{
	"", "", "text of a letter.", "> quoted", ">> deeper", ">", "On 12/05/2026 10:04, Ben <b@x.example> wrote:", "-----Original Message-----",
	"From: Ben <b@x.example>", "Sent: Tuesday 10:04", "To: Alma", "cc:", "Subject: lease", "05/12/2026 10:00 AM", "-- ", "--", "Kind regards,", "Alma",
	"Sent from my iPhone", "*****************", "+++++CONFIDENTIALITY NOTICE+++++", "This e-mail is intended only for the named addressee.",
	"If you have received this e-mail in error, please notify the sender. Any dissemination is strictly prohibited.", "Begin forwarded message:",
	"Hello. This message may contain confidential material for the sole use of the intended recipient. Thanks. More text follows here.",
	"PRIVILEGED & CONFIDENTIAL", "CAUTION: This email originated from outside of the organization. Do not click links.", "\t \u00a0", "Ünïcode — “quotes”", ">From here",
}

func TestSplitLaws(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		var b strings.Builder
		for range rnd.IntN(16) {
			b.WriteString(pieces[rnd.IntN(len(pieces))])
			b.WriteString([]string{"\n", "\r\n", "\n\n", " "}[rnd.IntN(4)])
		}
		body := b.String()
		m := plainMail(body)
		z := Split(m)
		checkLossless(t, body, z)
		if again := Split(m); again.New != z.New || again.Footer != z.Footer || again.Quoted != z.Quoted {
			t.Fatalf("a second look at %q differs", body)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, p := range pieces {
		f.Add(p + "\n" + pieces[2] + "\n\n" + p)
	}
	f.Add(letter(1 << 10))
	f.Fuzz(func(t *testing.T, body string) {
		body = strings.ToValidUTF8(body, "?") // a text part is UTF-8
		checkLossless(t, body, Split(plainMail(body)))
	})
}

// TestSplitHostile gives Split and FromHTML what makes a search start over at
// each line: one that does needs minutes and runs into the limit of go test.
func TestSplitHostile(t *testing.T) {
	for _, unit := range hostile {
		body := strings.Repeat(unit, (1<<20)/len(unit))
		checkLossless(t, body, Split(plainMail(body)))
	}
	for _, unit := range hostileHTML {
		body := FromHTML(strings.Repeat(unit, (1<<20)/len(unit)))
		checkLossless(t, body, Split(plainMail(body)))
	}
}
