package google

// guard holds back a sudden loss of many events.
func (s *Source) guard(base *listing, found int, gone []string, whole bool) error {
	if base == nil {
		return s.o.Guard.Fewer(found, s.o.Known, whole, s.confirm)
	}
	return s.o.Guard.Gone(gone, s.held(base), whole, s.confirm)
}

// held is how many events there were before.
func (s *Source) held(base *listing) int {
	if base == nil {
		return s.o.Known
	}
	return max(len(base.items), base.before)
}
