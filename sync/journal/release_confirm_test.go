package journal

import (
	"testing"

	"chancery/internal/model"
)

// The first word of a person stands, but a hold that was moved may be confirmed.
func TestReleaseConfirmed(t *testing.T) {
	engines(t, func(t *testing.T, fresh func(testing.TB) Options) {
		j := open(t, fresh(t))
		l := claim(t, j, "gc-cal/holds")
		how := func(rs ...Release) string {
			t.Helper()
			commit(t, j, Turn{Lease: l, Now: start, Released: rs})
			got, err := j.Released(t.Context(), []model.Ident{"s:1"})
			if err != nil {
				t.Fatal(err)
			}
			return got["s:1"]["conflicts"]
		}
		say := func(how string) Release { return Release{Ident: "s:1", Rule: "conflicts", How: how} }
		for _, step := range []struct {
			say  []Release
			want string
		}{
			{[]Release{say("edited"), say("edited")}, "edited"},
			{[]Release{say("deleted")}, "edited"},
			{[]Release{say("edited"), say("confirmed"), say("edited")}, "confirmed"},
			{[]Release{say("edited")}, "confirmed"},
			{[]Release{say("deleted")}, "confirmed"},
		} {
			if got := how(step.say...); got != step.want {
				t.Errorf("%+v: %q", step.say, got)
			}
		}
	})
}
