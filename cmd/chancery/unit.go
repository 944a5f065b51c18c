package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"chancery/deploy"
)

// units are the unit files by their names.
var units = map[string]string{
	"chancery.service": deploy.Unit, "chancery-pdf.socket": deploy.PDFSocket, "chancery-pdf.service": deploy.PDFService,
}

func newUnit() *cobra.Command {
	return &cobra.Command{
		Use:   "unit [NAME]",
		Short: "print the hardened systemd unit files",
		Long: `Print the systemd unit that this program is tested with. It gives the service a
user of its own, no right but to speak with servers, and one folder to write.

The service reads /etc/chancery as group chancery; password files, where you use
them instead of credentials, must belong to it:

    useradd --system --shell /usr/sbin/nologin -d /var/lib/chancery chancery
    chgrp -R chancery /etc/chancery
    chown -R chancery /etc/chancery/secrets
    cd /etc/systemd/system
    chancery unit > chancery.service
    chancery unit chancery-pdf.socket > chancery-pdf.socket
    chancery unit chancery-pdf.service > chancery-pdf.service
    systemctl daemon-reload
    systemctl enable --now chancery-pdf.socket chancery

The two others read PDF files as a user that owns nothing, without a network.
Where they are not installed, the service reads PDF files by a child of its own,
slowly: its unit allows no memory that can be written and executed.`,
		Example: "  chancery unit > /etc/systemd/system/chancery.service",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && units[args[0]] == "" {
				return usagef("unknown unit")
			}
			return nil
		},
		ValidArgs: slices.Sorted(maps.Keys(units)),
		RunE: func(c *cobra.Command, args []string) error {
			name := "chancery.service"
			if len(args) == 1 {
				name = args[0]
			}
			_, _ = fmt.Fprint(c.OutOrStdout(), units[name])
			return nil
		},
	}
}
