// Package config reads what IT writes: the service file chancery.yaml, the rule
// files rules.d/*.yaml, the matter list and the term and address lists. It keeps
// the place of everything, reports every problem at once as file:line:col with a
// hint, and decides nothing: conditions stay text here.
//
// # The folder
//
//	chancery.yaml       accounts and principals
//	rules.d/*.yaml      rules, read in the order of their names
//	matters.csv         the matter list, if a rule file names one
//	lists/*.txt         addresses, domains and terms, if a rule file names them
//
// Paths in rule files are relative to the folder and stay inside it. All files
// are UTF-8 without invisible characters. Limits and defaults are in defaults.go.
//
// # The service file
//
//	version: 1
//	state: {dir: /var/lib/chancery, journal: sqlite}      # optional
//	accounts:
//	  - name: gc-mail
//	    imap: {host: imap.firm.example, user: gc, password: {credential: gc-mail}, mailboxes: [INBOX, Sent]}
//	  - name: gc-cal
//	    caldav: {url: https://cal.firm.example/, user: gc, password: {file: secrets/gc-cal}, calendars: [work, {name: holds, match: Conflicts, create: true}]}
//	principals:
//	  - name: general-counsel
//	    zone: America/New_York
//	    hours: ["Mon-Fri 09:00-18:00"]
//	    calendars: [gc-cal/work]
//	    addresses: [gc@firm.example]
//	    holds: gc-cal/holds
//	    notes: {account: gc-mail, mailbox: INBOX, to: pa@firm.example}
//
// A secret is only ever a reference, {credential: name} or {file: path}. A value
// under a key such as password or token, a login in a URL and a password in a
// connection string are refused, and never repeated in a problem.
//
// # A rule file
//
//	version: 1
//	defaults: {mode: observe, folders: [INBOX]}           # of this file
//	lists: {firm: [firm.example], counsel: {file: lists/counsel.txt}}
//	terms: {privilege: [attorney-client, work product]}
//	matters: {file: matters.csv, number: '\b(\d{5})[-.](\d{4})\b'}
//	marks: {privileged: {keyword: lx-1, thunderbird: $label1, apple: purple, flagged: true}}
//	mail:
//	  - name: privileged
//	    priority: 200
//	    mode: enforce                                     # off, observe, enforce
//	    let: {outside: '!msg.from.is_in(lists.firm)'}
//	    when: terms.privilege.size() > 0 && outside
//	    unless: msg.bulk
//	    extract: {total: {kind: money, near: [total due]}}
//	    then: [mark: privileged, file: "Billing/{{x.matter.number}}", star: true]
//	    stop: true
//	calendar:
//	  ranks: [{name: court, rank: 100, when: 'ev.title.contains("hearing")', fixed: true, buffer: 30m}]
//	  ignore: [{name: free, when: 'ev.show == "free"'}]
//	  conflicts: {mode: enforce, horizon: 60d, alternatives: 3, resolve: propose, discreet: true}
//
// There are also house: (who we are), labels: (sensitivity labels by GUID) and
// tests: (mail and what rules must make of it). A rule may have accounts: and
// user_may:, and write a note: or draft: from a template file. A file of users.d
// has the name of a mail account and holds what its people switch, their own
// rules, and tests.
//
// Lists, terms, marks, rules and ranks of all files are one set; a name defined
// twice is a problem that says both places. matters: and conflicts: stand in one
// file only. Durations are written 30s, 10m, 2h or 14d.
//
// # Strictness
//
// An unknown key, a key written twice, a value of another type and a name that
// nothing defines are errors. Text is text: a matter number 00420 or 1_000 is
// kept as it is written. Aliases are followed within bounds; merge keys and tags
// are refused.
package config
