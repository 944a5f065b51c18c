package text

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"chancery/internal/servertest"
)

// notices are boilerplate of our own wording, as offices of several countries
// write it. Each must be a footer by itself, wherever it stands.
var notices = map[string]string{
	"confidentiality": "CONFIDENTIALITY NOTICE: This email and any attachments are for the sole use of the intended recipient and may contain privileged material. If you are not the intended recipient, please delete it and notify the sender.",
	"privileged":      "PRIVILEGED AND CONFIDENTIAL: The information contained in this message is intended only for the use of the individual or entity named above. If the reader of this message is not the intended recipient, any dissemination or copying is strictly prohibited.",
	"short":           "This email is confidential and intended solely for the addressee. If you received it in error, please notify the sender and delete it.",
	"circular 230":    "IRS Circular 230 Disclosure: any tax advice in this communication is not intended to be used, and cannot be used, for the purpose of avoiding penalties under the Internal Revenue Code.",
	"environment":     "Please consider the environment before printing this e-mail.",
	"gateway":         "CAUTION: This email originated from outside of the organization. Do not click links or open attachments unless you recognize the sender.",
	"virus":           "This message has been scanned for viruses. The firm accepts no responsibility for any loss from this email.",
	"british":         "Reyes Holt LLP is a limited liability partnership registered in England (registered number OC000000), authorised and regulated by the Solicitors Regulation Authority.",
	"mailing list":    "You received this message because you are subscribed to the group \"docket\". To unsubscribe from this group and stop receiving emails from it, write to us.",
	"german":          "Diese E-Mail enthält vertrauliche und/oder rechtlich geschützte Informationen. Wenn Sie nicht der richtige Adressat sind oder diese E-Mail irrtümlich erhalten haben, informieren Sie bitte sofort den Absender und vernichten Sie diese Mail. Das unerlaubte Kopieren ist nicht gestattet.",
	"french":          "Ce message et toutes les pièces jointes sont confidentiels et établis à l'intention exclusive de ses destinataires. Si vous avez reçu ce message par erreur, merci d'en avertir l'expéditeur et de le détruire.",
	"spanish":         "Este mensaje y sus archivos adjuntos van dirigidos exclusivamente a su destinatario y pueden contener información confidencial. Si lo ha recibido por error, notifíquelo al remitente y elimínelo.",
	"italian":         "Questo messaggio è riservato ed è destinato esclusivamente al destinatario indicato. Se lo avete ricevuto per errore, vi preghiamo di avvisare il mittente e di cancellarlo.",
	"dutch":           "Dit bericht is uitsluitend bestemd voor de geadresseerde. Indien u dit bericht ten onrechte ontvangt, verzoeken wij u de afzender te waarschuwen en het te vernietigen.",
}

func TestNoticesAreFooters(t *testing.T) {
	for name, n := range notices {
		for place, body := range map[string]string{
			"alone":    n,
			"wrapped":  wrap(n, 60),
			"bottom":   "The lease is signed.\n\n" + wrap(n, 70),
			"top":      wrap(n, 70) + "\n\nThe lease is signed.",
			"ruled":    "The lease is signed.\n\n**********************\n" + n + "\n**********************\n",
			"quoted":   "The lease is signed.\n\nOn 12/05/2026 10:04, Ben wrote:\n> Signed?\n>\n> " + strings.ReplaceAll(wrap(n, 60), "\n", "\n> "),
			"glued":    "The lease is signed.\nKind regards\nAlma\n" + n,
			"one line": "The lease is signed. " + n,
		} {
			z := Split(plainMail(body))
			checkLossless(t, body, z)
			if got := Fold(z.Footer); !strings.Contains(got, Fold(n)) {
				t.Errorf("%s, %s: footer %q of %+v", name, place, z.Footer, z)
			}
			if place != "alone" && place != "wrapped" && z.New != "The lease is signed." && place != "one line" && !strings.HasPrefix(z.New, "The lease is signed.\nKind") {
				t.Errorf("%s, %s: new %q", name, place, z.New)
			}
		}
	}
}

// wrap breaks a paragraph into lines.
func wrap(s string, width int) string {
	var b strings.Builder
	col := 0
	for _, w := range strings.Fields(s) {
		if col > 0 && col+len(w) > width {
			b.WriteByte('\n')
			col = 0
		} else if col > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
		col += len(w) + 1
	}
	return b.String()
}

