package rules

import (
	"slices"

	"cel.dev/cel-go/common/ast"

	"chancery/internal/model"
)

// Need says what the mail rules that are not off look at beyond the header of a
// message. A message that lacks the rest has the same plan, but for the words of
// its reasons: a rule that was true without the text cannot quote from it.
func (s *Set) Need() model.Need { return s.need }

// needs works out what Need says. What is not understood needs everything.
func (s *Set) needs() model.Need {
	w := wanting{matters: s.matters.Len() > 0}
	for _, r := range s.everyForm() {
		if r.mode == modeOff {
			continue
		}
		for _, l := range r.lets {
			w.expression(l.expr)
		}
		if r.files {
			w.file()
		}
		w.expression(r.when)
		w.expression(r.unless)
		for _, a := range r.actions {
			if a.letter != nil {
				for _, e := range a.letter.expressions() {
					w.expression(e)
				}
			}
			if a.file == nil {
				continue
			}
			if s.holds {
				w.matter() // what names a matter under legal hold stays where it is
			}
			for _, p := range a.file.parts {
				w.expression(p.expr)
			}
		}
	}
	return w.need
}

// everyForm is every rule, and every rule as people switched it.
func (s *Set) everyForm() []*rule {
	out := slices.Clone(s.mail)
	for _, sw := range s.switched {
		out = append(out, sw.is)
	}
	return out
}

// wanting gathers needs from expressions.
type wanting struct {
	need    model.Need
	matters bool // there is a matter to look for
}

func (w *wanting) expression(e *expression) {
	if e == nil {
		return
	}
	known := map[int64]bool{} // parts that the expression around them explains
	ast.PreOrderVisit(e.root(), ast.NewExprVisitor(func(n ast.Expr) {
		if known[n.ID()] {
			return
		}
		switch n.Kind() {
		case ast.IdentKind:
			w.name(n.AsIdent())
		case ast.SelectKind:
			op := n.AsSelect().Operand()
			if readsFile(e, op, n.AsSelect().FieldName()) {
				w.file()
			}
			if op.Kind() == ast.IdentKind && w.field(op.AsIdent(), n.AsSelect().FieldName()) {
				known[op.ID()] = true
			}
		case ast.CallKind:
			if zones := termZones(n.AsCall()); zones != nil {
				terms := n.AsCall().Target()
				known[terms.ID()], known[terms.AsSelect().Operand().ID()] = true, true
				for _, z := range zones {
					w.zone(z)
				}
			}
		}
	}))
}

// name takes a variable that stands alone: what is done with it is not followed.
func (w *wanting) name(name string) {
	switch name {
	case "msg":
		w.need.Text, w.need.Files, w.need.Invite, w.need.Bills = true, true, true, true
	case "terms", "x":
		w.need.Text, w.need.Files = true, true
	case "matters":
		w.matter()
	}
}

// matter is the search for matters: in texts, file names and LEDES files.
func (w *wanting) matter() {
	if w.matters {
		w.need.Text, w.need.Files = true, true
	}
}

// field takes a field of one of our variables and reports whether it is one.
func (w *wanting) field(of, name string) bool {
	switch {
	case of == "msg":
		w.message(name)
	case of == "x" && name == "matter":
		w.matter()
	case of == "x", of == "terms":
		w.need.Text, w.need.Files = true, true // both look at texts and file names
	default:
		return false
	}
	return true
}

// headerFields are the fields of msg that header, flags and size tell.
var headerFields = map[string]bool{
	"subject": true, "from": true, "from_name": true, "sender": true, "reply_to": true, "to": true, "cc": true, "rcpts": true,
	"message_id": true, "list_id": true, "sensitivity": true, "folder": true, "labels": true, "flags": true, "bulk": true,
	"account": true, "direction": true, "inside": true, "outside": true, "thread": true, "classification": true,
	"auto": true, "reply": true, "answered": true, "seen": true, "flagged": true, "size": true, "date": true, "arrived": true, "age": true,
	"auth": true, "proved": true,
}

func (w *wanting) message(name string) {
	switch {
	case headerFields[name]:
	case name == "files":
		w.need.Files = true
	case name == "bill":
		w.need.Bills, w.need.FileText, w.need.Files, w.need.Text = true, true, true, true
	case name == "invite":
		w.need.Invite, w.need.Text = true, true // some programs send it as a text
	case name == "text", name == "quoted", name == "signature", name == "footer",
		name == "encrypted": // an armoured message shows it in its text alone
		w.need.Text = true
	default:
		w.need.Text, w.need.Files = true, true
	}
}

func (w *wanting) zone(zone int) {
	switch zone {
	case zoneSubject:
	case zoneName, zoneFile:
		w.need.Files = true
	default:
		w.need.Text = true
	}
}

// termZones returns the zones of terms.<set>.within("subject", ...); nil if the
// call is not one, or its zones are not constants.
func termZones(c ast.CallExpr) []int {
	if c.FunctionName() != "within" || !c.IsMemberFunction() || fieldOf(c.Target(), "terms") == "" {
		return nil
	}
	found := []int{}
	for _, a := range c.Args() {
		word, ok := literal(a)
		if !ok {
			return nil
		}
		for zone, w := range zoneWords {
			if w == word {
				found = append(found, zone)
			}
		}
	}
	return found
}
