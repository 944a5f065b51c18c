package billing

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// trait is what one word of a label says. A label of a language, or in a wording, that
// no list of labels has is told by the traits of its words.
type trait uint32

const (
	ofBill   trait = 1 << iota // names the paper: "invoice"
	ofNumber                   // "number", "no"
	ofDay                      // "date"
	ofIssue                    // "issued"
	ofDue                      // "due", "deadline"
	ofPaying                   // "pay"
	until                      // "by", "before"
	ofSum                      // "total", "amount"
	ofNet                      // before tax
	ofTax
	withTax
	ofOther  // something else has this number, date or amount: an order, a delivery, a bank
	ofItem   // a column of what is sold: "price", "hours"
	ofBefore // what was paid, or was owed before
)

// fact is what a label announces.
type fact uint8

const (
	noFact fact = iota
	otherFact
	numberFact
	dateFact
	dueFact
	sumFact
)

// stemWords are the beginnings of words in the languages of Europe, without accents. "*"
// stands before one that may be inside of a word, "=" before a whole word.
var stemWords = []struct {
	of    trait
	words string
}{
	{ofBill, "invoic bill =inv *rechnung beleg quittung honorarnot gutschrift *factur *fattur *fatur *faktur lasku =lasku arve rekin saskait racun szaml τιμολογ παραστατικ αποδειξ фактур счет рахунок рачун receipt kvitt kviter " +
		"ricevut parcell recib *=recu doklad document dokument =fis makbuz belge bonnr *notanummer bolletta rachun paragon ticket folio reikning reikn =nota =ereloonnota =honorarnota kreditnot statement"},
	{ofNumber, "*number *nummer *numer =no =nr =nro =nos =num =n =nº =n° =# № =№ numar cislo =cis =c *szam *sorszam =broj =br =st stevilk αριθμ =αρ номер номор =бр numur =nrs =id *=ref referen refer numara =numarasi seri"},
	{ofDay, "=date =dated *datum =data =datas *dato fecha =pvm *paivam *paivay *paiva =kelt kelte =dat dates *kuupaev datums =tarih tarihi ημερομην =ημ dag =dags *dagsetn дата data =dt =day *tag =dzien =dnia dne"},
	{ofIssue, "issu emis emit emess *ausstell ausgest erstell vystav izdav izdaj izdano kiallit emiter emiteri *utfard udsted utsted wystaw duzenle εκδοσ изда israsym israsyt izrakst eman laadim raised emesso expedi utgiv gutgef vytvor"},
	{ofDue, "*due fallig *falligk faell echeanc vencim vence =venc scaden =scad *verval splat esedek hatarid *termen scadent dospij dospe zapad *tahtaeg *tahtpaev termin *deadline ληξη ληξ падеж срок vade =son *forfall *forfald *forfal erapaiv erap =rok " +
		"*frist zahlungsziel exigib venciment limit =gjalddagi eindag =valuta дедлаин spatest hiljem uiterl"},
	{ofPaying, "pay =paie paiement =tillhanda =settle *zahl begleich pagar pagament paga pago *betal *betaal =maken *maks tasum tasuda tasu *apmaks *moket plat plac placanj placil *odeme odenecek odenec fizet *uhrad zaplat zaplac πληρω плащ оплат regler reglem *voldoen voldoen settle remit owing owe dus greid liquid clear сплат"},
	{until, "by before =bis =prior avant antes =entro =ate until =till =iki =lidz =do senast senest innen vor voor =voor pred εως до най =inntil hiljemalt =jusqu latest =within"},
	{ofSum, "*total *sum =sum *summa *summe *gesamt totaal *betrag amount iznos znesek kwot castk osszes *osszeg *vegosz kopā kopa kopej =viso *suma συνολ ποσο сума обща общо всичк итог всего сумм toplam tutar yhteens loppusumm kokku celk spolu ukupn sveukup skupaj " +
		"razem ogol *belop *belob =alt importe importo import montant valor =saldo balance solde gross *brutt celkov naleznos upphaed =plačilo вартіст всьог"},
	{ofNet, "=net =netto nett neto veroton =bez =be kaibemaksuta =ht fara =sin excl *exkl *ekskl =ohne zonder osnov zaklad =base imponib *subtot *zwischen *delsum sous medzis mezis *reszosszeg καθαρ основ *без iliquid =uden =utan =uten =untaxed taxable vmerk hors valisum kaibemaksut podst"},
	{ofTax, "=tax taxes =tva =iva =vat *mwst =ust *umsatzst *mehrwert =moms *momsbel =mva =btw =dph =pdv =ddv =pvn =pvm =kdv =alv =afa φπα =φπα ддс ндс *steuer *kaibemaks =gst =hst =pst =km =пдв =igic =vsk impuest impost"},
	{withTax, "*incl *inkl *inclu =ttc =com =con =s =so =z =ar =su dahil με =με =μετα =с =med =cu =avec =with =mit tvac =ivato sisald"},
	{ofOther, "=issuer agreement engagement order *order *bestell *auftrag commande pedido ordin objedn *rendel *tilaus tellim pasut užs uzsak narudz naroc παραγγελ поръч заказ siparis zamow encomend comand ordre purchase =po замовл kaup kitting " +
		"custom client *kund *klant asiak zakaz zakazn vevo =cod cliente klient πελατ клиент musteri strank kupc account konto *iban =bic swift klien kjop kober *member user username " +
		"deliver *liefer *leist livrais livra entreg consegn *lever dodan isporuk storitv teljesit livrari toimit tarne piegad pristat παραδοσ доставк поставк sevk sprzed plneni ship servic perform prestat lliur удост izvrs afhend zdanitel uskut " +
		"=uid =ustid ustidnr =dic =ico =nip =cui =cif =nif =oib =eik =еик =tin siret siren =ein =org orgnr organis =cvr =ytunnus *adoszam =vkn =vergi =инн =αφμ =dni regon =kvk =abn =reg regist matric " +
		"tel telef =phone fax mobil =page *seite =stran period perioad obdob vertrag contract contrat kontrakt sopim lepingu policy meter zahler *zahlernr viit *viite =ocr =kid variab poziv sklic viitenum verwendung kozlem kozlemen " +
		"print drukow quote quotation angebot offert devis preventiv presup tilbud offer nabid =lieferschein project projekt progett proyect proiect matter case *akten dossier departure arrival check =gs hotel room zimmer birth valid gultig =auth =aid terminal approval =card visa mastercard " +
		"tracking sendung colli weight gewicht skonto discount *rabat escompt sconto korting popust zniz sleva *alennus *kedvezm soodust *avslag otstap remise rounding zaokr *avrund *oreavr pyorist contact kontakt ansprech subscri prepared signed bank *bank registr mandat *gebuhr *gebyr"},
	{ofItem, "qty quantit *menge unit description *beschreib bezeichn descri designat omschr *price *preis prix precio preco prezz *cena *prijs =rate hourly *hinta *pris hours *stunden =item items artikel article articol product produkt tuote antal antall aantal ilosc cantid quantid kolicin kolic mnozst pocet =ks =szt =kpl maara mennyis megnev naziv popis opis =nazwa kogus hind nimetus daudz nosauk kiek pavadin " +
		"ποσοτητ περιγραφ τιμη колич опис наименов цен кол ед miktar aciklam birim fiyat benamn beskriv vare timekeeper activit narrativ leistungsart cant einzel =text disbursement"},
	{ofBefore, "original =origine =origin apply =applies rectified corrected credited previous =last earlier forrig vorheri *vortrag precedent anteced predch poprz paid =received *bezahlt gezahlt *anzahl *vorschuss *vorausz acompte anticip acconto *betaald voorschot zaliczk zaplacono =betalt *forskud *forskott zaloh zalog predujam avans αρχικ deposit credit prepaid advance carried ubertrag brought retainer erhalten"},
}

