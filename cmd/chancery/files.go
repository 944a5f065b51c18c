package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"chancery/config"
	"chancery/connectors"
	"chancery/internal/cred"
)

// rootCAs is the system's pool, or the firm's own CA alone. It is read at every
// connection: a renewed certificate needs no restart, and a missing one stops
// its account only.
func rootCAs(dir, file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(inFolder(dir, file))
	if err != nil {
		return nil, &connectors.Error{Class: connectors.Config, Code: "ca-file", Err: err}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &connectors.Error{Class: connectors.Config, Code: "ca-file", Err: fmt.Errorf("%s holds no certificate", file)}
	}
	return pool, nil
}

func inFolder(dir, file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}

// fileProblems looks at the certificates and secrets that the service file
// names. Only "chancery check" asks: when the service runs, a missing file stops
// one account and not the house.
func fileProblems(cfg *config.Config) config.Errors {
	var out config.Errors
	secret := func(s config.Secret) {
		if e, bad := cred.Check(cfg.Service.Dir, s); bad {
			out = append(out, e)
		}
	}
	ca := func(pos config.Pos, file string) {
		if e := caProblem(cfg.Service.Dir, file); e.Problem != "" {
			e.Pos = pos
			out = append(out, e)
		}
	}
	for _, a := range cfg.Service.Accounts {
		if o := a.OAuth(); o != nil {
			secret(o.Secret)
			secret(o.Refresh)
		}
		switch {
		case a.IMAP != nil:
			ca(a.IMAP.Pos, a.IMAP.CAFile)
			secret(a.IMAP.Password)
		case a.CalDAV != nil:
			ca(a.CalDAV.Pos, a.CalDAV.CAFile)
			secret(a.CalDAV.Password)
		case a.Google != nil:
			ca(a.Google.Pos, a.Google.CAFile)
		}
	}
	if st := cfg.Service.State; st.Journal == "postgres" {
		secret(st.Postgres)
	}
	secret(cfg.Service.State.Key)
	return out
}

func caProblem(dir, file string) config.Error {
	_, err := rootCAs(dir, file)
	switch {
	case err == nil:
		return config.Error{}
	case errors.Is(err, fs.ErrPermission):
		return config.Error{Problem: fmt.Sprintf("ca_file %s cannot be read by this user", file), Hint: "the user that chancery runs as must be able to", Warning: true}
	case errors.Is(err, fs.ErrNotExist):
		return config.Error{Problem: fmt.Sprintf("ca_file %s does not exist", file), Hint: "a relative path begins in the configuration folder; leave ca_file out if a public authority signed the server's certificate"}
	}
	return config.Error{Problem: fmt.Sprintf("ca_file %s holds no certificate", file), Hint: "it must be PEM: -----BEGIN CERTIFICATE-----"}
}
