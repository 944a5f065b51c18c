package journal

import (
	"database/sql"

	"chancery/internal/model"
)

// Located says where an item lies now, whoever put it there.
type Located struct {
	Ident model.Ident
	Ref   model.Ref
}

// locate moves the confirmed steps about items along with them: what is later told
// of the new place is then known to be about them.
func (t *tx) locate(source model.SourceID, at []Located) error {
	if len(at) == 0 {
		return nil
	}
	places := make(map[string]model.Ref, len(at))
	keys := make([]string, 0, len(at))
	for _, l := range at {
		key := t.j.keys.ident(l.Ident)
		if _, ok := places[key]; !ok {
			keys = append(keys, key)
		}
		places[key] = l.Ref
	}
	type row struct {
		id, place string
		result    []byte
	}
	var rows []row
	const query = `select id, ident_key, found_key, place_key, result from intent
		where source || '' = $1 and state || '' = 'confirmed' and kind in ('mark', 'file') and substr(ident_key, 1, 8) in`
	err := t.lookup(query, "", []any{string(source)}, prefixes(keys), func(r *sql.Rows) error {
		var id, ident, found, place string
		var sealed []byte
		if err := r.Scan(&id, &ident, &found, &place, &sealed); err != nil {
			return err
		}
		now, ok := places[ident]
		if !ok {
			return nil
		}
		key := t.j.keys.place(now)
		if key == place || place == "" && key == found {
			return nil
		}
		_, flags, err := t.j.keys.openResult(sealed, model.StepID(id))
		if err != nil {
			return err
		}
		sealed = t.j.keys.sealResult(model.Result{ID: model.StepID(id), Ref: now, Flags: flags})
		if key == found {
			key = "" // found_key says it already
		}
		rows = append(rows, row{id, key, sealed})
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := t.exec(`update intent set place_key = $1, result = $2 where id = $3`, r.place, r.result, r.id); err != nil {
			return err
		}
	}
	return nil
}
