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
		enc, err := EncodeBill(b)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := DecodeBill(enc); err != nil || !reflect.DeepEqual(got, b) {
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
	for _, bad := range []string{"", "{", `{"Amount":"x"}`} {
		if _, err := DecodeBill([]byte(bad)); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q is decoded", bad)
		}
	}
}
