package rules

import (
	"fmt"
	"io/fs"
	"math/rand"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/agenda"
)

// crowd is how many of a leader's events take time: the rest is free, declined or
// only reminds, as most of what team calendars show.
type crowd struct {
	name   string
	blocks float64
}

// usual is a full day of ten meetings for six months; in overfull every event of
// every calendar takes time, which is 170 meetings a day.
var crowds = []crowd{{"usual", 0.06}, {"overfull", 1}}

// eventsPerCalendar over ten years, one of twenty a series.
const (
	eventsPerCalendar     = 10_000
	calendarsPerPrincipal = 5
)

var benchNow = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// town makes the events of calendars.
type town struct {
	r     *rand.Rand
	zones []*time.Location
	crowd crowd
}

func newTown(b *testing.B, seed int64, c crowd) *town {
	t := &town{r: rand.New(rand.NewSource(seed)), crowd: c}
	for _, name := range []string{"Europe/Berlin", "America/New_York", "UTC"} {
		loc, err := time.LoadLocation(name)
		if err != nil {
			b.Fatal(err)
		}
		t.zones = append(t.zones, loc)
	}
	return t
}

var townTitles = strings.Fields("Call Review Budget Interview Hearing Board Deposition Strategy Filing Closing Negotiation Staff Update Planning Diligence Mediation")

func (t *town) event(principal, calendar, i int) model.Event {
	r := t.r
	day := time.Date(2021, 3, 2, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.Intn(3650))
	wall := day.Add(8*time.Hour + time.Duration(r.Intn(40))*15*time.Minute)
	loc := t.zones[r.Intn(len(t.zones))]
	uid := fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), r.Intn(1<<16), r.Intn(1<<12), r.Intn(1<<12), r.Int63n(1<<48))
	o := &model.Occurrence{
		Start: model.Time{Wall: wall, Loc: loc}, End: model.Time{Wall: wall.Add(time.Duration(2+r.Intn(3)) * 15 * time.Minute), Loc: loc},
		Summary:  townTitles[r.Intn(len(townTitles))] + " " + townTitles[r.Intn(len(townTitles))] + " " + strconv.Itoa(r.Intn(5000)),
		Location: []string{"", "", "Room " + strconv.Itoa(r.Intn(200)), "Courthouse, Room " + strconv.Itoa(r.Intn(20))}[r.Intn(4)],
		Class:    "PUBLIC", Status: "CONFIRMED", Created: day.AddDate(0, 0, -r.Intn(60)), Sequence: r.Intn(3),
		Organizer: t.person(),
	}
	for range r.Intn(8) {
		o.Attendees = append(o.Attendees, model.Attendee{Address: t.person(), PartStat: "ACCEPTED", Role: "REQ-PARTICIPANT", Type: "INDIVIDUAL"})
	}
	if r.Float64() >= t.crowd.blocks {
		o.Show = model.Free
	}
	if r.Intn(20) == 0 {
		t.repeat(o, wall)
	}
	return model.Event{
		Ref: model.Ref{
			Source: model.SourceID(fmt.Sprintf("p%d-cal/%d", principal, calendar)), Version: fmt.Sprintf(`"%016x%016x"`, r.Uint64(), r.Uint64()),
			Href: model.Name(fmt.Sprintf("/dav/calendars/p%d/%d/%s.ics", principal, calendar, uid)),
		},
		Ident: model.Ident(fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64())),
		Body:  model.Hide(model.Series{UID: uid, Master: o}),
	}
}

func (t *town) person() model.Address {
	n := t.r.Intn(2000)
	return model.Address{Name: fmt.Sprint("Person ", n), Addr: fmt.Sprintf("person%d@%s", n, []string{"firm.example", "client.example"}[n%2])}
}

// repeat makes a series of o: together they have 12.7 instances each in 187 days.
func (t *town) repeat(o *model.Occurrence, wall time.Time) {
	past := wall.Year() < 2026
	until := wall.AddDate(0, 6, 0).Format(";UNTIL=20060102T150405Z")
	early := func() {
		for !o.Start.Wall.Before(benchNow) {
			o.Start.Wall, o.End.Wall = o.Start.Wall.AddDate(-1, 0, 0), o.End.Wall.AddDate(-1, 0, 0)
		}
	}
	switch n := t.r.Intn(100); {
	case n < 25:
		early()
		o.RRule = "FREQ=WEEKLY"
	case n < 27:
		early()
		o.RRule = "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR"
	case n < 47:
		early()
		o.RRule = "FREQ=MONTHLY;BYDAY=2TU"
	case n < 57:
		o.RRule = "FREQ=YEARLY"
	case n < 72:
		early()
		o.RRule = "FREQ=WEEKLY;INTERVAL=2"
	case past && n < 86:
		o.RRule = "FREQ=WEEKLY;COUNT=10"
	default:
		o.RRule = "FREQ=WEEKLY" + until
	}
}

