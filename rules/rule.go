package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"

	"chancery/config"
	"chancery/internal/model"
)

const modeOff = config.Off

// rule is one compiled mail rule.
type rule struct {
	name, place string
	priority    int
	order       int // among all rules, from 0
	mode        config.Mode
	accounts    []string // mail accounts it is for; empty: every one
	folders     []string
	user        bool     // a person's own, from users.d
	switched    string   // file:line:col in users.d, of a rule as people switched it
	spreads     bool     // its condition asks about the thread
	files       bool     // it names the zone of attached files
	invites     bool     // it looks at the scheduling message of the mail
	doubts      bool     // it looks at the doubts about a bill
	env         *cel.Env // with its lets
	ages        *ageing  // nil: its condition does not change with time
	stop        bool
	lets        []let
	when        *expression
	unless      *expression
	near        map[string]near
	actions     []action
	keys        []key // nil: evaluated for every message
	uses        map[string]bool
	text        string // the condition as IT wrote it
}

type let struct {
	name string
	expr *expression
}

// action is one compiled entry of then. Exactly one field is set.
type action struct {
	mark   *model.Mark
	file   *pathTemplate
	letter *missive
}

// mailRules compiles every rule under mail: and orders them: higher priority
// first, then as they stand in the files.
func (c *compiler) mailRules(r *config.Rules) {
	marks := map[string]config.Mark{}
	for _, m := range r.Marks {
		marks[m.Name.Value] = m
	}
	g := &gater{terms: map[string]int{}, lists: map[string]int{}, marks: map[string]int{}, hints: c.hints}
	for i, m := range r.Marks {
		g.marks[m.Name.Value] = i
	}
	for i, t := range r.Terms {
		g.terms[t.Name.Value] = i
	}
	for i, l := range r.Lists {
		g.lists[l.Name.Value] = i
	}
	for _, in := range r.Mail {
		if out := c.mailRule(in, marks, g); out != nil {
			c.set.mail = append(c.set.mail, out)
		}
	}
	slices.SortStableFunc(c.set.mail, func(a, b *rule) int { return cmp.Compare(b.priority, a.priority) })
}

func (c *compiler) mailRule(in config.MailRule, marks map[string]config.Mark, g *gater) *rule {
	before := len(c.errs)
	out := &rule{
		name: in.Name.Value, place: in.Name.Pos.String(), priority: in.Priority, mode: in.Mode, stop: in.Stop,
		near: map[string]near{}, uses: map[string]bool{}, text: in.When.Source,
	}
	for _, f := range in.Folders {
		out.folders = append(out.folders, f.Value)
	}
	for _, a := range in.Accounts {
		out.accounts = append(out.accounts, a.Value)
	}
	out.user = in.User
	c.extracts(in, out)
	env, err := c.langs.extend(in.Extract)
	if err != nil {
		c.problem(in.Name.Pos, out.name, "prepare expressions: "+err.Error(), "")
		return nil
	}
	if env = c.lets(env, in, out); env == nil {
		return nil
	}
	out.when = c.condition(env, in.When, out.name)
	if in.Unless.Source != "" {
		out.unless = c.condition(env, in.Unless, out.name)
	}
	out.env = env
	out.spreads = out.asksThread()
	for _, t := range in.Then {
		c.action(env, t, marks, out)
	}
	if c.errs[before:].Fatal() || out.when == nil {
		return nil
	}
	out.nameFiles()
	out.ages = c.ageingOf(out)
	c.gateOf(g, in, out)
	return out
}

func (c *compiler) extracts(in config.MailRule, out *rule) {
	for _, e := range in.Extract {
		kind := e.Kind.Value
		switch want, fixed := builtin[e.Name.Value]; {
		case extractTypes[kind] == nil:
			c.problem(e.Kind.Pos, out.name, fmt.Sprintf("unknown kind %q", kind), suggest(kind, slices.Collect(maps.Keys(extractTypes))))
			continue
		case fixed && want != kind, e.Name.Value == "ledes":
			c.problem(e.Name.Pos, out.name, fmt.Sprintf("x.%s is always there and is not of kind %s", e.Name.Value, kind), "choose another name")
			continue
		}
		words := make([]string, len(e.Near))
		for i, w := range e.Near {
			words[i] = w.Value
		}
		out.near[e.Name.Value] = near{kind, words}
	}
}

