package billing

import (
	"cmp"
	"slices"
)

// maxAmounts bounds the amounts of a paper that are added up.
const maxAmounts = 300

// grossTotal takes the amount that is the sum of another one and a tax of it, where no
// word told the total surely: net, tax and gross stand on most bills, whatever they are
// called there.
func (d *document) grossTotal() {
	list, at := d.amounts()
	best := Money{}
	for _, gross := range list {
		if gross.Minor <= best.Minor {
			continue
		}
		for _, net := range list {
			tax := gross.Minor - net.Minor
			if tax <= 0 || tax*100 < net.Minor*2 || tax*100 > net.Minor*28 {
				continue
			}
			if _, found := at[tax]; found {
				best = gross
				break
			}
		}
	}
	if best.Minor == 0 || d.total.rank > 0 && d.total.money.Minor >= best.Minor {
		return
	}
	where := at[best.Minor]
	d.total = candidate{rank: 1, money: best, Place: *d.place(d.body, where[0], where[1])}
}

// summed reports whether an amount is the sum of others that stand right before or behind
// it, or of one and a tax of it: a bill adds up, and little else does.
func (d *document) summed(total Money) bool {
	if total.Minor <= 0 {
		return false
	}
	list := d.allAmounts()
	for i, m := range list {
		if m.Minor != total.Minor {
			continue
		}
		sum := int64(0)
		for k := i - 1; k >= 0 && i-k <= 40 && sum < total.Minor; k-- {
			if sum += list[k].Minor; sum == total.Minor && i-k > 1 {
				return true
			}
		}
		sum = 0
		for k := i + 1; k < len(list) && k-i <= 40 && sum < total.Minor; k++ {
			if sum += list[k].Minor; sum == total.Minor && k-i > 1 {
				return true
			}
		}
	}
	return false
}

// amounts are the sure amounts of a paper, each once and in order of size, and where each
// stands last.
func (d *document) amounts() (list []Money, at map[int64][2]int) {
	at = map[int64][2]int{}
	for _, a := range d.allAmounts() {
		if _, dup := at[a.Minor]; !dup {
			list = append(list, a.Money)
		}
		at[a.Minor] = [2]int{a.beg, a.end}
	}
	slices.SortFunc(list, func(x, y Money) int { return cmp.Compare(x.Minor, y.Minor) })
	return list, at
}

// allAmounts are the sure amounts of a paper as they stand.
func (d *document) allAmounts() (list []amount) {
	s := d.body
	for i := 0; i < len(s) && len(list) < maxAmounts; i++ {
		if !digit(s[i]) || i > 0 && (alnum(s[i-1]) && s[i-1] < 0x80 || s[i-1] == '.' || s[i-1] == ',') {
			continue
		}
		a, ok := amountAt(s, i)
		for i+1 < len(s) && (digit(s[i+1]) || (s[i+1] == '.' || s[i+1] == ',') && i+2 < len(s) && digit(s[i+2])) {
			i++
		}
		if !ok || !a.sure || a.Minor <= 0 || a.end < len(s) && (s[a.end] == '%' || alnum(s[a.end])) {
			continue
		}
		list = append(list, a)
	}
	return list
}
