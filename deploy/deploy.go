// Package deploy carries the files that a package puts on a system, so that the
// binary can print the very unit file it is tested with. It does nothing itself.
package deploy

import _ "embed"

// Unit is the hardened systemd unit.
//
//go:embed chancery.service
var Unit string
