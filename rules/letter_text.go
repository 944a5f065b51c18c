package rules

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"chancery/internal/model"
)

// write says what the letter says of one message. missing names what there is no
// value for.
func (l *missive) write(vars cel.Activation, v model.View) (body model.NoteBody, missing string, err error) {
	subject, err := render(l.subject, vars)
	if err != nil {
		return body, "", err
	}
	text, err := render(l.text, vars)
	if err != nil {
		return body, "", err
	}
	to, left, missing, err := l.recipientsFor(vars, v)
	if err != nil || missing != "" {
		return body, missing, err
	}
	body = model.NoteBody{Date: model.UnixTime(v.Now.Unix()), Subject: line(subject), Text: lines(text)}
	if left > 0 {
		body.Text = "[" + types.Int(left).ConvertToType(types.StringType).Value().(string) + " more recipients are not in To:]\n\n" + body.Text
	}
	if len(to) > 0 {
		body.To, body.More = to[0], to[1:]
	}
	if l.draft {
		body.From = v.Desk.From
	}
	switch "" {
	case body.Subject:
		return body, "the subject", nil
	case strings.TrimSpace(body.Text):
		return body, "the text", nil
	}
	return body, "", nil
}

// render puts values in.
func render(parts []letterPart, vars cel.Activation) (string, error) {
	var b strings.Builder
	for _, p := range parts {
		if b.Len() > maxLetterText {
			break
		}
		if p.expr == nil {
			b.WriteString(p.literal)
			continue
		}
		v, err := p.expr.eval(vars)
		if err != nil {
			return "", err
		}
		b.WriteString(shortOf(phrase(v), maxLetterText))
	}
	return b.String(), nil
}

// phrase writes a value into a letter: a list with commas, a time as its date.
func phrase(v ref.Val) string {
	if at, ok := v.(types.Timestamp); ok {
		if at.Equal(noTime) == types.True {
			return ""
		}
		return at.Format(time.DateOnly)
	}
	if list, ok := v.(interface{ Size() ref.Val }); ok && v.Type() == types.ListType && list.Size() == types.IntZero {
		return ""
	}
	return strings.Join(allTexts(v, maxRecipients), ", ")
}

// line makes text fit for a subject: one line, nothing invisible.
func line(s string) string {
	return shortOf(strings.Join(strings.Fields(visible(s)), " "), maxLetterSubject)
}

// lines makes text fit for a body: no control but the end of a line, nothing
// invisible.
func lines(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s)
	all := strings.Split(s, "\n")
	for i := range all {
		all[i] = strings.TrimRight(visible(all[i]), " \t")
	}
	return shortOf(strings.Trim(strings.Join(all, "\n"), "\n"), maxLetterText)
}

// visible takes out what nobody sees: controls, and format characters with which a
// sender could turn around or hide what a person reads over.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u200c' || r == '\u200d': // Persian and Indic words need them
			return r
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs), r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
}

// shortOf cuts s to so many octets at the border of a character.
func shortOf(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

func sortedSet(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
