package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
)

// signed is a certificate with its key, by itself or by an authority.
func signed(t *testing.T, template *x509.Certificate, by *tls.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(1)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	parent, signer := template, any(key)
	if by != nil {
		parent, signer = by.Leaf, by.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// shake begins TLS with a server that has this certificate.
func shake(t *testing.T, c tls.Certificate, host string, roots *x509.CertPool) connectors.Peer {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{c}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	go func() {
		if far, err := listener.Accept(); err == nil {
			_ = far.(*tls.Conn).HandshakeContext(t.Context())
			_ = far.Close()
		}
	}()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = near.Close() }()
	_, p := connectors.Handshake(t.Context(), near, &tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12})
	return p
}

func TestDoctorExplainsCertificates(t *testing.T) {
	const day = 24 * time.Hour
	now := time.Now()
	leaf := func(from, till time.Duration, names ...string) *x509.Certificate {
		return &x509.Certificate{Subject: pkix.Name{CommonName: names[0]}, DNSNames: names, NotBefore: now.Add(from), NotAfter: now.Add(till)}
	}
	authority := func(name string) *x509.Certificate {
		return &x509.Certificate{Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-day), NotAfter: now.Add(900 * day),
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	}
	firm, other := signed(t, authority("Firm CA"), nil), signed(t, authority("Other CA"), nil)
	roots := x509.NewCertPool()
	roots.AddCert(firm.Leaf)
	const host = "imap.firm.example"
	for name, c := range map[string]struct {
		cert   tls.Certificate
		caFile string
		level  string
		want   string
		hint   string
	}{
		"good":            {signed(t, leaf(-day, 100*day, host), &firm), "ca.pem", levelOK, "TLS 1.3; certificate for imap.firm.example, trusted by ca.pem, good for 99 days, until ", ""},
		"ends soon":       {signed(t, leaf(-day, 10*day+time.Hour, host), &firm), "ca.pem", levelNote, "the certificate ends in 10 days, on ", "renew it"},
		"ended":           {signed(t, leaf(-9*day, -day, host), &firm), "ca.pem", levelProblem, "the certificate ended on ", "renew it"},
		"not yet":         {signed(t, leaf(day, 9*day, host), &firm), "ca.pem", levelProblem, "the certificate begins on ", "clock of this machine"},
		"another name":    {signed(t, leaf(-day, 100*day, "mail.other.example", "www.other.example"), &firm), "ca.pem", levelProblem, "not for imap.firm.example, but for mail.other.example, www.other.example", "as host"},
		"unknown signer":  {signed(t, leaf(-day, 100*day, host), &other), "", levelProblem, `signed by "Other CA", which this machine does not trust`, "ca_file"},
		"another signer":  {signed(t, leaf(-day, 100*day, host), &other), "ca.pem", levelProblem, `signed by "Other CA", which ca.pem does not hold`, "nothing else is trusted"},
		"signed by self":  {signed(t, leaf(-day, 100*day, host), nil), "", levelProblem, "signed by itself", "ca_file"},
		"expired by self": {signed(t, leaf(-9*day, -day, host), nil), "", levelProblem, "ended on", "renew"},
	} {
		t.Run(name, func(t *testing.T) {
			k := &checkup{}
			p := shake(t, c.cert, host, roots)
			if k.sayTLS(&p, host, c.caFile, now) != (c.level != levelProblem) {
				t.Error("it goes on with the wrong server, or stops at the right one")
			}
			f := k.Findings[0]
			if len(k.Findings) != 1 || f.Level != c.level || !strings.Contains(f.Text, c.want) || !strings.Contains(f.Hint, c.hint) {
				t.Errorf("%+v (%v)", f, p.Err)
			}
		})
	}
}
