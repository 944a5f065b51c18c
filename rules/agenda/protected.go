package agenda

import "chancery/internal/model"

// Protected is time that meetings leave alone, although no event says so.
type Protected struct {
	Name  string
	Rank  int // a meeting needs a higher one to take the time
	Place string
	Hours []model.Hours // in the zone of the day
}
