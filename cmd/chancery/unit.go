package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"chancery/deploy"
)

func newUnit() *cobra.Command {
	return &cobra.Command{
		Use:     "unit",
		Short:   "print the hardened systemd unit file",
		Example: "  chancery unit > /etc/systemd/system/chancery.service",
		RunE: func(c *cobra.Command, _ []string) error {
			_, _ = fmt.Fprint(c.OutOrStdout(), deploy.Unit)
			return nil
		},
	}
}
