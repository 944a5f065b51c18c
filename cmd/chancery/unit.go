package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"chancery/deploy"
)

func newUnit() *cobra.Command {
	return &cobra.Command{
		Use:   "unit",
		Short: "print the hardened systemd unit file",
		Long: `Print the systemd unit that this program is tested with. It gives the service a
user of its own, no right but to speak with servers, and one folder to write.

The service reads /etc/chancery as group chancery; password files, where you use
them instead of credentials, must belong to it:

    useradd --system --shell /usr/sbin/nologin -d /var/lib/chancery chancery
    chgrp -R chancery /etc/chancery
    chown -R chancery /etc/chancery/secrets
    chancery unit > /etc/systemd/system/chancery.service
    systemctl daemon-reload
    systemctl enable --now chancery`,
		Example: "  chancery unit > /etc/systemd/system/chancery.service",
		RunE: func(c *cobra.Command, _ []string) error {
			_, _ = fmt.Fprint(c.OutOrStdout(), deploy.Unit)
			return nil
		},
	}
}
