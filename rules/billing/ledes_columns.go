package billing

import "strings"

// Fields of a line by their place in LEDES 98BI V2, of which 1998B is the first 24.
// XML has other names for them.
const (
	fInvoiceDate = iota
	fNumber
	fClient
	fLawFirmMatter
	fTotal
	fFrom
	fTill
	fInvoiceText
	fLineNumber
	fType
	fUnits
	fAdjustment
	fLineTotal
	fLineDate
	fTask
	fExpense
	fActivity
	fKeeper
	fText
	fLawFirm
	fCost
	fKeeperName
	fClass
	fMatter
	fOrder
	fClientTax
	fMatterName
	fTax
	fNet
	fCurrency
	fKeeperLast
	fKeeperFirst
	fAccount
	fFirmName
	fFirmAddress1
	fFirmAddress2
	fFirmCity
	fFirmState
	fFirmPost
	fFirmCountry
	fClientName
	fClientAddress1
	fClientAddress2
	fClientCity
	fClientState
	fClientPost
	fClientCountry
	fTaxRate
	fLineTax
	fTaxType
	fReportedTax
	fTaxCurrency
	numFields
)

const (
	num98B  = 24
	num98BI = int(numFields)
)

// ledesNames are the names of the columns in the second line of a file.
var ledesNames = strings.Split("INVOICE_DATE|INVOICE_NUMBER|CLIENT_ID|LAW_FIRM_MATTER_ID|INVOICE_TOTAL|BILLING_START_DATE|"+
	"BILLING_END_DATE|INVOICE_DESCRIPTION|LINE_ITEM_NUMBER|EXP/FEE/INV_ADJ_TYPE|LINE_ITEM_NUMBER_OF_UNITS|LINE_ITEM_ADJUSTMENT_AMOUNT|"+
	"LINE_ITEM_TOTAL|LINE_ITEM_DATE|LINE_ITEM_TASK_CODE|LINE_ITEM_EXPENSE_CODE|LINE_ITEM_ACTIVITY_CODE|TIMEKEEPER_ID|"+
	"LINE_ITEM_DESCRIPTION|LAW_FIRM_ID|LINE_ITEM_UNIT_COST|TIMEKEEPER_NAME|TIMEKEEPER_CLASSIFICATION|CLIENT_MATTER_ID|"+
	"PO_NUMBER|CLIENT_TAX_ID|MATTER_NAME|INVOICE_TAX_TOTAL|INVOICE_NET_TOTAL|INVOICE_CURRENCY|TIMEKEEPER_LAST_NAME|"+
	"TIMEKEEPER_FIRST_NAME|ACCOUNT_TYPE|LAW_FIRM_NAME|LAW_FIRM_ADDRESS_1|LAW_FIRM_ADDRESS_2|LAW_FIRM_CITY|LAW_FIRM_STATEorREGION|"+
	"LAW_FIRM_POSTCODE|LAW_FIRM_COUNTRY|CLIENT_NAME|CLIENT_ADDRESS_1|CLIENT_ADDRESS_2|CLIENT_CITY|CLIENT_STATEorREGION|CLIENT_POSTCODE|"+
	"CLIENT_COUNTRY|LINE_ITEM_TAX_RATE|LINE_ITEM_TAX_TOTAL|LINE_ITEM_TAX_TYPE|INVOICE_REPORTED_TAX_TOTAL|INVOICE_TAX_CURRENCY", "|")

// ledesXMLNames are the elements that carry the same; "" for none.
var ledesXMLNames = [numFields]string{
	fInvoiceDate: "inv_date", fNumber: "inv_id", fClient: "cl_id", fLawFirmMatter: "lf_matter_id", fTotal: "inv_total_net_due",
	fFrom: "inv_start_date", fTill: "inv_end_date", fInvoiceText: "inv_desc", fType: "charge_type", fUnits: "units",
	fAdjustment: "item_disc_cred_amount", fLineTotal: "total_amount", fLineDate: "charge_date", fTask: "task_code",
	fExpense: "expense_code", fActivity: "task_activity", fKeeper: "tk_id", fText: "charge_desc", fLawFirm: "lf_id", fCost: "rate",
	fKeeperName: "tk_lname", fClass: "tk_level", fMatter: "cl_matter_id", fOrder: "po_number", fClientTax: "cl_tax_id", fMatterName: "matter_name",
	fTax: "inv_total_tax", fCurrency: "inv_currency", fAccount: "account_type", fFirmName: "lf_name", fFirmCountry: "country",
	fClientName: "cl_name", fClientCountry: "country", fLineTax: "tax_amount",
}

