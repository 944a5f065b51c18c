package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"chancery/config"
	"chancery/internal/cred"
)

// examineGoogle looks at a Google calendar account.
func examineGoogle(ctx context.Context, l *loaded, a config.Account) (*checkup, error) {
	c := a.Google
	k := &checkup{Account: a.Name.Value, Kind: "calendar", Server: hostOf(c.URL.Value)}
	g, err := newGoogleAsker(l.cfg, a)
	if err != nil {
		k.problem("setup", advice(codeOf(err)), "%s", cause(err))
		return k, nil
	}
	tokens := bearer(l.cfg, a)
	token, err := tokens.Token(ctx)
	if skew := tokens.tokens.Skew(); skew != 0 {
		k.saySkew(-skew) // of the provider's clock against ours
	}
	if err != nil {
		k.sayNoToken(ctx, l.cfg, a, err)
		return k, nil
	}
	note := tokenNote{ends: tokens.Ends}
	k.ok("token", "%s gave an access token (%s), %s", hostOf(c.OAuth.TokenURL.Value), c.OAuth.Grant, note.life())
	k.ok("scopes", "%s", strings.Join(shortScopes(c.OAuth.Scopes), ", "))
	all, err := g.calendars(ctx, token)
	host, _, _ := strings.Cut(k.Server, ":")
	if !k.sayReach(g.spoke, g.dialed, err) || !k.sayTLS(g.peer, host, c.CAFile, time.Now()) {
		return k, nil
	}
	if err != nil {
		k.sayGoogleRefusal(err)
		return k, nil
	}
	k.sayOwner(c, all)
	for _, ref := range c.Calendars {
		k.sayGoogleCalendar(l.cfg, a.Name.Value+"/"+ref.Name.Value, ref, all)
	}
	if g.skew != nil && tokens.tokens.Skew() == 0 {
		k.saySkew(*g.skew)
	}
	k.ok("load", "the service asks every %s for each of the %s: about %d requests in a minute, of which Google allows 600 for one person if the project has the usual quota",
		span(c.Poll), plural(len(c.Calendars), "calendar"), max(1, int(time.Duration(len(c.Calendars))*time.Minute/max(c.Poll, time.Second))))
	return k, nil
}

func values(texts []config.Text) []string {
	var out []string
	for _, t := range texts {
		out = append(out, t.Value)
	}
	return out
}

// shortScopes are scopes without what all of Google's begin with.
func shortScopes(scopes []config.Text) []string {
	var out []string
	for _, s := range scopes {
		out = append(out, strings.TrimPrefix(s.Value, "https://www.googleapis.com/auth/"))
	}
	return out
}

// sayNoToken tells why there is no token. What an administrator has to do about a
// delegation is told to the letter: the console asks for just these two.
func (k *checkup) sayNoToken(ctx context.Context, cfg *config.Config, a config.Account, err error) {
	code, hint := codeOf(err), advice(codeOf(err))
	o := a.Google.OAuth
	if code == "consent" && o.Grant == "installed" {
		hint = "chancery login " + a.Name.Value
	}
	if o.Grant != "service_account" || code != "token-client" && code != "consent" {
		k.problem("token", hint, "no access token: %s", cause(err))
		return
	}
	address, id, keyErr := cred.ServiceAccount(cfg.Service.Dir, o.Secret)
	if keyErr != nil {
		k.problem("token", hint, "no access token: %s", cause(err))
		return
	}
	if code == "consent" {
		k.problem("token", "is user: an address of the Workspace, and not suspended?", "%s may not act for %s: %s", address, a.Google.User.Value, cause(err))
		return
	}
	missing := undelegated(ctx, cfg, a)
	hint = fmt.Sprintf("in admin.google.com: Security, Access and data control, API controls, Domain-wide delegation: client ID %s, scopes %s", id, strings.Join(values(o.Scopes), ", "))
	k.problem("token", hint, "the administrator has not delegated to %s what it needs (%s): %s", address, missing, cause(err))
}

