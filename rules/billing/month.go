package billing

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

var months = func() map[string]int {
	m := map[string]int{}
	for _, names := range []string{
		"jan feb mar apr may jun jul aug sep oct nov dec",
		"january february march april may june july august september october november december",
		"januar februar märz april mai juni juli august september oktober november dezember",
		"jänner feber mrz apr mai jun jul aug sept okt nov dez",
		"janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		"janv fevr mars avr mai juin juil aout sept oct nov dec",
		"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		"gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
		"januari februari maart april mei juni juli augustus september oktober november december",
		"stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
		"styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
		"janv févr mars avr mai juin juil août sept oct nov déc",
		"ene feb mar abr may jun jul ago sep oct nov dic",
		"gen feb mar apr mag giu lug ago set ott nov dic",
		"jan feb mrt apr mei jun jul aug sep okt nov dec",
		"januari februari mars april maj juni juli augusti september oktober november december",
		"januar februar marts april maj juni juli august september oktober november december",
		"januar februar mars april mai juni juli august september oktober november desember",
		"ledna února března dubna května června července srpna září října listopadu prosince",
		"sty lut mar kwi maj cze lip sie wrz paź lis gru",
		"jan fev mar abr mai jun jul ago set out nov dez",
		"janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
		"gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
		"tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu",
		"tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
		"leden únor březen duben květen červen červenec srpen září říjen listopad prosinec",
		"januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra",
		"január február marec apríl máj jún júl august september október november december",
		"január február március április május június július augusztus szeptember október november december",
		"jan febr márc ápr máj jún júl aug szept okt nov dec",
		"ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
		"siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna - studenoga prosinca", // "listopada" is November in Poland
		"siječanj veljača ožujak travanj svibanj lipanj srpanj kolovoz rujan - studeni prosinac",
		"januarja februarja marca aprila maja junija julija avgusta septembra oktobra novembra decembra",
		"januar februar mart april maj jun jul avgust septembar oktobar novembar decembar",
		"jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember",
		"janvāris februāris marts aprīlis maijs jūnijs jūlijs augusts septembris oktobris novembris decembris",
		"sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio",
		"janúar febrúar mars apríl maí júní júlí ágúst september október nóvember desember",
		"ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
		"ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου",
		"ιαν φεβ μαρ απρ μαϊ ιουν ιουλ αυγ σεπ οκτ νοε δεκ",
		"януари февруари март април май юни юли август септември октомври ноември декември",
		"января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
		"січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
	} {
		for i, name := range strings.Fields(names) {
			if m[name] != 0 || len(name) < 3 {
				continue
			}
			m[name] = i + 1
			c, size := utf8.DecodeRuneInString(name)
			if c >= utf8.RuneSelf {
				m[string(unicode.ToUpper(c))+name[size:]] = i + 1
			}
			if plain := plainWords(name); len(plain) >= 3 && m[plain] == 0 {
				m[plain] = i + 1 // as people write it who have no accents on their keyboard
			}
		}
	}
	return m
}()

// maxMonth is the longest name of a month, in octets.
const maxMonth = 24

// monthAt reads the name of a month in one of many languages.
func monthAt(s string, at int) (month, end int) {
	for end = at; end < len(s) && end-at < maxMonth && (letter(s[end]) || s[end] >= 0x80); end++ {
	}
	if end-at < 3 || end < len(s) && alnum(s[end]) && !digit(s[end]) {
		return 0, at
	}
	var b [maxMonth]byte
	n := copy(b[:], s[at:end])
	for i := range n {
		if c := b[i]; c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return months[string(b[:n])], end
}