// What a field may hold.
const (
	kindText = iota
	kindDate
	kindNumber
	kindCurrency
	kindCountry
	kindLineType
	kindAccount
	kindRate
	kindCode
	kindClass
)

// column is what the formats say about a field. Fields that belong to the invoice are
// the same on each of its lines.
type column struct {
	kind    uint8
	need    bool // on every line
	invoice bool
	max     int // characters; of a number digits before the point
	decs    int
}

var ledesColumns = [numFields]column{
	fInvoiceDate:    {kindDate, true, true, 8, 0},
	fNumber:         {kindText, true, true, 20, 0},
	fClient:         {kindText, true, true, 20, 0},
	fLawFirmMatter:  {kindText, true, false, 20, 0},
	fTotal:          {kindNumber, true, true, 12, 4},
	fFrom:           {kindDate, true, true, 8, 0},
	fTill:           {kindDate, true, true, 8, 0},
	fInvoiceText:    {kindText, false, true, 15 << 10, 0},
	fLineNumber:     {kindText, true, false, 20, 0},
	fType:           {kindLineType, true, false, 2, 0},
	fUnits:          {kindNumber, false, false, 10, 4},
	fAdjustment:     {kindNumber, false, false, 10, 4},
	fLineTotal:      {kindNumber, true, false, 10, 4},
	fLineDate:       {kindDate, true, false, 8, 0},
	fTask:           {kindCode, false, false, 20, 0},
	fExpense:        {kindCode, false, false, 20, 0},
	fActivity:       {kindCode, false, false, 20, 0},
	fKeeper:         {kindText, false, false, 20, 0},
	fText:           {kindText, false, false, 15 << 10, 0},
	fLawFirm:        {kindText, true, true, 20, 0},
	fCost:           {kindNumber, false, false, 10, 4},
	fKeeperName:     {kindText, false, false, 30, 0},
	fClass:          {kindClass, false, false, 10, 0},
	fMatter:         {kindText, false, false, 20, 0},
	fOrder:          {kindText, false, false, 100, 0},
	fClientTax:      {kindText, true, true, 20, 0},
	fMatterName:     {kindText, true, false, 255, 0},
	fTax:            {kindNumber, true, true, 12, 4},
	fNet:            {kindNumber, true, true, 12, 4},
	fCurrency:       {kindCurrency, true, true, 3, 0},
	fKeeperLast:     {kindText, false, false, 30, 0},
	fKeeperFirst:    {kindText, false, false, 30, 0},
	fAccount:        {kindAccount, true, false, 1, 0},
	fFirmName:       {kindText, true, true, 60, 0},
	fFirmAddress1:   {kindText, true, false, 60, 0},
	fFirmAddress2:   {kindText, false, false, 60, 0},
	fFirmCity:       {kindText, true, false, 40, 0},
	fFirmState:      {kindText, false, false, 40, 0},
	fFirmPost:       {kindText, false, false, 20, 0},
	fFirmCountry:    {kindCountry, true, false, 3, 0},
	fClientName:     {kindText, true, true, 60, 0},
	fClientAddress1: {kindText, true, false, 60, 0},
	fClientAddress2: {kindText, false, false, 60, 0},
	fClientCity:     {kindText, true, false, 40, 0},
	fClientState:    {kindText, false, false, 40, 0},
	fClientPost:     {kindText, false, false, 20, 0},
	fClientCountry:  {kindCountry, true, false, 3, 0},
	fTaxRate:        {kindRate, false, false, 1, 10},
	fLineTax:        {kindNumber, false, false, 10, 4},
	fTaxType:        {kindText, false, false, 20, 0},
	fReportedTax:    {kindNumber, false, true, 12, 4},
	fTaxCurrency:    {kindCurrency, false, true, 3, 0},
}

// nameOf is a field's column or element.
func (c *ledesCheck) nameOf(field int) string {
	if c.isXML {
		return ledesXMLNames[field]
	}
	return ledesNames[field]
}
