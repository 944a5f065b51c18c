package connectors

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"time"
)

// Peer is what a server showed of itself when TLS began, for a person who looks
// after a connection.
type Peer struct {
	Version  string // "TLS 1.3"; "" if the handshake failed
	Subject  string // common name of its certificate
	Issuer   string
	Names    []string // that the certificate is for: DNS names and addresses
	From     time.Time
	Till     time.Time
	SelfMade bool  // signed with its own key
	Err      error // why it is not trusted, or why there was no handshake; nil if all is well
}

// Handshake begins TLS as a connector does and tells what the server showed, also
// where its certificate is not trusted. The connection is nil if Peer.Err is set.
func Handshake(ctx context.Context, socket net.Conn, config *tls.Config) (*tls.Conn, Peer) {
	t := tls.Client(socket, config)
	err := t.HandshakeContext(ctx)
	if err == nil {
		state := t.ConnectionState()
		p := Peer{Version: tls.VersionName(state.Version)}
		p.show(state.PeerCertificates)
		return t, p
	}
	p := Peer{Err: err}
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		p.show(bad.UnverifiedCertificates)
	}
	return nil, p
}

func (p *Peer) show(chain []*x509.Certificate) {
	if len(chain) == 0 {
		return
	}
	c := chain[0]
	p.Subject, p.Issuer, p.From, p.Till = c.Subject.CommonName, c.Issuer.CommonName, c.NotBefore, c.NotAfter
	p.Names = append(p.Names, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		p.Names = append(p.Names, ip.String())
	}
	p.SelfMade = c.CheckSignatureFrom(c) == nil || c.Subject.String() == c.Issuer.String()
}
