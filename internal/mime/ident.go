package mime

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"

	"chancery/internal/model"
)

// Ident names a message where the server offers no identity: "h:" and the hex
// SHA-256 over Message-ID, Date as written, the From addresses, Subject and the
// size in octets. It needs nothing but the header, so a prefix of the message
// gives the same name as the whole.
func Ident(m model.Mail, size int64) model.Ident {
	h := sha256.New()
	write := func(s string) { // with its length: no two lists of words read the same
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	write(m.MessageID)
	date := ""
	if d := m.Header["Date"]; len(d) > 0 {
		date = d[0]
	}
	write(date)
	write(strconv.Itoa(len(m.From)))
	for _, a := range m.From {
		write(a.Addr)
	}
	write(m.Subject)
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(size))
	h.Write(n[:])
	return model.Ident("h:" + hex.EncodeToString(h.Sum(nil)))
}
