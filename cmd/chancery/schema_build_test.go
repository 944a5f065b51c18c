package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"chancery/config"
)

// The schemas that editors read are made here: which keys there are and of what
// shape from the tables below, what each of them means from the manual. The
// shipped files are compared with that, and the tables with what package config
// reads.

type jsonObject = map[string]any

var (
	aText  = jsonObject{"type": []string{"string", "number"}}
	anExpr = jsonObject{"type": []string{"string", "boolean"}}
	aFlag  = jsonObject{"type": "boolean"}
	aSpan  = jsonObject{"type": []string{"string", "integer"}, "pattern": `^(\d+d)?(\d+(\.\d+)?(h|m|s|ms))*$|^0$`}
	aMode  = words("off", "observe", "enforce")
	aFree  = jsonObject{}

	aResolve = words("propose", "tentative", "decline", "move")
)

func words(list ...string) jsonObject {
	var out []any
	for _, w := range list {
		out = append(out, w)
		if w == "off" { // YAML 1.1 readers of editors take it for false
			out = append(out, false)
		}
	}
	return jsonObject{"enum": out}
}

func itemsOf(of jsonObject) jsonObject { return jsonObject{"type": "array", "items": of} }
func mappingOf(of jsonObject) jsonObject {
	return jsonObject{"type": "object", "additionalProperties": of}
}
func section(name string) jsonObject     { return jsonObject{"$ref": "#/definitions/" + slug(name)} }
func either(of ...jsonObject) jsonObject { return jsonObject{"anyOf": of} }
func wholeFrom(low, high int) jsonObject {
	return jsonObject{"type": "integer", "minimum": low, "maximum": high}
}

func slug(name string) string {
	return strings.ReplaceAll(name, " ", "-")
}

// shape is what one mapping of the configuration may hold.
type shape struct {
	keys     jsonObject
	required []string
}

var aList = either(itemsOf(aText), section("lists"))

