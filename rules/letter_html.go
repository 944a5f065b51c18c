package rules

import (
	"html"
	"strings"
)

// letterHTML is the note as a card, in the manner of the notes about conflicts: it
// takes paper and colour of the mail program, light or dark, and needs no style
// sheet, image or link.
func letterHTML(subject, text, rule, place string) string {
	var b strings.Builder
	e := html.EscapeString
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>")
	b.WriteString(e(subject))
	b.WriteString("</title>\n</head>\n<body style=\"margin:0;font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif\">\n" +
		"<div style=\"max-width:34em;margin:0 auto;padding:4px 16px 20px\">\n" +
		"<div style=\"margin:12px 0;padding:2px 14px;border-left:4px solid #c27a1a;border-radius:4px;background:rgba(128,128,128,.14);overflow-wrap:anywhere\">\n")
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if paragraph = strings.Trim(paragraph, "\n"); paragraph != "" {
			b.WriteString("<p>")
			b.WriteString(strings.ReplaceAll(e(paragraph), "\n", "<br>\n"))
			b.WriteString("</p>\n")
		}
	}
	b.WriteString("</div>\n<p style=\"opacity:.75;font-size:14px;margin:0\">Rule ")
	b.WriteString(e(rule + ", " + place))
	b.WriteString("</p>\n</div>\n</body>\n</html>\n")
	return b.String()
}
