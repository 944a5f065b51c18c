package imap

import (
	"strings"

	"chancery/internal/model"
)

// Gmail shows labels, not keywords (X-GM-EXT-1). Among flags a label is written
// "gm:" and its name, so that a mark that became a label is compared, carried
// along and missed like any other.
const (
	labelPrefix = "gm:"
	maxLabels   = 100
	maxLabel    = 200 // octets of one label on the wire
)

// labelFor returns the label of a mark as a flag; "" where there are none.
func (s *Source) labelFor(m model.Mark) string {
	if m.Gmail == "" || !s.c.caps["X-GM-EXT-1"] || len(encodeName(m.Gmail)) > maxLabel || strings.HasPrefix(m.Gmail, `\`) {
		return "" // a backslash begins Gmail's own labels, such as \Inbox
	}
	return labelPrefix + m.Gmail
}

func (s *Source) labelItem() string {
	if s.c.caps["X-GM-EXT-1"] {
		return " X-GM-LABELS"
	}
	return ""
}

// withLabels adds the labels of a FETCH response to its flags. Gmail's own labels
// are left out: they say in which mailboxes the message is.
func withLabels(flags model.Flags, items map[string]value) model.Flags {
	for _, v := range items["X-GM-LABELS"].list {
		if v.kind == '(' || v.s == "" || v.s[0] == '\\' || len(v.s) > maxLabel || len(flags) > maxLabels {
			continue
		}
		name, err := decodeName(v.s)
		if err != nil {
			name = v.s
		}
		flags = append(flags, labelPrefix+name)
	}
	return flags
}

// divide parts labels from flags.
func divide(all []string) (flags, labels []string) {
	for _, f := range all {
		if label, ok := strings.CutPrefix(f, labelPrefix); ok {
			labels = append(labels, label)
		} else {
			flags = append(flags, f)
		}
	}
	return flags, labels
}

// label adds ("+") or takes away ("-") labels of messages of the selected mailbox.
// A label that does not exist yet is made by it.
func (s *Source) label(uids []uint32, sign string, labels []string) error {
	if len(labels) == 0 || !s.c.caps["X-GM-EXT-1"] {
		return nil
	}
	k := cmd("UID STORE %s %sX-GM-LABELS (", formatSet(uids), sign)
	for i, l := range labels {
		if i > 0 {
			k.text(" ")
		}
		k.text(quote(encodeName(l)))
	}
	_, err := s.run(k.text(")"), nil)
	return err
}

// quote writes printable ASCII as a quoted string (RFC 3501 section 4.3).
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
