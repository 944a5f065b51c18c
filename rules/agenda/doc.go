// Package agenda decides where a principal's time is promised twice and who
// yields. It reads the clock, a file or the network never: all it knows is the
// View, and the same View gives the same steps in the same order.
package agenda
