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
        "en": "this file is neither CSV nor XLSX (an old .xls, .ods, .numbers or an archive?): save it as "
        "“CSV UTF-8” or XLSX and import that",
        "fr": "ce fichier n'est ni CSV ni XLSX (ancien .xls, .ods, .numbers ou archive ?) : enregistrez-le "
        "en « CSV UTF-8 » ou XLSX et importez celui-ci",
        "ar": "هذا الملف ليس CSV ولا XLSX (ملف ‎.xls قديم أو ‎.ods أو أرشيف؟): احفظه بصيغة «CSV UTF-8» أو XLSX "
        "ثم استورد الملف الناتج",
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
    "csv.optout_column": {
        "en": "the column {column} must be optout_CHANNEL_TOPIC, such as optout_whatsapp_promotions or "
        "optout_whatsapp_all",
        "fr": "la colonne {column} doit s'écrire optout_CANAL_SUJET, par exemple optout_whatsapp_promotions "
        "ou optout_whatsapp_all",
        "ar": "يجب أن يُكتب العمود {column} على شكل optout_القناة_الموضوع، مثل optout_whatsapp_promotions "
        "أو optout_whatsapp_all",
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
    "xlsx.broken": {
        "en": "the XLSX file is damaged or protected by a password: open it, save it again as XLSX and "
        "import that",
        "fr": "le fichier XLSX est endommagé ou protégé par un mot de passe : ouvrez-le, enregistrez-le de "
        "nouveau en XLSX et importez celui-ci",
        "ar": "ملف XLSX تالف أو محمي بكلمة مرور: افتحه واحفظه من جديد بصيغة XLSX ثم استورده",
    },
    "xlsx.too_large_inside": {
        "en": "the XLSX file unpacks to more than {most} MB: split it, or save it as “CSV UTF-8”",
        "fr": "le fichier XLSX dépasse {most} Mo une fois décompressé : découpez-le ou enregistrez-le en "
        "« CSV UTF-8 »",
        "ar": "حجم ملف XLSX بعد فك الضغط أكبر من {most} ميغابايت: قسّمه أو احفظه بصيغة «CSV UTF-8»",
    },
    "xlsx.other_sheets": {
        "en": "only the sheet “{sheet}” was read; these were not: {others}",
        "fr": "seule la feuille « {sheet} » a été lue ; celles-ci non : {others}",
        "ar": "قُرئت الورقة «{sheet}» وحدها، ولم تُقرأ: {others}",
    },
    "xlsx.too_many_rows": {
        "en": "the sheet has more than {most} rows: split it",
        "fr": "la feuille a plus de {most} lignes : découpez-la",
        "ar": "في الورقة أكثر من {most} سطر: قسّمها",
    },
}
