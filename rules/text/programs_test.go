package text

import (
	"strings"
	"testing"

	"chancery/internal/model"
)

// introduced are the beginnings of quotes as mail programs write them, in our
// wording. Each stands between new text and what is quoted.
var introduced = map[string]string{
	"outlook":            "From: Ben Okafor <ben@firm.example>\nSent: Tuesday, May 12, 2026 10:04 AM\nTo: Alma Reyes <alma@firm.example>\nSubject: RE: Pier 9\n",
	"outlook, web":       "________________________________\nFrom: Ben Okafor <ben@firm.example>\nSent: Tuesday, May 12, 2026 10:04:11 AM\nTo: Alma Reyes\nSubject: Re: Pier 9\n",
	"outlook, telephone": "________________________________\nFrom: Ben Okafor <ben@firm.example>\nDate: Tuesday, 12 May 2026 at 10:04\nTo: Alma Reyes <alma@firm.example>\nSubject: Re: Pier 9\n",
	"outlook, mac":       "From: Ben Okafor <ben@firm.example>\nDate: Tuesday, May 12, 2026 at 10:04 AM\nTo: Alma\nCc: Cleo <cleo@firm.example>\nSubject: Pier 9\n",
	"outlook, flat":      "From: Ben Okafor <ben@firm.example> Sent: Tuesday, May 12, 2026 10:04 AM To: Alma Reyes Cc: Cleo Subject: RE: Pier 9\n",
	"outlook, tabs":      "From:\tBen Okafor [ben@firm.example]\nSent:\tTuesday, May 12, 2026 10:04 AM\nTo:\tAlma Reyes\nSubject:\tRE: Pier 9\n",
	"outlook, spread":    "From: Ben Okafor <ben@firm.example>\n\nSent: Tuesday, May 12, 2026 10:04 AM\n\nTo: Alma Reyes\n\nSubject: RE: Pier 9\n",
	"outlook, german":    "Von: Ben Okafor <ben@firm.example>\nGesendet: Dienstag, 12. Mai 2026 10:04\nAn: Alma Reyes\nCc: Cleo\nBetreff: AW: Pier 9\n",
	"outlook, french":    "De : Ben Okafor <ben@firm.example>\nEnvoyé : mardi 12 mai 2026 10:04\nÀ : Alma Reyes\nObjet : RE: Pier 9\n",
	"outlook, spanish":   "De: Ben Okafor <ben@firm.example>\nEnviado el: martes, 12 de mayo de 2026 10:04\nPara: Alma Reyes\nAsunto: RE: Pier 9\n",
	"outlook, italian":   "Da: Ben Okafor <ben@firm.example>\nInviato: martedì 12 maggio 2026 10:04\nA: Alma Reyes\nOggetto: R: Pier 9\n",
	"outlook, brazil":    "De: Ben Okafor <ben@firm.example>\nEnviada em: terça-feira, 12 de maio de 2026 10:04\nPara: Alma Reyes\nAssunto: RES: Pier 9\n",
	"outlook, dutch":     "Van: Ben Okafor <ben@firm.example>\nVerzonden: dinsdag 12 mei 2026 10:04\nAan: Alma Reyes\nOnderwerp: RE: Pier 9\n",
	"outlook, swedish":   "Från: Ben Okafor <ben@firm.example>\nSkickat: den 12 maj 2026 10:04\nTill: Alma Reyes\nÄmne: SV: Pier 9\n",
	"outlook, danish":    "Fra: Ben Okafor <ben@firm.example>\nSendt: 12. maj 2026 10:04\nTil: Alma Reyes\nEmne: SV: Pier 9\n",
	"outlook, finnish":   "Lähettäjä: Ben Okafor <ben@firm.example>\nLähetetty: tiistai 12. toukokuuta 2026 10.04\nVastaanottaja: Alma Reyes\nAihe: VS: Pier 9\n",
	"outlook, polish":    "Od: Ben Okafor <ben@firm.example>\nWysłano: wtorek, 12 maja 2026 10:04\nDo: Alma Reyes\nTemat: RE: Pier 9\n",
	"outlook, czech":     "Od: Ben Okafor <ben@firm.example>\nOdesláno: úterý 12. května 2026 10:04\nKomu: Alma Reyes\nPředmět: RE: Pier 9\n",
	"outlook, hungarian": "Feladó: Ben Okafor <ben@firm.example>\nElküldve: 2026. május 12., kedd 10:04\nCímzett: Alma Reyes\nTárgy: RE: Pier 9\n",
	"outlook, turkish":   "Kimden: Ben Okafor <ben@firm.example>\nGönderildi: 12 Mayıs 2026 Salı 10:04\nKime: Alma Reyes\nKonu: YNT: Pier 9\n",
	"outlook, romanian":  "De la: Ben Okafor <ben@firm.example>\nTrimis: marți, 12 mai 2026 10:04\nCătre: Alma Reyes\nSubiect: RE: Pier 9\n",
	"outlook, russian":   "От: Ben Okafor <ben@firm.example>\nОтправлено: 12 мая 2026 г. 10:04\nКому: Alma Reyes\nТема: RE: Pier 9\n",
	"outlook, ukrainian": "Від: Ben Okafor <ben@firm.example>\nНадіслано: 12 травня 2026 р. 10:04\nКому: Alma Reyes\nТема: RE: Pier 9\n",
	"outlook, greek":     "Από: Ben Okafor <ben@firm.example>\nΣτάλθηκε: Τρίτη, 12 Μαΐου 2026 10:04\nΠρος: Alma Reyes\nΘέμα: RE: Pier 9\n",
	"outlook, japanese":  "差出人: Ben Okafor <ben@firm.example>\n送信日時: 2026年5月12日 10:04\n宛先: Alma Reyes\n件名: RE: Pier 9\n",
	"outlook, chinese":   "发件人: Ben Okafor <ben@firm.example>\n发送时间: 2026年5月12日 10:04\n收件人: Alma Reyes\n主题: RE: Pier 9\n",
	"outlook, taiwan":    "寄件者: Ben Okafor <ben@firm.example>\n寄件日期: 2026年5月12日 上午 10:04\n收件者: Alma Reyes\n主旨: RE: Pier 9\n",
	"outlook, korean":    "보낸 사람: Ben Okafor <ben@firm.example>\n보낸 날짜: 2026년 5월 12일 화요일 오전 10:04\n받는 사람: Alma Reyes\n제목: RE: Pier 9\n",
	"outlook, arabic":    "من: Ben Okafor <ben@firm.example>\nتم الإرسال: الثلاثاء، 12 مايو 2026 10:04\nإلى: Alma Reyes\nالموضوع: RE: Pier 9\n",
	"outlook, hebrew":    "מאת: Ben Okafor <ben@firm.example>\nנשלח: יום שלישי 12 מאי 2026 10:04\nאל: Alma Reyes\nנושא: RE: Pier 9\n",

	"original":             "-----Original Message-----\nFrom: Ben Okafor\nSent: Tuesday, May 12, 2026 10:04 AM\nTo: Alma\nSubject: Pier 9\n",
	"original, yahoo":      "----- Original Message -----\nFrom: \"Ben Okafor\" <ben@firm.example>\n",
	"original, wide":       "-------- Original Message --------\nSubject: Pier 9\n",
	"original, em dashes":  "——— Original Message ———\nFrom: Ben\n",
	"original, em client":  "------ Original Message ------\nFrom \"Ben Okafor\" <ben@firm.example>\nTo \"Alma\" <alma@firm.example>\nDate 12/05/2026 10:04:11\nSubject Pier 9\n",
	"original, short":      "------------------ Original ------------------\nFrom: Ben\n",
	"original, german":     "-----Ursprüngliche Nachricht-----\nVon: Ben\n",
	"original, french":     "-----Message d’origine-----\nDe : Ben\n",
	"original, chinese":    "------------------ 原始邮件 ------------------\n发件人: Ben\n",
	"original, danish":     "-----Oprindelig besked-----\nFra: Ben\n",
	"original, hungarian":  "-----Eredeti üzenet-----\nFeladó: Ben\n",
	"original, korean":     "-----원본 메시지-----\n보낸 사람: Ben\n",
	"forwarded, gmail":     "---------- Forwarded message ---------\nFrom: Ben Okafor <ben@firm.example>\nDate: Tue, 12 May 2026 at 10:04\nSubject: Pier 9\nTo: <alma@firm.example>\n",
	"forwarded, gmail, es": "---------- Forwarded message ---------\nDe: Ben Okafor <ben@firm.example>\nDate: mar, 12 may 2026\n",
	"forwarded, apple":     "Begin forwarded message:\n\nFrom: Ben Okafor <ben@firm.example>\nSubject: Pier 9\nDate: 12 May 2026 at 10:04:11 BST\nTo: Alma\n",
	"forwarded, apple, de": "Anfang der weitergeleiteten Nachricht:\n\nVon: Ben Okafor <ben@firm.example>\nBetreff: Pier 9\n",
	"forwarded, apple, sv": "Vidarebefordrat brev:\n\nFrån: Ben <ben@firm.example>\nÄmne: Pier 9\n",
	"forwarded, apple, ja": "転送されたメッセージ：\n\n差出人: Ben <ben@firm.example>\n件名: Pier 9\n",
	"forwarded, ru":        "-------- Перенаправленное сообщение --------\nТема: Pier 9\n",

	"notes":                 "Ben Okafor\n05/12/2026 10:04 AM\n\nTo: Alma Reyes/NYC/FIRM@FIRM\ncc:\nSubject: Pier 9\n",
	"notes, sent by":        "Ben Okafor\nSent by: Cleo Park\n05/12/2026 10:04 AM\n\nTo: Alma Reyes/NYC/FIRM@FIRM\ncc:\nSubject: Pier 9\n",
	"notes, sent by, below": "Ben Okafor@FIRM\n05/12/2026 10:04 AM\nSent by: Cleo Park\nTo: Alma Reyes/NYC/FIRM@FIRM\ncc:\nSubject: Pier 9\n",
	"notes, from on":        "From: Ben Okafor on 05/12/2026 10:04 AM\nSent by: Cleo Park\nTo: Alma Reyes/NYC/FIRM@FIRM\ncc: Dan\n\nSubject: Pier 9\n",
	"notes, from spaced":    "From:  Ben Okafor                           05/12/2026 10:04 AM\n\nSent by: Cleo Park\n\nTo: Alma Reyes/NYC/FIRM@FIRM\ncc:\nSubject: Pier 9\n",
	"notes, one line":       "Ben Okafor 05/12/2026 10:04 AM \t   To: Alma Reyes/NYC/FIRM@FIRM  cc: Dan Roe/NYC/FIRM@FIRM  Subject: Pier 9\n",
	"notes, two columns":    "Ben.Okafor\n@firm.example           To:     Alma.Reyes@firm.example, dan@other.example,\ncleo@other.example\n05/12/26                 erin@other.example\n10:04 AM                 cc:\n                         Subject:     Pier 9\n",
	"notes, box":            "|---------+---------------------------->\n|         |           Ben Okafor       |\n|         |           05/12/2026 10:04 |\n|---------+---------------------------->\n  >------------------------------------|\n  |                                    |\n  |       To:     Alma Reyes/NYC/FIRM  |\n  |       cc:     Dan Roe/NYC/FIRM     |\n  |       Subject:     Pier 9          |\n  >------------------------------------|\n",
	"notes, forwarded":      "---------------------- Forwarded by Ben Okafor/NYC/FIRM on 05/12/2026\n10:04 AM ---------------------------\n\nCleo Park\n05/11/2026 03:16 PM\nTo: Ben Okafor/NYC/FIRM@FIRM\ncc:\n\nSubject: Pier 9\n",
	"notes, internet":       "\"Ben Okafor\" <ben@firm.example> on 05/12/2026 10:04:11 AM\nTo:\t<alma@firm.example>\ncc:\t\n\nSubject:\tPier 9\n",
	"notes, respond":        "Ben Okafor <ben@firm.example>\n05/12/2026 10:04 AM\nPlease respond to ben\n \n To: alma@firm.example\n cc: \n Subject: Pier 9\n",
	"groupwise":             "Content-Transfer-Encoding: quoted-printable\nDate: Tue, 12 May 2026 10:04:11 -0500\nFrom: \"Ben Okafor\" <ben@firm.example>\nTo: <alma@firm.example>\nSubject: Pier 9\n",
	"groupwise, reply":      ">>> Ben Okafor <ben@firm.example> 05/12/26 10:04 AM >>>\n",
}

