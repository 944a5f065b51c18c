package billing

import "bytes"

// tasksIn counts the tasks that a description names: what portals call block billing.
// A task begins with a verb of work at the beginning of the text or of a sentence,
// behind a semicolon or slash, or in a list. "Review and revise", "prepare for and
// attend" have one object and are one task, and what comes from somebody ("letter and
// email from counsel") is a thing, not work.
func tasksIn(f []byte) int {
	n := 0
	begins, certain := true, true // a verb may stand here; a noun may not
	same := false                 // nothing but verbs and joining words since the last verb
	before := []byte(nil)
	for len(f) > 0 {
		i := bytes.IndexFunc(f, func(r rune) bool { return r == ';' || r == '.' || r == ',' || r == ' ' || r == '/' })
		if i < 0 {
			i = len(f)
		}
		word, rest := f[:i], f[min(i+1, len(f)):]
		lower := bytes.ToLower(clipped(word, 20))
		switch {
		case len(word) == 0:
		case begins && workVerbs[string(lower)] && (certain || verbBefore(f[i:])) && (before == nil || !isLower(word)):
			if !same {
				n++
			}
			same = true
		default:
			same = same && joiningWords[string(lower)]
		}
		if len(word) > 0 {
			begins, certain, before = string(lower) == "and" || string(lower) == "then", false, nil
		}
		if i < len(f) {
			switch f[i] {
			case ';':
				begins, certain, same = true, true, false
			case ',', '/':
				begins, certain = true, false
			case '.':
				// "J. Call", "No. 4", "Acme Corp. filed": only a whole word ends a sentence,
				// and the next one begins with a capital.
				if begins = len(word) > 3; begins {
					certain, same, before = true, false, word
				}
			}
		}
		f = rest
	}
	return n
}

// verbBefore reports whether what stands behind a word lets it be a verb.
func verbBefore(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " ")
	if len(rest) == 0 {
		return false
	}
	if rest[0] == ',' || rest[0] == '/' {
		return true
	}
	if !letterOrDigit(rest[0]) {
		return false
	}
	i := bytes.IndexAny(rest, " ,;./")
	if i < 0 {
		i = len(rest)
	}
	return !nounsFollow[string(bytes.ToLower(clipped(rest[:i], 20)))]
}

func letterOrDigit(c byte) bool { return alnum(c) || c >= 0x80 || c == '"' || c == '\'' || c == '(' }

func isLower(word []byte) bool { return len(word) > 0 && word[0] >= 'a' && word[0] <= 'z' }

// joiningWords stand between verbs of one task.
var joiningWords = setOf(`and or for then further continue & to`)

// nounsFollow tell that the word before them is a thing.
var nounsFollow = setOf(`from of by re regarding dated was is were are received between`)

var workVerbs = setOf(`review reviewed reviewing draft drafted drafting revise revised revising prepare prepared preparing attend attended attending
confer conferred conferring correspond corresponded analyze analyzed analyse analysed research researched call called telephone email emailed e-mail
meet met discuss discussed edit edited finalize finalized file filed travel traveled travelled conference interview interviewed negotiate negotiated
respond responded update updated study studied`)
