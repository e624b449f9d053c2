"""Where the people of the sample book live: tables, nothing else.

The three largest groups (UTC-5, UTC+0, UTC+8; no summer time in any of them)
make sure that at any moment it is day for some 2,500 people who share a clock.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country of the book: how many people, their main zone, language, names and cities."""

    code: str
    people: int
    zone: str
    language: str
    names: str
    cities: tuple[str, ...]


_TABLE = """
PE 1150 America/Lima es spanish Lima,Cusco,Arequipa
CO 1150 America/Bogota es spanish Bogotá,Medellín,Cali
EC 650 America/Guayaquil es spanish Guayaquil,Quito
PA 350 America/Panama es spanish Panamá,David
JM 300 America/Jamaica en english Kingston,Montego_Bay
SN 1100 Africa/Dakar fr west_african Dakar,Thiès,Saint-Louis
CI 1100 Africa/Abidjan fr west_african Abidjan,Bouaké
GH 600 Africa/Accra en west_african Accra,Kumasi
ML 300 Africa/Bamako fr west_african Bamako,Ségou
BF 250 Africa/Ouagadougou fr west_african Ouagadougou
TG 150 Africa/Lome fr west_african Lomé
GN 150 Africa/Conakry fr west_african Conakry
PH 1300 Asia/Manila en english Manila,Cebu,Davao
MY 1000 Asia/Kuala_Lumpur ms malay Kuala_Lumpur,Penang
SG 600 Asia/Singapore en han Singapore
HK 350 Asia/Hong_Kong zh han 香港,九龍
TW 350 Asia/Taipei zh han 台北,高雄
BO 200 America/La_Paz es spanish La_Paz,Santa_Cruz
VE 200 America/Caracas es spanish Caracas,Maracaibo
DO 250 America/Santo_Domingo es spanish Santo_Domingo
CL 150 America/Santiago es spanish Santiago,Valparaíso
AR 500 America/Argentina/Buenos_Aires es spanish Buenos_Aires,Córdoba
UY 150 America/Montevideo es spanish Montevideo
BR 700 America/Sao_Paulo pt portuguese São_Paulo,Recife,Salvador
MX 200 America/Mexico_City es spanish México,Puebla
GT 80 America/Guatemala es spanish Guatemala
CR 80 America/Costa_Rica es spanish San_José
CA 60 America/Toronto en english Toronto,Montréal
MA 350 Africa/Casablanca ar arabic الدار_البيضاء,مراكش,Dakhla
DZ 400 Africa/Algiers ar arabic الجزائر,وهران
TN 250 Africa/Tunis ar arabic تونس,صفاقس
NG 350 Africa/Lagos en west_african Lagos,Abuja
CM 150 Africa/Douala fr west_african Douala,Yaoundé
FR 250 Europe/Paris fr french Paris,Lyon,Marseille
BE 60 Europe/Brussels fr french Bruxelles,Liège
CH 40 Europe/Zurich fr french Genève,Lausanne
ES 150 Europe/Madrid es spanish Madrid,Sevilla
PT 60 Europe/Lisbon pt portuguese Lisboa,Porto
GB 100 Europe/London en english London,Leeds
IE 30 Europe/Dublin en english Dublin,Cork
DE 100 Europe/Berlin de german Berlin,Köln
AT 30 Europe/Vienna de german Wien,Graz
NL 50 Europe/Amsterdam nl german Amsterdam
IT 80 Europe/Rome it italian Roma,Milano
PL 50 Europe/Warsaw pl polish Warszawa,Kraków
GR 80 Europe/Athens el greek Αθήνα,Θεσσαλονίκη
CY 20 Asia/Nicosia el greek Λευκωσία
UA 60 Europe/Kyiv uk cyrillic Київ,Львів
BG 40 Europe/Sofia bg cyrillic София,Варна
RO 40 Europe/Bucharest ro italian București
RS 30 Europe/Belgrade sr cyrillic Београд
SE 30 Europe/Stockholm sv german Stockholm
FI 30 Europe/Helsinki fi german Helsinki
EG 300 Africa/Cairo ar arabic القاهرة,الإسكندرية
ZA 200 Africa/Johannesburg en english Cape_Town,Durban
RW 60 Africa/Kigali fr west_african Kigali
SA 450 Asia/Riyadh ar arabic الرياض,جدة
KE 300 Africa/Nairobi en west_african Nairobi,Mombasa
TZ 100 Africa/Dar_es_Salaam sw west_african Dodoma
ET 80 Africa/Addis_Ababa am ethiopic አዲስ_አበባ
TR 250 Europe/Istanbul tr turkish İstanbul,Ankara
JO 100 Asia/Amman ar arabic عمّان
LB 60 Asia/Beirut ar arabic بيروت
QA 60 Asia/Qatar ar arabic الدوحة
KW 60 Asia/Kuwait ar arabic الكويت
AE 250 Asia/Dubai ar arabic دبي,أبو_ظبي
OM 50 Asia/Muscat ar arabic مسقط
MU 40 Indian/Mauritius fr french Port-Louis
GE 30 Asia/Tbilisi ka georgian თბილისი
PK 200 Asia/Karachi ur arabic کراچی,لاہور
UZ 50 Asia/Tashkent ru cyrillic Ташкент
KZ 50 Asia/Almaty ru cyrillic Алматы
IN 700 Asia/Kolkata hi devanagari मुंबई,दिल्ली,Bengaluru
LK 60 Asia/Colombo en english Colombo
NP 60 Asia/Kathmandu ne devanagari काठमाडौं
BD 100 Asia/Dhaka bn bengali ঢাকা,চট্টগ্রাম
TH 80 Asia/Bangkok th thai กรุงเทพ,เชียงใหม่
VN 80 Asia/Ho_Chi_Minh vi vietnamese Hà_Nội,Huế
ID 200 Asia/Jakarta id malay Jakarta,Bandung
JP 60 Asia/Tokyo ja japanese 東京,大阪
KR 50 Asia/Seoul ko korean 서울,부산
AU 60 Australia/Sydney en english Sydney,Melbourne
NZ 40 Pacific/Auckland en english Auckland
FJ 20 Pacific/Fiji en english Suva
"""

