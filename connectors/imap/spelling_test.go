package imap

import (
	"slices"
	"testing"
)

func TestSpellings(t *testing.T) {
	tests := []struct {
		name, delim string
		path        []string
		want        [][]string
	}{
		{"plain", "/", []string{"Billing", "Acme"}, [][]string{{"Billing", "Acme"}}},
		{"a dot where dots may be refused", "/", []string{"Billing", "10042.0070"}, [][]string{{"Billing", "10042.0070"}, {"Billing", "10042-0070"}}},
		{"a dot where the dot is the delimiter", ".", []string{"Billing", "10042.0070"}, [][]string{{"Billing", "10042-0070"}}},
		{"another delimiter", "^", []string{"a^b"}, [][]string{{"a-b"}}},
		{"a slash is never part of a name", "/", []string{"a/b"}, nil},
		{"nor anywhere else", ".", []string{"a/b"}, nil},
		{"dots alone are a path", "/", []string{".."}, nil},
		{"dots alone are a path everywhere", ".", []string{"a", ".", "b"}, nil},
		{"wildcards", ".", []string{"a.b*"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := spellings(tt.path, tt.delim)
			if !slices.EqualFunc(got, tt.want, slices.Equal) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
