package demo

// Person has a mailbox in the office.
type Person struct {
	Account   string // the prefix of the names of the accounts, and of the mails
	Principal string // of the configuration; "" if nobody looks after this person's time
	Name      string
	Role      string
	Address   string // also the login at the mail server
	Password  string
	Login     string   // at the calendar server; "" without calendars
	Calendars []string // display names, in the order of the configuration
	Desk      bool     // whether somebody looks after this person's billing
}

// Holds is the name of the calendar that receives holds.
const Holds = "Conflicts"

// Bills is the name of the calendar that receives due dates.
const Bills = "Bills"

// People are those of the office: two leaders and the assistant.
func People() []Person {
	return []Person{
		{Account: "gc", Principal: "eleanor-hartwell", Name: "Eleanor Hartwell", Role: "general counsel", Address: "gc@hartwell.example", Password: "harbour-light-4",
			Login: "hartwell", Calendars: []string{"Work", "Court", "Board"}},
		{Account: "vance", Principal: "daniel-vance", Name: "Daniel Vance", Role: "billing partner", Address: "vance@hartwell.example", Password: "slow-ferry-27",
			Login: "vance", Calendars: []string{"Work"}, Desk: true},
		{Account: "pa", Name: "Priya Anand", Role: "their assistant", Address: "pa@hartwell.example", Password: "paper-clip-9"},
	}
}

func personOf(account string) Person {
	for _, p := range People() {
		if p.Account == account {
			return p
		}
	}
	return Person{Account: account, Name: account, Address: account + "@hartwell.example"}
}