COUNTRIES: tuple[Country, ...] = tuple(
    Country(
        code=code,
        people=int(people),
        zone=zone,
        language=language,
        names=names,
        cities=tuple(city.replace("_", " ") for city in cities.split(",")),
    )
    for code, people, zone, language, names, cities in map(str.split, _TABLE.strip().splitlines())
)

FIRST_NAMES: dict[str, tuple[str, ...]] = {
    "spanish": ("María", "José", "Lucía", "Íñigo", "Ana Belén", "Óscar", "Noelia", "jorge", "CARMEN"),
    "english": ("Grace", "Liam", "O'Neil", "Zoë", "Andrew", "Precious", "mary-jane", "SAM"),
    "west_african": (
        "Awa",
        "Mamadou",
        "Aïssatou",
        "Kwame",
        "Fatou",
        "Ibrahima",
        "N'Golo",
        "Chidi",
        "Aminata",
    ),
    "french": ("Élodie", "Jean-Marc", "Chloé", "François", "Maëlys", "Loïc", "anaïs", "Noël"),
    "portuguese": ("João", "Conceição", "Tainá", "Antônio", "Inês", "Luís"),
    "german": ("Jürgen", "Käthe", "Sören", "Åsa", "Björn", "Lieke"),
    "italian": ("Niccolò", "Chiara", "Ștefan", "Ioana", "Luca"),
    "polish": ("Łukasz", "Małgorzata", "Święta", "Paweł"),
    "malay": ("Siti", "Muhammad", "Nurul", "Dewi", "Budi", "Wei Ling"),
    "vietnamese": ("Nguyệt", "Đức", "Thảo", "Minh"),
    "turkish": ("Ayşe", "İbrahim", "Gökçe", "Işıl"),
    "arabic": ("محمد", "فاطمة", "يوسف", "آمنة", "عبد الرحمن", "سعاد", "ليلى", "أحمد"),
    "cyrillic": ("Олена", "Дмитро", "Анастасія", "Иван", "Ђорђе", "Мария"),
    "greek": ("Γιώργος", "Ελένη", "Νίκος", "Μαρία"),
    "devanagari": ("प्रिया", "अर्जुन", "लक्ष्मी", "राहुल", "सीता"),
    "bengali": ("রহিম", "শিউলি", "আয়েশা"),
    "han": ("美玲", "偉", "志明", "淑芬", "小龍"),
    "japanese": ("さくら", "健太", "ゆき", "翔"),
    "korean": ("민준", "서연", "지우"),
    "thai": ("สมชาย", "มาลี", "อรุณ"),
    "georgian": ("ნინო", "გიორგი"),
    "ethiopic": ("አበበ", "ሰላም"),
}

LAST_NAMES: dict[str, tuple[str, ...]] = {
    "spanish": ("Núñez", "Rodríguez", "de la Cruz", "Quispe", "Peña"),
    "english": ("Smith", "O'Connor", "Santos", "Brown", "van Wyk"),
    "west_african": ("Diop", "Traoré", "Kouassi", "Mensah", "N'Diaye", "Okafor"),
    "french": ("Lefèvre", "Dupont", "d'Alençon", "Müller"),
    "portuguese": ("Gonçalves", "da Silva", "Araújo"),
    "german": ("Weiß", "Österberg", "de Vries", "Hämäläinen"),
    "italian": ("D'Angelo", "Rossi", "Popescu"),
    "polish": ("Wójcik", "Zieliński"),
    "malay": ("binti Ahmad", "Tan", "Wijaya", "Lim"),
    "vietnamese": ("Nguyễn", "Trần", "Lê"),
    "turkish": ("Yılmaz", "Çelik", "Öztürk"),
    "arabic": ("العلوي", "بن علي", "الحسن", "القحطاني", "بوعزيز"),
    "cyrillic": ("Шевченко", "Иванова", "Петровић"),
    "greek": ("Παπαδόπουλος", "Οικονόμου"),
    "devanagari": ("शर्मा", "पटेल", "थापा"),
    "bengali": ("হোসেন", "খাতুন"),
    "han": ("陳", "林", "黃", "李"),
    "japanese": ("佐藤", "鈴木"),
    "korean": ("김", "이", "박"),
    "thai": ("ใจดี", "ศรีสุข"),
    "georgian": ("ბერიძე",),
    "ethiopic": ("ተስፋዬ",),
}
