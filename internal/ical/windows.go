package ical

import (
	"regexp"
	"strings"
	"time"
)

// windowsZone finds a zone by the name Windows and Outlook give it: the key of
// the registry ("W. Europe Standard Time"), or the text people see, with or
// without its offset ("(UTC+01:00) Amsterdam, Berlin, Bern").
func windowsZone(name string) *time.Location {
	if iana, ok := windowsZones[strings.ToLower(name)]; ok {
		return ianaZone(iana, false)
	}
	shown := displayOffset.ReplaceAllString(name, "")
	if iana, ok := displayZones[strings.ToLower(strings.TrimSpace(shown))]; ok {
		return ianaZone(iana, false)
	}
	for place := range strings.SplitSeq(shown, ",") {
		place = strings.ToLower(strings.TrimSpace(place))
		if iana, ok := displayZones[place]; ok {
			return ianaZone(iana, false)
		}
	}
	if _, place, ok := strings.Cut(name, "_"); ok && !strings.Contains(name, "/") {
		return ianaZone(strings.Replace(name, "_"+place, "/"+place, 1), true) // Europe_London
	}
	return nil
}

var displayOffset = regexp.MustCompile(`^\((?:UTC|GMT) ?(?:[+-]\d{1,2}[:.]?\d\d)?\) ?`)

