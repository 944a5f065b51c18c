package rules

import (
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"chancery/internal/model"
	"chancery/rules/billing"
)

var (
	stringList = cel.ListType(cel.StringType)
	noTime     = types.Timestamp{Time: time.Unix(0, 0).UTC()}
)

// str, yesno and strs make the commonest fields.
func str(get func(f *facts) string) field {
	return field{cel.StringType, func(v any) any { return types.String(get(v.(*facts))) }}
}

func yesno(get func(f *facts) bool) field {
	return field{cel.BoolType, func(v any) any { return types.Bool(get(v.(*facts))) }}
}

func strs(name string, get func(f *facts) []string) field {
	return field{stringList, func(v any) any {
		f := v.(*facts)
		return f.list(name, func() []string { return get(f) })
	}}
}

// messageKind is msg.
var messageKind = newKind("message", map[string]field{
	"subject":     str(func(f *facts) string { return f.subject() }),
	"text":        str(func(f *facts) string { return f.text().New }),
	"quoted":      str(func(f *facts) string { return f.text().Quoted }),
	"signature":   str(func(f *facts) string { return f.text().Signature }),
	"footer":      str(func(f *facts) string { return f.text().Footer }),
	"from":        str(func(f *facts) string { return f.from }),
	"from_name":   str(func(f *facts) string { return f.fromName }),
	"sender":      str(func(f *facts) string { return first(f.mail.Sender) }),
	"reply_to":    str(func(f *facts) string { return first(f.mail.ReplyTo) }),
	"to":          strs("to", func(f *facts) []string { return people(f.mail.To) }),
	"cc":          strs("cc", func(f *facts) []string { return people(f.mail.Cc) }),
	"rcpts":       strs("rcpts", func(f *facts) []string { return people(f.mail.To, f.mail.Cc, f.mail.Bcc) }),
	"message_id":  str(func(f *facts) string { return f.mail.MessageID }),
	"list_id":     str(func(f *facts) string { return strings.ToLower(f.mail.ListID) }),
	"sensitivity": str(func(f *facts) string { return f.mail.Sensitivity }),
	"folder":      str(func(f *facts) string { return string(f.msg.Ref.Mailbox) }),
	"account":     str(func(f *facts) string { return string(f.msg.Ref.Source) }),
	"labels":      strs("labels", func(f *facts) []string { return f.mail.Labels }),
	"flags":       strs("flags", func(f *facts) []string { return f.msg.Flags }),
	"direction":   str(func(f *facts) string { return f.direction() }),
	"inside":      strs("inside", func(f *facts) []string { return f.side(true) }),
	"outside":     strs("outside", func(f *facts) []string { return f.side(false) }),
	"thread":      {threadKind.typ, func(v any) any { return record{threadKind, v} }},
	"problems":    strs("problems", func(f *facts) []string { return f.mail.Problems }),

	"classification": str(func(f *facts) string { return f.classification() }),

	"bulk":      yesno(func(f *facts) bool { return f.mail.Bulk }),
	"auto":      yesno(func(f *facts) bool { return f.mail.Auto }),
	"encrypted": yesno(func(f *facts) bool { return f.mail.Encrypted }),
	"reply":     yesno(func(f *facts) bool { return len(f.mail.InReplyTo) > 0 || len(f.mail.References) > 0 }),
	"answered":  yesno(func(f *facts) bool { return f.msg.Flags.Has(`\Answered`) }),
	"seen":      yesno(func(f *facts) bool { return f.msg.Flags.Has(`\Seen`) }),
	"flagged":   yesno(func(f *facts) bool { return f.msg.Flags.Has(`\Flagged`) }),
	"size":      {cel.IntType, func(v any) any { return types.Int(v.(*facts).msg.Size) }},
	"date":      {cel.TimestampType, func(v any) any { return instant(v.(*facts).mail.Date) }},
	"arrived":   {cel.TimestampType, func(v any) any { return instant(v.(*facts).arrived()) }},
	"age":       {cel.DurationType, func(v any) any { return types.Duration{Duration: v.(*facts).age()} }},
	"auth":      {authKind.typ, func(v any) any { return record{authKind, v} }},
	"proved":    yesno(func(f *facts) bool { return f.proved() }),
	"invite":    {inviteKind.typ, func(v any) any { return record{inviteKind, v} }},
	"bill":      {billKind.typ, func(v any) any { return record{billKind, v} }},
	"files":     {cel.ListType(fileKind.typ), func(v any) any { return v.(*facts).files() }},
})

// fileKind is one element of msg.files.
var fileKind = newKind("file", map[string]field{
	"name": {cel.StringType, func(v any) any { return types.String(v.(*model.Attachment).Name) }},
	"type": {cel.StringType, func(v any) any { return types.String(v.(*model.Attachment).Type) }},
	"kind": {cel.StringType, func(v any) any { return types.String(billing.Kind(*v.(*model.Attachment))) }},
	"size": {cel.IntType, func(v any) any { return types.Int(v.(*model.Attachment).Size) }},
	"text": {cel.StringType, func(v any) any { return types.String(bounded(v.(*model.Attachment).Text)) }},

	"unread": {cel.StringType, func(v any) any { return types.String(v.(*model.Attachment).Unread) }},
})

// hitKind is one element of terms.<set>.
var hitKind = newKind("hit", map[string]field{
	"text":  {cel.StringType, func(v any) any { return types.String(v.(*hit).term) }},
	"where": {cel.StringType, func(v any) any { return types.String(zoneWords[v.(*hit).zone]) }},
	"at":    {cel.IntType, func(v any) any { return types.Int(v.(*hit).at) }},
})

// age is how long ago the message arrived; never below zero.
func (f *facts) age() time.Duration {
	at := f.arrived()
	if at.IsZero() || f.now.Before(at) {
		return 0
	}
	return f.now.Sub(at)
}

func (f *facts) files() ref.Val {
	if v, ok := f.value["files"]; ok {
		return v
	}
	values := make([]ref.Val, min(len(f.mail.Files), maxFiles))
	for i := range values {
		values[i] = record{fileKind, &f.mail.Files[i]}
	}
	v := types.NewRefValList(f.set.types, values)
	return f.keep("files", v)
}

func first(as []model.Address) string {
	if len(as) == 0 {
		return ""
	}
	return address(as[0])
}

// instant turns a time into a value; CEL knows the years 1 to 9999.
func instant(t time.Time) ref.Val {
	if t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return noTime
	}
	return types.Timestamp{Time: t.UTC()}
}