// undelegated asks for each scope alone, and says which ones are refused.
func undelegated(ctx context.Context, cfg *config.Config, a config.Account) string {
	var out []config.Text
	for _, s := range a.Google.OAuth.Scopes {
		o := tokenOptions(cfg, a)
		o.OAuth.Scopes = []config.Text{s}
		if _, err := cred.NewTokens(o).Token(ctx); err != nil {
			out = append(out, s)
		}
	}
	return strings.Join(shortScopes(out), ", ")
}

// sayGoogleRefusal tells why the API answers nothing.
func (k *checkup) sayGoogleRefusal(err error) {
	r, ok := errors.AsType[*googleRefusal](err)
	hint := "is url: that of the Calendar API?"
	switch {
	case !ok:
	case r.Status == http.StatusUnauthorized:
		hint = advice("token")
	case slices.Contains([]string{"accessNotConfigured", "SERVICE_DISABLED"}, r.Reason):
		hint = advice("api-disabled")
	case r.Status == http.StatusTooManyRequests || strings.Contains(r.Reason, "LimitExceeded") || r.Reason == "quotaExceeded":
		k.note("quota", advice("quota"), "%s", err)
		return
	case r.Status == http.StatusForbidden:
		hint = "the token leaves out a scope: have a person consent again, or the administrator delegate it"
	case r.Status >= 500:
		hint = "Google has a fault of its own; chancery tries again by itself"
	}
	k.problem("answer", hint, "%s", err)
}

// sayOwner tells whose calendars they are.
func (k *checkup) sayOwner(c *config.Google, all []googleCalendar) {
	i := slices.IndexFunc(all, func(cal googleCalendar) bool { return cal.Primary })
	switch {
	case i < 0:
		k.note("login", "", "the API takes the token; it does not say whose it is")
	case !strings.EqualFold(all[i].ID, c.User.Value):
		k.problem("login", "write that address as user:, or let the right person consent", "the calendars are those of %s, not of %s", all[i].ID, c.User.Value)
	default:
		k.ok("login", "the API takes the token; it is for %s", c.User.Value)
	}
}

// sayGoogleCalendar tells about one calendar.
func (k *checkup) sayGoogleCalendar(cfg *config.Config, source string, ref config.CalendarRef, all []googleCalendar) {
	what := writtenAs(cfg, source)
	holds := what != ""
	found := chooseGoogle(all, ref.Match)
	switch {
	case len(found) > 1:
		k.problem("calendar", advice("ambiguous-calendar"), "%s: %d calendars have this title", source, len(found))
	case len(found) == 0 && ref.Create:
		k.ok("calendar", "%s: not there yet, made when the service starts", source)
	case len(found) == 0:
		k.problem("calendar", "match: must be primary, the calendar's id, or its title as Google shows it", "%s is not there", source)
	case found[0].Role == "freeBusyReader" || found[0].Role == "none":
		k.problem("calendar", advice("no-access"), "%s shows only when time is taken, not by what", source)
	case holds && found[0].Role == "reader":
		k.problem("calendar", "give this account the right to change events there", "%s takes the %s, and this account may not write there", source, what)
	case holds:
		k.ok("calendar", "%s: there; Google tells what changed. %s may be written", source, strings.ToUpper(what[:1])+what[1:])
	default:
		k.ok("calendar", "%s: there; Google tells what changed (%s)", source, dash(found[0].Role))
	}
}

// chooseGoogle finds a calendar as the connector does: the own one, then by id, by
// the person's title for it, by its title, by that in any case.
func chooseGoogle(all []googleCalendar, match string) []googleCalendar {
	for _, fits := range []func(googleCalendar) bool{
		func(c googleCalendar) bool { return (match == "" || match == "primary") && c.Primary },
		func(c googleCalendar) bool { return strings.EqualFold(c.ID, match) },
		func(c googleCalendar) bool { return c.Own == match },
		func(c googleCalendar) bool { return c.Summary == match },
		func(c googleCalendar) bool {
			return strings.EqualFold(strings.TrimSpace(c.Summary), strings.TrimSpace(match))
		},
	} {
		var out []googleCalendar
		for _, c := range all {
			if !c.Deleted && fits(c) {
				out = append(out, c)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}