// windowsZones maps the Windows names, in lower case, to the zone that CLDR's
// windowsZones names for territory 001.
var windowsZones = readZoneTable(`
Dateline Standard Time|Etc/GMT+12
UTC-11|Etc/GMT+11
Aleutian Standard Time|America/Adak
Hawaiian Standard Time|Pacific/Honolulu
Marquesas Standard Time|Pacific/Marquesas
Alaskan Standard Time|America/Anchorage
UTC-09|Etc/GMT+9
Pacific Standard Time (Mexico)|America/Tijuana
UTC-08|Etc/GMT+8
Pacific Standard Time|America/Los_Angeles
US Mountain Standard Time|America/Phoenix
Mountain Standard Time (Mexico)|America/Mazatlan
Mountain Standard Time|America/Denver
Yukon Standard Time|America/Whitehorse
Central America Standard Time|America/Guatemala
Central Standard Time|America/Chicago
Easter Island Standard Time|Pacific/Easter
Central Standard Time (Mexico)|America/Mexico_City
Canada Central Standard Time|America/Regina
SA Pacific Standard Time|America/Bogota
Eastern Standard Time (Mexico)|America/Cancun
Eastern Standard Time|America/New_York
Haiti Standard Time|America/Port-au-Prince
Cuba Standard Time|America/Havana
US Eastern Standard Time|America/Indiana/Indianapolis
Turks And Caicos Standard Time|America/Grand_Turk
Paraguay Standard Time|America/Asuncion
Atlantic Standard Time|America/Halifax
Venezuela Standard Time|America/Caracas
Central Brazilian Standard Time|America/Cuiaba
SA Western Standard Time|America/La_Paz
Pacific SA Standard Time|America/Santiago
Newfoundland Standard Time|America/St_Johns
Tocantins Standard Time|America/Araguaina
E. South America Standard Time|America/Sao_Paulo
SA Eastern Standard Time|America/Cayenne
Argentina Standard Time|America/Argentina/Buenos_Aires
Greenland Standard Time|America/Nuuk
Montevideo Standard Time|America/Montevideo
Magallanes Standard Time|America/Punta_Arenas
Saint Pierre Standard Time|America/Miquelon
Bahia Standard Time|America/Bahia
UTC-02|Etc/GMT+2
Mid-Atlantic Standard Time|Etc/GMT+2
Azores Standard Time|Atlantic/Azores
Cape Verde Standard Time|Atlantic/Cape_Verde
UTC|Etc/UTC
GMT Standard Time|Europe/London
Greenwich Standard Time|Atlantic/Reykjavik
Sao Tome Standard Time|Africa/Sao_Tome
Morocco Standard Time|Africa/Casablanca
W. Europe Standard Time|Europe/Berlin
Central Europe Standard Time|Europe/Budapest
Romance Standard Time|Europe/Paris
Central European Standard Time|Europe/Warsaw
W. Central Africa Standard Time|Africa/Lagos
Jordan Standard Time|Asia/Amman
GTB Standard Time|Europe/Bucharest
Middle East Standard Time|Asia/Beirut
Egypt Standard Time|Africa/Cairo
E. Europe Standard Time|Europe/Chisinau
Syria Standard Time|Asia/Damascus
West Bank Standard Time|Asia/Hebron
South Africa Standard Time|Africa/Johannesburg
FLE Standard Time|Europe/Kiev
Israel Standard Time|Asia/Jerusalem
South Sudan Standard Time|Africa/Juba
Kaliningrad Standard Time|Europe/Kaliningrad
Sudan Standard Time|Africa/Khartoum
Libya Standard Time|Africa/Tripoli
Namibia Standard Time|Africa/Windhoek
Arabic Standard Time|Asia/Baghdad
Turkey Standard Time|Europe/Istanbul
Arab Standard Time|Asia/Riyadh
Belarus Standard Time|Europe/Minsk
Russian Standard Time|Europe/Moscow
E. Africa Standard Time|Africa/Nairobi
Volgograd Standard Time|Europe/Volgograd
Iran Standard Time|Asia/Tehran
Arabian Standard Time|Asia/Dubai
Astrakhan Standard Time|Europe/Astrakhan
Azerbaijan Standard Time|Asia/Baku
Russia Time Zone 3|Europe/Samara
Mauritius Standard Time|Indian/Mauritius
Saratov Standard Time|Europe/Saratov
Georgian Standard Time|Asia/Tbilisi
Caucasus Standard Time|Asia/Yerevan
Afghanistan Standard Time|Asia/Kabul
West Asia Standard Time|Asia/Tashkent
Qyzylorda Standard Time|Asia/Qyzylorda
Ekaterinburg Standard Time|Asia/Yekaterinburg
Pakistan Standard Time|Asia/Karachi
India Standard Time|Asia/Kolkata
Sri Lanka Standard Time|Asia/Colombo
Nepal Standard Time|Asia/Kathmandu
Central Asia Standard Time|Asia/Almaty
Bangladesh Standard Time|Asia/Dhaka
Omsk Standard Time|Asia/Omsk
Myanmar Standard Time|Asia/Yangon
SE Asia Standard Time|Asia/Bangkok
Altai Standard Time|Asia/Barnaul
W. Mongolia Standard Time|Asia/Hovd
North Asia Standard Time|Asia/Krasnoyarsk
N. Central Asia Standard Time|Asia/Novosibirsk
Tomsk Standard Time|Asia/Tomsk
China Standard Time|Asia/Shanghai
North Asia East Standard Time|Asia/Irkutsk
Singapore Standard Time|Asia/Singapore
W. Australia Standard Time|Australia/Perth
Taipei Standard Time|Asia/Taipei
Ulaanbaatar Standard Time|Asia/Ulaanbaatar
North Korea Standard Time|Asia/Pyongyang
Aus Central W. Standard Time|Australia/Eucla
Transbaikal Standard Time|Asia/Chita
Tokyo Standard Time|Asia/Tokyo
Korea Standard Time|Asia/Seoul
Yakutsk Standard Time|Asia/Yakutsk
Cen. Australia Standard Time|Australia/Adelaide
AUS Central Standard Time|Australia/Darwin
E. Australia Standard Time|Australia/Brisbane
AUS Eastern Standard Time|Australia/Sydney
West Pacific Standard Time|Pacific/Port_Moresby
Tasmania Standard Time|Australia/Hobart
Vladivostok Standard Time|Asia/Vladivostok
Lord Howe Standard Time|Australia/Lord_Howe
Bougainville Standard Time|Pacific/Bougainville
Russia Time Zone 10|Asia/Srednekolymsk
Magadan Standard Time|Asia/Magadan
Norfolk Standard Time|Pacific/Norfolk
Sakhalin Standard Time|Asia/Sakhalin
Central Pacific Standard Time|Pacific/Guadalcanal
Russia Time Zone 11|Asia/Kamchatka
New Zealand Standard Time|Pacific/Auckland
UTC+12|Etc/GMT-12
Fiji Standard Time|Pacific/Fiji
Kamchatka Standard Time|Asia/Kamchatka
Chatham Islands Standard Time|Pacific/Chatham
UTC+13|Etc/GMT-13
Tonga Standard Time|Pacific/Tongatapu
Samoa Standard Time|Pacific/Apia
Line Islands Standard Time|Pacific/Kiritimati
`)

