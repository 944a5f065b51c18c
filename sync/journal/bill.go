package journal

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"time"

	"chancery/internal/model"
)

// The states of a bill, and who says so.
const (
	BillOpen     = "open"
	BillDisputed = "disputed"
	BillPaid     = "paid"
	BillVoid     = "void"

	ByMail   = "mail"
	ByPerson = "person"
)

// Kinds of entries about bills. Their step is a token of the bill, their action the
// state, their code who said so: "mail", "person" or "" for as it came.
const (
	KindBillRecorded  = "bill-recorded"
	KindBillChanged   = "bill-changed"
	KindBillForgotten = "bill-forgotten" // code "person", or "old" for one that was pruned
)

const (
	newestOfVendor = 50   // bills that Bills returns for a key that begins with "v:"
	newestOfKey    = 20   // for any other
	maxBillKeys    = 2000 // of one bill are kept: those it has first, then those it settles
)

// firmness orders the states as mail may change them: only to a firmer one. So the
// order in which mails are read does not matter, and an old mail that is read again
// opens nothing. A person changes any to any.
func firmness(state string) int {
	return slices.Index([]string{"", BillOpen, BillDisputed, BillPaid, BillVoid}, state)
}

// standing is a state of a bill and who set it.
type standing struct{ state, said string }

// standingOf is what a turn says of a bill. What it repeats of a person's word is no
// news: the word may have changed since it was read.
func standingOf(b model.Bill) standing {
	if b.By == ByPerson || firmness(b.State) <= firmness(BillOpen) {
		return standing{state: BillOpen}
	}
	return standing{b.State, b.By}
}

// join is what a bill stands at that stood at s, and of which mail says t.
func (s standing) join(t standing) standing {
	if s.said == ByPerson || firmness(t.state) <= firmness(s.state) {
		return s
	}
	return standing{t.state, ByMail}
}

// storedBill is a row of the ledger.
type storedBill struct {
	seq         int64
	row, id     string // as HMACs
	source      model.SourceID
	short       string // of the message
	at, changed int64
	standing
}

const (
	billHead    = `seq, row_key, id_key, source, short, at, state, said, changed`
	billColumns = `select ` + billHead + `, body from bill `
)

func scanBill(r *sql.Rows, more ...any) (s storedBill, err error) {
	err = r.Scan(append([]any{&s.seq, &s.row, &s.id, &s.source, &s.short, &s.at, &s.state, &s.said, &s.changed}, more...)...)
	return s, err
}

// billID is what stands for a bill in clear: the rules make IDs without a key, so
// that they can be guessed from content.
func (k keys) billID(id string) string { return k.find("bill", id) }

func (k keys) billRow(id string, source model.SourceID) string {
	return k.find("bill row", id, string(source))
}

func (k keys) sealBill(b model.Bill, row string) []byte {
	return k.seal(model.EncodeBill(b), "bill.body", row)
}

// openBill opens a row. The state that stands in clear counts.
func (k keys) openBill(s storedBill, body []byte) (model.Bill, error) {
	plain, err := k.open(body, "bill.body", s.row)
	if err != nil {
		return model.Bill{}, err
	}
	b, err := model.DecodeBill(plain)
	b.State, b.By = s.state, s.said
	return b, err
}

// MailWord is the word under which Bills finds the bills of one mail.
func MailWord(mail model.Ident) string { return "i:" + string(mail) }

// storedWords are all under which a bill is kept.
func storedWords(b model.Bill) []string {
	if b.Ident == "" {
		return BillWords(b)
	}
	return append([]string{MailWord(b.Ident)}, BillWords(b)...)
}

// BillWords are the words under which Bills finds a bill: its own keys, then those that
// it settles, so that a remittance that came first is found by its invoice.
func BillWords(b model.Bill) []string {
	all := make([]string, 0, len(b.Keys)+len(b.Settles))
	seen := make(map[string]bool, cap(all))
	for _, w := range slices.Concat(b.Keys, b.Settles) {
		if w != "" && !seen[w] && len(all) < maxBillKeys {
			seen[w] = true
			all = append(all, w)
		}
	}
	return all
}

// asksFor reports whether a bill has one of the words.
func asksFor(asked map[string]bool, b model.Bill) bool {
	has := func(w string) bool { return asked[w] }
	return b.Ident != "" && asked[MailWord(b.Ident)] || slices.ContainsFunc(b.Keys, has) || slices.ContainsFunc(b.Settles, has)
}

func (k keys) billWord(word string) int64 { return k.number("bill word", word) }

