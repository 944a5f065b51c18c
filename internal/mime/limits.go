package mime

// Limits on one message. What is over a limit is skipped and leaves the problem
// code named here.
const (
	MaxHeader    = 256 << 10 // octets of one header block: "header-size"
	MaxFields    = 1000      // fields of one header block: "header-fields"
	MaxDepth     = 20        // nested multiparts and attached messages: "depth"
	MaxParts     = 500       // parts of all kinds; the rest of the message is skipped: "parts"
	MaxAddresses = 5000      // addresses in all fields together: "addresses"
	MaxIDs       = 1000      // Message-IDs in References or In-Reply-To: "references"
	MaxParams    = 100       // parameters of one field: "params"
	MaxParam     = 4 << 10   // octets of one parameter value: "params"
	MaxName      = 1 << 10   // octets of a file name, decoded: "name-size"
	MaxWords     = 64 << 10  // octets that the encoded words of one field decode to: "words"
	MaxRepeats   = 20        // values kept of one field in Mail.Header; no problem code

	MaxText  = 256 << 10 // octets of text kept per part, UTF-8: TextPart.Cut
	MaxTexts = 1 << 20   // of all parts together
	MaxHead  = 64 << 10  // octets kept of the beginning of a file: Attachment.Cut
	MaxHeads = 1 << 20   // of all files together

	// Of files whose text is asked for. What is over them has the code "size" or "cut"
	// in Attachment.Unread.
	MaxFile      = 20 << 20 // octets of one file that are looked into
	MaxFiles     = 10       // files that are looked into
	MaxContents  = 50 << 20 // octets of all of them
	MaxFileText  = 1 << 20  // octets of text kept per file, UTF-8
	MaxFileTexts = 4 << 20  // of all files together

	// Of files that may be bills, if they are asked for. What is over them has the code
	// "size" or "limit" in Attachment.Unread.
	MaxBill       = 8 << 20  // octets of one file for machines: Attachment.Data
	MaxBills      = 16 << 20 // of all of them together
	MaxBillFiles  = 40       // files that are looked into, in place of MaxFiles
	MaxInside     = 100      // files inside archives and PDF files together
	MaxInsideHead = 8 << 10  // octets kept of the beginning of each
	MaxPDFs       = 20       // PDF files that are read

	// Of calendar parts, if they are asked for. What is over them has a code in
	// Invite.Problems.
	MaxInvite  = 1 << 20 // octets of one part, as of any calendar object: "ics-too-large"
	MaxInvites = 4       // parts that are read: "invites-cut"
)