// attributed are the lines that name the author of a quote with marks, as
// programs write them in their languages.
var attributed = map[string]string{
	"gmail":       "On Tue, May 12, 2026 at 10:04 AM Ben Okafor <ben@firm.example> wrote:",
	"gmail, long": "On Tue, May 12, 2026 at 10:04 AM Ben Okafor of the waterfront team <\nben.okafor@firm.example> wrote:",
	"four lines":  "On Tuesday, May 12, 2026 at\n10:04 AM, Ben Okafor of the\nwaterfront team\n<ben.okafor@firm.example> wrote:",
	"apple":       "On May 12, 2026, at 10:04 AM, Ben Okafor <ben@firm.example> wrote:",
	"apple, 24":   "> On 12 May 2026, at 10:04, Ben Okafor <ben@firm.example> wrote:",
	"thunderbird": "On 12/05/2026 10:04, Ben Okafor wrote:",
	"name alone":  "Ben Okafor wrote:",
	"yahoo":       "On Tuesday, May 12, 2026, 10:04:11 AM GMT+1, Ben Okafor <ben@firm.example> wrote: ",
	"yahoo, old":  "--- On Tue, 5/12/26, Ben Okafor <ben@firm.example> wrote:",
	"you wrote":   "At 10:04 AM 5/12/26 -0500, you wrote:",
	"usenet":      "In article <a@firm.example>, Ben Okafor <ben@firm.example> writes:",
	"german":      "Am Di., 12. Mai 2026 um 10:04 Uhr schrieb Ben Okafor <ben@firm.example>:",
	"french":      "Le mar. 12 mai 2026 à 10:04, Ben Okafor <ben@firm.example> a écrit :",
	"spanish":     "El mar, 12 may 2026 a las 10:04, Ben Okafor (<ben@firm.example>) escribió:",
	"italian":     "Il giorno mar 12 mag 2026 alle ore 10:04 Ben Okafor <ben@firm.example> ha scritto:",
	"portuguese":  "Em ter., 12 de mai. de 2026 às 10:04, Ben Okafor <ben@firm.example> escreveu:",
	"dutch":       "Op di 12 mei 2026 om 10:04 schreef Ben Okafor <ben@firm.example>:",
	"swedish":     "Den tis 12 maj 2026 kl 10:04 skrev Ben Okafor <ben@firm.example>:",
	"danish":      "Den tir. 12. maj 2026 kl. 10.04 skrev Ben Okafor <ben@firm.example>:",
	"finnish":     "ti 12. toukok. 2026 klo 10.04 Ben Okafor (ben@firm.example) kirjoitti:",
	"polish":      "wt., 12 maj 2026 o 10:04 Ben Okafor <ben@firm.example> napisał(a):",
	"czech":       "út 12. 5. 2026 v 10:04 odesílatel Ben Okafor <ben@firm.example> napsal:",
	"hungarian":   "Ben Okafor <ben@firm.example> ezt írta (időpont: 2026. máj. 12., K, 10:04):",
	"turkish":     "Ben Okafor <ben@firm.example>, 12 May 2026 Sal, 10:04 tarihinde şunu yazdı:",
	"romanian":    "În mar., 12 mai 2026 la 10:04, Ben Okafor <ben@firm.example> a scris:",
	"russian":     "вт, 12 мая 2026 г. в 10:04, Ben Okafor <ben@firm.example>:",
	"ukrainian":   "вт, 12 трав. 2026 р. о 10:04 Ben Okafor <ben@firm.example> пише:",
	"greek":       "Στις Τρί 12 Μαΐ 2026 στις 10:04 π.μ., ο χρήστης Ben Okafor <ben@firm.example> έγραψε:",
	"japanese":    "2026年5月12日(火) 10:04 Ben Okafor <ben@firm.example>:",
	"chinese":     "Ben Okafor <ben@firm.example> 于2026年5月12日周二 10:04写道：",
	"taiwan":      "Ben Okafor <ben@firm.example> 於 2026年5月12日 週二 上午10:04寫道：",
	"korean":      "2026년 5월 12일 (화) 오전 10:04, Ben Okafor <ben@firm.example>님이 작성:",
	"hebrew":      "\u202bבתאריך יום ג׳, 12 במאי 2026 ב-10:04 מאת \u202aBen Okafor\u202c\u200f <\u202aben@firm.example\u202c\u200f>:\u202c",
	"arabic":      "في الثلاثاء، 12 مايو 2026 في 10:04 ص تمت كتابة ما يلي بواسطة Ben Okafor <ben@firm.example>:",
	"vietnamese":  "Vào Th 3, 12 thg 5, 2026 vào lúc 10:04 Ben Okafor <ben@firm.example> đã viết:",
	"indonesian":  "Pada tanggal Sel, 12 Mei 2026 pukul 10.04 Ben Okafor <ben@firm.example> menulis:",
}

