package agenda

import (
	"fmt"
	"math/rand"
	"reflect"
	"sync"
	"testing"
	"time"

	"chancery/internal/model"
)

// A shelf is a map from places to events, whatever is put and dropped, also when
// places share a hash and what went is tidied away.
func TestShelfIsAMap(t *testing.T) {
	for seed, hash := range []func(model.Name, uint64) uint64{
		hashed,
		func(at model.Name, salt uint64) uint64 { return hashed(at, 0)%8 + salt },
	} {
		r := rand.New(rand.NewSource(int64(seed)))
		s := NewShelf(NewWords())
		s.store.hash = hash
		want := map[model.Name]model.Event{}
		long := string(make([]byte, 9000))
		tidied := 0
		for step := range 4000 {
			e := lifeOf(t, r, r.Intn(30))
			body := e.Body.Reveal()
			body.Master.Summary = long[:r.Intn(len(long))]
			e.Ref.Version = fmt.Sprint(step)
			if r.Intn(20) == 0 {
				e.Own = &model.Own{Of: "c:" + e.Ident}
			}
			before := s.store.used
			switch r.Intn(3) {
			case 0:
				got, ok := s.Drop(e.Ref.Href)
				if old, was := want[e.Ref.Href]; ok != was || got.Ref != old.Ref {
					t.Fatalf("dropped %v, %t; there was %v, %t", got.Ref, ok, old.Ref, was)
				}
				delete(want, e.Ref.Href)
			default:
				s.Put(e)
				want[e.Ref.Href] = e
			}
			if s.store.used < before {
				tidied++
			}
			if s.Len() != len(want) {
				t.Fatalf("%d events, want %d", s.Len(), len(want))
			}
		}
		for at, ev := range want {
			if got, ok := s.Get(at); !ok || !reflect.DeepEqual(got, ev) {
				t.Fatal("an event is not what it was")
			}
		}
		if tidied == 0 {
			t.Fatal("nothing was tidied")
		}
		places := map[model.Name]bool{}
		for at := range want {
			places[at] = len(places)%2 == 0
		}
		s.Keep(places)
		for at := range want {
			if _, ok := s.Get(at); ok != places[at] {
				t.Fatal("kept what was not to be kept, or the reverse")
			}
		}
	}
}

// One settles while others put: both see whole events. Run it with -race.
func TestShelfIsForMany(t *testing.T) {
	s := NewShelf(NewWords())
	v, o := view(t), enforce()
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			for k := range 3000 {
				s.Put(meeting(fmt.Sprint(i, k%50), v.Now.Add(time.Duration(k%1000)*time.Hour), time.Hour, zoned(time.UTC)))
				if k%7 == 0 {
					s.Drop(model.Name(fmt.Sprintf("/calendars/%d.ics", k)))
				}
			}
		})
	}
	books := []*Book{NewBook(s), NewBook(s)}
	for _, b := range books {
		wg.Go(func() {
			for range 20 {
				b.Settle(v, o, rankByCategory)
				b.Rest()
			}
		})
	}
	wg.Wait()
	for _, b := range books {
		b.Settle(v, o, rankByCategory)
		if len(b.list) != 150 {
			t.Fatalf("%d events", len(b.list))
		}
	}
}
