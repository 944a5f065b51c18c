package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/connectors/caldav"
	"chancery/connectors/imap"
)

// tap lets the doctor have the options that a source would be opened with, so
// that it connects as the service does.
type tap struct {
	onMail     func(imap.Options)
	onCalendar func(caldav.Options)
}

var errTapped = errors.New("options were wanted, not a source")

func (t tap) mail(ctx context.Context, o imap.Options) (connectors.Source, error) {
	if t.onMail != nil {
		t.onMail(o)
		return nil, errTapped
	}
	return imap.Open(ctx, o)
}

func (t tap) calendar(ctx context.Context, o caldav.Options) (connectors.Source, error) {
	if t.onCalendar != nil {
		t.onCalendar(o)
		return nil, errTapped
	}
	return caldav.Open(ctx, o)
}

// took is a length of time as people say it.
func took(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", max(1, d.Milliseconds()))
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// span writes 10m for 10m0s.
func span(d time.Duration) string {
	s := d.Round(time.Second).String()
	if t, ok := strings.CutSuffix(s, "m0s"); ok {
		s = t + "m"
	}
	if t, ok := strings.CutSuffix(s, "h0m"); ok {
		s = t + "h"
	}
	return s
}

// sayReach tells how far the connection came. It is false if it came nowhere.
func (k *checkup) sayReach(reached string, dialed time.Duration, err error) bool {
	if reached != "" {
		k.ok("reach", "%s took the connection after %s", reached, took(dialed))
		return true
	}
	text, hint := cause(err), "host and port must be those of the server; a firewall may be in the way"
	name, isName := errors.AsType[*net.DNSError](err)
	deadline, isTime := errors.AsType[net.Error](err)
	switch {
	case isName && name.IsNotFound:
		text, hint = fmt.Sprintf("there is no host %s", name.Name), "is it spelled right in chancery.yaml? does the name server of this machine know it?"
	case isName:
		text, hint = fmt.Sprintf("the name server does not say where %s is", name.Name), "look at the name server of this machine"
	case strings.Contains(text, "refused"):
		text, hint = "the host is there, but nothing listens on this port", "is the port right? is the server running?"
	case isTime && deadline.Timeout():
		text, hint = "no answer in time", "the host is down, or a firewall drops the packets"
	case strings.Contains(text, "unreachable"):
		hint = "there is no way from this machine to that network: look at its routes and firewall"
	}
	if _, code := connectors.Classify(err); code == "plaintext" {
		text, hint = "without TLS only an address of this machine is allowed", advice(code)
	}
	k.problem("reach", hint, "%s", text)
	return false
}

// cause is the innermost words of an error.
func cause(err error) string {
	if e, ok := errors.AsType[*connectors.Error](err); ok && e.Err != nil {
		err = e.Err
	}
	return err.Error()
}

// A certificate that ends within this time is worth a word.
const soon = 21 * 24 * time.Hour

// sayTLS tells about the certificate. It is false if TLS failed.
func (k *checkup) sayTLS(p *connectors.Peer, host, caFile string, now time.Time) bool {
	if p == nil {
		k.ok("TLS", "none: this machine only")
		return true
	}
	trust := "trusted by this machine"
	if caFile != "" {
		trust = "trusted by " + caFile
	}
	if p.Err != nil {
		text, hint := untrusted(p, host, caFile, now)
		k.problem("TLS", hint, "%s", text)
		return false
	}
	left := p.Till.Sub(now)
	long, until := plural(int(left.Hours()/24), "day"), p.Till.Local().Format("2006-01-02")
	if left < 48*time.Hour {
		long = plural(int(left.Hours()), "hour")
	}
	if left < soon {
		k.note("TLS", "renew it on the server; when it has ended nobody can connect", "%s; the certificate ends in %s, on %s", p.Version, long, until)
		return true
	}
	k.ok("TLS", "%s; certificate for %s, %s, good for %s, until %s", p.Version, host, trust, long, until)
	return true
}

// untrusted says what is wrong with a certificate.
func untrusted(p *connectors.Peer, host, caFile string, now time.Time) (text, hint string) {
	names := strings.Join(p.Names[:min(len(p.Names), 5)], ", ")
	if names == "" {
		names = dash(p.Subject)
	}
	_, wrongName := errors.AsType[x509.HostnameError](p.Err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](p.Err)
	_, notTLS := errors.AsType[tls.RecordHeaderError](p.Err)
	switch {
	case notTLS:
		return "what answers does not speak TLS from the start", "for mail, port 993 does; for port 143 write tls: starttls"
	case p.Till.IsZero():
		return "no TLS: " + p.Err.Error(), advice("tls")
	case now.After(p.Till):
		return fmt.Sprintf("the certificate ended on %s", p.Till.Local().Format("2006-01-02")), "renew it on the server"
	case now.Before(p.From):
		return fmt.Sprintf("the certificate begins on %s only", p.From.Local().Format("2006-01-02 15:04")), "is the clock of this machine right?"
	case wrongName:
		return fmt.Sprintf("the certificate is not for %s, but for %s", host, names), "write one of these names as host, if it is the same server"
	case unknown && p.SelfMade && caFile == "":
		return "the certificate is signed by itself", "if it is the firm's own, save it as a PEM file and name it in ca_file"
	case unknown && caFile == "":
		return fmt.Sprintf("the certificate is signed by %q, which this machine does not trust", p.Issuer),
			"if that is the firm's own authority, name its certificate in ca_file; else the server does not send the whole chain"
	case unknown:
		return fmt.Sprintf("the certificate is signed by %q, which %s does not hold", p.Issuer, caFile),
			"with ca_file nothing else is trusted: put the right authority into it, or take it away for a public certificate"
	}
	return "the certificate is not trusted: " + p.Err.Error(), advice("certificate")
}

// maxSkew is how far two clocks may be apart before it does harm.
const (
	fineSkew = 5 * time.Second
	maxSkew  = time.Minute
)

func (k *checkup) saySkew(skew time.Duration) {
	where := "ahead of"
	if skew < 0 {
		where = "behind"
	}
	hint := "let a time service (NTP) set both clocks"
	switch {
	case skew.Abs() <= fineSkew:
		k.ok("clock", "the server's clock agrees with ours")
	case skew.Abs() <= maxSkew:
		k.note("clock", hint, "the server's clock is %s %s ours", span(skew.Abs()), where)
	default:
		k.problem("clock", hint, "the server's clock is %s %s ours: what is said about times and waiting will be wrong by that", span(skew.Abs()), where)
	}
}
