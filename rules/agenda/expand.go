package agenda

import (
	"time"

	"chancery/internal/model"
)

// Expand lists the instances of e that touch [from, till).
func Expand(e *model.Event, zone *time.Location, from, till time.Time, limit int) ([]Instance, []string) {
	return nil, nil
}
