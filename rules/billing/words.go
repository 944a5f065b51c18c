package billing

import (
	"strings"

	"chancery/rules/text"
)

// phrasebook is phrases by the octet that they begin with, each list in its order.
type phrasebook [256][]phrase

// phrases reads phrases with "," between them, folded as texts are.
func phrases(list string) (of phrasebook) {
	for p := range strings.SplitSeq(list, ",") {
		words := strings.Fields(text.Fold(strings.TrimSpace(p)))
		c := words[0][0]
		of[c] = append(of[c], words)
	}
	return of
}

// at is how many words the first phrase has that stands at the beginning; 0 if none does.
func (b *phrasebook) at(words []string) int {
	for _, p := range b[words[0][0]] {
		if len(p) <= len(words) && p.stands(words) {
			return len(p)
		}
	}
	return 0
}

// has reports whether a word is one of the phrases.
func (b *phrasebook) has(word string) bool { return b.at([]string{word}) > 0 }

// oneOf reads words, apart by blanks, of which each is a phrase.
func oneOf(list string) phrasebook { return phrases(strings.Join(strings.Fields(list), ",")) }

func stems(list string) []string { return strings.Fields(text.Fold(list)) }

// stemSet is stems by their first two octets, as start numbers them with a third of 0.
type stemSet [1 << 10][]string

func anyStem(list string) (of stemSet) {
	for _, w := range stems(list) {
		at := start(w[0], w[1], 0) >> 5
		of[at] = append(of[at], w)
	}
	return of
}

// in reports whether one of the stems stands anywhere in a folded text.
func (t *stemSet) in(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		for _, w := range t[start(s[i], s[i+1], 0)>>5] {
			if strings.HasPrefix(s[i:], w) {
				return true
			}
		}
	}
	return false
}

// The words of Wording. A paragraph without one of the stems is passed over.
var (
	accountStems = anyStem("bank banc konto iban wire wiring account routing remittance payment ach rib compte cuenta datos rekening gegevens")
	hurryStems   = anyStem(`urgent immediate asap possible today tonight away hour day close eod cob dringend sofort umgehend unverzüglich heute eil
		immédiat aujourd vite délai inmediat hoy cuanto spoed onmiddellijk vandaag snel between talk call meeting discr diskr besprechung anruf réunion appel
		reunión llam vergadering bel`)

	// Two phrases for an account have none of accountStems.
	otherStems = anyStem("settlement zahlungsverbindung")

	accounts = phrases(`bank details, bank detail, banking details, bank account*, banking information, bank information, bank coordinates,
		account details, account number, account information, wire instructions, wiring instructions, wire details, wire transfer instructions,
		payment instructions, remittance instructions, remittance details, payment details, ach details, ach instructions, ach information,
		routing number, beneficiary account, settlement instructions, remit to account, iban, bank,
		bankverbindung*, kontoverbindung*, bankdaten, kontodaten, bankkonto, kontonummer*, zahlungsverbindung,
		coordonnées bancaires, compte bancaire, identité bancaire, rib, numéro de compte,
		datos bancarios, cuenta bancaria, número de cuenta, información bancaria,
		bankgegevens, rekeningnummer*, bankrekening*, betaalgegevens`)

	// What makes an account another one: beside it, or further off.
	fresh   = oneOf("new updated revised different other alternate neu neue neuen neuer neues nouveau nouvelle nouvelles nouveaux nuevo nueva nuevos nuevas nieuw nieuwe andere anderes otra otro autre autres")
	changes = oneOf(`changed change changing changes update updated amended revised replaced replace switched moved closed frozen
		geändert* geaendert* änder* aender* änderung* aktualisier* gewechselt umgestellt
		changé* changement* modifié* modification* actualisé*
		cambi* actualizad* modificad*
		gewijzigd* wijzig* veranderd aangepast*`)
	yours = stems("your ihre ihr votre vos su sus uw")

	// A change that did not happen, or only might.
	denials = stems(`not never no any if should unless without cannot nor whether unchanged
		nicht nie niemals kein keine keinerlei falls wenn sollte ohne jamais pas aucun aucune si sans nunca ninguno ninguna sin niet nooit geen indien als zonder`)
	denialsBehind = stems("never nie jamais nunca nooit nicht niet")

	paying = oneOf(`pay paying payment payments wire wires transfer transfers remit settle process
		zahl* bezahl* überweis* ueberweis* begleich* paie* paiement* virement* virer régler règlement pago pagos pagar transferencia transferir
		betaal* betal* overma* overschrij*`)
	hurries = phrases(`urgent*, immediate*, asap, as soon as possible, today, tonight, right away, within the hour, end of day, close of business, eod, cob,
		dringend*, sofort*, umgehend*, unverzüglich*, heute, eilig*, eilt,
		immédiat*, aujourd'hui, au plus vite, sans délai, inmediat*, hoy, cuanto antes, spoed*, onmiddellijk, vandaag, zo snel mogelijk`)
	favours  = oneOf("paid gift gutschein* geschenkkart* cadeaubon*")
	requests = phrases(`please, pls, kindly, need, can you, could you, would you, will you, want you to, are you able, have you, get, buy, purchase, arrange,
		bitte, brauche, kannst du, können sie, könntest du, könnten sie, besorg*, veuillez, merci de, peux tu, pouvez vous, besoin, achète*, achet*,
		necesito, puede*, por favor, compra*, graag, kun je, kunt u, nodig, alsjeblieft, alstublieft`)
	secrets = phrases(`between us, between you and me, don't call, do not call, can't talk, cannot talk, can not talk, can't take calls, cannot take calls,
		in a meeting, by email only, only by email, discreet*, discretion, nicht anrufen, in einer besprechung, diskret*,
		en réunion, discrétion, ne pas appeler, ne m'appelez pas, en una reunión, discreción, no llame, in een vergadering, discretie, niet bellen`)
)