// stemBook finds stems by their first three octets.
type stemBook struct {
	rows  [][]stem
	of    [1 << 15]uint16
	whole map[string]trait
}

type stem struct {
	word   string
	of     trait
	inside bool
}

var stemList = func() *stemBook {
	b := &stemBook{rows: make([][]stem, 1), whole: map[string]trait{}}
	for _, l := range stemWords {
		for _, w := range strings.Fields(l.words) {
			inside := strings.HasPrefix(w, "*")
			w = strings.TrimPrefix(w, "*")
			whole := strings.HasPrefix(w, "=")
			w = plainWords(strings.TrimPrefix(w, "="))
			if whole || len(w) < 3 {
				b.whole[w] |= l.of
				continue
			}
			at := start(w[0], w[1], w[2])
			if b.of[at] == 0 {
				b.of[at] = uint16(len(b.rows))
				b.rows = append(b.rows, nil)
			}
			row := &b.rows[b.of[at]]
			i := 0
			for i < len(*row) && len((*row)[i].word) >= len(w) {
				i++
			}
			*row = append((*row)[:i:i], append([]stem{{w, l.of, inside}}, (*row)[i:]...)...)
		}
	}
	return b
}()

// otherLetters are letters that are no others with an accent.
var otherLetters = strings.NewReplacer("\u0142", "l", "\u00f8", "o", "\u00e6", "ae", "\u0111", "d", "\u00df", "ss", "\u0131", "i", "\u00f0", "d", "\u00fe", "th", "\u2019", "'")