// shapes are by the words with which package config and the manual name them.
var shapes = map[string]shape{
	"chancery.yaml": {jsonObject{"version": jsonObject{"const": 1}, "state": section("state"), "accounts": itemsOf(section("an account")), "principals": itemsOf(section("a principal"))}, []string{"version", "accounts"}},
	"state":         {jsonObject{"dir": aText, "journal": words("sqlite", "postgres"), "postgres": section("a reference to a secret"), "key": section("a reference to a secret")}, nil},
	"an account":    {jsonObject{"name": aText, "imap": section("imap"), "caldav": section("caldav"), "google": section("google")}, []string{"name"}},
	"imap": {jsonObject{"host": aText, "port": wholeFrom(1, 65535), "tls": words("implicit", "starttls", "none"), "ca_file": aText, "user": aText, "password": section("a reference to a secret"),
		"mailboxes": itemsOf(aText), "first_sync": words("baseline", "apply"), "poll": aSpan, "auth": words("password", "xoauth2", "oauthbearer"), "oauth": section("oauth"),
		"compress": aFlag, "grace": aSpan, "brake": either(words("off"), section("brake"))}, []string{"host", "user"}},
	"oauth": {jsonObject{"grant": words("client_credentials", "refresh_token", "service_account", "installed"), "auth_url": aText, "token_url": aText, "client_id": aText, "secret": section("a reference to a secret"),
		"refresh": section("a reference to a secret"), "scopes": itemsOf(aText)}, nil},
	"brake":       {jsonObject{"moves": wholeFrom(1, 1_000_000), "percent": wholeFrom(1, 100), "letters": wholeFrom(1, 10_000)}, nil},
	"caldav":      {jsonObject{"url": aText, "hosts": itemsOf(aText), "auth": words("password", "bearer"), "oauth": section("oauth"), "ca_file": aText, "user": aText, "password": section("a reference to a secret"), "calendars": itemsOf(either(aText, section("a calendar"))), "poll": aSpan}, []string{"url", "user"}},
	"google":      {jsonObject{"url": aText, "ca_file": aText, "user": aText, "oauth": section("oauth"), "calendars": itemsOf(either(aText, section("a calendar"))), "poll": aSpan}, []string{"user"}},
	"a calendar":  {jsonObject{"name": aText, "match": aText, "create": aFlag}, []string{"name"}},
	"a principal": {jsonObject{"name": aText, "title": aText, "zone": aText, "hours": itemsOf(aText), "addresses": itemsOf(aText), "calendars": itemsOf(aText), "holds": aText, "notes": section("notes"), "mail": itemsOf(aText), "billing": section("a billing desk")}, []string{"name", "zone"}},
	"notes":       {jsonObject{"account": aText, "mailbox": aText, "to": aText}, []string{"account"}},
	"a billing desk": {jsonObject{"calendar": aText, "notes": words("weekly", "daily", "off"), "day": aText, "at": aText, "due_before": wholeFrom(0, 60),
		"holidays": aList, "prebill_after": aSpan}, nil},
	"a reference to a secret": {jsonObject{"credential": aText, "file": aText}, nil},

	"a rule file": {jsonObject{"version": jsonObject{"const": 1}, "defaults": section("defaults"), "house": section("house"), "lists": mappingOf(aList), "terms": mappingOf(aList), "matters": section("matters"),
		"labels": mappingOf(itemsOf(aText)), "marks": mappingOf(section("a mark")), "mail": itemsOf(section("a mail rule")), "calendar": section("calendar"), "billing": section("billing"), "tests": itemsOf(section("a test"))}, []string{"version"}},
	"billing":  {jsonObject{"guidelines": itemsOf(section("a guideline")), "portals": itemsOf(section("a portal"))}, nil},
	"a portal": {jsonObject{"name": aText, "from": itemsOf(aText)}, []string{"name", "from"}},
	"a guideline": {jsonObject{"name": aText, "clients": itemsOf(aText), "level": words("error", "warning"), "formats": itemsOf(words(config.LedesFormats...)),
		"extensions": itemsOf(aText), "currencies": itemsOf(aText), "required": itemsOf(words(config.LedesRequirable...)), "number": aText,
		"number_length": wholeFrom(1, 20), "alphanumeric": aFlag, "one_matter": aFlag, "max_total": aText, "max_line": aText, "max_age": aSpan,
		"max_line_age": aSpan, "late": aSpan, "unit_decimals": wholeFrom(0, 4), "rate_decimals": wholeFrom(0, 4), "amount_decimals": wholeFrom(0, 4),
		"codes_required": itemsOf(words("task", "activity", "expense")), "codes_blocked": itemsOf(aText), "rates": mappingOf(aText), "expenses": mappingOf(aText),
		"hours": aText, "increment": aText, "description_min": wholeFrom(1, 1000), "description_max": wholeFrom(1, 15<<10), "one_task": aFlag,
		"travel": aText, "timekeepers": itemsOf(aText), "unit_costs": mappingOf(aText),
		"words": itemsOf(aText), "no_negative": aFlag}, []string{"name"}},
	"defaults": {jsonObject{"mode": aMode, "folders": itemsOf(aText)}, nil},
	"house":    {jsonObject{"firm": aText, "counsel": aText, "authserv": itemsOf(aText)}, nil},
	"lists":    {jsonObject{"file": aText}, []string{"file"}},
	"matters":  {jsonObject{"file": aText, "number": aText}, []string{"file"}},
	"a mark": {jsonObject{"keyword": jsonObject{"type": "string", "pattern": `^[A-Za-z0-9_-]{1,30}$`}, "thunderbird": words("$label1", "$label2", "$label3", "$label4", "$label5"),
		"apple": words("red", "orange", "yellow", "green", "blue", "purple", "grey"), "gmail": aText, "flagged": aFlag}, nil},
	"a mail rule": {jsonObject{"name": aText, "priority": wholeFrom(-1_000_000, 1_000_000), "mode": aMode, "accounts": itemsOf(aText), "folders": itemsOf(aText), "user_may": itemsOf(words("off", "observe", "folder")),
		"let": mappingOf(anExpr), "when": anExpr, "unless": anExpr, "extract": mappingOf(section("an extraction")), "then": itemsOf(either(jsonObject{"const": "star"}, section("an action"))), "stop": aFlag}, []string{"name", "when"}},
	"an extraction": {jsonObject{"kind": words("matter", "invoice", "money", "date"), "near": itemsOf(aText)}, []string{"kind"}},
	"an action":     {jsonObject{"mark": aText, "file": aText, "star": jsonObject{"const": true}, "note": section("a letter"), "draft": section("a letter")}, nil},
	"a letter":      {jsonObject{"template": aText, "to": aText, "subject": aText, "text": aText}, nil},
	"calendar": {jsonObject{"ranks": itemsOf(section("a rank")), "ignore": itemsOf(section("an entry of ignore")), "protected": itemsOf(section("an entry of protected")),
		"zones": itemsOf(section("an entry of zones")), "mirrors": itemsOf(section("a mirror")), "classes": itemsOf(section("an entry of classes")), "conflicts": section("conflicts")}, nil},
	"a mirror":            {jsonObject{"name": aText, "mode": aMode, "from": itemsOf(aText), "to": aText, "as": aText, "when": anExpr}, []string{"name", "from", "to"}},
	"an entry of classes": {jsonObject{"name": aText, "mode": aMode, "when": anExpr, "class": words("private", "confidential")}, []string{"name", "when", "class"}},
	"a rank": {jsonObject{"name": aText, "rank": wholeFrom(0, 1000), "when": anExpr, "fixed": aFlag, "buffer": aSpan,
		"before": aSpan, "after": aSpan, "travel": aSpan, "deadline": aSpan, "resolve": aResolve}, []string{"name", "rank", "when"}},
	"an entry of ignore":    {jsonObject{"name": aText, "when": anExpr}, []string{"name", "when"}},
	"an entry of protected": {jsonObject{"name": aText, "rank": wholeFrom(0, 1000), "hours": itemsOf(aText), "principals": itemsOf(aText)}, []string{"name", "rank", "hours"}},
	"an entry of zones":     {jsonObject{"name": aText, "zone": aText, "when": anExpr}, []string{"name", "zone", "when"}},
	"conflicts": {jsonObject{"mode": aMode, "horizon": aSpan, "alternatives": wholeFrom(0, 10), "resolve": aResolve, "discreet": aFlag,
		"slots": aFlag, "replies": aFlag, "notice": aSpan}, nil},
	"a test": {jsonObject{"name": aText, "mail": aText, "text": aText, "events": itemsOf(aText), "account": aText, "folder": aText, "flags": itemsOf(aText), "thread": itemsOf(aText), "earlier": itemsOf(aText), "now": aText,
		"expect": either(jsonObject{"const": "none"}, mappingOf(aFree)), "not": itemsOf(aText)}, nil},
	"a user file": {jsonObject{"version": jsonObject{"const": 1}, "rules": mappingOf(section("a switch")), "mail": itemsOf(section("a mail rule")), "tests": itemsOf(section("a test"))}, []string{"version"}},
	"a switch":    {jsonObject{"mode": words("off", "observe"), "folder": aText}, nil},
}

