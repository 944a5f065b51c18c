package billing

// again looks a second time for what a paper did not tell surely.
func (d *document) again(headed bool) {
	number := 0
	for _, n := range d.numbers {
		number = max(number, n.rank)
	}
	if number > 2 && d.date.rank > 3 && d.due.rank > 3 && max(d.total.rank, d.owed.rank) > 3 {
		return
	}
	f := d.sheet()
	bill := headed || number > 1 || number == 1 && max(d.total.rank, d.owed.rank) > 0
	for _, x := range f.fields {
		bill = bill || x.fact == numberFact && x.rank > 1
	}
	bill = bill || f.headed()
	if x := f.best(numberFact); x != nil && (number < 2 || number == 2 && x.rank == 3 || x.sure) && (x.rank > 1 || bill) && !(number > 0 && x.rank < 2) {
		c := found{cue: cue{rank: 3}, beg: x.label.beg, end: x.label.end}
		d.numbers = append([]numbered{{x.value.text, x.value.beg, x.value.end, *d.place(d.body, c.beg, c.end), 3}}, d.numbers...)
	}
	if x := f.best(dateFact); x != nil && (d.date.rank == 0 || d.date.rank < x.rank || x.sure) {
		d.date = f.dated(x)
	}
	if x := f.best(dueFact); x != nil && (d.due.rank < 2 || x.sure) {
		d.due = f.dated(x)
	}
	if x := f.best(sumFact); x != nil && max(d.total.rank, d.owed.rank) < max(2, x.rank) && bill {
		if m := x.value.money.Money; d.total.rank == 0 || abs(m.Minor) > abs(d.total.money.Minor) {
			d.total = candidate{rank: x.rank, money: m, Place: *d.place(d.body, x.label.beg, x.label.end)}
		}
	}
	if d.due.rank == 0 && d.upon == nil && bill {
		if n, at := d.termDays(); n > 0 && (d.days == 0 || n > d.days && discounted(d.body[at[0]:at[1]])) {
			d.days, d.termed = n, d.place(d.body, at[0], min(at[1], at[0]+maxLabel))
		}
	}
}

func (f *sheet) dated(x *field) candidate {
	rank := x.rank
	if x.sure {
		rank += 2
	}
	return candidate{rank: rank, day: x.value.date.day, other: x.value.date.other, Place: *f.doc.place(f.s, x.label.beg, x.label.end)}
}

// headed reports whether a paper is titled as a bill near its head.
func (f *sheet) headed() bool {
	for _, row := range f.rows[:min(len(f.rows), 40)] {
		for _, c := range row {
			if c.end-c.beg <= 48 && stemList.traits(f.s[c.beg:c.end])&ofBill != 0 {
				return true
			}
		}
	}
	return false
}

// best is the surest of the values of a fact: the first of equals, but of sums the last.
func (f *sheet) best(what fact) (best *field) {
	for i := range f.fields {
		x := &f.fields[i]
		if x.fact != what {
			continue
		}
		switch {
		case best == nil, x.sure && !best.sure:
			best = x
		case best.sure && !x.sure:
		case x.rank > best.rank,
			x.rank == best.rank && what == sumFact && (x.rank > 2 || x.value.money.Minor >= best.value.money.Minor),
			x.rank == best.rank && what != sumFact && x.distance < best.distance:
			best = x
		}
	}
	return best
}
