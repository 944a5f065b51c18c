package text

import (
	"strings"
	"testing"

	"chancery/internal/model"
)

// What an attached message says is quoted: it marks nobody's new words.
func TestAttachedMessagesAreQuoted(t *testing.T) {
	z := Split(&model.Mail{Parts: []model.TextPart{
		{Text: "See the attached mail.\n"},
		{Text: "Privileged and confidential: our advice.\n", Attached: true},
		{Text: "<p>Privileged, in HTML</p>", HTML: true, Attached: true},
	}})
	if !strings.Contains(z.New, "See the attached") || strings.Contains(z.New, "rivileged") {
		t.Errorf("new: %q", z.New)
	}
	if !strings.Contains(z.Quoted, "our advice") {
		t.Errorf("quoted: %q", z.Quoted)
	}
}
