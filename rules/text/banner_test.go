package text

import (
	"strings"
	"testing"
)

// banners are what gateways put above a mail, in our wording.
var banners = map[string]string{
	"tag":            "[EXTERNAL]",
	"tag, mail":      "[EXTERNAL EMAIL]",
	"tag, stars":     "*** EXTERNAL EMAIL ***",
	"tag, dashes":    "----- External Email -----",
	"tag, colon":     "EXTERNAL EMAIL:",
	"tag, sender":    "External Sender",
	"tag, caution":   "CAUTION: EXTERNAL EMAIL",
	"sentence":       "This email came from outside the firm.",
	"sentence, long": "CAUTION: This email originated from outside of the organization. Do not click links or open attachments unless you recognize the sender and know the content is safe.",
	"warning":        "WARNING: This message was sent from outside our company. Think before you click.",
	"external":       "EXTERNAL EMAIL: Use caution with links and attachments.",
	"exercise":       "External email. Exercise caution before clicking links or opening attachments.",
	"rare sender":    "You don't often get email from ben@other.example. Learn why this is important [https://aka.ms/LearnAboutSenderIdentification]",
	"rare, some":     "Some people who received this message don't often get email from ben@other.example. Learn why this is important",
	"two lines":      "This Message Is From an External Sender\nThis message came from outside your organization.",
	"untrusted":      "This Message Is From an Untrusted Sender\nYou have not previously corresponded with this sender.",
	"marks":          "ZjQcmQRYFpfptBannerStart\nThis Message Is From an External Sender\nThis message came from outside your organization.\nZjQcmQRYFpfptBannerEnd",
	"be careful":     "Be careful: this e-mail was sent by someone outside the firm.",
	"german":         "ACHTUNG: Diese E-Mail stammt von einem externen Absender. Klicken Sie nicht auf Links.",
	"german, tag":    "[EXTERNE E-MAIL]",
	"french":         "ATTENTION : ce courriel provient de l'extérieur de l'organisation. Ne cliquez pas sur les liens.",
	"spanish":        "PRECAUCIÓN: Este correo electrónico se originó fuera de la organización. No haga clic en los enlaces.",
	"italian":        "ATTENZIONE: questa e-mail proviene da un mittente esterno. Non aprire gli allegati.",
	"portuguese":     "ATENÇÃO: Este e-mail foi enviado por um remetente externo. Não clique em links.",
	"dutch":          "LET OP: deze e-mail is afkomstig van buiten de organisatie. Klik niet op links.",
}

func TestBannersAreFooters(t *testing.T) {
	const said = "Please sign the lease by Tuesday."
	for name, s := range banners {
		for place, body := range map[string]string{
			"above":        s + "\n\n" + said,
			"close":        s + "\n" + said,
			"CRLF":         strings.ReplaceAll(s+"\n\n\n"+said+"\n", "\n", "\r\n"),
			"in a quote":   said + "\n\nOn 12/05/2026 10:04, Ben wrote:\n> " + strings.ReplaceAll(s, "\n", "\n> ") + "\n>\n> Is it so?\n",
			"above, long":  s + "\n\n" + said + "\n\n" + strings.Repeat("More words of the sender follow in this line.\n", 20),
			"html":         FromHTML("<table><tr><td style='background:#ffeb9c'><p>" + strings.ReplaceAll(s, "\n", "</p><p>") + "</p></td></tr></table><p>" + said + "</p>"),
			"below a mark": "Privileged.\n\n" + s + "\n\n" + said,
		} {
			z := Split(plainMail(body))
			checkLossless(t, body, z)
			clean := strings.TrimSpace(strings.TrimPrefix(z.New, "Privileged."))
			if got := Fold(z.Footer); !strings.HasPrefix(clean, said) || !strings.Contains(got, Fold(strings.Split(s, "\n")[0])) || strings.Contains(got, "lease") {
				t.Errorf("%s, %s: new %q, footer %q", name, place, z.New[:min(len(z.New), 200)], z.Footer)
			}
		}
	}
}

// TestNoBanner: people write such words too.
func TestNoBanner(t *testing.T) {
	for _, s := range []string{
		"External counsel will call at noon.",
		"The external email of Tuesday is attached.",
		"We sent it outside the organization by mistake.",
		"Caution: the draft is not final.",
		"[EXTERNAL] vendors get the short form.",
		"Please do not click links in the phishing test.",
		"External sender addresses are on the list that I made.",
		"Privileged.",
		"CONFIDENTIAL",
		"Important: call me.",
	} {
		z := Split(plainMail(s + "\n\nPlease sign the lease by Tuesday."))
		if z.Footer != "" {
			t.Errorf("%q: footer %q", s, z.Footer)
		}
	}
}

