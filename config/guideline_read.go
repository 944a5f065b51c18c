package config

import "go.yaml.in/yaml/v4"

// guidelines reads what clients ask of LEDES files.
func (l *loader) guidelines(f *file, n *yaml.Node) {}
