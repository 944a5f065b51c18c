package rules

import "strings"

// A blank inside a word is damage, or a person wrote two words. It is taken for
// damage where one of the pieces is no word: "privil ege", not "in form". What
// short pieces are words is listed here; of longer ones it is not known.

// maxPiece is the longest piece that is known to be a word or none.
const maxPiece = 4

// shortWords are the words of two to four letters that stand in office mail, with
// the short forms that people write.
var shortWords = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`
		ab ad ah am an as at be by co cc cv da de do dr eg et eu ex fa fe fy go ha he hi hr id ie if ii in ip is it iv jr la le
		lo lp ma me mr ms my na nd no nt of oh ok on op or os ot ow ox pa pc pm pr ps re rd rx sa sc se sh si so sq st sw ta tb to tv uk
		un up us ut va vp vs we ye yo
		abc abs ace act add ado ads aft age ago aid ail aim air ale all and ant any ape apt arc are ark arm art ash ask ate awe axe aye
		bad bag ban bar bat bay bed bee bet bid big bin bit boa bob bow box boy bud bug bum bun bus but buy bye cab cam can cap car cat
		ceo cfo chi cob cod cog coo cop cot cow coy cry cub cue cup cut dab dad dam day deb dee del den dew did die dig dim din dip
		doc doe dog don dot dry dub due dug duo dye ear eat ebb ego egg elf elk ell elm end eon era err est eve eye fab fad fan far fat fax
		fed fee fen few fig fin fir fit fix flu fly foe fog for fox fry fun fur fyi gag gap gas gay gel gem get gig gin god got gov gum gun
		gut guy gym had ham has hat hay hem hen her hey hid him hip his hit hoe hog hop hot how hub hue hug hum hut ice icy ill imp inc ink
		inn ins irk irs its ivy jab jam jan jar jaw jay jet jew job jog jot joy jug jul jun keg ken key kid kin kit lab lac lad lag
		lap law lax lay lea led lee leg len let lid lie lip lit log lot low ltd lug mac mad man map mar mat max may med meg men met mid mix
		mob mom mop mrs mud mug nab nag nap nay neo net new nib nil nip nod non nor not nov now nun nut oak oar oat oct odd ode off oil old
		one opt orb ore our out owe owl own pad pal pan par pat paw pay pea peg pen per pet phd pie pig pin pit plc ply pod pop pot pox pre
		pro pry pub pun pup put qua rag ram ran rap rat raw ray ref reg rep rev rib rid rig rim rip rob rod ron rot row rub rue rug rum run
		rye sac sad sag sam sap sat saw sax say sea sec see sep set sew sex she shy sin sip sir sit six ski sky sly sob sod son sow soy spa
		spy sub sue sum sun sup tab tag tan tap tar tax tea ted tee ten the thy tic tie til tim tin tip toe tom ton too top toy try tub tug
		two ups use van vat vet via vie vow wag wan war was wax way web wed wet who why wig win wit woe won woo wow yen yes yet you zip zoo
		able ably acid aged aids aims also amid anti apex area arms army arts asks atop aunt auto away back baby bail ball band bank bare
		bars base bath bats bays beam bean bear beat beds been beer bell belt bend bent best beta beth bets bias bids bike bill bind bird
		bite bits blow blue boat body boil bold bolt bomb bond bone book boom boot bore born boss both bout bowl boys brad bulk bull bump
		burn bury bush busy cafe cage cake call calm came camp cape caps card care cars carl case cash cast cats cell cent chad chap chat
		chef chin chip cite city clay clip club clue coal coat code coin cold come cook cool cope copy cord core corp cost coup crew crop
		cult cure cuts cyst dale dame damn dams dana dare dark data date dave dawn days dead deaf deal dean dear debt deck deed deem deep
		deer demo deny desk dial dice died dies diet dime dine dirt dish disk dive dock docs does dogs dole doll done doom door dose dots
		down drag draw drew drop drug drum dual duck dues duly dumb dump dust duty each earn ears ease east easy eats edge edit eggs else
		emit ends envy epic eric even ever evil exam exec exit eyes face fact fade fail fair fake fall fame fans fare farm fast fate fear
		feed feel fees feet fell felt file fill film find fine fire firm fish five flag flat fled flew flip flow foil fold folk fond food
		fool foot ford fore fork form fort foul four free from fuel full fund fury fuse gain game gang gaps gary gate gave gear gene gets
		gift girl give glad goal goat goes gold golf gone good gown grab gray greg grew grey grid grim grip grow gulf guys hack hair half
		hall halt hand hang hard hare harm hate have hawk head heal heap hear heat heel held hell helm help herb herd here hero hers hide
		high hike hill hint hire hold hole holy home hood hook hope horn hose host hour huge hull hung hunt hurt idea idle inch info into
		iran iraq iron isle item jack jail jane jean jeff jets jill joan jobs joel john join joke josh jump june jury just kate keen keep
		kent kept keys kick kids kill kind king kiss knee knew knit knot know kyle labs lack lady laid lake lamb lamp land lane last late
		lawn laws lead leaf leak lean leap left legs lend lens lent less lest levy liar lied lien lies lieu life lift like lily limb lime
		line link lion lips lisa list live load loan lock loft logo logs lone long look loop lord lose loss lost lots loud love luck lump
		lung mail main make male mall many maps mark mars mart mask mass mate math matt meal mean meat meet mega melt memo menu mere mesh
		mess mice mike mild mile milk mill mind mine mini mint miss mist mode mood moon more most move much must myth nail name navy near
		neat neck need neil nest nets news next nice nick nine node none noon norm nose note noun nova null oath obey odds okay omit once
		ones only onto open oral ours oust oven over owed owes owns pace pack pact page paid pain pair pale palm park part pass past path
		paul peak peer pens pest pete pick pier pile pine pink pins pipe pits pity plan play plea plot plug plus poem poet pole poll pond
		pool poor pope pork port pose post pour pray prep prey prof prom pros pull pump pure push puts quit quiz race rack rage raid rail
		rain rank rape rare rate read real rear refs rely rent rest rice rich ride ring riot ripe rise risk road rock rode role roll roof
		room root rope rose ross ruin rule runs rush ruth ryan safe said sail sake sale salt same sand sang save says scan scar seal seam
		seat seed seek seem seen self sell send sent sept sets shed ship shop shot show shut sick side sign silk sing sink site sits size
		skin skip slim slip slot slow snap snow soap sofa soft soil sold sole solo some song soon sort soul soup sour span spin spot spun
		star stay stem step stir stop such suit sums sung sunk sure swap swim tabs tail take tale talk tall tank tape taps task team tear
		tech teen tell tend tens tent term test text than that thee them then they thin this thou thus tide tied ties tile till time tiny
		tips tire told toll tomb tone tony took tool tops tore torn tort toss tour town toys trap tray tree trim trio trip true tube tune
		turf turn twin type ugly undo unit upon urge used user uses vain vary vast veil very vest veto vice view vine visa void vote wage
		wait wake walk wall ward ware warm warn wars wash wave ways weak wear webs week well went were west what when whom wide wife wild
		will wind wine wing wins wipe wire wise wish with wolf wood wool word wore work worn wrap yard yarn yeah year yell your zero zone`) {
		m[w] = true
	}
	return m
}()

// noWord reports whether a piece of a word is certainly no word itself. A single
// letter may be a list's, or a name's.
func noWord(piece string) bool {
	return len(piece) > 1 && len(piece) <= maxPiece && !shortWords[piece]
}
