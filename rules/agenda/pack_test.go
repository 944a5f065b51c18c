package agenda

import (
	"math/rand"
	"reflect"
	"testing"
	"time"

	"chancery/internal/model"
)

// fill gives every field of v a value by chance, also those that are added to the
// model one day.
func fill(r *rand.Rand, v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		nanos := int64(0)
		if r.Intn(4) == 0 {
			nanos = r.Int63n(1e9)
		}
		v.Set(reflect.ValueOf(time.Unix(r.Int63n(4e9)-1e9, nanos).UTC()))
		return
	case *time.Location:
		v.Set(reflect.ValueOf([]*time.Location{nil, time.UTC, zones[r.Intn(len(zones))]}[r.Intn(3)]))
		return
	case *model.Own: // what is ours is not packed
		return
	case model.Private[model.Series]:
		var s model.Series
		fill(r, reflect.ValueOf(&s).Elem())
		v.Set(reflect.ValueOf(model.Hide(s)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	case reflect.Pointer:
		if r.Intn(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem())
		}
	case reflect.Slice:
		if n := r.Intn(4); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(r, v.Index(i))
			}
		}
	case reflect.String:
		v.SetString([]string{"", "00ff3a", "ab", "ABCD", "odd", "Dana Whitfield", "dana@firm.example", string(make([]byte, 300))}[r.Intn(8)])
	case reflect.Bool:
		v.SetBool(r.Intn(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int63n(1<<40) - 1<<39)
	case reflect.Uint32:
		v.SetUint(0) // UIDs are of mail
	default:
		panic("unknown kind in the model: " + v.Kind().String())
	}
}

var zones = []*time.Location{time.FixedZone("one", 3600), time.FixedZone("two", -7200)}

// What is packed comes back whole, whatever fields the model has.
func TestPackKeepsEverything(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	w := NewWords()
	for range 3000 {
		var ev model.Event
		fill(r, reflect.ValueOf(&ev).Elem())
		ev.Ref.Mailbox = ""
		b, ok := (&packer{w: w}).pack(&ev, nil)
		if !ok {
			t.Fatal("an event has no packed form")
		}
		got := unpack(string(b), w.spoken())
		if !reflect.DeepEqual(*got, ev) {
			t.Fatalf("packed %+v\ngot %+v", ev.Body.Reveal(), got.Body.Reveal())
		}
	}
}

// What a full Words does not take is written out.
func TestPackWithoutRoomForWords(t *testing.T) {
	w := NewWords()
	w.mu.RLock()
	for i := range maxWords {
		w.number(time.Unix(int64(i), 0).String())
	}
	w.mu.RUnlock()
	ev := meeting("a", wall("2026-03-03 10:00"), time.Hour, organizedBy("new@client.example"), attendee("other@client.example", "ACCEPTED"))
	b, ok := (&packer{w: w}).pack(&ev, nil)
	if !ok || !reflect.DeepEqual(*unpack(string(b), w.spoken()), ev) {
		t.Fatal("not the same without room for words")
	}
	w.mu.RLock()
	for range maxZones {
		if _, ok := w.place(time.FixedZone("odd", 60)); !ok {
			t.Fatal("no room for zones")
		}
	}
	w.mu.RUnlock()
	odd := meeting("b", wall("2026-03-03 10:00"), time.Hour, zoned(time.FixedZone("odd", 60)))
	if _, ok := (&packer{w: w}).pack(&odd, nil); ok {
		t.Fatal("more zones than there may be")
	}
	s := NewShelf(w)
	s.Put(odd)
	if s.Len() != 1 {
		t.Fatal("an event without a packed form is not kept")
	}
}
