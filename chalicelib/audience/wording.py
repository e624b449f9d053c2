"""What this stage's codes say in English, French and Arabic; `str.format` texts over the params."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.audience.wording_files import FILES
from chalicelib.audience.wording_undo import UNDO

_ROW: Mapping[str, Mapping[str, str]] = {
    "row.two_people": {
        "en": "the external id and the number belong to two different people we know; correct one of them",
        "fr": "l'identifiant externe et le numéro appartiennent à deux personnes que nous connaissons ; "
        "corrigez l'un des deux",
        "ar": "المعرّف الخارجي والرقم يخصّان شخصين مختلفين نعرفهما؛ صحّح أحدهما",
    },
    "row.not_utf8": {
        "en": "this line cannot be read in the encoding of the file",
        "fr": "cette ligne est illisible dans l'encodage du fichier",
        "ar": "تتعذّر قراءة هذا السطر بترميز الملف",
    },
    "row.quotes": {
        "en": "a quote in this line is never closed, or stands inside a cell without being doubled",
        "fr": "un guillemet de cette ligne n'est pas refermé, ou pas doublé à l'intérieur d'une cellule",
        "ar": "في هذا السطر علامة اقتباس لم تُغلق، أو وردت داخل خلية دون مضاعفتها",
    },
    "row.too_many_cells": {
        "en": "{found} cells under {columns} columns: quote the cell that contains the delimiter",
        "fr": "{found} cellules pour {columns} colonnes : mettez entre guillemets le texte à séparateur",
        "ar": "{found} خلية مقابل {columns} عمود: ضع الخلية التي تحتوي على الفاصل بين علامتي اقتباس",
    },
    "row.cell_too_long": {
        "en": "the cell of {column} is longer than {most} characters",
        "fr": "la cellule {column} dépasse {most} caractères",
        "ar": "الخلية {column} أطول من {most} حرف",
    },
    "row.cell_error": {
        "en": "the cell of {column} holds the spreadsheet error {found}: correct its formula",
        "fr": "la cellule {column} contient l'erreur de tableur {found} : corrigez sa formule",
        "ar": "في الخلية {column} خطأ جدول البيانات {found}: صحّح صيغتها",
    },
    "row.bad_date": {
        "en": "“{found}” in {column} is not an ISO date, such as 2026-06-01 or 2026-06-01T09:30:00Z",
        "fr": "« {found} » dans {column} n'est pas une date ISO, comme 2026-06-01 ou 2026-06-01T09:30:00Z",
        "ar": "«{found}» في {column} ليس تاريخًا بصيغة ISO، مثل 2026-06-01 أو 2026-06-01T09:30:00Z",
    },
    "row.suppressed_cause": {
        "en": "“{found}” is no cause to suppress somebody; write {known}, with a date behind it or not",
        "fr": "« {found} » n'est pas une cause de suppression ; écrivez {known}, suivi ou non d'une date",
        "ar": "«{found}» ليس سببًا للحظر؛ اكتب واحدًا من {known}، مع تاريخ بعده أو دونه",
    },
    "row.same_person": {
        "en": "the same person as in line {other}, into which this line was merged",
        "fr": "la même personne qu'à la ligne {other}, avec laquelle cette ligne a été fusionnée",
        "ar": "الشخص نفسه المذكور في السطر {other}، وقد دُمج هذا السطر فيه",
    },
    "row.empty": {
        "en": "every cell is empty",
        "fr": "toutes les cellules sont vides",
        "ar": "جميع الخلايا فارغة",
    },
    "row.no_identity": {
        "en": "neither phone nor external_id: nobody can be recognised by this row",
        "fr": "ni phone ni external_id : cette ligne ne désigne personne",
        "ar": "لا phone ولا external_id: لا يمكن معرفة صاحب هذا السطر",
    },
    "phone.none_valid": {
        "en": "the cell holds several numbers and none of them is valid: “{found}”",
        "fr": "la cellule contient plusieurs numéros et aucun n'est valide : « {found} »",
        "ar": "في الخلية عدة أرقام وليس أي منها صالحًا: «{found}»",
    },
    "phone.is_date": {
        "en": "the spreadsheet keeps this phone as a date or a fraction ({found}): format the column as text "
        "and type the number again",
        "fr": "le tableur garde ce téléphone comme une date ou une fraction ({found}) : mettez la colonne au "
        "format texte et retapez le numéro",
        "ar": "يحفظ جدول البيانات هذا الهاتف كتاريخ أو كسر ({found}): اجعل العمود نصًا وأعد كتابة الرقم",
    },
    "phone.several": {
        "en": "the cell holds more than one number: {taken} was taken, {found} was not",
        "fr": "la cellule contient plusieurs numéros : {taken} a été pris, {found} ne l'a pas été",
        "ar": "في الخلية أكثر من رقم: أُخذ {taken} ولم يؤخذ {found}",
    },
    "phone.two_readings": {
        "en": "kept as a number, so without plus or zeros: read as {taken}; it may also be {found}",
        "fr": "enregistré comme nombre, sans plus ni zéros : lu comme {taken} ; ce peut aussi être {found}",
        "ar": "حُفظ كعدد من دون + أو أصفار: قُرئ {taken}؛ وقد يكون أيضًا {found}",
    },
    "phone.missing": {
        "en": "the phone number is empty",
        "fr": "le numéro de téléphone est vide",
        "ar": "رقم الهاتف فارغ",
    },
    "phone.too_short": {
        "en": "“{found}” is too short for a phone number",
        "fr": "« {found} » est trop court pour un numéro de téléphone",
        "ar": "«{found}» أقصر من أن يكون رقم هاتف",
    },
    "phone.too_long": {
        "en": "“{found}” is too long for a phone number",
        "fr": "« {found} » est trop long pour un numéro de téléphone",
        "ar": "«{found}» أطول من أن يكون رقم هاتف",
    },
    "phone.not_a_number": {
        "en": "“{found}” is not a phone number",
        "fr": "« {found} » n'est pas un numéro de téléphone",
        "ar": "«{found}» ليس رقم هاتف",
    },
    "phone.invalid": {
        "en": "“{found}” is not a number in use in its country",
        "fr": "« {found} » n'est pas un numéro attribuable dans son pays",
        "ar": "«{found}» ليس رقمًا مستعملًا في بلده",
    },
    "phone.no_country": {
        "en": "“{found}” has no country code: write it with a plus, or give --default-country",
        "fr": "« {found} » n'a pas d'indicatif de pays : écrivez-le avec un +, ou donnez --default-country",
        "ar": "«{found}» بدون رمز البلد: اكتبه مع علامة +، أو حدّد --default-country",
    },
    "phone.unknown_country_code": {
        "en": "“{found}” starts with a country code that does not exist",
        "fr": "« {found} » commence par un indicatif de pays qui n'existe pas",
        "ar": "«{found}» يبدأ برمز بلد غير موجود",
    },
    "phone.spreadsheet": {
        "en": "“{found}” was rewritten by a spreadsheet and has lost digits: format the column as text "
        "and export it again",
        "fr": "« {found} » a été réécrit par un tableur et a perdu des chiffres : mettez la colonne au "
        "format texte et exportez-la de nouveau",
        "ar": "«{found}» أعاد برنامج الجداول كتابته ففقد أرقامًا: نسّق العمود كنص ثم صدّره من جديد",
    },
    "country.unknown": {
        "en": "“{found}” is not a two-letter country code, such as MA",
        "fr": "« {found} » n'est pas un code de pays à deux lettres, comme MA",
        "ar": "«{found}» ليس رمز بلد من حرفين، مثل MA",
    },
    "language.unknown": {
        "en": "“{found}” is not a language code, such as fr or pt-br",
        "fr": "« {found} » n'est pas un code de langue, comme fr ou pt-br",
        "ar": "«{found}» ليس رمز لغة، مثل fr أو pt-br",
    },
    "consent.bad_date": {
        "en": "“{found}” in {column} is not an ISO date, such as 2026-06-01",
        "fr": "« {found} » dans {column} n'est pas une date ISO, comme 2026-06-01",
        "ar": "«{found}» في {column} ليس تاريخًا بصيغة ISO، مثل 2026-06-01",
    },
    "consent.in_future": {
        "en": "the date of consent lies in the future and was not taken over",
        "fr": "la date de consentement est dans le futur et n'a pas été reprise",
        "ar": "تاريخ الموافقة في المستقبل، فلم يُؤخذ به",
    },
    "consent.opted_out": {
        "en": "this person has opted out: neither a file nor a date without proof can undo that",
        "fr": "cette personne s'est désinscrite : ni un fichier ni une date sans preuve n'y changent rien",
        "ar": "ألغى هذا الشخص اشتراكه: لا يعيده ملف ولا تاريخ بلا دليل",
    },
    "contact.erased": {
        "en": "this person was erased on request and stays so",
        "fr": "cette personne a été effacée à sa demande et le reste",
        "ar": "حُذفت بيانات هذا الشخص بطلب منه وستبقى محذوفة",
    },
}

_SEGMENT: Mapping[str, Mapping[str, str]] = {
    "segment.empty": {
        "en": "the segment is empty",
        "fr": "le segment est vide",
        "ar": "الشريحة فارغة",
    },
    "segment.too_long": {
        "en": "the segment is longer than {longest} characters",
        "fr": "le segment dépasse {longest} caractères",
        "ar": "الشريحة أطول من {longest} حرف",
    },
    "segment.too_deep": {
        "en": "more than {deepest} parentheses or nots inside one another",
        "fr": "plus de {deepest} parenthèses ou « not » imbriqués",
        "ar": "أكثر من {deepest} من الأقواس أو not متداخلة",
    },
    "segment.open_quote": {
        "en": "this quote is never closed",
        "fr": "ce guillemet n'est jamais refermé",
        "ar": "علامة الاقتباس هذه لم تُغلق",
    },
    "segment.write_instead": {
        "en": "write {instead} instead of {found}",
        "fr": "écrivez {instead} au lieu de {found}",
        "ar": "اكتب {instead} بدلًا من {found}",
    },
    "segment.unexpected": {
        "en": "{found} cannot stand here; expected: {expected}",
        "fr": "{found} ne peut pas se trouver ici ; attendu : {expected}",
        "ar": "لا يمكن أن يأتي {found} هنا؛ المتوقَّع: {expected}",
    },
    "segment.ends_early": {
        "en": "the segment ends too early; expected: {expected}",
        "fr": "le segment s'arrête trop tôt ; attendu : {expected}",
        "ar": "انتهت الشريحة قبل أن تكتمل؛ المتوقَّع: {expected}",
    },
    "segment.unknown_function": {
        "en": "there is no function {found}; there are: {known}",
        "fr": "la fonction {found} n'existe pas ; il y a : {known}",
        "ar": "لا توجد دالة باسم {found}؛ الموجود: {known}",
    },
    "segment.unknown_field": {
        "en": "there is no field {found}; there are: {known}",
        "fr": "le champ {found} n'existe pas ; il y a : {known}",
        "ar": "لا يوجد حقل باسم {found}؛ الموجود: {known}",
    },
    "segment.unknown_field_near": {
        "en": "there is no field {found}; did you mean {near}?",
        "fr": "le champ {found} n'existe pas ; vouliez-vous dire {near} ?",
        "ar": "لا يوجد حقل باسم {found}؛ هل تقصد {near}؟",
    },
    "segment.quote_text": {
        "en": "{found} needs quotes: “{found}” is text, not a field to compare with",
        "fr": "mettez {found} entre guillemets : c'est un texte, on ne compare pas deux champs",
        "ar": "ضع {found} بين علامتي اقتباس: فهو نص، ولا تُقارن الحقول ببعضها",
    },
    "segment.no_order": {
        "en": "{found} is neither smaller nor larger than anything: use = or !=",
        "fr": "{found} n'est ni plus petit ni plus grand : utilisez = ou !=",
        "ar": "{found} ليس أصغر ولا أكبر من شيء: استعمل = أو !=",
    },
    "segment.number_in_quotes": {
        "en": "{found} would be compared as text, where 9 is larger than 10: write {instead} without quotes",
        "fr": "{found} serait comparé comme du texte, où 9 est plus grand que 10 : "
        "écrivez {instead} sans guillemets",
        "ar": "ستُقارن القيمة {found} كنص، حيث 9 أكبر من 10: اكتب {instead} دون علامتي اقتباس",
    },
}

WORDING: Mapping[str, Mapping[str, str]] = {**FILES, **_ROW, **UNDO, **_SEGMENT}