// plainWords writes words in lower case and without accents.
func plainWords(s string) string {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < 0x80
	}
	if ascii {
		return strings.ToLower(s)
	}
	s = strings.ToLower(s)
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
	return otherLetters.Replace(s)
}

// inWord reports whether a character belongs to a word of a label.
func inWord(c byte) bool { return alnum(c) || c == '#' }

// traits are what the words of a label say.
func (b *stemBook) traits(label string) (of trait) {
	s := plainWords(label)
	if rest, ok := strings.CutPrefix(s, "credit "); ok && (strings.HasPrefix(rest, "memo") || strings.HasPrefix(rest, "note")) {
		s, of = rest[4:], ofBill // no credit that was there before
	}
	for i := 0; i < len(s); i++ {
		if !inWord(s[i]) {
			continue
		}
		end := i
		for end < len(s) && inWord(s[end]) {
			end++
		}
		of |= b.word(s[i:end])
		i = end
	}
	return of
}

func (b *stemBook) word(w string) (of trait) {
	if t, ok := b.whole[w]; ok {
		return t
	}
	for i := 0; i+2 < len(w); i++ {
		n := 1
		for _, p := range b.rows[b.of[start(w[i], w[i+1], w[i+2])]] {
			if (p.inside || i == 0) && strings.HasPrefix(w[i:], p.word) {
				of |= p.of
				n = max(n, len(p.word))
				break
			}
		}
		if n == 1 && i > 0 && len(w)-i <= 3 {
			of |= b.whole[w[i:]] & ofNumber // "laskunro", "fakturanr"
		}
		i += n - 1
	}
	return of
}

// fact is what a label with these traits announces, and how surely, from 1 to 3.
func (t trait) fact() (fact, int) {
	has := func(of trait) bool { return t&of != 0 }
	switch {
	case t == 0:
		return noFact, 0
	case has(ofItem), has(ofOther) && !(has(ofPaying) && has(ofSum)), has(ofBefore):
		return otherFact, 0
	case has(ofDue) && !has(ofSum):
		if has(ofDay | ofPaying) {
			return dueFact, 3
		}
		return dueFact, 2
	case has(ofPaying) && has(until):
		return dueFact, 3
	case has(ofBill) && has(ofDay) && !has(ofSum):
		return dateFact, 3
	case has(ofIssue) && has(ofDay):
		return dateFact, 3
	case has(ofBill) && has(ofNumber) && !has(ofSum):
		return numberFact, 3
	case has(ofTax) && !has(withTax|ofPaying):
		return otherFact, 0
	case has(ofNet) && !has(ofPaying):
		return otherFact, 0
	case has(ofSum) && has(ofPaying|withTax|ofDue):
		return sumFact, 3
	case has(ofSum) && has(ofBill):
		return sumFact, 3
	case has(ofSum):
		return sumFact, 2
	case has(ofPaying):
		return sumFact, 1
	case has(ofIssue):
		return dateFact, 2
	case has(ofDay):
		return dateFact, 1
	case has(ofBill):
		return numberFact, 2
	case has(ofNumber):
		return numberFact, 1
	}
	return noFact, 0
}
