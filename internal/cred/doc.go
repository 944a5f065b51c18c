// Package cred reads secrets from where the configuration says they lie: a
// systemd credential or a file that only its owner can read. It keeps nothing,
// prints no secret, and never takes one from the environment, a command line or
// the configuration itself.
//
// Secrets are read again at each connection and reload, so that changing a
// password is writing one file.
package cred