// displayZones maps the places in the texts of Outlook, in lower case, that mean
// one zone only.
var displayZones = readZoneTable(`
Hawaii|Pacific/Honolulu
Alaska|America/Anchorage
Pacific Time (US & Canada)|America/Los_Angeles
Pacific Time (US and Canada)|America/Los_Angeles
Mountain Time (US & Canada)|America/Denver
Mountain Time (US and Canada)|America/Denver
Central Time (US & Canada)|America/Chicago
Central Time (US and Canada)|America/Chicago
Eastern Time (US & Canada)|America/New_York
Eastern Time (US and Canada)|America/New_York
Atlantic Time (Canada)|America/Halifax
Arizona|America/Phoenix
Saskatchewan|America/Regina
Indiana (East)|America/Indiana/Indianapolis
Newfoundland|America/St_Johns
Tijuana|America/Tijuana
Mexico City|America/Mexico_City
Bogota|America/Bogota
Lima|America/Lima
Caracas|America/Caracas
Santiago|America/Santiago
Brasilia|America/Sao_Paulo
Buenos Aires|America/Argentina/Buenos_Aires
Montevideo|America/Montevideo
Azores|Atlantic/Azores
Dublin|Europe/London
Edinburgh|Europe/London
Lisbon|Europe/London
London|Europe/London
Monrovia|Atlantic/Reykjavik
Reykjavik|Atlantic/Reykjavik
Casablanca|Africa/Casablanca
Amsterdam|Europe/Berlin
Berlin|Europe/Berlin
Bern|Europe/Berlin
Rome|Europe/Berlin
Stockholm|Europe/Berlin
Vienna|Europe/Berlin
Belgrade|Europe/Budapest
Bratislava|Europe/Budapest
Budapest|Europe/Budapest
Ljubljana|Europe/Budapest
Prague|Europe/Budapest
Brussels|Europe/Paris
Copenhagen|Europe/Paris
Madrid|Europe/Paris
Paris|Europe/Paris
Sarajevo|Europe/Warsaw
Skopje|Europe/Warsaw
Warsaw|Europe/Warsaw
Zagreb|Europe/Warsaw
West Central Africa|Africa/Lagos
Athens|Europe/Bucharest
Bucharest|Europe/Bucharest
Beirut|Asia/Beirut
Cairo|Africa/Cairo
Harare|Africa/Johannesburg
Pretoria|Africa/Johannesburg
Helsinki|Europe/Kiev
Kyiv|Europe/Kiev
Riga|Europe/Kiev
Sofia|Europe/Kiev
Tallinn|Europe/Kiev
Vilnius|Europe/Kiev
Jerusalem|Asia/Jerusalem
Istanbul|Europe/Istanbul
Baghdad|Asia/Baghdad
Kuwait|Asia/Riyadh
Riyadh|Asia/Riyadh
Moscow|Europe/Moscow
St. Petersburg|Europe/Moscow
Nairobi|Africa/Nairobi
Tehran|Asia/Tehran
Abu Dhabi|Asia/Dubai
Muscat|Asia/Dubai
Baku|Asia/Baku
Tbilisi|Asia/Tbilisi
Yerevan|Asia/Yerevan
Kabul|Asia/Kabul
Islamabad|Asia/Karachi
Karachi|Asia/Karachi
Tashkent|Asia/Tashkent
Chennai|Asia/Kolkata
Kolkata|Asia/Kolkata
Mumbai|Asia/Kolkata
New Delhi|Asia/Kolkata
Kathmandu|Asia/Kathmandu
Dhaka|Asia/Dhaka
Bangkok|Asia/Bangkok
Hanoi|Asia/Bangkok
Jakarta|Asia/Bangkok
Beijing|Asia/Shanghai
Chongqing|Asia/Shanghai
Hong Kong|Asia/Shanghai
Urumqi|Asia/Shanghai
Kuala Lumpur|Asia/Singapore
Singapore|Asia/Singapore
Perth|Australia/Perth
Taipei|Asia/Taipei
Osaka|Asia/Tokyo
Sapporo|Asia/Tokyo
Tokyo|Asia/Tokyo
Seoul|Asia/Seoul
Adelaide|Australia/Adelaide
Darwin|Australia/Darwin
Brisbane|Australia/Brisbane
Canberra|Australia/Sydney
Melbourne|Australia/Sydney
Sydney|Australia/Sydney
Hobart|Australia/Hobart
Guam|Pacific/Port_Moresby
Port Moresby|Pacific/Port_Moresby
Vladivostok|Asia/Vladivostok
Auckland|Pacific/Auckland
Wellington|Pacific/Auckland
Fiji|Pacific/Fiji
Nuku'alofa|Pacific/Tongatapu
`)

func readZoneTable(rows string) map[string]string {
	m := map[string]string{}
	for row := range strings.Lines(rows) {
		if name, zone, ok := strings.Cut(strings.TrimSpace(row), "|"); ok {
			m[strings.ToLower(name)] = zone
		}
	}
	return m
}
