package google

import (
	"context"

	"chancery/internal/model"
)

// amend is to come.
func (s *Source) amend(context.Context, model.Amend) (model.Result, error) {
	return refused("read-only"), nil
}
