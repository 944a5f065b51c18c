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
// of the new place is then known to be about them. Steps that wait move along only
// when the UIDs of their mailbox lost their meaning: what a person took elsewhere
// is not followed.
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
	if err := t.locateWaiting(source, places, keys); err != nil {
		return err
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
		var was Intent
		if err := t.j.keys.openResult(sealed, model.StepID(id), &was); err != nil {
			return err
		}
		sealed = t.j.keys.sealResult(model.Result{ID: model.StepID(id), Ref: now, Flags: was.Flags, Added: was.Added, Already: was.Already})
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

// locateWaiting gives steps that were not sent the new UIDs of their messages.
func (t *tx) locateWaiting(source model.SourceID, places map[string]model.Ref, keys []string) error {
	type row struct {
		id, found string
		body      []byte
	}
	var rows []row
	const query = `select id, ident_key, body from intent
		where source || '' = $1 and state || '' in ('planned', 'held') and kind in ('mark', 'file') and substr(ident_key, 1, 8) in`
	err := t.lookup(query, "", []any{string(source)}, prefixes(keys), func(r *sql.Rows) error {
		var id model.StepID
		var ident string
		var sealed []byte
		if err := r.Scan(&id, &ident, &sealed); err != nil {
			return err
		}
		now, ok := places[ident]
		if !ok {
			return nil
		}
		s, group, err := t.j.keys.openBody(sealed, id)
		if err != nil {
			return err
		}
		if s.Ref.Mailbox != now.Mailbox || s.Ref.UIDValidity == now.UIDValidity {
			return nil
		}
		s.Ref = now
		sealed, err = t.j.keys.sealBody(s, group)
		rows = append(rows, row{string(id), t.j.keys.place(now), sealed})
		return err
	})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := t.exec(`update intent set found_key = $1, body = $2 where id = $3`, r.found, r.body, r.id); err != nil {
			return err
		}
	}
	return nil
}
