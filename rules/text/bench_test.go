package text

import (
	"fmt"
	"strings"
	"testing"

	"chancery/internal/model"
)

// sentence makes filler text that looks like office mail.
const sentence = "We reviewed the draft of the supply agreement and have three remarks on the notice period, see below.\n"

// letter is a reply of about size octets with all zones in it.
func letter(size int) string {
	tail := "\nKind regards,\nAlma Reyes\nReyes Holt LLP\nTel. +1 555 010 7788\n\n" +
		"CONFIDENTIALITY NOTICE: This e-mail and any attachments are intended only for the named addressee. If you are not the\n" +
		"intended recipient, any dissemination is strictly prohibited; please notify the sender and delete this message.\n\n" +
		"On Tue, May 12, 2026 at 10:04 AM Ben Okafor <ben@firm.example> wrote:\n> "
	head := "Dear Ben,\n\n" + strings.Repeat(sentence, max(0, size-len(tail))/2/len(sentence))
	quoted := strings.Repeat(strings.TrimSuffix(sentence, "\n")+"\n> ", max(0, size-len(tail)-len(head))/len(sentence))
	return head + tail + quoted
}

func BenchmarkSplit(b *testing.B) {
	for _, size := range []int{2 << 10, 4 << 10, 10 << 10, 64 << 10, 1 << 20} {
		m := &model.Mail{Parts: []model.TextPart{{Text: letter(size)}}}
		b.Run(fmt.Sprintf("size=%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				Split(m)
			}
		})
	}
}

// hostile are inputs that punish a search that starts again at every line.
var hostile = map[string]string{
	"empty-lines": "\n", "marks": ">\n", "labels": "To: a@b.example\n", "from": "From: x\nSent: 10:00\n", "colons": "On 12/05/2026 x:\n",
	"dashes": "-- \n", "rules": "-----\n", "phrases": "intended recipient ", "notices": "this e-mail confidential in error, please notify us. ",
	"one-line": "x", "regards": "Regards,\nAl\n", "boundaries": "----- forwarded by\n", "plus": "+++++", "marks-deep": ">>>>>>>>>>>>>>>>x\n",
}

func BenchmarkSplitHostile(b *testing.B) {
	for name, unit := range hostile {
		m := &model.Mail{Parts: []model.TextPart{{Text: strings.Repeat(unit, (1<<20)/len(unit))}}}
		b.Run("size=1MiB/kind="+name, func(b *testing.B) {
			b.SetBytes(1 << 20)
			for b.Loop() {
				Split(m)
			}
		})
	}
}

// page is an HTML mail of about size octets, as Outlook writes them.
func page(size int) string {
	row := "<p class=MsoNormal><span style='font-size:11.0pt;font-family:\"Calibri\",sans-serif'>We reviewed the draft and have <b>three</b> remarks on &sect;&nbsp;4.<o:p></o:p></span></p>\n"
	return "<html><head><style>p{margin:0}</style></head><body>" + strings.Repeat(row, size/len(row)) + "</body></html>"
}

func BenchmarkFromHTML(b *testing.B) {
	for _, size := range []int{2 << 10, 4 << 10, 10 << 10, 64 << 10, 1 << 20} {
		s := page(size)
		b.Run(fmt.Sprintf("size=%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				FromHTML(s)
			}
		})
	}
}

var hostileHTML = map[string]string{
	"divs": "<div>", "closes": "</b>", "quotes": "<blockquote>a", "attributes": "<a b c d e f g h>", "unclosed": "<script>", "comments": "<!--",
	"entities": "&amp;", "cells": "<td>a", "styles": "<i style='display:none;color:red'>a", "angles": "<", "paragraphs": "<p>a",
}

func BenchmarkFromHTMLHostile(b *testing.B) {
	for name, unit := range hostileHTML {
		s := strings.Repeat(unit, (1<<20)/len(unit))
		b.Run("size=1MiB/kind="+name, func(b *testing.B) {
			b.SetBytes(1 << 20)
			for b.Loop() {
				FromHTML(s)
			}
		})
	}
}

func BenchmarkFold(b *testing.B) {
	plain := strings.Repeat(sentence, (4<<10)/len(sentence))
	for _, bb := range []struct{ name, text string }{
		{"ascii", plain},
		{"folded", Fold(plain)},
		{"quotes", strings.ReplaceAll(plain, "the", "\u201cthe\u201d")},
		{"german", strings.ReplaceAll(plain, "period", "Kündigungsfrist für Ämter")},
		{"cyrillic", strings.Repeat("Договор поставки рассмотрен. ", 75)},
	} {
		b.Run("size=4KiB/kind="+bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(bb.text)))
			b.ReportAllocs()
			for b.Loop() {
				Fold(bb.text)
			}
		})
	}
}
