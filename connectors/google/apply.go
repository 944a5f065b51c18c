package google

import (
	"context"
	"strconv"

	"chancery/connectors"
	"chancery/internal/model"
)

// maxTries bounds how often a step looks again after losing a race.
const maxTries = 3

// Apply writes and withdraws holds, and amends events of others.
func (s *Source) Apply(ctx context.Context, steps []model.Step) ([]model.Result, error) {
	ctx, done := s.bound(ctx)
	defer done()
	var out []model.Result
	for _, step := range steps {
		r, err := s.apply(ctx, step)
		if err != nil {
			return out, s.failed(err)
		}
		r.ID = step.ID
		out = append(out, r)
	}
	return out, nil
}

func (s *Source) apply(ctx context.Context, step model.Step) (model.Result, error) {
	if s.o.ReadOnly || !s.canWrite {
		return refused("read-only"), nil
	}
	switch a := step.Action.(type) {
	case model.Hold:
		return s.hold(ctx, a)
	case model.Withdraw:
		return s.withdraw(ctx, a)
	case model.Amend:
		return s.amend(ctx, a, step.Again)
	}
	return refused("not-mail"), nil
}

func refused(code string) model.Result {
	return model.Result{Outcome: model.Refused, Code: code}
}

// forItem splits errors: what concerns this event alone becomes its result, all
// else ends the call.
func forItem(err error) (model.Result, error) {
	r, ok := asRefusal(err)
	if !ok {
		return model.Result{}, err
	}
	code := "http-" + strconv.Itoa(r.status)
	switch e := classify(r); {
	case e.Class == connectors.Throttled, r.status == 401, e.Code == "scope", e.Code == "api-disabled":
		return model.Result{}, err
	case r.status >= 500:
		return model.Result{Outcome: model.Later, Code: code}, nil
	case r.reason == "forbiddenForNonOrganizer":
		return refused("not-organizer"), nil
	case r.reason == "requiredAccessLevel" || r.reason == "forbidden":
		return refused("read-only"), nil
	}
	return refused(code), nil
}