// schemaFiles are the files and what stands at the top of each.
var schemaFiles = map[string]string{"rules": "a rule file", "users": "a user file", "service": "chancery.yaml"}

var mdLink = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)

// meaning is what the manual says of each key of a section.
func meaning(t *testing.T, all map[string]string, what string) map[string]string {
	t.Helper()
	if what == "a reference to a secret" {
		what = "secrets"
	}
	out := map[string]string{}
	for _, row := range rowsOf(all[what]) {
		key, ok := code(row[0])
		if !ok || len(row) < 2 {
			continue
		}
		said := strings.TrimSpace(mdLink.ReplaceAllString(row[len(row)-1], "$1"))
		if len(row) == 4 && row[2] != "" && row[2] != "none" {
			said = strings.TrimPrefix(said+". Default: "+mdLink.ReplaceAllString(row[2], "$1"), ". ")
			said = strings.Replace(said, "Default: required", "Required", 1)
		}
		if len(said) > 0 {
			out[key] = strings.ToUpper(said[:1]) + said[1:]
		}
	}
	return out
}

// makeSchema writes one schema. Editors read draft 7 and below.
func makeSchema(t *testing.T, name string) []byte {
	t.Helper()
	pages := manual(t)
	all := sections(pages["docs/configuration.md"])
	for k, v := range sections(pages["docs/rules.md"]) {
		all[k] = v
	}
	needed, definitions := map[string]bool{}, jsonObject{}
	var build func(what string) jsonObject
	build = func(what string) jsonObject {
		s, said := shapes[what], meaning(t, all, what)
		properties := jsonObject{}
		for key, of := range s.keys {
			p := jsonObject{}
			for k, v := range of.(jsonObject) {
				p[k] = v
			}
			if text := said[key]; text != "" {
				if ref, ok := p["$ref"]; ok { // what stands beside a reference is ignored in draft 7
					delete(p, "$ref")
					p["allOf"] = []jsonObject{{"$ref": ref}}
				}
				p["description"] = text
			}
			properties[key] = p
		}
		out := jsonObject{"type": "object", "additionalProperties": false, "properties": properties}
		if len(s.required) > 0 {
			out["required"] = s.required
		}
		if what == "an action" {
			out["minProperties"], out["maxProperties"] = 1, 1
		}
		encoded, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		for other := range shapes {
			if bytes.Contains(encoded, []byte(`"#/definitions/`+slug(other)+`"`)) && !needed[other] {
				needed[other] = true
				definitions[slug(other)] = build(other)
			}
		}
		return out
	}
	top := build(schemaFiles[name])
	top["$schema"], top["title"], top["definitions"] = "http://json-schema.org/draft-07/schema#", "Chancery: "+schemaFiles[name], definitions
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(top); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
