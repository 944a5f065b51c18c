package rules

import (
	"slices"

	"chancery/config"
	"chancery/internal/model"
)

// Marks returns every mark of the rule files, sorted by name: how a finding that a
// person marks by hand shows on a message.
func (s *Set) Marks() []model.Mark { return slices.Clone(s.marks) }

// markOf is how a mark of the rule files shows.
func markOf(m config.Mark) model.Mark {
	colour := m.Apple
	if colour == "grey" {
		colour = "gray" // the word of model.Mark
	}
	return model.Mark{Name: m.Name.Value, Keyword: m.Keyword, Thunderbird: m.Thunderbird, Apple: colour, Gmail: m.Gmail, Flagged: m.Flagged}
}
