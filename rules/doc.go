// Package rules decides. Compile turns what IT wrote into a Set; Decide says for
// one change what is intended; Explain says why, rule by rule.
//
// It never does I/O, reads no clock, uses no randomness and writes no log: the
// same change and the same view give the same plan, byte for byte.
//
// # Laws
//
//   - Pure: Decide depends on its arguments and the rule files alone.
//   - Convergent: when every step of a plan has been applied, deciding again
//     intends nothing, as long as all rules look at the same mailboxes. Letters are
//     the exception: a note or draft is intended each time, and the engine, which
//     names it under its key, writes it once.
//   - A person wins: a rule that is released for an item makes no step for it,
//     and no rule below takes the place of what the person undid.
//   - No silent contradiction: two rules of one priority that would file one
//     message in two places make a report and no move; and whatever a rule wants
//     and does not get has a report.
//   - A switch of users.d takes away: a rule never does more for an account than
//     it would do by the firm's file, but for the place it files to.
//   - Nothing changes with time alone before the instant that Plan.LookAgain names.
//   - The gate is only a short cut: leaving it out changes no plan.
//   - One bad rule harms itself alone: an expression that fails, or costs too
//     much, makes a report, and every other rule goes on.
package rules
