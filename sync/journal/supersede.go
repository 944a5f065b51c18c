package journal

import (
	"database/sql"

	"chancery/internal/model"
)

// waiting is a step that was planned and not sent; a held one is too.
type waiting struct {
	id, ident, group, family, kind, rule string
}

// waitingFor returns the steps of items that were planned and not sent, and
// perhaps some of other items: the caller compares.
func (t *tx) waitingFor(idents []string) ([]waiting, error) {
	const query = `select id, ident_key, group_key, family, kind, rule from intent where state || '' in ('planned', 'held')
		and substr(ident_key, 1, 8) in`
	var out []waiting
	err := t.lookup(query, "", nil, prefixes(idents), func(r *sql.Rows) error {
		var w waiting
		err := r.Scan(&w.id, &w.ident, &w.group, &w.family, &w.kind, &w.rule)
		out = append(out, w)
		return err
	})
	return out, err
}

// supersedeOthers ends what the planned steps replace; steps of one turn never
// replace each other.
func (t *tx) supersedeOthers(planned []Planned) error {
	type about struct{ ident, group, family string }
	replaced := map[about]bool{}
	mine := map[string]bool{}
	var idents []string
	for _, p := range planned {
		mine[string(p.Step.ID)] = true
		if p.Supersede {
			i := t.j.keys.ident(p.Step.Ident)
			replaced[about{i, t.j.keys.group(p.Group), family(p.Step.Action.Kind())}] = true
			idents = append(idents, i)
		}
	}
	if len(idents) == 0 {
		return nil
	}
	ws, err := t.waitingFor(idents)
	if err != nil {
		return err
	}
	var ids []string
	for _, w := range ws {
		if !mine[w.id] && replaced[about{w.ident, w.group, w.family}] {
			ids = append(ids, w.id)
		}
	}
	return t.supersede(ids)
}

// supersedeReleased ends what a person overruled before it was sent. Taking away
// what we made ourselves goes on, and so do marks where a person rejected moves:
// they are set all the same, only a little later than usual.
func (t *tx) supersedeReleased(rs []keyedRelease) error {
	released, idents := releasedKeys(rs)
	ws, err := t.waitingFor(idents)
	if err != nil {
		return err
	}
	withdrawing := map[string]bool{model.Withdraw{}.Kind(): true, model.DropNote{}.Kind(): true, model.Unmark{}.Kind(): true, model.Return{}.Kind(): true}
	var ids []string
	for _, w := range ws {
		how, over := released[releaseKey{w.ident, w.rule}]
		if over && !withdrawing[w.kind] && (how != HowRejected || w.kind != model.Mark{}.Kind()) {
			ids = append(ids, w.id)
		}
	}
	return t.supersede(ids)
}

// supersede ends steps unless their worker marked them as sent meanwhile.
func (t *tx) supersede(ids []string) error {
	return t.lookup(`update intent set state = 'superseded', held_at = 0, ended_at = $1 where state || '' in ('planned', 'held') and id in`,
		` returning `+stepColumns, []any{millis(t.now)}, ids, t.logAs(string(StateSuperseded)))
}
