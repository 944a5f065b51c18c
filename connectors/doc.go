// Package connectors is the contract between the house and the servers: what a
// Source promises, and the errors it may return. It never decides anything.
//
// # The laws
//
// Each is a test in connectors/connectortest.
//
//  1. Pull never skips: a change after the cursor is in this Batch or in a later
//     one. A crash between Pull and the commit of its cursor repeats changes and
//     loses none.
//  2. One unreadable item is reported as an Unreadable change with a Fault; it
//     never fails the Batch.
//  3. Apply is idempotent: a step whose effect is already on the server ends as
//     Done with Already set. A crash in the middle is mended by applying the same
//     step again.
//  4. Apply never overwrites: a step on an item that changed since ends as Stale.
//  5. A cancelled context ends the call soon; nothing is sent after that. The
//     caller then closes the Source, unless the call was Wait.
//  6. Close ends every goroutine and connection of the Source.
//  7. Mail that vanished is reported after everything that arrived: what a person
//     moved is seen where it is before it is missed where it was. UIDs that lose
//     their meaning make nothing vanish.
//
// One goroutine owns a Source: its methods are never called at the same time.
package connectors
