package rules

import (
	"chancery/config"
	"chancery/rules/matter"
	"chancery/rules/text"
)

// Clients says whose matter a number is, as a file of somebody else writes it: the
// client of the one matter of the list that it names, else "". It is nil where no
// guideline asks.
func Clients(r *config.Rules) func(number string) string {
	if len(r.Billing.Guidelines) == 0 || len(r.Matters.List) == 0 {
		return nil
	}
	list, _ := matter.New(r.Matters)
	return clientsIn(list)
}

func clientsIn(list *matter.Index) func(number string) string {
	return func(number string) string {
		if m := oneMatter(list, number); m != nil {
			return m.Client
		}
		return ""
	}
}

// oneMatter is the matter of a list that a text names; nil if it names none, or
// several.
func oneMatter(list *matter.Index, named string) *config.Matter {
	if named == "" {
		return nil
	}
	var one *config.Matter
	for _, h := range list.FindFolded(text.Fold(named)) {
		if one != nil && one != h.Matter {
			return nil
		}
		one = h.Matter
	}
	return one
}