// Bills returns the bills that have one of these keys, or settle one that has, the
// oldest first and each once: for each key the newest 50 if it begins with "v:", else
// the newest 20.
func (j *Journal) Bills(ctx context.Context, words []string) ([]model.Bill, error) {
	many := map[int][]int64{}
	asked := make(map[string]bool, len(words))
	for _, w := range words {
		if w != "" && !asked[w] {
			asked[w] = true
			n := newestOf(w)
			many[n] = append(many[n], j.keys.billWord(w))
		}
	}
	found := map[int64]bool{}
	for _, n := range []int{newestOfVendor, newestOfKey} {
		if err := j.newest(ctx, many[n], n, found); err != nil {
			return nil, fmt.Errorf("read bills: %w", err)
		}
	}
	seqs := make([]int64, 0, len(found))
	for n := range found {
		seqs = append(seqs, n)
	}
	slices.Sort(seqs)
	var out billList
	err := j.eng.numbers(ctx, j.r, billColumns+`where seq in`, "", seqs, func(r *sql.Rows) error {
		b, err := out.read(j.keys, r)
		if err == nil && asksFor(asked, b) {
			out.add(b)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read bills: %w", err)
	}
	return out.sorted(), nil
}

// newest adds for each word the newest n bills. Of those that came at the same time
// the database may return more: those recorded last count.
func (j *Journal) newest(ctx context.Context, words []int64, n int, found map[int64]bool) error {
	type entry struct{ at, bill int64 }
	of := map[int64][]entry{}
	head := `with asked(word) as (values `
	// SQLite keeps the order of a cross join: it would rather read all keys first.
	tail := fmt.Sprintf(`) select x.word, x.at, x.bill from asked cross join bill_key x where x.word = asked.word
		and x.at >= coalesce((select y.at from bill_key y where y.word = asked.word order by y.at desc limit 1 offset %d), -1)`, n-1)
	digits := make([]string, len(words))
	for i, w := range words {
		digits[i] = strconv.FormatInt(w, 10)
	}
	for part := range padded(digits) {
		args := make([]any, len(part))
		for i, w := range part {
			args[i] = w
		}
		query := head + j.eng.tuples(len(part), 1, []string{"bigint"}) + tail
		err := scan(ctx, j.r, query, args, func(r *sql.Rows) error {
			var word int64
			var e entry
			err := r.Scan(&word, &e.at, &e.bill)
			of[word] = append(of[word], e)
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, list := range of {
		slices.SortFunc(list, func(a, b entry) int { return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(b.bill, a.bill)) })
		list = slices.Compact(list) // padding asks twice
		for _, e := range list[:min(n, len(list))] {
			found[e.bill] = true
		}
	}
	return nil
}

// billList collects bills, of the copies of one the first.
type billList struct {
	bills []model.Bill
	known map[string]bool
}

func (l *billList) read(k keys, r *sql.Rows) (model.Bill, error) {
	var body []byte
	s, err := scanBill(r, &body)
	if err != nil {
		return model.Bill{}, err
	}
	return k.openBill(s, body)
}

func (l *billList) add(b model.Bill) {
	if l.known == nil {
		l.known = map[string]bool{}
	}
	if !l.known[b.ID] {
		l.known[b.ID] = true
		l.bills = append(l.bills, b)
	}
}

func (l *billList) sorted() []model.Bill {
	slices.SortStableFunc(l.bills, func(a, b model.Bill) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID)) })
	return l.bills
}

// BillsOf returns the bills of these sources that are open, and those that came at
// since or later; the oldest first, and one that came to several sources once.
func (j *Journal) BillsOf(ctx context.Context, sources []model.SourceID, since time.Time) ([]model.Bill, error) {
	var out billList
	each := func(r *sql.Rows) error {
		b, err := out.read(j.keys, r)
		out.add(b)
		return err
	}
	if err := j.eachOf(ctx, billColumns, sources, since, each); err != nil {
		return nil, fmt.Errorf("read bills: %w", err)
	}
	return out.sorted(), nil
}

// Ledger calls each for every bill, in no order, and each once. It is for a person who asks.
func (j *Journal) Ledger(ctx context.Context, each func(model.Bill)) error {
	seen := map[string]bool{}
	err := scan(ctx, j.r, billColumns, nil, func(r *sql.Rows) error {
		var body []byte
		s, err := scanBill(r, &body)
		if err != nil || seen[s.id] {
			return err
		}
		seen[s.id] = true
		b, err := j.keys.openBill(s, body)
		if err == nil {
			each(b)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	return nil
}