func TestProgramsIntroduceQuotes(t *testing.T) {
	check := func(name, body string) {
		t.Helper()
		z := Split(plainMail(body))
		checkLossless(t, body, z)
		if z.New != "Please file it." || z.Footer != "" || z.Signature != "" {
			t.Errorf("%s: new %q, signature %q, footer %q", name, z.New, z.Signature, z.Footer)
		}
	}
	for name, s := range introduced {
		check(name, "Please file it.\n\n"+s+"\nIs it signed?\n")
		check(name+", close", "Please file it.\n"+s+"\nIs it signed?\n")
		check(name+", CRLF", strings.ReplaceAll("Please file it.\n\n\n"+s+"\nIs it signed?\n\nBen", "\n", "\r\n"))
	}
	for name, s := range attributed {
		check(name, "Please file it.\n\n"+s+"\n> Is it signed?\n>\n> Ben\n")
		check(name+", apart", "Please file it.\n\n"+s+"\n\n> Is it signed?\n")
		check(name+", close", "Please file it.\n"+s+"\n> Is it signed?\n")
		check(name+", below", s+"\n> Is it signed?\n\nPlease file it.\n")
	}
}

// TestPeopleWriteSuchLines: the same words by a person are new text.
func TestPeopleWriteSuchLines(t *testing.T) {
	for _, s := range []string{
		"From: our side there is nothing new.\nTo: be clear, we wait.",
		"From the start we wrote:\nno.",
		"On Tuesday we meet the other side at 10:04 and talk about the following:\n- the lease\n- the fee",
		"Please send it to ben@firm.example by 10:00 on 12/05/2026 with these papers:\n- the lease",
		"TO: All partners\nFROM: Alma Reyes\nDATE: May 12, 2026\nRE: Retention\n\nPlease keep all papers.",
		"The original message was clear.\nNothing more.",
		"Subject: to contract\nWe accept.",
		"He wrote: no.\nShe wrote: yes.",
		"Date: Tuesday\nPlace: our office\nTime: 10:00",
		"Agenda\n________________\nFrom the floor: questions.",
		"------\nSection 4\n------\nAs agreed.",
		"Our original:\nhas a stamp.",
	} {
		body := s + "\n\nMore of it here, as it was said before."
		z := Split(plainMail(body))
		if Fold(z.New) != Fold(body) {
			t.Errorf("%q: new %q, quoted %q", s, z.New, z.Quoted)
		}
	}
}

