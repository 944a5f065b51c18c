package billing

import "bytes"

// tasksIn returns the verbs of the tasks that a description names: more than one is
// what portals call block billing. A task begins with a verb of work at the beginning
// of the text or of a sentence, behind a semicolon or slash, or in a list. "Review and
// revise", "prepare for and attend" have one object and are one task. What comes from
// somebody ("letter and email from counsel") and what work is about ("call re: travel,
// conference dates") are things, not work: where both could be meant, it is a thing.
func tasksIn(f []byte) []string {
	var tasks []string
	begins, certain := true, true // a verb may stand here; a noun may not
	topic := false                // what follows says what the work is about
	same := false                 // nothing but verbs and joining words since the last verb
	for len(f) > 0 {
		i := bytes.IndexFunc(f, func(r rune) bool { return r == ';' || r == '.' || r == ',' || r == ' ' || r == '/' })
		if i < 0 {
			i = len(f)
		}
		word, lower := f[:i], string(bytes.ToLower(clipped(f[:i], 20)))
		if len(word) > 0 {
			verb := begins && workVerbs[lower]
			switch {
			case verb && (certain || verbBefore(f[i:]) && (!topic || finished(lower))):
				if !same {
					tasks = append(tasks, lower)
				}
				same = true
			default:
				same = same && joiningWords[lower]
			}
			topic = topic || topicWords[lower]
			begins, certain = lower == "and" || lower == "then", false
		}
		if i < len(f) {
			switch f[i] {
			case ';':
				begins, certain, same, topic = true, true, false, false
			case ',', '/':
				begins, certain = true, false
			case '.':
				// "J. Call", "No. 4", "Acme Corp. filed": only a whole word ends a sentence,
				// and the next one begins with a capital.
				begins, certain = false, false
				if next := bytes.TrimLeft(f[i+1:], " "); len(word) > 3 && len(next) > 0 && next[0] >= 'A' && next[0] <= 'Z' {
					begins, certain, same, topic = true, true, false, false
				}
			}
		}
		f = f[min(i+1, len(f)):]
	}
	return tasks
}

// finished reports whether a verb has a form that no noun has.
func finished(verb string) bool {
	n := len(verb)
	return n > 4 && (verb[n-2:] == "ed" || verb[n-3:] == "ing")
}

// verbBefore reports whether what stands behind a word lets it be a verb.
func verbBefore(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " ")
	switch {
	case len(rest) == 0:
		return false
	case rest[0] == ',' || rest[0] == '/':
		return true
	case !alnum(rest[0]) && rest[0] < 0x80 && rest[0] != '"' && rest[0] != '\'' && rest[0] != '(':
		return false
	}
	i := bytes.IndexAny(rest, " ,;./")
	if i < 0 {
		i = len(rest)
	}
	return !nounsFollow[string(bytes.ToLower(clipped(rest[:i], 20)))]
}

var (
	// joiningWords stand between verbs of one task.
	joiningWords = setOf(`and or for then further continue & to`)
	// topicWords begin what work is about.
	topicWords = setOf(`re re: regarding about concerning including include`)
	// nounsFollow tell that the word before them is a thing: what comes from somebody, and
	// the second half of a name such as "conference dates" or "interview notes".
	nounsFollow = setOf(`from of by re re: regarding dated was is were are received between dates date notes status memo memorandum results expenses
arrangements costs time itinerary schedule chain exchange string thread log logs recording materials list index deadlines deadline`)
)

var workVerbs = setOf(`review reviewed reviewing draft drafted drafting revise revised revising prepare prepared preparing attend attended attending
confer conferred conferring correspond corresponded analyze analyzed analyse analysed research researched call called telephone email emailed e-mail
meet met discuss discussed edit edited finalize finalized file filed travel traveled travelled conference interview interviewed negotiate negotiated
respond responded update updated study studied`)