// TestMarkingsAreText: what a person writes to mark a mail is no boilerplate.
func TestMarkingsAreText(t *testing.T) {
	for _, s := range []string{
		"PRIVILEGED & CONFIDENTIAL — ATTORNEY-CLIENT COMMUNICATION",
		"PRIVILEGED AND CONFIDENTIAL\nATTORNEY WORK PRODUCT\n\nBen, here is my view of the case.",
		"Attorney-client privileged communication. Do not forward.",
		"This email contains privileged and confidential information. Please keep it inside the legal department.",
		"CONFIDENTIAL\n\nThe board met in executive session.",
		"This message is confidential, Ben. Not a word to the other side.",
		"Please add to the contract: unauthorized disclosure of the formula is prohibited.",
		"I sent it to you in error, please delete it.",
		"Vertraulich: der Vergleichsvorschlag liegt bei.",
		"FRE 408 settlement communication\n\nWe offer the sum below.",
	} {
		z := Split(plainMail(s))
		if z.Footer != "" || Fold(z.New) != Fold(s) {
			t.Errorf("%q: footer %q, new %q", s, z.Footer, z.New)
		}
	}
	body := "PRIVILEGED & CONFIDENTIAL\n\n" + notices["short"] + "\n\nBen, here is my view."
	if z := Split(plainMail(body)); !strings.HasPrefix(z.New, "PRIVILEGED") || !strings.Contains(z.New, "my view") {
		t.Errorf("a marking above a footer: %+v", z)
	}
}

// TestEnronFooters takes each confidentiality paragraph of two real mailboxes by
// itself, as the note on footers asks: none may be anything but footer.
func TestEnronFooters(t *testing.T) {
	var paragraphs []string
	for _, glob := range []string{"enron-berkeley-annotated/*/*.txt", "enron-calo-maildir/*/*/*"} {
		corpus, pattern, _ := strings.Cut(glob, "/")
		files, _ := filepath.Glob(filepath.Join(servertest.Corpus(t, corpus), pattern))
		for _, name := range files {
			if info, err := os.Stat(name); err != nil || info.IsDir() {
				continue
			}
			m, ok := readMail(t, name)
			if !ok || len(m.Parts) == 0 {
				continue
			}
			for _, p := range strings.Split(strings.ReplaceAll(m.Parts[0].Text, "\n>", "\n"), "\n\n") {
				f := Fold(p)
				if len(f) > 120 && len(f) < 1500 && (strings.Contains(f, "intended recipient") || strings.Contains(f, "received this e-mail in error") ||
					strings.Contains(f, "received this message in error") || strings.Contains(f, "intended only for") || strings.Contains(f, "named addressee") ||
					strings.Contains(f, "intended solely")) && strings.Contains(f, "confidential") {
					paragraphs = append(paragraphs, strings.TrimLeft(f, "*=+- "))
				}
			}
		}
	}
	slices.Sort(paragraphs)
	paragraphs = slices.Compact(paragraphs)
	whole := 0
	for _, p := range paragraphs {
		z := Split(plainMail(p))
		if z.Footer == "" {
			t.Errorf("no footer in %.80q", p)
		} else if z.New == "" && z.Signature == "" {
			whole++
		} else if f := Fold(z.New + z.Signature); strings.Contains(f, "privileged") || strings.Contains(f, "confidential") {
			t.Errorf("left over: %.200q", f)
		}
	}
	t.Logf("%d paragraphs, %d are footer from end to end", len(paragraphs), whole)
	if len(paragraphs) < 15 || whole*10 < 7*len(paragraphs) {
		t.Errorf("%d of %d paragraphs are footer from end to end", whole, len(paragraphs))
	}
}

func TestPhraseTable(t *testing.T) {
	if len(phrases) > 64 {
		t.Fatalf("%d phrases do not fit the set that counts them", len(phrases))
	}
	seen := map[string]bool{}
	for _, p := range phrases {
		for _, w := range p.words {
			if w != strings.ToLower(w) || strings.Contains(w, "  ") || seen[w] {
				t.Errorf("%q is twice there, or not as text is scanned", w)
			}
			seen[w] = true
			b := cut("x " + string(unicode.ToUpper(rune(w[0]&0x7f))) + w[1:] + " y")
			if w[0] >= 0x80 {
				b = cut("x " + w + " y")
			}
			if hits := boilerplate().scan(nil, b.text, b.lines, 0, len(b.lines)); len(hits) == 0 {
				t.Errorf("%q is not found", w)
			}
		}
	}
}
