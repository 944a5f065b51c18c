// Package agenda decides where a principal's time is promised twice and who
// yields. It reads no clock, file or network and loads no zone: all it knows is
// the View, and the same View gives the same steps in the same order. It never
// moves a meeting and never speaks to an organizer.
//
// # What counts
//
//   - A day begins and ends at midnight of the principal's zone, or of the zone
//     where a rule says that the principal lives that day. Floating times, whole
//     days, working hours and protected time are read there.
//   - Declined, cancelled, free and working-elsewhere events do not block, nor do
//     our own holds, nor what a rule ignores.
//   - A whole-day event blocks only when it says out of office, and then the
//     working hours, or when its rank is fixed: calendar programs fill the day with
//     birthdays and reminders.
//   - An event without length blocks only when its rank keeps time free around it.
//   - Between neighbours lies the longest of what the first keeps free after it, the
//     second before it, and the way of either unless they are at one place.
//   - A deadline is the time before a moment, and yields to nobody; a person decides
//     when it meets what ranks above it. Protected and focus time is taken by what
//     ranks above it without a word.
//   - The same meeting in two calendars is one: same UID and date, or same start
//     and end with the same call address or the same organizer and title.
//   - What clashes in a chain is weighed together. What stays is free of conflicts,
//     and of the highest class as many as can.
//   - Unanswered and tentative events block softly. A soft conflict is told like
//     any other and loses a tie.
//   - A pair counts until one of the two has ended.
//
// # The laws
//
//  1. Same View, same answer, whatever the order of the agenda.
//  2. Convergence: apply the steps, settle again, and nothing is left to do.
//  3. What a person dismissed or pinned is never touched again.
//  4. Any recurrence rule ends soon, in steps that are counted and do not grow
//     with its age; what is refused is one instance and a problem code.
//  5. An offered slot stays offered until it passes or is taken, or it turns out
//     that somebody whose time is known cannot come.
//  6. A Book that lived through any history of puts, drops, days and zones says what
//     a new Book of the same events says.
package agenda
