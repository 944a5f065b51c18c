package model

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// fullBill has something in each field.
func fullBill(t *testing.T) Bill {
	t.Helper()
	var b Bill
	v := reflect.ValueOf(&b).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString("canary " + v.Type().Field(i).Name)
		case reflect.Int64:
			f.SetInt(int64(i + 1))
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Slice:
			f.Set(reflect.ValueOf([]string{"canary a", "canary b"}))
		default:
			t.Fatalf("field %s of a kind that this test does not fill", v.Type().Field(i).Name)
		}
	}
	return b
}

func TestBillComesBackWhole(t *testing.T) {
	for name, b := range map[string]Bill{"full": fullBill(t), "zero": {}} {
		if got, err := DecodeBill(EncodeBill(b)); err != nil || !reflect.DeepEqual(got, b) {
			t.Errorf("%s: a bill does not come back as it was: %v", name, err)
		}
	}
}

func TestBillDoesNotPrintItself(t *testing.T) {
	b := fullBill(t)
	enc, err := json.Marshal(struct{ B Bill }{b})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{string(enc), fmt.Sprint(b), fmt.Sprintf("%+v %s", &b, []Bill{b})} {
		if strings.Contains(s, "canary") {
			t.Errorf("a bill prints itself: %s", s)
		}
	}
}

// A bill that was cut short anywhere is none, and one that a later version wrote, with
// more in each group, is read as far as it is known.
func TestBillCutShort(t *testing.T) {
	enc := EncodeBill(fullBill(t))
	for n := range enc {
		if _, err := DecodeBill(enc[:n]); err == nil {
			t.Errorf("%d octets of %d are a bill", n, len(enc))
		}
	}
	var b Bill
	texts, numbers, lists, _ := b.groups()
	later := []byte{billVersion, byte(len(texts) + 1)}
	later = append(later, make([]byte, len(texts)+1)...)
	later = append(append(later, byte(len(numbers)+1)), make([]byte, len(numbers)+1)...)
	later = append(append(later, byte(len(lists)+1)), make([]byte, len(lists)+1)...)
	if got, err := DecodeBill(append(later, 0xff, 1)); err != nil || !got.Proved || !got.Answered {
		t.Errorf("%v", err)
	}
	if got, err := DecodeBill([]byte{billVersion, 1, 2, 'i', 'd', 0, 0, 0}); err != nil || got.ID != "id" {
		t.Errorf("%v", err)
	}
}

// No octets make it panic or take much memory.
func FuzzDecodeBill(f *testing.F) {
	f.Add(EncodeBill(Bill{ID: "x", Keys: []string{"a", ""}, Amount: -5, Proved: true}))
	f.Add([]byte{billVersion, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{billVersion, 0, 0, 1, 0x7f})
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := DecodeBill(in)
		if err != nil {
			return
		}
		if again, err := DecodeBill(EncodeBill(b)); err != nil || !reflect.DeepEqual(again, b) {
			t.Errorf("a bill does not come back: %v", err)
		}
	})
}

func BenchmarkDecodeBill(b *testing.B) {
	enc := EncodeBill(Bill{ID: strings.Repeat("a", 32), Ident: "ident", Source: "gc-mail", MessageID: "<m@vendor.example>", Subject: "Invoice for services",
		Number: "17", Vendor: "vendor.example", Name: "Vendor", Matter: "00420", Amount: 125000, Currency: "USD", Keys: []string{"n:a|1", "m:1111", "a:1", "v:a"}})
	for b.Loop() {
		if _, err := DecodeBill(enc); err != nil {
			b.Fatal(err)
		}
	}
}
