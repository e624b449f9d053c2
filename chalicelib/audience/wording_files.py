"""What is said of a contacts file as a whole, in English, French and Arabic."""

from __future__ import annotations

from collections.abc import Mapping

FILES: Mapping[str, Mapping[str, str]] = {
    "csv.empty": {
        "en": "the file is empty",
        "fr": "le fichier est vide",
        "ar": "الملف فارغ",
    },
    "csv.too_large": {
        "en": "the file is larger than {most} MB: split it",
        "fr": "le fichier dépasse {most} Mo : découpez-le",
        "ar": "حجم الملف أكبر من {most} ميغابايت: قسّمه إلى أجزاء",
    },
    "csv.spreadsheet": {
        "en": "this is a spreadsheet file: save it as “CSV UTF-8” and import that",
        "fr": "c'est un classeur : enregistrez-le au format « CSV UTF-8 » et importez celui-ci",
        "ar": "هذا ملف جداول: احفظه بصيغة «CSV UTF-8» ثم استورد الملف الناتج",
    },
    "csv.binary": {
        "en": "this is not a text file, so it cannot be a contacts file",
        "fr": "ce n'est pas un fichier texte, donc pas un fichier de contacts",
        "ar": "هذا ليس ملفًا نصيًّا، فلا يمكن أن يكون ملف جهات اتصال",
    },
    "csv.not_utf8": {
        "en": "the encoding of the file cannot be told (see line {line}): save it as “CSV UTF-8”",
        "fr": "l'encodage du fichier est inconnu (voir ligne {line}) : enregistrez-le en « CSV UTF-8 »",
        "ar": "تعذّر تحديد ترميز الملف (انظر السطر {line}): احفظه بصيغة «CSV UTF-8»",
    },
    "csv.header": {
        "en": "the header line cannot be read: a quote in it is never closed",
        "fr": "la ligne d'en-tête est illisible : un guillemet n'y est pas refermé",
        "ar": "تعذّرت قراءة سطر العناوين: فيه علامة اقتباس لم تُغلق",
    },
    "csv.no_identity": {
        "en": "the header line names neither phone nor external_id (it has: {found})",
        "fr": "la ligne d'en-tête ne contient ni phone ni external_id (elle contient : {found})",
        "ar": "سطر العناوين لا يحتوي على phone ولا على external_id (يحتوي على: {found})",
    },
    "csv.too_many_columns": {
        "en": "the file has more than {most} columns",
        "fr": "le fichier a plus de {most} colonnes",
        "ar": "في الملف أكثر من {most} عمود",
    },
    "csv.duplicate_column": {
        "en": "the column {column} appears twice: keep one",
        "fr": "la colonne {column} apparaît deux fois : gardez-en une",
        "ar": "العمود {column} مكرّر: أبقِ على واحد فقط",
    },
    "csv.consent_column": {
        "en": "the column {column} must be consent_CHANNEL_TOPIC, such as consent_whatsapp_promotions; "
        "“all” is no topic",
        "fr": "la colonne {column} doit s'écrire consent_CANAL_SUJET, par exemple "
        "consent_whatsapp_promotions ; « all » n'est pas un sujet",
        "ar": "يجب أن يُكتب العمود {column} على شكل consent_القناة_الموضوع، مثل consent_whatsapp_promotions؛ "
        "و«all» ليس موضوعًا",
    },
    "csv.no_rows": {
        "en": "there is a header line but no row below it",
        "fr": "il y a une ligne d'en-tête mais aucune ligne en dessous",
        "ar": "يوجد سطر عناوين ولا يوجد أي سطر بعده",
    },
}
