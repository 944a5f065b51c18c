package billdesk

import (
	"cmp"
	"maps"
	"math/big"
	"slices"

	"chancery/internal/model"
)

// sum is an amount that no number of bills can overflow.
type sum struct {
	minor big.Int
	n     int
}

func (s *sum) add(b *model.Bill) {
	s.minor.Add(&s.minor, big.NewInt(b.Amount))
	s.n++
}

// chart is when what is open in one direction and one currency is due; there is none
// of a single bar.
type chart struct {
	title    string
	currency string
	bars     []bar
}

type bar struct {
	label string
	late  bool
	share int // of the longest bar, in percent; at least 1 where there is something
	sum
}

// stretches are the bars of a chart: from so many days after today on.
var stretches = []struct {
	label string
	from  day
	late  bool
}{
	{"over 90 days late", -1 << 40, true}, {"61 to 90 days late", -90, true}, {"31 to 60 days late", -60, true}, {"1 to 30 days late", -30, true},
	{"due this week", 0, false}, {"due next week", weekDays, false}, {"due later", 2 * weekDays, false},
}

// total is what is open in one direction and one currency, by client and matter.
type total struct {
	title    string
	currency string
	rows     []row
	more     int
	all      sum
}

type row struct {
	client, matter string
	sum
}

// sum adds up what is open: every bill once, and never two currencies.
func (r *report) sum() {
	for _, way := range []struct {
		title string
		is    func(*model.Bill) bool
	}{{"To pay", toPay}, {"Owed to us", owed}} {
		per := map[string][]*model.Bill{}
		for _, b := range r.s.book.bills {
			if r.s.book.counts(b) && way.is(b) && amount(b) != "" {
				per[currency(b)] = append(per[currency(b)], b)
				if b.Due == 0 {
					r.undated++
				}
			}
		}
		order := slices.SortedFunc(maps.Keys(per), func(a, b string) int {
			return cmp.Or(-cmp.Compare(len(per[a]), len(per[b])), cmp.Compare(a, b))
		})
		for _, c := range order {
			title := way.title + " in " + cmp.Or(c, "a currency that is not named")
			r.totals = append(r.totals, totalOf(title+", by client and matter", c, per[c]))
			if ch := r.s.chartOf(title+", by due date", c, per[c]); len(ch.bars) > 1 && len(r.charts) < 2*maxCharts {
				r.charts = append(r.charts, ch)
			}
		}
	}
}

func (s *desk) chartOf(title, currency string, list []*model.Bill) chart {
	bars := make([]bar, len(stretches))
	for i, st := range stretches {
		bars[i] = bar{label: st.label, late: st.late}
	}
	for _, b := range list {
		if b.Due == 0 {
			continue
		}
		left := dayAt(b.Due) - s.today
		at := len(stretches) - 1
		for at > 0 && left < stretches[at].from {
			at--
		}
		bars[at].add(b)
	}
	bars = slices.DeleteFunc(bars, func(b bar) bool { return b.n == 0 })
	longest := new(big.Int)
	for i := range bars {
		if bars[i].minor.Cmp(longest) > 0 {
			longest.Set(&bars[i].minor)
		}
	}
	for i := range bars {
		if bars[i].minor.Sign() > 0 {
			share := new(big.Int).Mul(&bars[i].minor, big.NewInt(100))
			bars[i].share = max(1, int(share.Div(share, longest).Int64()))
		}
	}
	return chart{title: title, currency: currency, bars: bars}
}

func totalOf(title, currency string, list []*model.Bill) total {
	t := total{title: title, currency: currency}
	at := map[[2]string]int{}
	for _, b := range list {
		key := [2]string{client(b), matter(b)}
		i, ok := at[key]
		if !ok {
			i = len(t.rows)
			at[key], t.rows = i, append(t.rows, row{client: key[0], matter: key[1]})
		}
		t.rows[i].add(b)
		t.all.add(b)
	}
	slices.SortStableFunc(t.rows, func(a, b row) int { return -a.minor.Cmp(&b.minor) })
	t.more = max(0, len(t.rows)-maxRows)
	t.rows = t.rows[:len(t.rows)-t.more]
	slices.SortStableFunc(t.rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.client, b.client), cmp.Compare(a.matter, b.matter))
	})
	return t
}

// rank puts what belongs to no client last.
func rank(r row) int {
	switch {
	case r.client != "":
		return 0
	case r.matter != "":
		return 1
	}
	return 2
}
