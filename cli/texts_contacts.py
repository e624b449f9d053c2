"""What `carillon contacts` says, in English, French and Arabic."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str, str]] = {
    "imported": (
        "{file}: {rows} rows read (batch {batch})",
        "{file} : {rows} lignes lues (lot {batch})",
        "{file}: {rows} سطرًا مقروءًا (الدفعة {batch})",
    ),
    "read_as": (
        "read as {encoding}",
        "lu en {encoding}",
        "قُرئ بترميز {encoding}",
    ),
    "created": ("created", "créés", "جديد"),
    "updated": ("updated", "mis à jour", "محدَّث"),
    "unchanged": ("unchanged", "inchangés", "دون تغيير"),
    "duplicate": ("duplicate", "doublons", "مكرر"),
    "invalid": ("invalid", "invalides", "غير صالح"),
    "results": (
        "what became of each row: {path}",
        "le sort de chaque ligne : {path}",
        "نتيجة كل سطر: {path}",
    ),
    "exported": (
        "{file}: {people} people",
        "{file} : {people} personnes",
        "{file}: {people} شخصًا",
    ),
    "left_out": (
        "no file can say {what} of {people} people; it was left out or changed",
        "aucun fichier ne peut dire {what} de {people} personnes ; omis ou modifié",
        "لا يمكن لملف أن يذكر {what} عن {people} شخصًا؛ فحُذف أو عُدّل",
    ),
    "unnamed": (
        "{people} people have neither phone nor external_id and are not in the file",
        "{people} personnes n'ont ni phone ni external_id et ne sont pas dans le fichier",
        "{people} شخصًا بلا phone ولا external_id وليسوا في الملف",
    ),
    "profile": (
        "{file}: {rows} rows, {encoding}",
        "{file} : {rows} lignes, {encoding}",
        "{file}: {rows} سطرًا، {encoding}",
    ),
    "delimiter": ("delimiter", "séparateur", "الفاصل"),
    "columns": ("columns", "colonnes", "الأعمدة"),
    "attribute": ("attribute", "attribut", "سمة"),
    "rename": (
        "{meaning}; rename it to {suggestion}?",
        "{meaning} ; à renommer en {suggestion} ?",
        "{meaning}؛ هل تعيد تسميته {suggestion}؟",
    ),
    "numbers_by_country": ("valid numbers by country", "numéros valides par pays", "أرقام صالحة حسب البلد"),
    "duplicates": ("duplicates", "doublons", "مكررات"),
    "problems": ("rows that would be left out", "lignes qui seraient écartées", "أسطر ستُترك"),
    "notices": ("rows with a notice", "lignes avec une remarque", "أسطر مع ملاحظة"),
    "in_lines": ("{text} (line {lines}…)", "{text} (ligne {lines}…)", "{text} (السطر {lines}…)"),
    "same_people": (
        "the same person in lines {lines}",
        "la même personne aux lignes {lines}",
        "الشخص نفسه في الأسطر {lines}",
    ),
    "nothing_written": ("nothing was written", "rien n'a été écrit", "لم يُكتب شيء"),
    "undone": (
        "import {batch} undone: {people} people",
        "import {batch} annulé : {people} personnes",
        "تم التراجع عن الاستيراد {batch}: {people} شخصًا",
    ),
    "removed": ("removed", "retirés", "محذوفون"),
    "as_before": ("as before", "comme avant", "كما كانوا"),
    "kept": ("not wholly undone", "pas entièrement annulés", "لم يُتراجع عنهم كليًا"),
    "nothing": ("nothing to undo", "rien à annuler", "لا شيء للتراجع عنه"),
    "consents": ("consents", "consentements", "الموافقات"),
    "suppressed": ("suppressed", "supprimé", "محظور"),
}
