// Package cred reads secrets from where the configuration says they lie: a
// systemd credential or a file that only its owner can read. It prints no
// secret, and never takes one from the environment, a command line or the
// configuration itself.
//
// Secrets are read again at each connection and reload, so that changing a
// password is writing one file.
//
// It also gets OAuth access tokens (Tokens). It asks only the endpoint that the
// configuration names, keeps access tokens in memory alone, and of refresh tokens
// keeps on disk the newest one, where a provider rotates them or a person consented.
//
// For a consent (Login) it listens on 127.0.0.1, for as long as that one login lasts,
// and never opens a browser itself.
package cred
