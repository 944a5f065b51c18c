package config

import "go.yaml.in/yaml/v4"

// portals reads who sends the notices of e-billing portals.
func (l *loader) portals(f *file, n *yaml.Node) {}
