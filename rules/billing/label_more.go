package billing

import (
	"strings"

	"chancery/rules/text"
)

// more are words for which several ways of writing are common: shops, telephone and
// power companies, hotels, lawyers.
var more = []label{
	{0, 0, false, "original invoice|original invoice no|original invoice number|zu rechnung|zur rechnung|rectified invoice|credited invoice|invoice to|invoiced to|invoice address|rechnung an|rechnungsadresse|rechnungsanschrift|adresse de facturation|dirección de facturación|factuuradres|fakturaadress|fakturaadresse"},

	{invoiceCue, 3, true, "stornorechnung nr|storno-nr|rechnungskorrektur nr|abrechnung nr|abrechnungsnummer|abrechnungs-nr|rg.-nr|rg-nr|rechn.-nr|re.-nr|beleg-nr|beleg nr|schlussrechnung nr|abschlagsrechnung nr|liquidation nr|rechnung no"},
	{invoiceCue, 3, true, "numéro facture|référence de la facture|référence de facture|n° de la facture|numéro de la facture|facture numéro|facture nr|note d'honoraires no|facture n.|no. facture|no facture|numéro de document|n° document|reçu n"},
	{invoiceCue, 3, true, "factura núm|factura nro|factura simplificada|factura simplificada n|número factura|núm. factura|nº de la factura|núm. de factura|n. factura|n.º factura|n° factura|n° de factura|factura número|recibo n|numero documento|fattura num|fattura numero|numero della fattura|n° fattura|n.ro fattura|documento n|parcella n|ricevuta n|nota spese n"},
	{invoiceCue, 3, true, "número da fatura|número da nota|número da nota fiscal|nº da fatura|fatura nº|fatura-recibo|fatura recibo|fatura simplificada|nota fiscal n|número da nfs-e|nota de débito n"},
	{invoiceCue, 3, true, "notanummer|nota nummer|nota nr|factuur-nr|factuur no|faktuurnummer|faktuurnr|nummer factuur|creditnota nr|creditfactuurnummer|creditnota|nr faktury vat|faktura vat|faktura korygująca nr|numer faktury vat|faktura proforma nr|nr rachunku|numer dokumentu"},
	{invoiceCue, 2, false, "invoice n|invoice nr|inv nr|inv. nr|bill nr|bill ref|tax invoice nr|invoice ref no|receipt invoice no|commercial invoice no|vat invoice no|vat invoice number|sales invoice no|sales invoice number|document no|document number|debit note no|debit note number|folio no|folio number"},

	{owedCue, 5, true, "noch zu zahlen|restbetrag|restforderung|zahlender betrag|zu begleichen|nachzahlung|zu überweisen|zu überweisender betrag|verbleibender betrag|fällige summe|solde à régler|solde dû|net a payer|net à régler|somme à payer|montant total à payer|reste dû|montant à régler|à payer|pendiente|pendiente de pago|importe pendiente|saldo pendiente|total pendiente|totale dovuto|saldo a pagare|da pagare|totaal te betalen|totaal te voldoen|openstaand bedrag|nog te betalen|pozostaje do zapłaty|kwota do zapłaty|suma do zapłaty|valor a pagar|em dívida"},
	{owedCue, 5, false, "amount due this period|amount now due|amount due now|total to pay|to pay|amount payable by due date|balance to pay|new balance|please pay"},
	{totalCue, 5, true, "rechnungstotal|rechnungs-total|totalbetrag|gesamttotal|total brutto|gesamt inkl|gesamtsumme inkl|gesamtsumme brutto|gesamtpreis brutto|summe brutto eur|betrag brutto|betrag inkl|total inkl|total inkl. mwst|rechnungsbetrag brutto|total t.t.c|montant t.t.c|total tva incluse|total tvac|total général ttc|montant total de la facture|montant de la facture|montant total tvac|importe de la factura|importe factura|total iva incluido|importe total con iva|importo totale|importo fattura|totale fattura eur|totale (iva inclusa)|totaal factuur|bedrag incl|totaal inc|totaal bedrag incl|totaal inclusief btw|notabedrag|totaal kosten|wartość faktury|razem wartość brutto|do zapłaty brutto|brutto razem|valor total da fatura|total da fatura|total do documento|valor total da nota|valor total do serviço|valor total dos serviços|valor líquido da nota"},
	{totalCue, 5, false, "total for this bill|total of this bill|amount of this invoice|this invoice total|invoice total amount|total invoice value|total invoice amount|invoice value|total (incl. vat)|total (inc. vat)|total (inc vat)|total inc. tax|total with vat|total inc gst|total (incl. gst)|total amount incl|total charged|net payable|total (gst inclusive)|total price incl"},
	{totalCue, 4, true, "gesamtpreis|gesamtbetrag eur|total général eur|totale eur|totale euro|totaal eur|razem pln|total geral"},
	{totalCue, 1, true, "total eur|total chf|total euro|brutto"},
	{invoiceCue, 1, true, "note d'honoraires|état de frais|note de frais|note de débours|liquidation|parcella|nota spese|nota de honorarios|minuta de honorarios|nota de débito|declaratie"},
	{itemCue, 0, false, "amount|disbursement|disbursements|expense|atty|attorney|narrative|task|detail|details|line total|extension|duration|nights|hsn|hsn/sac|rate/hr|total price"},
	{itemCue, 0, true, "betrag|leistung|leistungen|einzel|text|montant|libellé|qté|référence article|importe|concepto|importo|q.tà|bedrag|kwota|wartość|qtd|descrição|valor unitário|preço"},
	{invoiceCue, 3, true, "bolletta n|bolletta numero|numero bolletta|laskun numero|laskunumero|faktura č|faktura - daňový doklad č|číslo faktury|daňový doklad č|számla sorszáma|számlaszám"},
	{invoiceCue, 2, false, "folio|folio #"},
	{totalCue, 4, true, "łączna kwota|gesamthonorar|gesamtrechnungsbetrag|gesamtkosten|yhteensä|celkem|celkem k úhradě|celkem s dph|fizetendő|bruttó összesen"},
	{owedCue, 5, true, "maksettava yhteensä|k úhradě"},
	{dueCue, 5, true, "eräpäivä|datum splatnosti|splatnost|fizetési határidő|zahlungseingang erbeten bis|zahlungseingang bis|erbeten bis|zahlbar zum|montant dû le|dus le"},
	{dueCue, 1, false, "payable"},
	{dateCue, 5, true, "laskun päivämäärä|laskupäivä|päiväys|datum vystavení|datum vystaveni|számla kelte"},
	{dateCue, 4, false, "billed|billed on"},
	{otherSumCue, 0, false, "amount payable after due date|amount after due date|payable after due date|after due date|total after due date|amount payable after"},
	{otherSumCue, 0, false, "tax|vat|sales tax|gst|cgst|sgst|igst|hst|pst|taxes|charges|fees|freight|handling|net|untaxed amount|net total|retainer applied|less retainer|retainer|deposit|less deposit|amount carried forward|carried forward|brought forward|page total|page subtotal|opening amount|previous dues|last bill|prepaid|less prepaid|advance|amount received|trust applied|courtesy discount|total before vat|total excl|total exc|total ex. vat|total without vat|taxable value|taxable total"},
	{otherSumCue, 0, true, "zwischentotal|warenwert|warenwert netto|nettosumme|gesamtnetto|gesamtbetrag netto|rechnungsbetrag netto|mehrwertsteuer|umsatzsteuer|vorschuss|abschlag|abschläge|geleistete zahlungen|bezahlt|geleistet|guthaben|versandkosten|steuerbetrag|gegenstandswert|provision|provision versée|total h.t|total htva|total hors taxes|tva|montant tva|solde précédent|ancien solde|déjà réglé|débours|honoraires ht|iva|cuota iva|irpf|importe neto|pagado|anticipos|total sin iva|spese|acconto|sconto|totale iva|btw|bedrag excl|totaal ex|korting|voorschot|voorschotten|betaalde voorschotten|netto|w tym vat|podatek vat|zaliczka|razem vat|total das deduções|base de cálculo|impostos|total sem iva|valor do iss|retenção"},

	{dueCue, 5, true, "zahlen sie bis|zahlen sie den betrag bis|zahlung bis|zahlung bis zum|begleichen sie bis|fällig zum|fälligkeitstag|zahlungsziel|zahlungstermin|zu zahlen bis|date de paiement limite|date échéance|date d'exigibilité|à régler pour le|payable avant le|à payer pour le|payable au plus tard le|fecha vencimiento|vence|fecha límite de pago|pagar antes de|data di pagamento|data pagamento|da pagare entro|pagamento entro|pagare entro|vervaldag|te betalen vóór|te voldoen voor|betaaldatum|gelieve te betalen voor|termin|do dnia|data płatności|płatność do|data vencimento|pagar até|data limite de pagamento|pagamento até|prazo de pagamento"},
	{dueCue, 5, false, "payment due by|payment due on|payment date due|last date of payment|last date for payment|to be paid by|please pay on or before|pay before|settle by|due date for payment|payable in full by|amount due by|total due by|balance due by|total amount due by|total amount due on|amount due on"},

	{dateCue, 5, true, "datum der rechnung|rechnung vom|rechnungs-datum|rg.-datum|rechn.-datum|abrechnungsdatum|date de la facture|émise le|facture du|date facturation|date émission|fecha de la factura|fecha de expedición|fecha emisión|fecha expedición|data della fattura|data emissione|data doc|data del documento|data fatt|datum factuur|notadatum|datum nota|factuur datum|datum wystawienia|data wystawienia faktury|wystawiona dnia|z dnia|data e hora de emissão|data emissão|data da nota|data do documento|emitida em"},
	{dateCue, 5, false, "invoice dt|inv date|inv. date|bill dt|date of bill|date of this bill|invoice issued|tax invoice date|date of invoicing|date invoiced|date raised|credit date"},
	{dateCue, 1, true, "le|den"},
	{otherDateCue, 0, false, "service from|next meter read|registration date|event date|event dates|valid until|valid from|booking date|date of supply|supply date|job completed|submitted to|ordered on|date of travel|date added|date received|served|received|expires|expiry date|date of deposition"},
	{otherDateCue, 0, true, "anreise|abreise|auftrag vom|ihr auftrag vom|ihre bestellung vom|ihre bestellung|ihr auftrag|vorschuss vom|liefertermin|leistung vom|druckdatum|gültig ab|date de la course|date de prestation|date d'impression|commande du|votre commande du|fecha de salida|fecha de devolución|fecha de entrada|fecha del pedido|fecha operación|data ordine|data consegna|ddt n|datum levering|besteldatum|data wydania|data wykonania usługi|data dostawy|data do pedido|data da encomenda|lieferschein"},
}

// folded are the labels with accents as people write them who have none on their
// keyboard: "termin platnosci", "echeance".
func folded(list []label) []label {
	var out []label
	for _, l := range list {
		var words []string
		for w := range strings.SplitSeq(l.words, "|") {
			if f := plainLetters.Replace(text.Fold(w)); f != w && len(f) >= 5 && !strings.ContainsFunc(f, func(r rune) bool { return r >= 0x80 }) && !strings.ContainsAny(w, "\u00b0\u00ba\u00df") {
				words = append(words, f)
			}
		}
		if len(words) > 0 {
			l.words = strings.Join(words, "|")
			out = append(out, l)
		}
	}
	return out
}

// plainLetters are letters that are no others with an accent.
var plainLetters = strings.NewReplacer("ł", "l", "ø", "o", "æ", "ae", "\u2019", "'")
