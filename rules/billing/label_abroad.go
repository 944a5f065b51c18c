package billing

// abroad are the words of German, French, Spanish, Italian, Dutch, Polish and Portuguese
// invoices.
var abroad = []label{
	{invoiceCue, 3, true, "rechnungsnummer|honorarrechnung nr|rechnungs-nr|rechnung nr|rechnungsnr|rechnung-nr|rechnungs nr|belegnummer|belegnr|gutschriftsnummer|honorarnote nr|kostennote nr"},
	{invoiceCue, 3, true, "facture no|facture n|numéro de facture|n° de facture|no de facture|n° facture|nº facture|réf. facture|référence facture|note d'honoraires n|avoir n"},
	{invoiceCue, 3, true, "factura no|factura n|número de factura|nº de factura|n.º de factura|num. factura|nº factura|fattura n|numero fattura|n. fattura|fattura nr|nota di credito n|fatura n|nota de crédito n"},
	{invoiceCue, 3, true, "factuurnummer|factuurnr|factuur nr|factuur nummer|faktura nr|faktura vat nr|nr faktury|numer faktury|faktura numer|rachunek nr|faktura nummer|fakturanummer|fakturanr"},
	{invoiceCue, 1, true, "rechnung|honorarnote|kostennote|facture|avoir|factura|fattura|factuur|faktura|gutschrift|fatura|honorarrechnung"},

	{owedCue, 5, true, "zu zahlen|zahlbetrag|zu zahlender betrag|offener betrag|fälliger betrag|zahlungsbetrag|net à payer|montant dû|montant à payer|reste à payer|total à payer|solde à payer|total a pagar|importe a pagar|a pagar|totale da pagare|netto a pagare|totale a pagare|importo da pagare|te betalen|te betalen bedrag|te voldoen|do zapłaty|razem do zapłaty|należność ogółem|pozostało do zapłaty|total a liquidar"},
	{totalCue, 5, true, "rechnungsbetrag|rechnungssumme|rechnungsendbetrag|summe inkl|summe brutto|bruttobetrag|gesamt brutto|gesamtbetrag brutto|gesamtbetrag inkl|brutto gesamt|total ttc|montant ttc|montant total ttc|total facture|importe total|total factura|total con iva|totale fattura|totale documento|totale iva inclusa|factuurbedrag|factuur totaal|totaal incl|totaal inclusief|totaalbedrag incl|wartość brutto|razem brutto|suma brutto|kwota brutto|ogółem brutto|total com iva"},
	{totalCue, 4, true, "gesamtbetrag|endbetrag|gesamtsumme|endsumme|montant total|total général|total general|totale complessivo|totaalbedrag|eindtotaal|łącznie|ogółem|valor total"},
	{totalCue, 1, true, "summe|gesamt|totale|totaal|razem|suma|toplam"},
	{otherSumCue, 0, true, "zwischensumme|nettobetrag|summe netto|netto|gesamt netto|ust. gesamt|mwst. gesamt|summe ust|übertrag|vortrag|saldovortrag|total ht|montant ht|sous-total|total tva|montant tva|base imponible|subtotal sin iva|total iva|imponibile|totale imponibile|subtotaal|totaal excl|totaal exclusief|totaal btw|btw bedrag|kwota vat|wartość netto|suma netto|razem netto|w tym|anzahlung|acompte|anticipo|rabatt|remise|skonto|bereits gezahlt|déjà payé|zapłacono"},

	{dueCue, 5, true, "fällig am|fällig bis|fälligkeit|fälligkeitsdatum|zahlbar bis|zahlbar bis zum|zahlbar bis spätestens|überweisen sie bis|überweisen sie bis zum|überweisen sie den betrag bis|zu überweisen bis|échéance|date d'échéance|date limite de paiement|à payer avant le|à régler avant le|vencimiento|fecha de vencimiento|pagar antes del|scadenza|data scadenza|data di scadenza|vervaldatum|te betalen voor|betalen voor|uiterste betaaldatum|termin płatności|termin zapłaty|płatne do|vencimento|data de vencimento"},
	{dueCue, 4, true, "bis zum|spätestens am|spätestens bis|zahlungsziel bis|avant le|payable le|antes del|entro il"},
	{receiptCue, 3, true, "sofort fällig|zahlbar sofort|sofort zahlbar|fällig nach erhalt|payable à réception|à réception|a la recepción|pago inmediato|vista fattura|bij ontvangst|per direct"},

	{dateCue, 5, true, "rechnungsdatum|belegdatum|ausstellungsdatum|date de facture|date de facturation|date facture|date d'émission|fecha de factura|fecha factura|fecha de emisión|data fattura|data documento|data di emissione|factuurdatum|factuur datum|data wystawienia|data faktury|wystawiono dnia|data da fatura|data de emissão"},
	{dateCue, 3, true, "vom|von|issue du|en date du|del|van|z dnia"},
	{dateCue, 1, true, "datum|fecha|data"},
	{otherDateCue, 0, true, "leistungsdatum|lieferdatum|auftragsdatum|bestelldatum|bestellung vom|lieferung vom|date de livraison|date de commande|fecha de entrega|fecha de pedido|data consegna|data ordine|leverdatum|orderdatum|besteldatum|data sprzedaży|data dostawy|data zamówienia|dok.fisk.nr|geburtsdatum"},
	{periodCue, 3, true, "leistungszeitraum|abrechnungszeitraum|rechnungszeitraum|für den zeitraum|im zeitraum|période|période de facturation|pour la période|periodo|período|periodo de facturación|periodo di riferimento|periode|factuurperiode|okres|okres rozliczeniowy"},

	{termsCue, 3, true, "zahlbar innerhalb|zahlungsfrist|zahlbar innert|zahlungsziel|zahlungsbedingungen|conditions de paiement|condiciones de pago|condizioni di pagamento|betalingstermijn|betaling binnen|warunki płatności"},
	{termsCue, 2, true, "innerhalb von|innert|sous|binnen"},
	{monthEndCue, 0, true, "fin de mois|monatsende|fin de mes|fine mese|einde maand"},

	{matterCue, 2, true, "aktenzeichen|unser zeichen|unser az|az|mandat|notre référence|notre réf|n. pratica|nuestra referencia|ons kenmerk|dossiernummer|sygnatura"},
	{itemCue, 0, true, "menge|produkt|artikel|bezeichnung|einzelpreis|preis|ust|ust.|mwst|quantité|désignation|prix unitaire|prix|cantidad|descripción|precio|quantità|descrizione|prezzo|aantal|omschrijving|prijs|hoeveelheid|ilość|nazwa towaru|nazwa|cena|lp|jm"},
	{currencyCue, 0, true, "währung|devise|moneda|valuta|waluta"},
}
