// Package trial runs the tests that IT writes beside the rules: messages and
// events, and what the rules must make of them. It asks the same rules that the
// service asks, with every rule that observes taken as enforced, so that switching
// a rule on changes no test.
//
// It connects to nothing, writes nothing, reads no clock, and reads no file but
// those of the configuration folder it is given: the same folder gives the same
// report. The messages of tests are content like any other: what a failure tells
// of them stands in fields that cannot print themselves, and Report.Problems has
// words of the configuration alone.
//
// # Tests in rule files
//
//	tests:
//	  - name: advice is marked
//	    mail: tests/advice.eml            # or text: | ...
//	    expect: {privileged: [mark privileged]}
//	    not: [invoices]
//	  - name: a hearing wins
//	    events: [tests/hearing.ics, tests/call.ics]
//	    expect: {court: [conflict], client: [conflict]}
//
// A rule under expect must match and do exactly what stands behind it, in any
// order; with nothing behind it, it must match. A rule under not must not match.
// Rules that are not named may do what they like; expect: none says that no rule
// matches at all. For events, the names are those of ranks and ignores: some event
// must be ranked so; "conflict" says that such an event is in a conflict. The name
// "conflicts" stands for any conflict, and none says that there is no conflict.
//
// # Tests in folders
//
//	tests/RULE/match/*.eml        the rule matches each
//	tests/RULE/no-match/*.eml     the rule matches none
//
// with .ics for a rank or an ignore. The message lies in the first folder of the
// rule, INBOX if it looks there or anywhere, in the first account it is for.
//
// # What tests know and mail does not
//
// Entries of tests/lists/NAME.txt are in the list NAME, words of tests/terms/NAME.txt
// in those terms, matters of tests/matters.csv in the matter list, and servers of
// tests/authserv.txt among our own, while tests run. The set that decides mail is
// another one. The events of tests/calendar/*.ics are what the first principal has
// in the calendars when the mail of a test comes; invitations are held against them.
package trial
