package text

// A phrase is one set of wordings that boilerplate uses and people hardly do.
// Several together make a footer; the weight says how much one of them tells.
type phrase struct {
	weight uint8
	role   role
	words  []string // lower case, single spaces
}

type role uint8

const (
	plainRole role = iota
	self           // the text speaks of the message it stands in
	heading        // the title of a notice
	banner         // added in front by a gateway: ends with its own sentence
	stamp          // words of real markers too; they count only in a title line
)

// phrases is the vocabulary. It names no firm and no person.
var phrases = []phrase{
	{1, self, []string{
		"this e-mail", "this email", "this message", "this communication", "this transmission", "this electronic",
		"e-mail transmission", "this fax", "this facsimile", "e-mail communication", "e-mail message", "this correspondence",
		"diese e-mail", "dieser e-mail", "diese nachricht", "ce message", "ce courriel", "cet e-mail", "le présent message",
		"este mensaje", "este correo", "questo messaggio", "questa e-mail", "esta mensagem", "dit bericht", "deze e-mail",
		"este e-mail", "this mail", "le présent courriel", "ce courrier", "el presente correo", "la presente e-mail", "detta e-post", "detta meddelande",
		"denne e-mail", "denne e-post", "denne melding", "denne mail", "tämä viesti", "tämä sähköposti", "ta wiadomo", "niniejsza wiadomo",
		"tato zpr", "tento e-mail", "ez az üzenet", "это сообщение", "это письмо", "bu e-posta", "bu mesaj", "このメール", "本メール", "本邮件", "本電子郵件",
	}},
	{2, plainRole, []string{
		"intended recipient", "intended addressee", "named addressee", "designated recipient", "named recipient",
		"an intended recipient", "the addressee(s)", "person or entity to which it is addressed",
		"individual or entity to whom", "individual or entity named", "individual or organization named", "individual named",
		"individuals named", "authorized to receive for", "person to whom it is addressed",
	}},
	{2, plainRole, []string{
		"sole use of", "intended only for", "intended solely", "solely for the use", "only for the use", "use of the individual",
		"solely for the addressee", "intended exclusively", "exclusive use of", "intended to be conveyed only",
		"intended to be reviewed by", "intended for the use", "solely intended for", "is intended for the designated",
		"only for the person", "only for the individual",
	}},
	{2, plainRole, []string{
		"received this e-mail in error", "received this email in error", "received this message in error",
		"received this communication in error", "received this transmission in error", "receive this message in error",
		"received this in error", "sent to you in error", "this e-mail by mistake", "this email by mistake",
		"this message by mistake", "received it in error", "receive this in error", "received this fax in error",
		"received this document in error", "reached you in error", "received this e-mail message in error",
		"received this electronic",
	}},
	{1, plainRole, []string{"in error", "by mistake", "misdirected", "mistakenly received"}},
	{1, plainRole, []string{
		"if you are not", "if you have received", "if you receive", "if the reader of", "if you believe", "if this message",
		"you are hereby notified",
	}},
	{2, plainRole, []string{"strictly prohibited", "strictly forbidden", "prohibited and may be unlawful"}},
	{1, plainRole, []string{"prohibited", "may be unlawful", "not permitted"}},
	{1, plainRole, []string{
		"notify us", "notify the sender", "notify sender", "notify me", "contact the sender", "advise the sender",
		"inform the sender", "reply to the sender", "return e-mail", "return email", "reply e-mail", "reply email",
		"e-mail the sender", "tell the sender", "alert the sender", "please notify", "immediately notify", "notify immediately",
	}},
	{2, plainRole, []string{
		"dissemination", "disseminate", "distribution or copying", "copying or distribution", "disclosure, copying",
		"copy or distribute", "distribute or copy", "retransmission", "review, use", "use, disclosure or distribution",
		"reliance or distribution", "review, reliance", "disclosure or copying", "copying, distributing", "distribution or use",
		"read, copy or distribute", "use, copy or disclose", "use, disclose", "distribution, or reproduction",
		"distribution or reproduction", "disclosing, copying",
	}},
	{1, plainRole, []string{"unauthorized", "unauthorised", "authorized representative"}},
	{1, plainRole, []string{
		"delete this", "delete it", "delete the m", "delete all copies", "destroy all copies", "destroy this", "destroy it",
		"permanently delete", "delete the original", "delete and destroy", "destroy the original", "delete from your",
		"destroy any copies", "and delete", "destroying the", "please delete",
	}},
	{1, plainRole, []string{
		"and any attachment", "and any files", "including any attach", "including attachments", "accompanying documents",
		"with any attachments", "its attachments", "and all attachments", "and attachments", "attached files", "attached to it",
	}},
	{1, plainRole, []string{
		"may contain", "may be confidential", "may be privileged", "is confidential and", "are confidential and", "contains confidential",
		"contains information that", "contain confidential", "confidential and/or privileged", "privileged and/or confidential",
		"legally privileged", "confidential and may be", "contains privileged", "contain privileged", "is privileged and",
		"may be legally", "subject to the attorney",
	}},
	{1, plainRole, []string{
		"information contained in this", "information contained herein", "information transmitted", "information in this e",
		"information in this message", "contents of this e", "contents of this message", "contents of this communication",
		"information contained in and", "contained in or attached to",
	}},
	{2, heading, []string{
		"confidentiality notice", "confidentiality statement", "confidentiality note", "confidentiality disclaimer",
		"e-mail disclaimer", "email disclaimer", "legal disclaimer", "legal notice", "notice of confidentiality",
		"statement of confidentiality", "aviso legal", "aviso de confidencialidad", "avis de confidentialité",
		"avviso di riservatezza", "aviso de confidencialidade", "vertraulichkeitshinweis", "haftungsausschluss",
		"mentions légales", "privileged/confidential information",
	}},
	{1, heading, []string{"disclaimer", "important notice", "privacy notice", "important -", "nota legal", "hinweis:", "wichtiger hinweis", "notice:",
		"confidential communication.", "privileged communication."}},
	{0, stamp, []string{"privileged", "confidential", "vertraulich"}},
	{3, plainRole, []string{"circular 230", "irs circular"}},
	{2, plainRole, []string{"avoiding penalties", "avoid penalties", "avoiding any penalties", "avoidance of penalties", "avoid any penalties", "avoiding tax penalties", "avoiding federal", "avoid tax penalties"}},
	{2, plainRole, []string{"tax advice contained", "tax advice in this", "federal tax advice"}},
	{2, plainRole, []string{"electronic signature", "intended to constitute", "intended to create a legally"}},
	{4, plainRole, []string{
		"virus-free. www", "virus-free.www", "mail box is unattended", "mailbox is unattended", "mailbox is not monitored", "unmonitored mailbox", "address is not monitored",
		"inbox is not monitored", "do not reply to this automat",
	}},
	{2, plainRole, []string{
		"will never change by e", "never change our bank", "not change our bank", "bank details will not change", "bank details will never change",
		"wire fraud notice", "wire fraud alert", "fraud warning:", "never send wire", "emailed wire instructions",
	}},
	{2, plainRole, []string{
		"known telephone number", "known phone number", "before wiring", "verify by telephone", "before sending any funds",
		"before transferring any",
	}},
	{2, plainRole, []string{"internal revenue code", "promoting, marketing", "imposed by the irs"}},
	{2, plainRole, []string{
		"not intended to be an offer", "binding and enforceable contract", "does not constitute an offer", "offer (or an acceptance)",
		"should not construe", "legally binding", "does not create an attorney-client", "not intended to create",
		"not to be construed", "should not be construed", "not be relied on",
	}},
	{2, plainRole, []string{"electronic communications privacy act", "inadvertent disclosure", "waiver of any", "waive any privilege", "not waived by"}},
	{4, plainRole, []string{"consider the environment", "before printing this", "think before you print"}},
	{2, plainRole, []string{
		"for viruses", "free of viruses", "virus-free", "virus free", "computer virus", "any virus", "software viruses",
		"guaranteed to be secure", "error-free",
	}},
	{2, plainRole, []string{
		"no liability", "not accept liability", "not accept responsibility", "not accept any", "accepts no responsibility", "disclaims all",
	}},
	{2, plainRole, []string{
		"views or opinions", "views expressed", "opinions expressed", "property of", "monitor e-mail", "monitor all e-mail",
		"monitored for", "may be monitored",
	}},
	{3, plainRole, []string{"registered in england", "registered number", "company number", "registered in scotland", "registered in ireland"}},
	{2, plainRole, []string{"registered office"}},
	{3, plainRole, []string{
		"authorised and regulated", "solicitors regulation authority", "limited liability partnership registered",
	}},
	{2, banner, []string{
		"originated from outside", "originated outside", "from an external s", "external email", "external e-mail",
		"outside of the organi", "outside the organi", "outside of your organi", "outside your organi", "outside our organi",
		"came from outside", "sent from outside", "external sender", "externe e-mail", "externen absender",
		"someone outside", "from outside the", "from outside our", "from outside of", "from outside your", "from an untrusted s", "external message",
		"stammt von extern", "von außerhalb", "provient de l'ext", "provient de l’ext", "provient d'un exp", "provient d’un exp", "fuera de la organi",
		"remitente externo", "mittente esterno", "proviene dall'esterno", "remetente externo", "fora da organi", "van buiten de", "van buiten onze",
		"externe afzender", "extern avs", "ekstern avs", "zewnętrznego nadawcy", "внешнего отправителя",
	}},
	{2, banner, []string{
		"do not click", "don't click", "clicking links", "clicking on links", "open attachments", "opening attachments",
		"recognize the sender", "recognise the sender", "know the content is safe", "trust the sender",
		"before clicking", "before you click", "use caution", "exercise caution", "links and attachments", "links or attachments", "klicken sie nicht",
		"klicken sie keine", "öffnen sie keine", "ne cliquez pas", "n'ouvrez pas", "no haga cli", "no abra ", "non aprire", "non cliccare",
		"não clique", "klik niet op", "open geen",
	}},
	{4, banner, []string{
		"t often get email from", "learn why this is important", "not previously corresponded with this sender", "zjqcmqryfpfptbanner",
		"is from an untrusted sender",
	}},
	{4, plainRole, []string{
		"because you are subscribed to", "unsubscribe from this", "stop receiving emails from it", "to unsubscribe, ",
		"to unsubscribe send", "to unsubscribe from", "mailing list archives", "to be removed from this",
	}},
	{4, plainRole, []string{"note to public access users", "judicial conference of the united states policy", "pacer access fees apply", "page limit do not apply"}},

	{1, plainRole, []string{"vertrauliche", "rechtlich geschützt", "gesetzlich geschützt", "vertraulich und", "ist vertraulich", "bitten wir um"}},
	{2, plainRole, []string{
		"richtige adressat", "richtige empfänger", "beabsichtigte empfänger", "bestimmungsgemäße", "vorgesehene empfänger",
		"nicht der adressat", "nicht der empfänger", "ausschließlich für den",
	}},
	{2, plainRole, []string{"irrtümlich", "versehentlich erhalten"}},
	{2, plainRole, []string{"unbefugte", "unerlaubte", "nicht gestattet", "nicht erlaubt"}},
	{1, plainRole, []string{"den absender", "vernichten sie", "löschen sie", "informieren sie"}},

	{2, plainRole, []string{"destinataire", "destinatario", "destinatari", "destinatário", "destinatarios"}},
	{2, plainRole, []string{"par erreur", "por error", "per errore", "por engano"}},
	{1, plainRole, []string{"pièces jointes", "pièce jointe", "fichiers joints", "archivos adjuntos", "ficheros adjuntos", "allegati", "anexos"}},
	{1, plainRole, []string{"confidentiel", "confidencial", "riservat", "vertrouwelijk", "confidenziali"}},
	{1, plainRole, []string{"expéditeur", "remitente", "mittente", "remetente", "afzender"}},
	{1, plainRole, []string{
		"détruire", "supprimer", "elimin", "borrar", "bórre", "destruir", "destruya", "cancellar", "distrugger", "apagar",
		"verwijderen", "vernietigen",
	}},
	{1, plainRole, []string{"interdite", "interdit", "prohibid", "vietat", "proibid", "no autorizad", "non autorisé", "verboden"}},
	{2, plainRole, []string{"geadresseerde", "uitsluitend bestemd", "abusievelijk", "niet voor u bestemd", "ten onrechte"}},
	{2, plainRole, []string{
		"för adressaten", "avsett för", "avsedd för", "til modtageren", "beregnet til", "for mottakeren", "ment for", "tarkoitettu vain", "dla adresata",
		"adresátovi", "určena pouze", "címzettnek", "для адресата", "предназначен", "yalnızca alıcı", "指定的收件人", "指定收件人",
	}},
	{2, plainRole, []string{
		"av misstag", "ved en fejl", "ved en feil", "erehdyksess", "przez pomyłk", "omylem", "tévedésből", "по ошибке", "yanlışlıkla", "誤って受信", "错收",
		"誤收", "误收",
	}},
	{1, plainRole, []string{
		"konfidentiel", "fortrolig", "konfidensiel", "luottamukselli", "poufn", "důvěrn", "bizalmas", "конфиденциальн", "gizlidir", "機密情報", "保密信息",
		"机密信息",
	}},
	{1, plainRole, []string{
		"avsändaren", "afsenderen", "varsle avsender", "lähettäjälle", "nadawcy", "odesílatele", "a feladót", "отправител", "göndereni", "送信者", "通知发件人",
	}},
	{1, plainRole, []string{
		"radera", "og slette", "og slett", "tuhoa", "poista", "usunięcie", "usunąć", "smažte", "törölje", "удалите", "silin", "削除", "删除", "刪除",
	}},
}
