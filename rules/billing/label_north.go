package billing

// north are the words of Swedish, Danish and Norwegian invoices.
var north = []label{
	{invoiceCue, 3, true, "fakturanummer|fakturanr|faktura nr|faktura nummer|fakturans nummer|kreditnota nr|kreditnotanummer|kreditfaktura nr"},
	{invoiceCue, 1, true, "kreditnota|kreditfaktura"},
	{owedCue, 5, true, "att betala|summa att betala|belopp att betala|at betale|til betaling|beløb til betaling|å betale|sum å betale|beløp å betale"},
	{totalCue, 5, true, "fakturabelopp|fakturabeløb|fakturabeløp|fakturatotal|totalt inkl|total inkl. moms|totalt inkl. moms|i alt inkl. moms|sum inkl. mva|totalt inkl. mva|summa inkl. moms|totalbelopp inkl|totalsumma"},
	{totalCue, 4, true, "totalbelopp|totalbeløb|totalbeløp|i alt|total dkk|total sek|total nok"},
	{totalCue, 1, true, "totalt|summa|sum"},
	{otherSumCue, 0, true, "moms|mva|totalt exkl|summa exkl|exkl. moms|ekskl. moms|ekskl. mva|öresavrundning|øreavrunding|momsbelopp|momsbeløb|mva-beløp|delsumma|nettobelopp|nettobeløb|nettobeløp|påminnelseavgift|ingående saldo"},
	{dueCue, 5, true, "förfallodatum|förfallodag|förfaller|oss tillhanda|betalas senast|sista betalningsdag|forfaldsdato|forfald|forfalder|betalingsdato|sidste rettidige betalingsdag|betales senest|forfallsdato|forfall|betalingsfrist"},
	{dateCue, 5, true, "fakturadatum|fakturadato|fakturadag"},
	{dateCue, 1, true, "dato"},
	{otherDateCue, 0, true, "orderdatum|leveransdatum|ordredato|leveringsdato|bestillingsdato|utskriftsdatum|udskrevet"},
	{periodCue, 3, true, "avser perioden|faktureringsperiod|perioden|for perioden"},
	{termsCue, 3, true, "betalningsvillkor|betalingsbetingelser|betalingsbetingelse|betalingsvilkår"},
	{itemCue, 0, true, "antal|benämning|beskrivning|à-pris|belopp|beskrivelse|varenr|artikelnr|art.nr|stk. pris|beløb|beløp|antall|enhetspris"},
	{currencyCue, 0, true, "valuta"},
}
