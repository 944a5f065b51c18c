package billing

import (
	"strings"
	"testing"
)

func TestTasksIn(t *testing.T) {
	for text, want := range map[string]string{
		"":                                                                        "",
		"Copying of exhibits":                                                     "",
		"Draft motion to compel":                                                  "draft",
		"Review and revise draft lease":                                           "review",
		"Review, analyze and revise draft lease":                                  "review",
		"Draft/revise motion in limine":                                           "draft",
		"Draft, edit and finalize report to carrier":                              "draft",
		"Prepare for and attend deposition of J. Doe":                             "prepare",
		"Review and respond to correspondence of co-counsel":                      "review",
		"Meet and confer with counsel on discovery":                               "meet",
		"Attend deposition of M. File":                                            "attend",
		"Review Acme Corp. filed motion":                                          "review",
		"Review docket no. file 12":                                               "review",
		"Review letter and email from opposing counsel":                           "review",
		"Review memo, email from client and letter of court":                      "review",
		"Review court order, interview notes and exhibits":                        "review",
		"Conference with client re: Draft":                                        "conference",
		"Email to client re. travel, lodging and meet and confer schedule":        "email",
		"Review e-mail re: reserve, conference dates and file status":             "review",
		"Telephone conference regarding strategy and draft order":                 "telephone",
		"Call with T. Meet and J. Draft":                                          "call",
		"Confer with expert; no charge":                                           "confer",
		"Travel to and from hearing":                                              "travel",
		"Continue to review documents of second production":                       "", // begins with no verb of work
		"Draft motion; review exhibits and call client":                           "draft review call",
		"Draft motion to compel (1.2); email client (0.3)":                        "draft email",
		"Review motion, research cited cases":                                     "review research",
		"Review motion. Draft response.":                                          "review draft",
		"Drafted brief and attended hearing":                                      "drafted attended",
		"Call with client re: settlement; draft release":                          "call draft",
		"Call with client re: settlement, drafted release":                        "call drafted",
		"Review and revise brief; draft and finalize cover letter":                "review draft",
		"Attend hearing, travel to office and draft report of same":               "attend travel draft",
		"Call client/draft letter":                                                "call draft",
		"Review file, then draft letter to client":                                "review draft",
		"Review motion, and draft response":                                       "review draft",
		"REVIEW MOTION; DRAFT RESPONSE":                                           "review draft",
		"Réviser; review \xff and draft \xc3":                                     "review draft",
		strings.Repeat("x", 100) + "; review; draft; ;;; ,, // .. and and re . .": "review draft",
	} {
		if got := strings.Join(tasksIn([]byte(text)), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzTasksIn wants verbs that are there, no more of them than words, and the same for
// any case.
func FuzzTasksIn(f *testing.F) {
	f.Add("Review, draft; call/email re. travel. File and meet")
	f.Add(";,./ and and then\xff re: Draft")
	f.Fuzz(func(t *testing.T, in string) {
		tasks := tasksIn([]byte(in))
		if len(tasks) > len(strings.FieldsFunc(in, func(r rune) bool { return strings.ContainsRune(" ;.,/", r) })) {
			t.Errorf("%q: %q", in, tasks)
		}
		for _, task := range tasks {
			if !workVerbs[task] || !strings.Contains(strings.ToLower(in), task) {
				t.Errorf("%q: %q", in, task)
			}
		}
	})
}