// moreNotices are boilerplate of more kinds and languages, in our wording.
var moreNotices = map[string]string{
	"fax":            "The documents accompanying this fax transmission contain confidential information intended only for the use of the person named above. If you have received this fax in error, please notify us at once.",
	"no contract":    "Nothing in this email is intended to constitute an electronic signature or a legally binding contract unless a statement to the contrary is included in this message.",
	"no client":      "Receipt of this email does not create an attorney-client relationship, and unauthorized use of this communication is prohibited.",
	"privacy":        "We process personal data as set out in our privacy notice. This email and its attachments may be monitored for compliance. If you received it by mistake, please delete it.",
	"scan":           "This email has been scanned for viruses and malware by our provider. No liability is accepted for any damage from a virus.",
	"avg":            "Virus-free. www.avg.example",
	"fraud":          "Please note: our bank details will never change by email. If you receive an email that says our bank details have changed, call us at a known telephone number.",
	"wire fraud":     "WIRE FRAUD NOTICE: Never rely on emailed wire instructions. Call our office at a known telephone number before wiring funds.",
	"company":        "Reyes Holt Ltd. Registered in England and Wales No. 01234567. Registered office: 1 Pier Street, London.",
	"no tax advice":  "Any tax advice contained in this communication was not intended or written to be used for the purpose of avoiding tax penalties.",
	"ecf":            "This e-mail message is generated automatically. Please DO NOT RESPOND to this e-mail because the mail box is unattended.",
	"swedish":        "Detta e-postmeddelande är konfidentiellt och endast avsett för adressaten. Om du har fått det av misstag, vänligen meddela avsändaren och radera meddelandet.",
	"danish":         "Denne e-mail er fortrolig og kun beregnet til modtageren. Har du modtaget den ved en fejl, bedes du underrette afsenderen og slette den.",
	"norwegian":      "Denne e-posten er konfidensiell og kun ment for mottakeren. Hvis du har mottatt den ved en feil, vennligst varsle avsender og slett e-posten.",
	"finnish":        "Tämä viesti on luottamuksellinen ja tarkoitettu vain vastaanottajalle. Jos olet saanut viestin erehdyksessä, ilmoita siitä lähettäjälle ja tuhoa viesti.",
	"polish":         "Ta wiadomość jest poufna i przeznaczona wyłącznie dla adresata. Jeżeli otrzymali ją Państwo przez pomyłkę, prosimy o powiadomienie nadawcy i usunięcie wiadomości.",
	"czech":          "Tato zpráva je důvěrná a určena pouze adresátovi. Pokud jste ji obdrželi omylem, informujte prosím odesílatele a zprávu smažte.",
	"hungarian":      "Ez az üzenet bizalmas, és kizárólag a címzettnek szól. Ha tévedésből kapta meg, kérjük, értesítse a feladót és törölje az üzenetet.",
	"russian":        "Это сообщение является конфиденциальным и предназначено только для адресата. Если вы получили его по ошибке, сообщите об этом отправителю и удалите сообщение.",
	"turkish":        "Bu e-posta gizlidir ve yalnızca alıcısına yöneliktir. Yanlışlıkla aldıysanız lütfen göndereni bilgilendirin ve mesajı silin.",
	"japanese":       "このメールには機密情報が含まれている場合があります。誤って受信された場合は、送信者に連絡し、本メールを削除してください。",
	"chinese":        "本邮件及其附件含有保密信息，仅限于发送给指定的收件人。如果您错收了本邮件，请立即通知发件人并删除本邮件。",
	"portuguese":     "Esta mensagem e seus anexos são confidenciais e destinados exclusivamente ao destinatário. Se a recebeu por engano, avise o remetente e apague-a.",
	"french, canada": "AVIS DE CONFIDENTIALITÉ : Ce courriel peut contenir des renseignements privilégiés et confidentiels. Si vous n'êtes pas le destinataire visé, veuillez le détruire.",
	"german, short":  "Diese Nachricht ist vertraulich. Sollten Sie nicht der vorgesehene Empfänger sein, so bitten wir um eine kurze Nachricht und um Löschung.",
	"two notices":    "CONFIDENTIAL COMMUNICATION. This transmission may be protected by the attorney-client privilege or the work product doctrine. If you are not the intended recipient, please destroy all copies.",
}

func TestMoreNoticesAreFooters(t *testing.T) {
	for name, n := range moreNotices {
		for place, body := range map[string]string{
			"bottom":    "The lease is signed.\n\n" + wrap(n, 70),
			"one line":  "The lease is signed.\n\n" + n,
			"signed":    "The lease is signed.\n\nKind regards,\nAlma Reyes\nReyes Holt LLP\n\n" + wrap(n, 76),
			"dashes":    "The lease is signed.\n\n-- \nAlma Reyes\nReyes Holt LLP\n\n" + n,
			"to quote":  "The lease is signed.\n\nRegards,\nAlma\n\n" + n + "\n\nFrom: Ben <ben@firm.example>\nSent: Tuesday, May 12, 2026 10:04 AM\nTo: Alma\nSubject: RE: Pier 9\n\nIs it signed?\n",
			"in quote":  "The lease is signed.\n\n-----Original Message-----\nFrom: Ben\nSent: Tuesday\nTo: Alma\nSubject: x\n\nIs it signed?\n\n" + wrap(n, 70),
			"in quote>": "The lease is signed.\n\nOn 12/05/2026 10:04, Ben wrote:\n> Is it signed?\n>\n> " + strings.ReplaceAll(wrap(n, 60), "\n", "\n> ") + "\n",
		} {
			z := Split(plainMail(body))
			checkLossless(t, body, z)
			if got := Fold(z.Footer); !strings.Contains(got, Fold(n)) || z.New != "The lease is signed." || strings.Contains(got, "is it signed") {
				t.Errorf("%s, %s: footer %q of %+v", name, place, z.Footer, z)
			}
		}
	}
}
