// Package config reads what IT writes: the service file chancery.yaml, the rule
// files rules.d/*.yaml, the matter list and the term and address lists. It keeps
// the place of everything, reports every problem at once as file:line:col with a
// hint, and decides nothing.
package config
