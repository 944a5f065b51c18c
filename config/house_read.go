package config

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// house reads who we are. It stands in one file, like the matter list: two
// answers to that question would be none.
func (l *loader) house(f *file, n *yaml.Node) {
	b, ok := f.block(n, "house", "firm", "counsel", "authserv")
	if !ok {
		return
	}
	h := &l.cfg.Rules.House
	if h.Pos.Line > 0 {
		f.fail(f.at(n), "house: is set twice", "first at "+h.Pos.String())
		return
	}
	h.Pos = f.at(n)
	if n := b.get("firm"); n != nil {
		h.Firm = l.listName(f, n)
	}
	if n := b.get("counsel"); n != nil {
		h.Counsel = l.listName(f, n)
	}
	if n := b.get("authserv"); n != nil {
		ts, _ := f.texts(n, "[mx.firm.example]")
		h.AuthServ = f.servers(ts)
	}
	if len(b.values) == 0 && len(b.meant) == 0 {
		f.fail(h.Pos, "house: says nothing", "add firm: with the name of the list of your own people")
	}
}

// servers checks authserv-ids.
func (f *file) servers(ts []Text) (out []Text) {
	for _, t := range ts {
		if !validServer(t.Value) {
			f.fail(t.Pos, fmt.Sprintf("%q is not an authserv-id", clip(t.Value)), "copy it from an Authentication-Results line of your server: what stands before the first ;")
			continue
		}
		t.Value = strings.ToLower(t.Value)
		out = append(out, t)
	}
	return out
}

// listName reads the name of a list that some file defines.
func (l *loader) listName(f *file, n *yaml.Node) Text {
	if n.Kind == yaml.SequenceNode {
		f.fail(f.at(n), "expected the name of a list, found a list", "give it a name under lists:, and write the name here")
		return Text{}
	}
	t, ok := f.text(n)
	if !ok {
		return Text{}
	}
	if name, dotted := strings.CutPrefix(t.Value, "lists."); dotted {
		f.fail(t.Pos, fmt.Sprintf("there is no list %q", clip(t.Value)), "outside of conditions a list goes by its name alone: "+clip(name))
		return Text{}
	}
	l.listed = append(l.listed, namedUse{t, f.rule})
	return t
}

// validServer takes an authserv-id as servers write it: in practice a host name
// (RFC 8601 section 2.5).
func validServer(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`;="()<>@,\`, r) })
}

var guidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// guids reads sensitivity labels. Their names are another language in every
// tenant; their GUIDs stay.
func (l *loader) guids(f *file, n *yaml.Node) {
	if n == nil {
		return
	}
	es, _ := f.entries(n, "labels")
	for _, e := range es {
		usable := f.variable(e.name, "a label") && l.define(f, "label", e.name)
		ts, ok := f.texts(e.value, "[f42aa342-8706-4288-bd11-ebb85995028c]")
		if ok && len(e.value.Content) == 0 {
			f.warn(e.name.Pos, fmt.Sprintf("label %q has no GUID", e.name.Value), "no message ever has it")
		}
		label := Label{Name: e.name}
		for _, t := range ts {
			t.Value = strings.ToLower(strings.Trim(t.Value, "{}"))
			if !guidForm.MatchString(t.Value) {
				f.fail(t.Pos, fmt.Sprintf("%q is not the GUID of a label", clip(t.Value)), "write for example f42aa342-8706-4288-bd11-ebb85995028c; Get-Label in PowerShell lists them")
				continue
			}
			if first, dup := l.words["guid "+t.Value]; dup {
				f.fail(t.Pos, "this GUID is here twice", "first at "+first.String())
				continue
			}
			l.words["guid "+t.Value] = t.Pos
			label.GUIDs = append(label.GUIDs, t)
		}
		if usable {
			l.cfg.Rules.Labels = append(l.cfg.Rules.Labels, label)
		}
	}
}
