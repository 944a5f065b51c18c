package journal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"sync"

	"chancery/internal/model"
)

const (
	minKey  = 32 // octets of an install key
	sealing = 1  // first octet of a sealed value: which key and method
)

// keys are derived from the install key (RFC 5869 section 2), one for each purpose, so
// that no use of one tells anything about another.
type keys struct {
	aead   cipher.AEAD
	lookup *macer // of identities, places, groups and Message-IDs
	token  *macer // handed out: Token
	chain  *macer // of the end of the audit chain
	check  string // tells a wrong key at once
}

func derive(install []byte) (keys, error) {
	if len(install) < minKey {
		return keys{}, fmt.Errorf("derive keys: the install key has %d octets, %d are needed", len(install), minKey)
	}
	var err error
	sub := func(purpose string) []byte {
		b, e := hkdf.Key(sha256.New, install, nil, "chancery journal 1: "+purpose, 32)
		if e != nil {
			err = e
		}
		return b
	}
	k := keys{lookup: newMacer(sub("lookup")), token: newMacer(sub("token")), chain: newMacer(sub("chain")), check: hex.EncodeToString(sub("check"))}
	block, e := aes.NewCipher(sub("seal"))
	if err == nil {
		err = e
	}
	if err != nil {
		return keys{}, fmt.Errorf("derive keys: %w", err)
	}
	if k.aead, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return keys{}, fmt.Errorf("derive keys: %w", err)
	}
	return k, nil
}

// seal encrypts plain; it opens only under the same table and row.
func (k keys) seal(plain []byte, table string, row ...string) []byte {
	out := make([]byte, 1, 1+len(plain)+k.aead.Overhead())
	out[0] = sealing
	return k.aead.Seal(out, nil, plain, encode(table, row))
}

func (k keys) open(sealed []byte, table string, row ...string) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != sealing {
		return nil, fmt.Errorf("open %s: %w", table, ErrSealed)
	}
	plain, err := k.aead.Open(nil, nil, sealed[1:], encode(table, row))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", table, ErrSealed)
	}
	return plain, nil
}

// find returns what stands in a lookup column for these parts.
func (k keys) find(kind string, parts ...string) string {
	return k.lookup.digits(kind, parts)
}

// Token returns 32 lower-case hex digits that stand for kind and parts: the same
// on every machine with the same install key, and not to be made or guessed
// without it. ("a", "bc") and ("ab", "c") have different tokens.
func (j *Journal) Token(kind string, parts ...string) string {
	return j.keys.token.digits(kind, parts)
}

// Called is how an item is called in the audit chain: Entry.Ref.
func (j *Journal) Called(item model.Ident) string { return j.short(string(item)) }

// short is how an item is called in the audit chain.
func (j *Journal) short(ident string) string { return j.Token("ref", ident)[:16] }

// macer computes HMAC-SHA-256 (RFC 2104 section 2) under one key for several
// goroutines. A hash that is reset has its key worked in already, which is half
// of the work of a short message.
type macer struct{ pool sync.Pool }

type macState struct {
	h       hash.Hash
	in, out []byte
}

func newMacer(key []byte) *macer {
	return &macer{sync.Pool{New: func() any { return &macState{h: hmac.New(sha256.New, key)} }}}
}

// sum returns the code of a list of words.
func (m *macer) sum(first string, rest []string) [sha256.Size]byte {
	s := m.pool.Get().(*macState)
	defer m.pool.Put(s)
	s.in = word(s.in[:0], first)
	for _, r := range rest {
		s.in = word(s.in, r)
	}
	s.h.Reset()
	s.h.Write(s.in)
	s.out = s.h.Sum(s.out[:0])
	return [sha256.Size]byte(s.out)
}

// digits returns the first half of sum in hex.
func (m *macer) digits(first string, rest []string) string {
	sum := m.sum(first, rest)
	return hex.EncodeToString(sum[:16])
}

// encode joins words so that no two lists of words look alike.
func encode(first string, rest []string) []byte {
	n := 4 + len(first)
	for _, s := range rest {
		n += 4 + len(s)
	}
	b := word(make([]byte, 0, n), first)
	for _, s := range rest {
		b = word(b, s)
	}
	return b
}

func word(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}
