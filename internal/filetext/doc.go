// Package filetext reads what a person would read in an attached file: plain
// text and tables, HTML, calendar files, RTF, and the Office formats that are
// archives of XML (ECMA-376, ISO/IEC 26300).
//
// It is pure: octets in, text out. It opens no file and no connection, resolves
// no entity, follows no link, unpacks no archive inside another, runs no macro,
// and it never panics. What a file is, its content says; name and claimed type
// are hints. Every file is hostile: see the limits. PDF is not read here, because no
// parser of it belongs into a process that holds mailboxes: see the type PDF.
package filetext

// Limits on one file, or on all files that share a Reader. What is over a limit
// ends the text there and gives a code.
const (
	MaxText     = 1 << 20  // octets of text from one file: "cut"
	MaxUnpacked = 32 << 20 // octets unpacked from the files of one Reader: "limit"

	maxMembers = 1000     // entries of an archive: "limit"
	maxRatio   = 100      // octets that one packed octet may become: "limit"
	smallRatio = 1 << 20  // unpacked octets below which the ratio does not matter
	maxDepth   = 100      // elements within elements, and groups in RTF: "limit"
	maxParts   = 200      // members that are read of one document: "limit"
	maxTag     = 4 << 10  // octets of a tag that are looked at; the rest is passed over
	maxLook    = 64 << 10 // octets that tell the kind
	maxDecoded = 4 << 20  // octets of a text that are looked at: "cut"
)

// Codes holds every code that Text returns, with its meaning in one line.
var Codes = map[string]string{
	"cut":        "there is more text than is kept",
	"pdf":        "PDF is not read here",
	"archive":    "an archive is not opened",
	"ole":        "an older Office or Outlook file is not read",
	"encrypted":  "only who has the password can read it",
	"message":    "a mail: its text is read as quoted text",
	"kind":       "a picture, a sound, or a kind that is not known",
	"broken":     "damaged, or not of its form: what came before is kept",
	"limit":      "deeper, larger or more tightly packed than any honest file: what came before is kept",
	"pdf-empty":  "there is no text in it, only pictures: a scan, perhaps",
	"pdf-later":  "no reader of PDF could be started: worth another look",
	"pdf-memory": "it takes more memory than a PDF may have: what came before is kept",
	"pdf-time":   "it takes longer than a PDF may: what came before is kept",
	"size":       "too large, or behind too many other files: not fetched",
}