// benchSet is the rules that are shipped, enforced, 187 days ahead.
func benchSet(b *testing.B) *Set {
	files := fstest.MapFS{}
	example := config.Example()
	err := fs.WalkDir(example, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(example, path)
		if strings.HasSuffix(path, "30-calendar.yaml") {
			text = []byte(strings.NewReplacer("mode: observe", "mode: enforce", "horizon: 60d", "horizon: 187d").Replace(string(text)))
		}
		switch path {
		case "lists/firm.txt":
			text = []byte("firm.example\n")
		case "lists/opposing-counsel.txt":
			text = []byte("person7@client.example\n")
		}
		files[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	cfg, errs := config.Load(files, "")
	if errs.Fatal() {
		b.Fatal(errs)
	}
	set, err := Compile(&cfg.Rules)
	if set == nil {
		b.Fatal(err)
	}
	return set
}

// leader is one principal of the benchmark.
type leader struct {
	book    *agenda.Book
	shelves []*agenda.Shelf
	view    model.View
}

func newLeader(b *testing.B, n int, words *agenda.Words) *leader {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	l := &leader{view: model.View{Now: benchNow, Findings: map[model.Ident]model.Finding{}, Principal: model.Principal{
		Name: fmt.Sprint("p", n), Zone: zone, Addresses: []string{fmt.Sprintf("person%d@firm.example", 2*n)}, Holds: model.SourceID(fmt.Sprintf("p%d-cal/holds", n)),
		Notes: "desk", NotesBox: []string{"INBOX"},
	}}}
	for range calendarsPerPrincipal {
		s := agenda.NewShelf(words)
		s.Forget(benchNow.AddDate(0, 0, -2))
		l.shelves = append(l.shelves, s)
	}
	l.book = agenda.NewBook(l.shelves...)
	return l
}

// settle settles and does what was decided.
func (l *leader) settle(set *Set) int {
	plan := set.Settle(l.book, l.view)
	for _, s := range plan.Steps {
		f := l.view.Findings[s.Ident]
		switch a := s.Action.(type) {
		case model.Hold:
			f.Hold, f.HoldRef = a.Digest, model.Ref{Source: s.Source, Href: model.Name(a.UID), Version: a.Digest}
		case model.Note:
			f.Note, f.NoteID = a.Body.Reveal().Digest, a.Body.Reveal().MessageID
		case model.Withdraw:
			f.Hold, f.HoldRef = "", model.Ref{}
		case model.DropNote:
			f.Note, f.NoteID = "", ""
		}
		l.view.Findings[s.Ident] = f
	}
	return len(plan.Steps)
}

// BenchmarkOffice follows the calendars of a whole office: all from cold on one
// core, then one changed event, then a changed calendar of fifty events, each
// until the steps are known, in processor time. Run it with -benchtime=1x -cpu=1
// and GOMEMLIMIT=700MiB, as the service has it.
func BenchmarkOffice(b *testing.B) {
	for _, c := range crowds {
		for _, n := range []int{1, 50} {
			b.Run(fmt.Sprintf("crowd=%s/principals=%d", c.name, n), func(b *testing.B) {
				set := benchSet(b)
				for b.Loop() {
					benchmarkOffice(b, set, c, n)
				}
			})
		}
	}
}

func benchmarkOffice(b *testing.B, set *Set, c crowd, n int) {
	t := newTown(b, 1, c)
	words := agenda.NewWords()
	var put, settle time.Duration
	steps := 0
	leaders := make([]*leader, n)
	room := make([]model.Event, eventsPerCalendar)
	for i := range leaders {
		l := newLeader(b, i, words)
		for j, s := range l.shelves {
			for k := range room {
				room[k] = t.event(i, j, k)
			}
			start := spent()
			for k := range room {
				s.Put(room[k])
			}
			put += spent() - start
		}
		clear(room)
		start := spent()
		steps += l.settle(set)
		settle += spent() - start
		l.book.Rest()
		leaders[i] = l
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(put.Seconds(), "s-put")
	b.ReportMetric(settle.Seconds(), "s-settle")
	b.ReportMetric((put + settle).Seconds(), "s-cold")
	b.ReportMetric(float64(steps), "steps")
	b.ReportMetric(benchHeap(), "MiB-live")
	b.ReportMetric(benchPeak(), "MiB-peak")
	for _, changed := range []struct {
		name   string
		events int
	}{{"event", 1}, {"calendar", 50}} {
		var took []time.Duration
		for i := range max(2*n, 40) {
			l := leaders[i%n]
			var news []model.Event
			for k := range changed.events {
				news = append(news, t.event(i%n, i%calendarsPerPrincipal, k))
			}
			l.view.Now = l.view.Now.Add(time.Minute)
			start := spent()
			for _, ev := range news {
				l.shelves[i%calendarsPerPrincipal].Put(ev)
			}
			l.settle(set)
			l.book.Rest()
			took = append(took, spent()-start)
		}
		slices.Sort(took)
		b.ReportMetric(took[len(took)*95/100].Seconds()*1000, "ms-"+changed.name+"-p95")
		b.ReportMetric(took[len(took)/2].Seconds()*1000, "ms-"+changed.name+"-p50")
	}
	runtime.KeepAlive(leaders)
}

// spent is the time that the process had on processors, which other processes of a
// busy machine do not lengthen.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchHeap is what lives, in MiB.
func benchHeap() float64 {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// benchPeak is the most memory the process had, in MiB; 0 where the system does
// not tell.
func benchPeak() float64 {
	text, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(text)) {
		if kib, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kib), "kB")), 64)
			return n / 1024
		}
	}
	return 0
}
