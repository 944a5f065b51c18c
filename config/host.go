package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
	"golang.org/x/net/idna"
)

var hostLabel = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// host reads a host name or an IP address.
func (f *file) host(n *yaml.Node) (Text, bool) {
	t, ok := f.text(n)
	if !ok {
		return t, false
	}
	problem, hint := hostProblem(t.Value)
	if problem != "" {
		f.fail(t.Pos, problem, hint)
	}
	return t, problem == ""
}

func hostProblem(h string) (problem, hint string) {
	if _, err := netip.ParseAddr(h); err == nil {
		return "", ""
	}
	name, _, hasPort := strings.Cut(h, ":")
	bare := strings.Trim(h, "[]")
	_, notIP := netip.ParseAddr(bare)
	switch {
	case strings.Contains(h, "://"):
		return "a host is a name, not a URL", "write for example imap.firm.example"
	case notIP == nil:
		return "an IP address stands here without brackets", "write " + bare
	case hasPort:
		return "a host has no port in it", "write host: " + clip(name) + " and port: on a line of its own"
	}
	ascii := strings.TrimSuffix(h, ".")
	for _, r := range h {
		if r >= 0x80 {
			if a, err := idna.Lookup.ToASCII(h); err == nil {
				return "a host name is ASCII", "write " + a
			}
			break
		}
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if !hostLabel.MatchString(label) {
			return fmt.Sprintf("%q is not a host name", clip(h)), "write for example imap.firm.example"
		}
	}
	if len(ascii) > 253 {
		return "the host name is too long", "a name in DNS has at most 253 characters"
	}
	return "", ""
}

// loopback reports whether a host can only be this machine.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// url reads the address of a service that speaks HTTP.
func (f *file) url(n *yaml.Node, what, example string) (t Text, host string) {
	if f.refused[target(n)] {
		return t, ""
	}
	t, ok := f.text(n)
	if !ok {
		return t, ""
	}
	u, err := url.Parse(t.Value)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		f.fail(t.Pos, "this is not a URL", "write for example "+example)
	case u.Scheme != "https" && u.Scheme != "http":
		f.fail(t.Pos, fmt.Sprintf("%s is reached by https, not %s", what, clip(u.Scheme)), "write for example "+example)
	case u.User != nil:
		f.fail(t.Pos, "a login does not belong in a URL", "write user: and password: as keys")
	case u.RawQuery != "" || u.Fragment != "":
		f.fail(t.Pos, "the URL has a part after ? or #", "cut it off")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		f.fail(t.Pos, "http is for loopback addresses only", "write https://")
	default:
		if problem, hint := hostProblem(u.Hostname()); problem != "" {
			f.fail(t.Pos, problem, hint)
		}
	}
	if err != nil {
		return t, ""
	}
	return t, u.Hostname()
}
