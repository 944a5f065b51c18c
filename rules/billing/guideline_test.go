package billing

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/config"
)

// openGuideline asks for nothing.
func openGuideline(name string) config.Guideline {
	return config.Guideline{Name: config.Text{Value: name}, UnitDecimals: -1, RateDecimals: -1, AmountDecimals: -1}
}

func words(list ...string) (out []config.Text) {
	for _, w := range list {
		out = append(out, config.Text{Value: w})
	}
	return out
}

func cap1(of string, most config.Amount) []config.Cap {
	return []config.Cap{{Of: config.Text{Value: of}, Most: most * million}}
}

// strictGuidelines ask for everything of everybody.
func strictGuidelines() []config.Guideline {
	const day = 24 * time.Hour
	return []config.Guideline{{Name: config.Text{Value: "strict"}, Formats: []string{"XML 2.2"}, Extensions: words("txt"), Currencies: words("USD"),
		Required: []string{"CLIENT_MATTER_ID", "PO_NUMBER"}, Number: regexp.MustCompile(`^(?:\d+)$`), NumberLength: 3, Alphanumeric: true, OneMatter: true, MaxTotal: 1, MaxLine: 1,
		MaxAge: day, MaxLineAge: day, Late: day, CodesRequired: []string{"task", "activity", "expense"}, CodesBlocked: words("L120"), Rates: cap1("PARTNR", 1),
		Expenses: cap1("E111", 1), Hours: million, Increment: million, DescriptionMin: 10, DescriptionMax: 20, OneTask: true, Words: words("draft"), NoNegative: true,
		Travel: million / 2, Timekeepers: words("T99"), UnitCosts: cap1("E111", 1)}}
}

