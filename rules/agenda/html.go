package agenda

import (
	"html"
	"strings"
)

// The card has no colours of its own for text and paper: it takes those of the
// mail program, light or dark. Greys are half transparent and the two accents
// are readable on both. No style sheet, image or link is needed, because mail
// programs drop or block them.
const (
	font   = "font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
	card   = "max-width:34em;margin:0 auto;padding:4px 16px 20px"
	sub    = "opacity:.75;font-size:14px"
	grey   = "rgba(128,128,128,.14)"
	stays  = "#3b8f5a"
	yields = "#c27a1a"
)

func (t telling) html(subject string) string {
	var b strings.Builder
	b.Grow(4 << 10)
	w := func(parts ...string) {
		for _, p := range parts {
			b.WriteString(p)
		}
	}
	e := html.EscapeString
	w("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
		"<meta name=\"viewport\" content=\"width=device-width\">\n",
		"<meta name=\"color-scheme\" content=\"light dark\">\n",
		"<title>", e(subject), "</title>\n</head>\n<body style=\"margin:0;", font, "\">\n<div style=\"", card, "\">\n")
	w("<p><b>", e(t.clash()), "</b>")
	if again := t.again(); again != "" {
		w(" ", e(again))
	}
	w("</p>\n")
	first, second := stays, yields
	if t.c.person {
		first = yields
	}
	t.htmlSide(w, t.first, first)
	t.htmlSide(w, t.second, second)
	w("<p>", e(t.advice()), "</p>\n")
	if offer := t.offer(); offer != "" {
		w("<p style=\"margin-bottom:4px\"><b>", e(offer), "</b></p>\n")
	}
	if len(t.offers()) > 0 && !t.record {
		w("<ul style=\"margin:0;padding-left:1.3em\">\n")
		for _, s := range t.offers() {
			w("<li>", e(t.s.when(s.start, s.end, false)+t.worth(s)), "</li>\n")
		}
		w("</ul>\n")
	}
	if line := strings.TrimSpace(t.heldLine() + " " + t.draftLine()); line != "" {
		w("<p style=\"", sub, ";margin-top:4px\">", e(line), "</p>\n")
	}
	w("<hr style=\"border:0;border-top:1px solid rgba(128,128,128,.4);margin:20px 0 12px\">\n")
	w("<p style=\"", sub, ";margin:0\">", e(t.foot()), "</p>\n")
	w("<p style=\"", sub, ";margin:8px 0 0\">", e(t.zones()))
	if p := t.places(); p != "" {
		w(" Rule: ", e(p), ".")
	}
	w("</p>\n</div>\n</body>\n</html>\n")
	return b.String()
}

func (t telling) htmlSide(w func(...string), x side, colour string) {
	e := html.EscapeString
	w("<div style=\"margin:8px 0;padding:10px 14px;border-left:4px solid ", colour, ";border-radius:4px;background:", grey, "\">\n",
		"<div style=\"font-weight:600;overflow-wrap:anywhere\"><bdi>", e(x.title), "</bdi></div>\n",
		"<div>", e(x.when), "</div>\n",
		"<div style=\"", sub, "\">", e(x.part), "</div>\n</div>\n")
}
