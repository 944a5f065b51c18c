package billdesk

import (
	"fmt"
	"html"
	"strings"
)

// The page takes paper and ink of the mail program, light or dark: greys are half
// transparent, and the accents are readable on both. What a style sheet adds in the
// dark is a finer shade; programs that drop it lose nothing. Bars are cells of tables
// with a colour, because mail programs drop SVG and block images, and cells are read
// out by a screen reader as well.
const (
	bodyStyle = "margin:0;font:16px/1.45 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
	pageStyle = "max-width:40em;margin:0 auto;padding:8px 16px 24px;overflow-wrap:anywhere;font-variant-numeric:tabular-nums"
	subStyle  = "opacity:.75;font-size:14px"
	tinyStyle = "opacity:.7;font-size:12px"
	line      = "1px solid rgba(128,128,128,.35)"
	cardStyle = "margin:10px 0;padding:10px 14px;border-radius:6px;background:rgba(128,128,128,.12);"
	warmEdge  = "border-left:4px solid " + warm
	coolEdge  = "border-left:4px solid " + cool
	warm      = "#c2571a"
	cool      = "#3b76b5"
	headStyle = "font-size:19px;line-height:1.3;margin:30px 0 2px"
	shade     = "a{color:#2f6fb3}@media (prefers-color-scheme:dark){a{color:#8ab8ea!important}.warm{color:#f0935c!important}}"
)

// page is HTML that is being written.
type page struct{ strings.Builder }

func (w *page) put(parts ...string) {
	for _, p := range parts {
		w.WriteString(p)
	}
}

func (w *page) head(title string) {
	w.put("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n",
		"<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"supported-color-schemes\" content=\"light dark\">\n",
		"<title>", html.EscapeString(title), "</title>\n<style>", shade, "</style>\n</head>\n",
		"<body style=\"", bodyStyle, "\">\n<div style=\"", pageStyle, "\">\n")
}

func (w *page) foot() { w.put("</div>\n</body>\n</html>\n") }

// links opens a mail where the program can.
func (w *page) links(id string) {
	e := html.EscapeString
	w.put("Open in <a href=\"", e(midLink(id)), "\">Thunderbird</a>, <a href=\"", e(appleLink(id)), "\">Apple Mail</a>")
}

// html is the note as a page. It says what the text says, in the same order.
func (r *report) html() string {
	var w page
	e := html.EscapeString
	w.Grow(32 << 10)
	w.head(r.subject())
	w.put("<h1 style=\"font-size:23px;line-height:1.25;margin:12px 0 14px\">", e(r.title()), "</h1>\n")
	w.tiles(r.tiles)
	for _, s := range r.sections {
		w.section(r, s)
	}
	for _, c := range r.charts {
		w.chart(c)
	}
	for _, t := range r.totals {
		w.total(t)
	}
	w.put("<div style=\"border-top:", line, ";margin-top:32px;padding-top:10px;", subStyle, "\">\n")
	for _, l := range r.legend() {
		w.put("<p style=\"margin:0 0 6px\">", e(l), "</p>\n")
	}
	w.put("</div>\n")
	if len(r.ids) > 0 {
		w.put("<div style=\"", tinyStyle, "\">\n<p style=\"margin:10px 0 4px\">", e(idsLead), "</p>\n")
		for i, id := range r.ids {
			w.put("<div>", fmt.Sprintf("[%d] ", i+1), e("<"+id+">"), "</div>\n")
		}
		w.put("</div>\n")
	}
	w.foot()
	return w.String()
}

func (w *page) tiles(all []tile) {
	w.put("<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"border-collapse:collapse;background:rgba(128,128,128,.12);border-radius:6px\"><tr>\n")
	for _, t := range all {
		style, class := "", ""
		if t.warm && t.n > 0 {
			style, class = ";color:"+warm, " class=\"warm\""
		}
		w.put("<td align=\"center\" width=\"25%\" style=\"padding:10px 2px\"><div", class, " style=\"font-size:26px;line-height:1.1;font-weight:600", style, "\">", fmt.Sprint(t.n),
			"</div><div style=\"", subStyle, ";font-size:13px\">", html.EscapeString(t.what), "</div></td>\n")
	}
	w.put("</tr></table>\n")
}

