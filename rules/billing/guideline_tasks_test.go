package billing

import "testing"

func TestTasksIn(t *testing.T) {
	for text, want := range map[string]int{
		"":                                                          0,
		"Copying of exhibits":                                       0,
		"Draft motion to compel":                                    1,
		"Review and revise draft lease":                             1,
		"Review, analyze and revise draft lease":                    1,
		"Draft/revise motion in limine":                             1,
		"Prepare for and attend deposition of J. Doe":               1,
		"Review and finalize letter to court":                       1,
		"Attend deposition of M. File":                              1,
		"Review Acme Corp. filed motion":                            1,
		"Review docket no. file 12":                                 1,
		"Review letter and email from opposing counsel":             1,
		"Review memo, email from client and letter of court":        1,
		"Conference with client re: Draft":                          1,
		"Call with T. Meet and J. Draft":                            1,
		"Confer with expert; no charge":                             1,
		"Travel to and from hearing":                                1,
		"Continue to review documents of second production":         0, // begins with no verb of work: not told
		"Draft motion; review exhibits and call client":             3,
		"Draft motion to compel (1.2); email client (0.3)":          2,
		"Review motion, research cited cases":                       2,
		"Review motion. Draft response.":                            2,
		"Drafted brief and attended hearing":                        2,
		"Review and revise brief; draft and finalize cover letter":  2,
		"Attend hearing, travel to office and draft report of same": 3,
		"Call client/draft letter":                                  2,
		"Review file, then draft letter to client":                  2,
		"Review motion, and draft response":                         2,
	} {
		if got := tasksIn([]byte(text)); got != want {
			t.Errorf("%q: %d tasks, want %d", text, got, want)
		}
	}
}