func TestGuidelines(t *testing.T) {
	good := ledesFile("LEDES1998B", "\n", []string{"A-1", "300", "100"}, []string{"A-1", "300", "200"})
	bi := ledesFile("LEDES98BI V2", "\n", []string{"A-1", "300", "100"}, []string{"A-1", "300", "200"})
	expense := strings.NewReplacer("|F|1|", "|E|1|", "|L120||A103|T1|", "||E111|||").Replace(good)
	const day = 24 * time.Hour
	tests := []struct {
		name string
		in   string
		set  func(*config.Guideline)
		want []string
	}{
		{"nothing", good, func(g *config.Guideline) {}, nil},
		{"another client", good, func(g *config.Guideline) { g.Clients, g.MaxTotal = words("C101"), million }, nil},
		{"this client", good, func(g *config.Guideline) { g.Clients, g.MaxTotal = words("c100"), 299*million }, []string{"client-total 3 INVOICE_TOTAL"}},
		{"by name", bi, func(g *config.Guideline) { g.Clients, g.MaxTotal = words("orchard foods"), 299*million }, []string{"client-total 3 INVOICE_TOTAL"}},
		{"as much as is taken", good, func(g *config.Guideline) { g.MaxTotal = 300 * million }, nil},
		{"format", good, func(g *config.Guideline) { g.Formats = []string{"98BI V2"} }, []string{"client-format 1"}},
		{"extension", good, func(g *config.Guideline) { g.Extensions = words("dat") }, []string{"client-extension 1"}},
		{"extension that is taken", good, func(g *config.Guideline) { g.Extensions = words("dat", "txt") }, nil},
		{"currency", bi, func(g *config.Guideline) { g.Currencies = words("USD") }, []string{"client-currency 3 INVOICE_CURRENCY"}},
		{"currency that is not said", good, func(g *config.Guideline) { g.Currencies = words("USD") }, nil},
		{"order number", bi, func(g *config.Guideline) { g.Required = []string{"PO_NUMBER"} }, []string{"client-field 3 PO_NUMBER", "client-field 4 PO_NUMBER"}},
		{"order number in 1998B", good, func(g *config.Guideline) { g.Required = []string{"PO_NUMBER"} }, nil},
		{"client's matter", strings.ReplaceAll(good, "00420-0070", ""), func(g *config.Guideline) { g.Required = []string{"CLIENT_MATTER_ID"} },
			[]string{"client-field 3 CLIENT_MATTER_ID", "client-field 4 CLIENT_MATTER_ID"}},
		{"number", good, func(g *config.Guideline) { g.Number = regexp.MustCompile(`^(?:\d+)$`) }, []string{"client-number 3 INVOICE_NUMBER"}},
		{"length of the number", good, func(g *config.Guideline) { g.NumberLength = 2 }, []string{"client-number 3 INVOICE_NUMBER"}},
		{"letters and digits", good, func(g *config.Guideline) { g.Alphanumeric = true }, []string{"client-number 3 INVOICE_NUMBER"}},
		{"one matter", strings.Replace(good, "00420-0070[]\n2", "00420-0071[]\n2", 1), func(g *config.Guideline) { g.OneMatter = true },
			[]string{"matter-second 4 CLIENT_MATTER_ID", "client-matter 4 CLIENT_MATTER_ID"}},
		{"line", good, func(g *config.Guideline) { g.MaxLine = 150 * million }, []string{"client-line 4 LINE_ITEM_TOTAL"}},
		{"age", good, func(g *config.Guideline) { g.MaxAge = 31 * day }, []string{"client-age 3 INVOICE_DATE"}},
		{"just young enough", good, func(g *config.Guideline) { g.MaxAge = 32 * day }, nil},
		{"age of a line", good, func(g *config.Guideline) { g.MaxLineAge = 40 * day }, []string{"client-age 3 LINE_ITEM_DATE", "client-age 4 LINE_ITEM_DATE"}},
		{"late", good, func(g *config.Guideline) { g.Late = 30 * day }, []string{"client-late 3 BILLING_END_DATE"}},
		{"decimals of units", strings.Replace(good, "|F|1|", "|F|1.00|", 1), func(g *config.Guideline) { g.UnitDecimals = 1 }, []string{"client-decimals 3 LINE_ITEM_NUMBER_OF_UNITS"}},
		{"decimals of rates", good, func(g *config.Guideline) { g.RateDecimals = 0 }, nil},
		{"codes", strings.Replace(good, "|L120||A103|", "||||", 1), func(g *config.Guideline) { g.CodesRequired = []string{"task", "activity", "expense"} },
			[]string{"client-code 3 LINE_ITEM_TASK_CODE", "client-code 3 LINE_ITEM_ACTIVITY_CODE"}},
		{"blocked", good, func(g *config.Guideline) { g.CodesBlocked = words("A103") }, []string{"client-blocked 3 LINE_ITEM_ACTIVITY_CODE", "client-blocked 4 LINE_ITEM_ACTIVITY_CODE"}},
		{"rate of a class", good, func(g *config.Guideline) { g.Rates = cap1("PARTNR", 150) }, []string{"client-rate 4 LINE_ITEM_UNIT_COST"}},
		{"rate of a person", good, func(g *config.Guideline) { g.Rates = append(cap1("PARTNR", 1), cap1("T1", 150)...) }, []string{"client-rate 4 LINE_ITEM_UNIT_COST"}},
		{"rate of others", good, func(g *config.Guideline) { g.Rates = cap1("ASSOC", 1) }, nil},
		{"meals", expense, func(g *config.Guideline) { g.Expenses = cap1("E111", 150) }, []string{"client-expense 4 LINE_ITEM_TOTAL"}},
		{"hours", good, func(g *config.Guideline) { g.Hours = 1_500_000 }, []string{"client-hours 4 LINE_ITEM_NUMBER_OF_UNITS"}},
		{"travel", strings.Replace(good, "Draft 0", "Travel to court", 1), func(g *config.Guideline) { g.Rates, g.Travel = cap1("PARTNR", 200), 400_000 }, []string{"client-rate 3 LINE_ITEM_UNIT_COST"}},
		{"travel at half", strings.Replace(good, "Draft 0", "Return travel to office", 1), func(g *config.Guideline) { g.Rates, g.Travel = cap1("PARTNR", 200), 500_000 }, nil},
		{"travel by its code", strings.Replace(good, "|A103|", "|a112|", 1), func(g *config.Guideline) { g.Rates, g.Travel = cap1("PARTNR", 200), 400_000 }, []string{"client-rate 3 LINE_ITEM_UNIT_COST"}},
		{"travel by its task", strings.Replace(good, "|L120|", "|B195|", 1), func(g *config.Guideline) { g.Rates, g.Travel = cap1("PARTNR", 200), 400_000 }, []string{"client-rate 3 LINE_ITEM_UNIT_COST"}},
		{"a call about travel", strings.Replace(good, "Draft 0", "Call re travel to court", 1), func(g *config.Guideline) { g.Rates, g.Travel = cap1("PARTNR", 200), 400_000 }, nil},
		{"mail about travel", strings.Replace(good, "Draft 0", "E-mail re travel to court", 1), func(g *config.Guideline) { g.Rates, g.Travel = cap1("PARTNR", 200), 400_000 }, nil},
		{"travel without a rate", strings.Replace(good, "Draft 0", "Travel to court", 1), func(g *config.Guideline) { g.Rates, g.Travel = cap1("ASSOC", 200), 400_000 }, nil},
		{"approved", good, func(g *config.Guideline) { g.Timekeepers = words("T9", "t1") }, nil},
		{"not approved", good, func(g *config.Guideline) { g.Timekeepers = words("T9") }, []string{"client-keeper 3 TIMEKEEPER_ID", "client-keeper 4 TIMEKEEPER_ID"}},
		{"expenses need no approval", expense, func(g *config.Guideline) { g.Timekeepers = words("T9") }, nil},
		{"meals each", expense, func(g *config.Guideline) { g.UnitCosts = cap1("e111", 150) }, []string{"client-expense 4 LINE_ITEM_UNIT_COST"}},
		{"blocked in lower case", strings.Replace(good, "|A103|", "|a103|", 1), func(g *config.Guideline) { g.CodesBlocked = words("A103") },
			[]string{"client-blocked 3 LINE_ITEM_ACTIVITY_CODE", "client-blocked 4 LINE_ITEM_ACTIVITY_CODE"}},
		{"cap in lower case", strings.ReplaceAll(expense, "E111", "e111"), func(g *config.Guideline) { g.Expenses = cap1("E111", 150) }, []string{"client-expense 4 LINE_ITEM_TOTAL"}},
		{"steps", strings.Replace(good, "|F|1|0|100|", "|F|1.25|0|125|", 1), func(g *config.Guideline) { g.Increment = million / 10 },
			[]string{"client-increment 3 LINE_ITEM_NUMBER_OF_UNITS", "sum 3 INVOICE_TOTAL"}},
		{"short description", good, func(g *config.Guideline) { g.DescriptionMin = 10 }, []string{"client-description 3 LINE_ITEM_DESCRIPTION", "client-description 4 LINE_ITEM_DESCRIPTION"}},
		{"long description", good, func(g *config.Guideline) { g.DescriptionMax = 6 }, []string{"client-description 3 LINE_ITEM_DESCRIPTION", "client-description 4 LINE_ITEM_DESCRIPTION"}},
		{"several tasks", strings.Replace(good, "Draft 0", "Draft motion; review exhibits and call client", 1), func(g *config.Guideline) { g.OneTask = true }, []string{"client-tasks 3 LINE_ITEM_DESCRIPTION"}},
		{"one task", strings.Replace(good, "Draft 0", "Review draft motion and the call of the client", 1), func(g *config.Guideline) { g.OneTask = true }, nil},
		{"word", strings.Replace(good, "Draft 0", "Overhead, copying", 1), func(g *config.Guideline) { g.Words = words("overhead") }, []string{"client-word 3 LINE_ITEM_DESCRIPTION"}},
		{"part of a word", strings.Replace(good, "Draft 0", "Overheads", 1), func(g *config.Guideline) { g.Words = words("overhead") }, nil},
		{"negative units", strings.Replace(good, "|F|1|0|100|", "|F|-1|0|-100|", 1), func(g *config.Guideline) { g.NoNegative = true },
			[]string{"negative 3 LINE_ITEM_NUMBER_OF_UNITS", "client-negative 3 LINE_ITEM_NUMBER_OF_UNITS", "sum 3 INVOICE_TOTAL"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := openGuideline("orchard")
			tt.set(&g)
			o := LedesOptions{Today: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Guidelines: []config.Guideline{g}, File: "march.TXT"}
			got := ledesTold(t, tt.in, o)
			if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(tt.want))) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestGuidelineOfAnotherClient is for files whose CLIENT_ID is the firm's own.
func TestGuidelineOfAnotherClient(t *testing.T) {
	g := openGuideline("orchard")
	g.Clients, g.MaxTotal, g.Warn = words("Orchard Foods"), million, true
	in := ledesFile("LEDES1998B", "\n", []string{"A-1", "100", "100"})
	for client, want := range map[string]int{"": 0, "orchard": 1, "Orchard foods": 1, "C100": 0} {
		l, _ := CheckLedes(strings.NewReader(in), LedesOptions{Guidelines: []config.Guideline{g}, Client: client}, func(p LedesProblem) {
			if p.Guideline != "orchard" || p.Level != LevelWarning || p.Invoice != "A-1" {
				t.Errorf("%+v", p)
			}
		})
		if l.Warnings != want || l.Errors != 0 {
			t.Errorf("client %q: %v", client, l.Problems)
		}
	}
	if l, _ := CheckLedes(strings.NewReader(in), LedesOptions{Guidelines: []config.Guideline{g}, Client: "orchard", Strict: true}, nil); l.Errors != 1 {
		t.Error("a warning is an error with Strict")
	}
}

// TestGuidelineSays is what a billing desk reads.
func TestGuidelineSays(t *testing.T) {
	g := openGuideline("harbor")
	g.Rates, g.Travel, g.Hours, g.OneTask, g.Words = cap1("PARTNR", 50), 500_000, 2*million, true, words("filing", "scanning", "overhead")
	g.Number, g.UnitCosts = regexp.MustCompile(`^(?:[0-9]{4,8})$`), cap1("E101", 1)
	in := vendorFile{total: "852.50", lines: set(0, "LINE_ITEM_DESCRIPTION", "Travel to court; draft order; scanning, filing", "INVOICE_NUMBER", "A-1", "LINE_ITEM_UNIT_COST", "300.00")}
	in.lines[1] = with(in.lines[1], "TIMEKEEPER_ID", "17", "INVOICE_NUMBER", "A-1")
	in.lines[2] = with(in.lines[2], "LINE_ITEM_UNIT_COST", "1.10", "LINE_ITEM_NUMBER_OF_UNITS", "1", "LINE_ITEM_TOTAL", "1.10", "INVOICE_NUMBER", "A-1")
	want := map[string][2]string{
		"client-rate":    {"300.00", "PARTNR at most 25.00 for travel"},
		"client-hours":   {"3.50 by 17 on 20260410", "at most 2.00 a day"},
		"client-tasks":   {"travel, draft", "one task"},
		"client-word":    {"Travel to court; draft order; scanning, filing", "without filing, scanning"},
		"client-number":  {"A-1", "[0-9]{4,8}"},
		"client-expense": {"1.10", "E101 at most 1.00 each"},
	}
	_, err := CheckLedes(strings.NewReader(in.String()), LedesOptions{Guidelines: []config.Guideline{g}}, func(p LedesProblem) {
		if w, ok := want[p.Code]; ok && (p.Got != w[0] || p.Want != w[1] || p.Guideline != "harbor") {
			t.Errorf("%s: found %q, wanted %q", p.Code, p.Got, p.Want)
		}
		delete(want, p.Code)
	})
	if err != nil || len(want) > 0 {
		t.Errorf("%v, not told: %v", err, want)
	}
}

// TestGuidelineOfFlatCharges is for charges of XML that are for no hours.
func TestGuidelineOfFlatCharges(t *testing.T) {
	in := func(kind string) string {
		return `<ledesxmlebilling2.1><firm><client><cl_id>C100</cl_id><invoice><inv_id>A-1</inv_id><inv_date>2026-04-30</inv_date><inv_start_date>2026-04-01</inv_start_date>` +
			`<inv_end_date>2026-04-30</inv_end_date><inv_total_net_due>5000</inv_total_net_due><matter><lf_matter_id>1</lf_matter_id><fee><charge_date>2026-04-10</charge_date><tk_id>T1</tk_id>` +
			`<tk_level>PARTNR</tk_level><charge_desc>Closing</charge_desc><charge_type>` + kind + `</charge_type><units>1.25</units><rate>4000</rate><base_amount>5000</base_amount>` +
			`<total_amount>5000</total_amount></fee></matter></invoice></client></firm></ledesxmlebilling2.1>`
	}
	g := openGuideline("harbor")
	g.Rates, g.Increment, g.Hours = cap1("PARTNR", 650), million/10, million
	for kind, want := range map[string]int{"F": 0, "U": 3} {
		if l, err := CheckLedes(strings.NewReader(in(kind)), LedesOptions{Guidelines: []config.Guideline{g}}, nil); err != nil || l.Errors != want {
			t.Errorf("%s: %v %v", kind, err, l.Problems)
		}
	}
}