// lets compiles the named values in order; each may use those above it.
func (c *compiler) lets(env *cel.Env, in config.MailRule, out *rule) *cel.Env {
	for _, l := range in.Let {
		for _, v := range env.Variables() {
			if v.Name() == l.Name.Value {
				c.problem(l.Name.Pos, out.name, fmt.Sprintf("the name %q is already taken", l.Name.Value), "choose another name")
				return nil
			}
		}
		e := c.compile(env, l.Expr, out.name)
		if e == nil {
			return nil
		}
		next, err := env.Extend(cel.Variable(l.Name.Value, e.ast.OutputType()))
		if err != nil {
			c.problem(l.Name.Pos, out.name, fmt.Sprintf("%q cannot be a name", l.Name.Value), "letters, digits and _")
			return nil
		}
		out.lets = append(out.lets, let{l.Name.Value, e})
		e.uses(out.uses)
		env = next
	}
	return env
}

func (c *compiler) action(env *cel.Env, t config.Then, marks map[string]config.Mark, out *rule) {
	switch {
	case t.Star:
		out.actions = append(out.actions, action{mark: &model.Mark{Name: "star", Flagged: true}})
	case t.Mark != nil:
		m, ok := marks[t.Mark.Value]
		if !ok {
			c.problem(t.Mark.Pos, out.name, fmt.Sprintf("there is no mark %q", t.Mark.Value), suggest(t.Mark.Value, slices.Collect(maps.Keys(marks))))
			return
		}
		shows := markOf(m)
		out.actions = append(out.actions, action{mark: &shows})
	case t.Note != nil:
		c.letter(env, t.Note, false, out)
	case t.Draft != nil:
		c.letter(env, t.Draft, true, out)
	case t.File != nil:
		if p := c.path(env, t.File, out.name); p != nil {
			for _, part := range p.parts {
				part.expr.uses(out.uses)
			}
			out.actions = append(out.actions, action{file: p})
		}
	}
}

// gateOf finds the rule's keys and warns when it must run on every message and
// is not cheap.
func (c *compiler) gateOf(g *gater, in config.MailRule, out *rule) {
	g.files, g.aged = out.files, out.ages != nil
	if ks := g.keys(out.when.root()); ks != nil && (len(ks) == 0 || g.worth(ks) > 0) {
		out.keys = ks
	}
	when := map[string]bool{}
	out.when.uses(when)
	if out.keys == nil && out.mode != modeOff && (costly(when) || costly(out.uses)) {
		c.warn(in.When.Pos, out.name, "the rule runs on every message",
			"add a condition with terms, a list of senders or fixed words, so that most mail can be passed over")
	}
	out.when.uses(out.uses)
	out.unless.uses(out.uses)
	out.invites = out.uses["msg.invite"]
	out.doubts = out.asksDoubts()
}

// scopeFor makes the variables of the rule for one message.
func (r *rule) scopeFor(f *facts, assume *found) (*scope, *extracted) {
	x := &extracted{f: f, near: r.near, matter: assume, assume: assume != nil}
	// The type of x differs from rule to rule, but its getters come from the
	// checked expression; any kind serves as its label here.
	return &scope{f: f, x: record{extractedKind, x}, files: r.files}, x
}

// extractedKind labels the values of x.
var extractedKind = newKind("x", nil)

// match evaluates lets, when and unless.
func (r *rule) match(s *scope) (bool, error) {
	if len(r.lets) > 0 {
		s.lets = make(map[string]ref.Val, len(r.lets))
		for _, l := range r.lets {
			v, err := l.expr.eval(s)
			if err != nil {
				return false, err
			}
			s.lets[l.name] = v
		}
	}
	ok, err := r.when.holds(s)
	if err != nil || !ok || r.unless == nil {
		return ok, err
	}
	not, err := r.unless.holds(s)
	return !not && err == nil, err
}
