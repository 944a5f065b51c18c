package caldav

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"

	"chancery/connectors"
)

// maxTargets bounds how many servers of a domain are tried.
const maxTargets = 4

// urls returns where the calendars may be: the URL as configured or, for a domain
// alone, what its DNS says, the preferred one first (RFC 6764 sections 3 and 6).
// Only TLS is looked for, and only hosts in the domain or named by the
// configuration are taken: DNS cannot be trusted to choose where passwords go.
func (o Options) urls(ctx context.Context) ([]string, error) {
	if strings.Contains(o.URL, "/") || !strings.Contains(o.URL, ".") {
		return []string{o.URL}, nil
	}
	domain := strings.ToLower(strings.TrimSuffix(o.URL, "."))
	r := o.Resolver
	if r == nil {
		r = &net.Resolver{PreferGo: true}
	}
	_, records, err := r.LookupSRV(ctx, "caldavs", "tcp", domain)
	if err != nil && len(records) == 0 {
		if e, ok := errors.AsType[*net.DNSError](err); ok && e.IsNotFound {
			return []string{"https://" + domain + "/"}, nil // RFC 6764 section 6: then the well-known path of the domain
		}
		return nil, &connectors.Error{Class: connectors.Network, Code: "dns", Err: err}
	}
	path := o.contextPath(ctx, r, domain)
	var out []string
	none, foreign := false, false
	for _, s := range records {
		host := strings.ToLower(strings.TrimSuffix(s.Target, "."))
		switch {
		case host == "": // as RFC 2782 has it, the domain has decidedly no such service
			none = true
		case !o.names(domain, host):
			foreign = true
		case s.Port != 0 && len(out) < maxTargets:
			u := url.URL{Scheme: "https", Host: net.JoinHostPort(host, strconv.Itoa(int(s.Port)))}
			out = append(out, u.String()+path)
		}
	}
	switch {
	case len(out) > 0:
		return out, nil
	case foreign:
		return nil, misconfigured("foreign-host", errors.New("the domain's DNS names a host outside it"))
	case none:
		return nil, misconfigured("no-service", errors.New("the domain's DNS says that it has no calendars"))
	}
	return nil, misconfigured("no-service", errors.New("the domain's DNS names no usable host"))
}

// names reports whether the configuration names a host: as the domain or a host in
// it, or among the hosts.
func (o Options) names(domain, host string) bool {
	if host == domain || strings.HasSuffix(host, "."+domain) {
		return true
	}
	for _, h := range o.Hosts {
		if strings.EqualFold(strings.TrimSuffix(h, "."), host) {
			return true
		}
	}
	return false
}

// contextPath reads the path of the TXT record (RFC 6764 section 4); "/" if there
// is none.
func (o Options) contextPath(ctx context.Context, r *net.Resolver, domain string) string {
	texts, err := r.LookupTXT(ctx, "_caldavs._tcp."+domain)
	if err != nil {
		return "/" // it is optional
	}
	for _, t := range texts {
		name, path, ok := strings.Cut(t, "=")
		if !ok || !strings.EqualFold(name, "path") {
			continue
		}
		u, err := url.Parse(path)
		if err == nil && strings.HasPrefix(path, "/") && u.Host == "" && u.RawQuery == "" && u.Fragment == "" {
			return u.EscapedPath()
		}
	}
	return "/"
}
