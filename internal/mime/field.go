package mime

import "strings"

// fieldID tells the header fields that are read; other fields are skipped
// without being stored.
type fieldID uint8

const (
	idOther fieldID = iota
	idFrom
	idSender
	idReplyTo
	idTo
	idCc
	idBcc
	idSubject
	idDate
	idMessageID
	idInReplyTo
	idReferences
	idType
	idEncoding
	idDisposition
	idListID
	idListUnsubscribe
	idPrecedence
	idAuto
	idSensitivity
	idLabels
	idMarks // the first of the fields that are only kept
)

// readFields are the fields that fill a field of model.Mail.
var readFields = map[string]fieldID{
	"From": idFrom, "Sender": idSender, "Reply-To": idReplyTo, "To": idTo, "Cc": idCc, "Bcc": idBcc,
	"Subject": idSubject, "Date": idDate, "Message-Id": idMessageID, "In-Reply-To": idInReplyTo,
	"References": idReferences, "Content-Type": idType, "Content-Transfer-Encoding": idEncoding,
	"Content-Disposition": idDisposition, "List-Id": idListID, "List-Unsubscribe": idListUnsubscribe,
	"Precedence": idPrecedence, "Auto-Submitted": idAuto, "Sensitivity": idSensitivity, "Msip_Labels": idLabels,
}

// Kept names the fields whose values Mail.Header holds, in the spelling of its
// keys. It is a closed list on purpose: arbitrary X- fields carry folder names
// and scores of other programs, in which words like "privileged" mean nothing.
var Kept = []string{
	"Authentication-Results", "Arc-Authentication-Results", "Received-Spf", // first: trust
	"X-Chancery-Note", "Received", "Return-Path", "Delivered-To", "X-Original-To", "Envelope-To",
	"X-Forwarded-To", "X-Forwarded-For", "Date",
	"Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "X-Failed-Recipients",
	"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Post", "List-Help", "List-Archive",
	"List-Owner", "List-Subscribe", "Feedback-Id",
	"Sensitivity", "Importance", "Priority", "X-Priority", "X-Msmail-Priority",
	"Msip_Labels", "X-Microsoft-Classified", "X-Microsoft-Classification", "X-Microsoft-Classdesc",
	"X-Microsoft-Classid", "X-Ms-Exchange-Organization-Authas",
	"Thread-Topic", "Thread-Index", "Keywords", "Comments", "Organization", "X-Mailer", "User-Agent",
	"Disposition-Notification-To", "Resent-From", "Resent-To", "Resent-Date",
	"X-Spam-Flag", "X-Spam-Status", "Content-Language",
}

// plain are kept fields whose grammar has no encoded words (RFC 2047 section 5):
// decoding them would show what no trusted reader sees.
var plain = map[string]bool{
	"Authentication-Results": true, "Arc-Authentication-Results": true, "Received-Spf": true,
	"X-Chancery-Note": true, "Received": true, "Return-Path": true, "Date": true, "Msip_Labels": true,
	"Auto-Submitted": true, "Precedence": true, "Sensitivity": true,
}

// fieldInfo is what is known of a field name.
type fieldInfo struct {
	id    fieldID
	kept  string // key in Mail.Header; "" if not kept
	plain bool
}

// longestField bounds a name that is looked up.
const longestField = 40

// fieldsByName is keyed by the lower-case name; infos is indexed by its values,
// and holds at 0 the field that is not read.
var fieldsByName, infos = indexFields()

func indexFields() (map[string]uint8, []fieldInfo) {
	byName, list := map[string]uint8{}, []fieldInfo{{}}
	add := func(name string) *fieldInfo {
		key := strings.ToLower(name)
		i, ok := byName[key]
		if !ok {
			i = uint8(len(list))
			byName[key] = i
			list = append(list, fieldInfo{id: idMarks})
		}
		return &list[i]
	}
	for name, id := range readFields {
		add(name).id = id
	}
	for _, name := range Kept {
		f := add(name)
		f.kept, f.plain = name, plain[name]
	}
	return byName, list
}

// fieldIndex returns the index into infos of a field name, 0 if it is not read.
func fieldIndex(name []byte) uint8 {
	if len(name) > longestField {
		return 0
	}
	var low [longestField]byte
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		low[i] = c
	}
	return fieldsByName[string(low[:len(name)])]
}

// known reports whether a name is that of a real header field, to tell a broken
// header from a body that begins without a blank line.
func known(name []byte) bool {
	if fieldIndex(name) != 0 {
		return true
	}
	s := strings.ToLower(string(name[:min(len(name), longestField)]))
	for _, p := range []string{"x-", "content-", "list-", "resent-", "arc-", "mime-version", "dkim-", "domainkey-", "errors-to", "status", "lines"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// fieldName splits a header line: the name without the white space that the
// obsolete syntax allows before the colon (RFC 5322 section 4.5), and where the
// value begins. at is -1 if the line is no field.
func fieldName(line []byte) (name []byte, at int) {
	for i, c := range line {
		switch {
		case c == ':':
			end := i
			for end > 0 && (line[end-1] == ' ' || line[end-1] == '\t') {
				end--
			}
			if end == 0 {
				return nil, -1
			}
			return line[:end], i + 1
		case c == ' ' || c == '\t':
			for _, d := range line[i:] {
				if d == ':' {
					break
				}
				if d != ' ' && d != '\t' {
					return nil, -1
				}
			}
		case c <= ' ' || c >= 0x7f:
			return nil, -1
		}
	}
	return nil, -1
}
