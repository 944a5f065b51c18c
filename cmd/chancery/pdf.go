package main

import (
	"context"
	"errors"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/spf13/cobra"

	"chancery/internal/pdf"
)

// pdfs is one for the process, as there is one line to stand in for all accounts. It
// starts nothing before the first PDF.
var pdfs = pdf.New(pdf.Options{Socket: pdf.Socket})

// pdfIdle is how long the reading service stays without anybody who asks.
const pdfIdle = 5 * time.Minute

// newPDFReader is the command behind which PDFs are read: this program, or systemd,
// starts it, and people have no use for it.
func newPDFReader() *cobra.Command {
	c := &cobra.Command{
		Use:    "pdf-reader",
		Short:  "read PDFs for another process of this program",
		Hidden: true,
		RunE: func(c *cobra.Command, _ []string) error {
			if socket, _ := c.Flags().GetBool("socket"); socket {
				return servePDFs(c.Context())
			}
			if pdf.Main() != 0 {
				return errSilent
			}
			return nil
		},
	}
	c.Flags().Bool("socket", false, "serve the socket that systemd hands over")
	return c
}

// servePDFs answers at the socket of chancery-pdf.socket.
func servePDFs(ctx context.Context) error {
	all, err := activation.Listeners()
	if err != nil {
		return err
	}
	if len(all) != 1 || all[0] == nil {
		return errors.New("serve PDFs: no socket from systemd (unit file: chancery unit chancery-pdf.socket)")
	}
	pool := pdf.New(pdf.Options{}) // not the one that would ask this very socket
	defer pool.Close()
	return pdf.Serve(ctx, all[0], pool, pdfIdle)
}
