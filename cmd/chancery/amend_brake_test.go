package main

import (
	"fmt"
	"strings"
	"testing"
)

// Ten changes of events an hour are made, the others wait: approved they are made,
// and undo calls off what nobody approved.
func TestManyDeclinesWaitForAPerson(t *testing.T) {
	for _, then := range []string{"approve", "undo", "gone"} {
		t.Run(then, func(t *testing.T) {
			o := newOffice(t)
			o.write("rules.d/10.yaml", resolving("resolve: decline"))
			const all, free = 13, 10
			for i := range all {
				day := nextWeekday(6 + i*2)
				o.dav.Put(fmt.Sprintf("%shearing%d.ics", o.work, i), meeting(fmt.Sprint("hearing", i), "Hearing", day, 10+i%2*4, 11+i%2*4))
				o.dav.Put(fmt.Sprintf("%sstaff%d.ics", o.work, i), invitation(fmt.Sprint("staff", i), "Staff meeting", day, 10+i%2*4, 11+i%2*4, "ACCEPTED"))
			}
			declined := func() (n int) {
				for i := range all {
					if b, _ := o.dav.Get(fmt.Sprintf("%sstaff%d.ics", o.work, i)); strings.Contains(unfold(b), "PARTSTAT=DECLINED") {
						n++
					}
				}
				return n
			}
			o.once()
			o.once()
			if n := declined(); n != free || len(o.titled("Conflict: ")) != all-free {
				t.Fatalf("%d declined, %d told\n%s", n, len(o.titled("Conflict: ")), mustCli(o, "status"))
			}
			if out := mustCli(o, "status"); !strings.Contains(out, "3 ") || !strings.Contains(out, "approv") {
				t.Errorf("status says nothing of what waits:\n%s", out)
			}
			switch then {
			case "approve":
				if out, code := o.cli("approve", "cal/work", "--yes"); code != 0 {
					t.Fatalf("approve: exit %d\n%s", code, out)
				}
				o.once()
				o.once()
				if n := declined(); n != all || len(o.titled("Conflict: ")) != 0 {
					t.Errorf("approved: %d declined, %d told", n, len(o.titled("Conflict: ")))
				}
			case "undo":
				out, code := o.cli("undo", "--rule", "conflicts", "--since", "1h", "--yes")
				if code != 0 || !strings.Contains(out, "3 changes waiting for approval") || !strings.Contains(out, "10 events put back, 0 left") || !strings.Contains(out, "3 changes called off") {
					t.Fatalf("undo: exit %d\n%s", code, out)
				}
				o.once()
				o.once()
				if n := declined(); n != 0 || len(o.titled("Conflict: ")) != all {
					t.Errorf("undone: %d declined, %d told", n, len(o.titled("Conflict: ")))
				}
			case "gone":
				for i := range all {
					o.dav.Delete(fmt.Sprintf("%shearing%d.ics", o.work, i))
				}
				o.once()
				if out := mustCli(o, "approve", "cal/work", "--yes"); strings.Contains(out, "3 ") {
					t.Errorf("what nobody wants any more can be approved:\n%s", out)
				}
				o.once()
				if n := declined(); n != free {
					t.Errorf("%d declined", n)
				}
			}
		})
	}
}
