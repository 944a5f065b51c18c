package main

import (
	"github.com/spf13/cobra"

	"chancery/internal/pdf"
)

// pdfs is one for the process, as there is one line to stand in for all accounts. It
// starts nothing before the first PDF.
var pdfs = pdf.New(pdf.Options{Socket: pdf.Socket})

// newPDFReader is the command behind which PDFs are read: this program starts itself
// with it, and people have no use for it.
func newPDFReader() *cobra.Command {
	return &cobra.Command{
		Use:    "pdf-reader",
		Short:  "read PDFs for another process of this program",
		Hidden: true,
		RunE: func(*cobra.Command, []string) error {
			if pdf.Main() != 0 {
				return errSilent
			}
			return nil
		},
	}
}
