package config

import "time"

// What holds where IT writes nothing. docs/ lists the same values.
const (
	DefaultPortTLS      = 993     // IMAP with TLS from the first octet, RFC 8314 section 3.2
	DefaultPortClear    = 143     // IMAP with STARTTLS, or none on loopback
	DefaultMailbox      = "INBOX" // followed, and receives notes
	DefaultAuth         = "password"
	DefaultGrace        = time.Minute // how long mail stays in INBOX before a rule files it
	DefaultBrakeMoves   = 200
	DefaultBrakePercent = 30
	DefaultBrakeLetters = 30
	DefaultFirstSync    = "baseline"       // a first start acts on nothing old
	DefaultMailPoll     = 10 * time.Minute // safety poll beside push
	DefaultCalendarPoll = 60 * time.Second
	DefaultGoogleURL    = "https://www.googleapis.com/calendar/v3/"
	DefaultHours        = "Mon-Fri 09:00-18:00"
	DefaultMode         = Observe
	DefaultNumber       = `\b(\d{3,6})[-.](\d{3,4})\b` // client and matter, as in 10042.0070
	DefaultHorizon      = 60 * 24 * time.Hour          // how far ahead conflicts are looked for
	DefaultAlternatives = 3                            // free slots offered per conflict
	DefaultResolve      = "propose"
	DefaultMirrorTitle  = "Busy"              // what a mirror calls the events it shows
	DefaultNotice       = 24 * time.Hour      // what begins sooner is never declined or moved
	DefaultStateDir     = "/var/lib/chancery" // without $STATE_DIRECTORY
	DefaultJournal      = "sqlite"

	DefaultBillingNotes = "weekly"
	DefaultBillingDay   = time.Monday
	DefaultBillingAt    = "07:30"
	DefaultDueBefore    = 3              // business days
	DefaultPrebillAfter = 72 * time.Hour // without an answer
)

// What Load refuses to read beyond. The files are IT's own, but one slip of an
// export script must not take the daemon down.
const (
	MaxFileBytes     = 1 << 20  // one YAML or list file
	MaxMatterBytes   = 64 << 20 // the matter list
	MaxRuleFiles     = 500
	MaxUserFiles     = 2000
	MaxUserRules     = 100      // own rules of one user file
	MaxUserTests     = 100      // tests of one user file
	MaxTests         = 20_000   // in all files
	MaxTemplateBytes = 64 << 10 // one template of a note or draft
	MaxRules         = 2000     // mail rules and what stands under calendar, together
	MaxMatters       = 200_000  // lines of the matter list
	MaxDepth         = 32       // nesting of YAML
	MaxAliasNodes    = 10_000   // YAML values reached through aliases, one file
	MaxEntries       = 100_000  // one list or set of terms
	MaxExprChars     = 16_384   // one condition
	MaxTermChars     = 200      // one word or phrase
	MaxNameChars     = 64       // names of accounts, rules, marks, lists
	MaxKeywordChars  = 30       // IMAP keyword; servers differ from 50 upward
	MaxLabelChars    = 225      // Gmail label
	MaxAlternatives  = 10
	MaxDueBefore     = 60  // business days before a due date
	MaxHolidays      = 500 // of one billing desk
	MaxProblems      = 200 // told per file; the rest is counted
)

const (
	minPoll         = time.Second
	minPollLoopback = 10 * time.Millisecond
	maxPoll         = 24 * time.Hour
	minHorizon      = 24 * time.Hour
	maxHorizon      = 366 * 24 * time.Hour
	maxBuffer       = 24 * time.Hour
	maxNotice       = 30 * 24 * time.Hour
	maxGrace        = 24 * time.Hour
	maxPrebillAfter = 60 * 24 * time.Hour
	maxBrakeMoves   = 1_000_000
	maxBrakeLetters = 10_000
	maxRank         = 1000
	maxPriority     = 1_000_000
	maxUserPriority = 49 // of a person's own rules: what must not be overtaken has 50 or more
)
