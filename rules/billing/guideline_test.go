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
		Expenses: cap1("E111", 1), Hours: million, Increment: million, DescriptionMin: 10, DescriptionMax: 20, OneTask: true, Words: words("draft"), NoNegative: true}}
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
