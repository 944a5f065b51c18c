package config

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

const secretHint = `name where it lies: {credential: name} for systemd's LoadCredential=name:/path, or {file: secrets/name} for a file of mode 0600`

var (
	credentialName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,126}$`)
	loginInURL     = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^/@\s]*:[^@\s]*@`)
	secretInDSN    = regexp.MustCompile(`(?i)\bpass(word|wd)?\s*=\s*\S`)
	secretKeys     = []string{"pass", "pwd", "pin", "apikey", "api_key", "private_key", "bearer"}
)

// ValidCredential reports whether a name can be that of a systemd credential.
func ValidCredential(name string) bool { return credentialName.MatchString(name) }

func secretKey(key string) bool {
	key = strings.ToLower(key)
	if _, close := nearest(key, []string{"token_url"}); close {
		return false // where tokens are got: no secret, also if it is misspelt
	}
	return slices.Contains(secretKeys, key) || strings.Contains(key, "passw") || strings.Contains(key, "passphrase") ||
		strings.Contains(key, "secret") || strings.Contains(key, "token")
}

// refuseSecrets tells every secret written into the file itself, wherever it
// stands and whatever else is wrong there. The file is read by more people, and
// copied to more places, than a secret may be. The secret is never repeated.
func (f *file) refuseSecrets(n *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], target(n.Content[i+1])
			if k.Kind == yaml.ScalarNode && secretKey(k.Value) && v.Kind == yaml.ScalarNode && v.Tag != "!!null" {
				f.refuse(v, "a secret is written in the configuration")
				continue
			}
			f.refuseSecrets(v)
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			f.refuseSecrets(target(c))
		}
	case yaml.ScalarNode:
		if loginInURL.MatchString(n.Value) || secretInDSN.MatchString(n.Value) {
			f.refuse(n, "a password is written in this value")
		}
	}
}

func (f *file) refuse(n *yaml.Node, problem string) {
	if !f.refused[n] {
		f.fail(f.at(n), problem, secretHint)
		f.refused[n] = true
	}
}

// secret reads a reference to a secret.
func (f *file) secret(n *yaml.Node) Secret {
	n = target(n)
	if n.Kind == yaml.ScalarNode {
		if !f.refused[n] {
			f.fail(f.at(n), "expected a reference to a secret, found "+kindWord(n), secretHint)
		}
		return Secret{Pos: f.at(n)}
	}
	s := Secret{Pos: f.at(n)}
	b, ok := f.block(n, "a reference to a secret", "credential", "file")
	if !ok {
		return s
	}
	if c := b.get("credential"); c != nil {
		if t, ok := f.text(c); ok && credentialName.MatchString(t.Value) {
			s.Credential = t.Value
		} else if ok {
			f.fail(t.Pos, "this is not the name of a credential", "letters, digits, . _ and -; the name, not the secret")
		}
	}
	if c := b.get("file"); c != nil {
		if t, ok := f.text(c); ok {
			s.File = t.Value
		}
	}
	switch both := b.get("credential") != nil && b.get("file") != nil; {
	case both:
		f.fail(s.Pos, "credential and file are both set", "keep one of them")
	case len(b.values) == 0:
		f.fail(s.Pos, "the reference to a secret is empty", secretHint)
	}
	return s
}
