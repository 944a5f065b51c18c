package config

import "go.yaml.in/yaml/v4"

// billing reads what a rule file says under billing.
func (l *loader) billing(f *file, n *yaml.Node) {
	b, ok := f.block(n, "billing", "guidelines", "portals")
	if !ok {
		return
	}
	l.guidelines(f, b.get("guidelines"))
	l.portals(f, b.get("portals"))
}
