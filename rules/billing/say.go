package billing

import "strings"

// doubtWords says what a doubt means.
var doubtWords = map[string]string{
	DoubtBank:            "it wants to be paid to another account than before",
	DoubtLookAlike:       "the sender's domain only looks like a known one",
	DoubtImpersonation:   "a sender outside has the name of one of our people",
	DoubtBankWords:       "it speaks of a new bank account",
	DoubtUnauthenticated: "our mail server could not prove the sender",
	DoubtReplyTo:         "answers would go to another domain",
	DoubtUrgent:          "it hurries the payment, or wants nobody asked",
	DoubtNotTheirs:       "it calls a bill paid that is not the sender's",
	DoubtNumber:          "the number or the amount does not fit the bill it names",
	DoubtBankFirst:       "the first bank account this vendor names",
	DoubtFirstSeen:       "the first bill of this vendor",
}

// SayDoubt says in words what a doubt means; "" for a code that is none.
func SayDoubt(code string) string { return doubtWords[code] }

// Mild reports whether a doubt is only told: it raises no alarm.
func Mild(code string) bool { return code == DoubtBankFirst || code == DoubtFirstSeen }

// SayDoubts says those of the doubts in words that raise an alarm, with semicolons
// between them; "" if none does.
func SayDoubts(codes []string) string {
	var out []string
	for _, code := range codes {
		if words := doubtWords[code]; words != "" && !Mild(code) {
			out = append(out, words)
		}
	}
	return strings.Join(out, "; ")
}

// layerWords go before the earlier bill.
var layerWords = map[string]string{
	LayerNumber: "has the same number as",
	LayerFile:   "is the same file as",
	LayerAmount: "asks for the same amount as",
	LayerNear:   "is much like",
}

// SayLayer says what a bill has in common with the earlier one that it repeats, as the
// beginning of a sentence about that one: "has the same number as".
func SayLayer(layer string) string {
	if words := layerWords[layer]; words != "" {
		return words
	}
	return "seems to repeat"
}

// SayFault says in words what a code of LedesCodes means; "" for a code that is none.
func SayFault(code string) string {
	for i := range ledesCodes {
		if ledesCodes[i].Code == code {
			return ledesCodes[i].Means
		}
	}
	return ""
}
