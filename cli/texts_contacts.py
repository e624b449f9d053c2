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
    "would_erase": (
        "{person} would be erased, with",
        "{person} serait effacé, avec",
        "سيُحذف {person} مع",
    ),
    "erased_already": (
        "{person} was erased before; still there:",
        "{person} a déjà été effacé ; il reste :",
        "سبق حذف {person}؛ وما زال موجودًا:",
    ),
    "erase_contacts": ("the entry in the book", "la fiche du carnet", "القيد في الدفتر"),
    "erase_names": ("phone numbers and ids", "numéros et identifiants", "الأرقام والمعرّفات"),
    "erase_consents": ("changes of consent", "changements de consentement", "تغييرات الموافقة"),
    "erase_plans": ("rows of plans", "lignes de plans", "أسطر في الخطط"),
    "erase_messages": ("ids of messages", "identifiants de messages", "معرّفات رسائل"),
    "erase_imports": ("notes of imports", "notes d'imports", "ملاحظات الاستيراد"),
    "erase_uploads": ("uploaded files, whole", "fichiers déposés, en entier", "ملفات مرفوعة بكاملها"),
    "erase_unread": (
        "plans or files that could not be read; see the log",
        "plans ou fichiers illisibles ; voir le journal",
        "خطط أو ملفات تعذرت قراءتها؛ راجع السجل",
    ),
    "erase_sure": (
        "This cannot be taken back. Erase? (yes/no)",
        "C'est irréversible. Effacer ? (oui/non)",
        "لا يمكن التراجع عن ذلك. هل تحذف؟ (نعم/لا)",
    ),
    "erased_nothing": (
        "nothing was erased; --yes does it",
        "rien n'a été effacé ; --yes le fait",
        "لم يُحذف شيء؛ أضف --yes للحذف",
    ),
    "erased": (
        "{person} is erased, and will not be messaged or imported again",
        "{person} est effacé, et ne sera plus ni contacté ni importé",
        "حُذف {person} ولن يُراسل أو يُستورد مجددًا",
    ),
    "erased_soon": (
        "{person} will not be messaged any more; the rest of what is stored goes within hours",
        "{person} ne sera plus contacté ; le reste des données part dans les heures qui viennent",
        "لن يُراسل {person} بعد الآن؛ وتُحذف بقية البيانات خلال ساعات",
    ),
    "erased_elsewhere": (
        "not changed: backups, files you exported, and what WhatsApp keeps. Erase them again after a restore",
        "inchangés : sauvegardes, fichiers exportés, ce que garde WhatsApp. À refaire après une restauration",
        "لم يتغير: النسخ الاحتياطية والملفات المصدّرة وما يحتفظ به واتساب. أعد الحذف بعد أي استعادة",
    ),
    "consents": ("consents", "consentements", "الموافقات"),
    "suppressed": ("suppressed", "supprimé", "محظور"),
}
