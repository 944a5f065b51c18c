package filetext

// Member is a file inside a file: of an archive, or attached to a PDF.
type Member struct {
	Name    string // its last path segment; content
	Content []byte
}

// PDF reads a PDF somewhere else than in this process: its text, page by page in the
// order in which a person reads, the files attached to it, and a code of Codes, "" if
// all of it was read. It never takes longer than its own limits allow.
type PDF func(content []byte) (text string, inside []Member, code string)