// htmlReplies are HTML bodies as programs make them, in our wording. All say
// "Please file it." and quote "Is it signed?".
var htmlReplies = map[string]string{
	"gmail":            `<div dir="ltr">Please file it.</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Tue, May 12, 2026 at 10:04 AM Ben &lt;<a href="mailto:ben@firm.example">ben@firm.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex"><div>Is it signed?</div></blockquote></div>`,
	"outlook":          `<div class=WordSection1><p class=MsoNormal>Please file it.<o:p></o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in'><p class=MsoNormal><b>From:</b> Ben &lt;ben@firm.example&gt; <br><b>Sent:</b> Tuesday, May 12, 2026 10:04 AM<br><b>To:</b> Alma<br><b>Subject:</b> Pier 9<o:p></o:p></p></div></div><p class=MsoNormal>Is it signed?</p></div>`,
	"outlook, web":     `<div>Please file it.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font><b>From:</b> Ben<br><b>Sent:</b> Tuesday<br><b>Subject:</b> Pier 9</font><div>&nbsp;</div></div><div>Is it signed?</div>`,
	"outlook, web, de": `<div>Please file it.</div><div id="appendonsend"></div><hr tabindex="-1"><div id="divRplyFwdMsg"><b>Von:</b> Ben<br><b>Gesendet:</b> Dienstag<br></div><div>Is it signed?</div>`,
	"outlook, phone":   `<div>Please file it.</div><div id="ms-outlook-mobile-body-separator-line"><br></div><div id="mail-editor-reference-message-container"><div>From: Ben<br>Date: Tuesday<br>Subject: Pier 9</div><div>Is it signed?</div></div>`,
	"outlook, old mac": `<div>Please file it.</div><span id="OLK_SRC_BODY_SECTION"><div><span>From: </span> Ben<br><span>Date: </span> Tuesday</div><div>Is it signed?</div></span>`,
	"yahoo":            `<div class="ydp1234yahoo-style-wrap"><div>Please file it.</div></div><div id="yahoo_quoted_42" class="yahoo_quoted"><div>On Tuesday, Ben wrote:</div><div>Is it signed?</div></div>`,
	"thunderbird":      `<p>Please file it.</p><div class="moz-cite-prefix">On 12/05/2026 10:04, Ben wrote:<br></div><blockquote type="cite" cite="mid:a@firm.example">Is it signed?</blockquote>`,
	"thunderbird, fwd": `<p>Please file it.</p><div class="moz-forward-container"><br>-------- Forwarded Message --------<table class="moz-email-headers-table"><tr><th>Subject: </th><td>Pier 9</td></tr></table>Is it signed?</div>`,
	"apple":            `<html><body>Please file it.<br><div><br><blockquote type="cite"><div>On May 12, 2026, at 10:04 AM, Ben &lt;ben@firm.example&gt; wrote:</div><br><div>Is it signed?</div></blockquote></div></body></html>`,
	"proton":           `<div>Please file it.</div><div class="protonmail_quote">On Tuesday, Ben wrote:<br><blockquote class="protonmail_quote" type="cite">Is it signed?</blockquote></div>`,
	"zimbra":           `<div>Please file it.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>From: </b>"Ben"<br><b>Sent: </b>Tuesday</div><div data-marker="__QUOTED_TEXT__">Is it signed?</div>`,
	"gmx":              `<div>Please file it.</div><div name="quote" style="margin:10px 5px; border-left:2px solid #C3D9E5;"><div>Gesendet: Dienstag<br>Von: Ben</div><div name="quoted-content">Is it signed?</div></div>`,
	"spark":            `<div name="messageBodySection">Please file it.</div><div name="messageReplySection">On 12 May, Ben wrote:<br><blockquote>Is it signed?</blockquote></div>`,
	"front":            `<div>Please file it.</div><blockquote type="cite" class="front-blockquote">Is it signed?</blockquote>`,
	"notes":            `<font>Please file it.</font><br><br><table><tr><td>From: </td><td>Ben/NYC/FIRM@FIRM</td></tr><tr><td>To: </td><td>Alma/NYC/FIRM</td></tr><tr><td>Date: </td><td>05/12/2026 10:04 AM</td></tr><tr><td>Subject: </td><td>Pier 9</td></tr></table><hr><br>Is it signed?`,
	"notes, names":     `<font>Please file it.</font><br><br><font>Ben Okafor---05/12/2026 10:04:11 AM---Is it signed?</font><br><br>From: Ben Okafor/NYC/FIRM<br>To: Alma/NYC/FIRM<br>Date: 05/12/2026 10:04 AM<br>Subject: Pier 9<hr><p>Is it signed?`,
	"samsung":          `<div dir="auto">Please file it.</div><div><br></div><div align="left" dir="auto" style="font-size:100%;color:#000000"><div>-------- Original message --------</div><div>From: Ben &lt;ben@firm.example&gt; </div><div>Date: 12/05/2026  10:04  (GMT+00:00) </div><div>Subject: Pier 9 </div></div><div>Is it signed?</div>`,
}

func TestProgramsQuoteInHTML(t *testing.T) {
	for name, s := range htmlReplies {
		z := Split(&model.Mail{Parts: []model.TextPart{{HTML: true, Text: s}}})
		if z.New != "Please file it." || !strings.Contains(z.Quoted, "Is it signed?") {
			t.Errorf("%s: new %q, quoted %q, signature %q", name, z.New, z.Quoted, z.Signature)
		}
	}
}