func (w *page) section(r *report, s section) {
	e := html.EscapeString
	edge := coolEdge
	if s.warm {
		edge = warmEdge
	}
	w.put("<h2 style=\"", headStyle, "\">", e(s.title), "</h2>\n<div style=\"", subStyle, "\">", e(s.lead), "</div>\n")
	for _, it := range s.items {
		w.put("<div style=\"", cardStyle, edge, "\">\n")
		w.put("<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\"><tr><td valign=\"top\" style=\"font-weight:600\"><bdi>", e(it.who), "</bdi></td>")
		if it.money != "" {
			w.put("<td valign=\"top\" align=\"right\" style=\"font-weight:600;padding-left:12px;white-space:nowrap\">", e(it.money), "</td>")
		}
		w.put("</tr></table>\n<div><bdi>", e(it.facts), "</bdi></div>\n")
		if it.note != "" {
			if s.warm {
				w.put("<div class=\"warm\" style=\"color:", warm, "\"><bdi>", e(it.note), "</bdi></div>\n")
			} else {
				w.put("<div><bdi>", e(it.note), "</bdi></div>\n")
			}
		}
		if it.subject != "" {
			w.put("<div style=\"", subStyle, "\"><bdi>", e(quoted(it.subject)), "</bdi></div>\n")
		}
		if it.ref > 0 {
			w.put("<div style=\"font-size:13px\">")
			w.links(r.ids[it.ref-1])
			w.put(" <span style=\"opacity:.6\">", e(refOf(it.ref)), "</span></div>\n")
		}
		w.put("</div>\n")
	}
	if s.more > 0 {
		w.put("<div style=\"", subStyle, "\">", e(moreItems(s.more)), "</div>\n")
	}
}

// chart draws bars as cells: the filled one as wide as its share.
func (w *page) chart(c chart) {
	e := html.EscapeString
	w.put("<h2 style=\"", headStyle, "\">", e(c.title), "</h2>\n<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"border-collapse:collapse;margin-top:6px\">\n")
	for _, b := range c.bars {
		colour := cool
		if b.late {
			colour = warm
		}
		w.put("<tr><td style=\"padding:7px 0 1px\">", e(b.label), "</td><td align=\"right\" style=\"padding:7px 0 1px;white-space:nowrap\">", e(b.amount(c.currency)), "</td></tr>\n",
			"<tr><td colspan=\"2\"><table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"border-collapse:collapse\"><tr>")
		if b.share > 0 {
			w.put("<td width=\"", fmt.Sprint(b.share), "%\" bgcolor=\"", colour, "\" style=\"background:", colour, ";height:8px;line-height:8px;font-size:1px\">&nbsp;</td>")
		}
		if b.share < 100 {
			w.put("<td style=\"background:rgba(128,128,128,.14);height:8px;line-height:8px;font-size:1px\">&nbsp;</td>")
		}
		w.put("</tr></table></td></tr>\n")
	}
	w.put("</table>\n")
}

func (w *page) total(t total) {
	e := html.EscapeString
	w.put("<h2 style=\"", headStyle, "\">", e(t.title), "</h2>\n",
		"<table width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"border-collapse:collapse;margin-top:6px\">\n")
	cell := func(left, below, right, more string) {
		if below != "" {
			below = "<div style=\"" + subStyle + "\"><bdi>" + e(below) + "</bdi></div>"
		}
		w.put("<tr><td style=\"padding:6px 0;border-top:", line, more, "\"><bdi>", e(left), "</bdi>", below, "</td>",
			"<td align=\"right\" valign=\"top\" style=\"padding:6px 0 6px 12px;border-top:", line, ";white-space:nowrap", more, "\">", e(right), "</td></tr>\n")
	}
	for _, x := range t.rows {
		if x.client == "" {
			cell(x.label(), "", x.amount(t.currency), "")
			continue
		}
		cell(x.client, x.matter, x.amount(t.currency), "")
	}
	if t.more > 0 {
		w.put("<tr><td colspan=\"2\" style=\"padding:6px 0;border-top:", line, ";", subStyle, "\">", e(moreRows(t.more)), "</td></tr>\n")
	}
	cell("Together", "", t.all.amount(t.currency), ";font-weight:600")
	w.put("</table>\n")
}
