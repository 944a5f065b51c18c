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
)

const (
	minKey  = 32 // octets of an install key
	sealing = 1  // first octet of a sealed value: which key and method
)

// keys are derived from the install key (RFC 5869 section 2), one for each purpose, so
// that no use of one tells anything about another.
type keys struct {
	aead   cipher.AEAD
	lookup []byte // HMAC of identities, places, groups and Message-IDs
	token  []byte // HMAC handed out: Token
	chain  []byte // HMAC of the end of the audit chain
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
	k := keys{lookup: sub("lookup"), token: sub("token"), chain: sub("chain"), check: hex.EncodeToString(sub("check"))}
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
	return hex.EncodeToString(mac(k.lookup, encode(kind, parts))[:16])
}

// Token returns 32 lower-case hex digits that stand for kind and parts: the same
// on every machine with the same install key, and not to be made or guessed
// without it. ("a", "bc") and ("ab", "c") have different tokens.
func (j *Journal) Token(kind string, parts ...string) string {
	return hex.EncodeToString(mac(j.keys.token, encode(kind, parts))[:16])
}

// short is how an item is called in the audit chain.
func (j *Journal) short(ident string) string { return j.Token("ref", ident)[:16] }

func mac(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
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
