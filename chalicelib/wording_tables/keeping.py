"""Backups, and homes restored from them."""

from __future__ import annotations

Texts = tuple[str, str, str]

TABLE: dict[str, Texts] = {
    "home_absent": (
        "there is no home in {path}; name it with --home or CARILLON_HOME",
        "il n'y a pas de répertoire Carillon dans {path} ; indiquez-le par --home ou CARILLON_HOME",
        "لا يوجد دليل Carillon في {path}؛ حدّده بـ --home أو CARILLON_HOME",
    ),
    "home_not_empty": (
        "{path} is not empty; restore into an empty directory, or let --replace put what is there aside",
        "{path} n'est pas vide ; restaurez dans un répertoire vide, ou mettez de côté ce qui s'y trouve par --replace",
        "{path} ليس فارغًا؛ استعد في دليل فارغ، أو نحِّ ما فيه جانبًا بـ --replace",
    ),
    "backup_unreadable": (
        "{file} cannot be read: {detail}",
        "{file} ne peut pas être lu : {detail}",
        "تعذرت قراءة {file}: {detail}",
    ),
    "backup_damaged": (
        "{file} is no whole backup ({detail}); take another copy of it, or an older one. Nothing was changed",
        "{file} n'est pas une sauvegarde entière ({detail}) ; prenez-en une autre copie, ou une plus ancienne. "
        "Rien n'a été modifié",
        "{file} ليس نسخة احتياطية سليمة ({detail})؛ خذ نسخة أخرى منها أو أقدم. لم يتغير شيء",
    ),
    "log_unwritable": (
        "the log {file} cannot be written: {detail}",
        "le journal {file} ne peut pas être écrit : {detail}",
        "تعذرت كتابة السجل {file}: {detail}",
    ),
    "clock_behind": (
        "this machine's clock says {now}, but the backup is of {since}: set the clock, then restore",
        "l'horloge de cette machine dit {now}, mais la sauvegarde est du {since} : réglez l'horloge, puis restaurez",
        "ساعة هذا الجهاز تشير إلى {now} والنسخة بتاريخ {since}: اضبط الساعة ثم استعد",
    ),
    "plan_stale_restored": (
        "this home was restored from a backup of {since}, and this plan is older than the restoring: it may have "
        "been launched already; see in Meta's console what was sent, then plan again",
        "ce répertoire a été restauré d'une sauvegarde du {since} et ce plan est antérieur à la restauration : "
        "il a pu être déjà lancé ; voyez dans la console de Meta ce qui est parti, puis planifiez à nouveau",
        "استُعيد هذا الدليل من نسخة بتاريخ {since} وهذه الخطة أقدم من الاستعادة: ربما أُطلقت من قبل؛ "
        "انظر في لوحة Meta ما أُرسل ثم خطط من جديد",
    ),
    "restored_gap": (
        "{uncertain} people are uncertain: they were due between {since} (the backup) and {until}, when the home that "
        "was lost may have messaged them. Nobody messages them again; a receipt may still tell. {waiting} wait and "
        "will be messaged. Whoever opted out in between is not known to have",
        "{uncertain} personnes sont incertaines : leur envoi était prévu entre {since} (la sauvegarde) et {until}, et le "
        "répertoire perdu les a peut-être contactées. Personne ne les contacte à nouveau ; un accusé peut encore le "
        "dire. {waiting} attendent et seront contactées. Les désabonnements faits entre-temps sont inconnus",
        "{uncertain} شخص وضعهم غير مؤكد: كان موعدهم بين {since} (النسخة) و{until}، وربما راسلهم الدليل المفقود. "
        "لن يراسلهم أحد ثانية، وقد يحسم إيصالٌ أمرهم. ينتظر {waiting} وستصلهم الرسالة. "
        "من ألغى اشتراكه بينهما غير معروف هنا",
    ),
    "broadcast_not_held": (
        "{broadcast} is not held by a restored home; --lost-at has nothing to say of it",
        "{broadcast} n'est pas retenue par un répertoire restauré ; --lost-at ne la concerne pas",
        "{broadcast} غير محجوزة بسبب استعادة؛ لا معنى لـ --lost-at هنا",
    ),
    "home_held": (
        "this home was restored from a backup of {since}: what was launched between then and {until} is not known "
        "here, and would be sent twice; see in Meta's console what was sent, then release the home",
        "ce répertoire a été restauré d'une sauvegarde du {since} : ce qui a été lancé entre-temps, jusqu'au {until}, "
        "est inconnu ici et partirait deux fois ; voyez dans la console de Meta ce qui est parti, puis libérez-le",
        "استُعيد هذا الدليل من نسخة بتاريخ {since}: ما أُطلق بعدها حتى {until} غير معروف هنا وقد يُرسل مرتين؛ "
        "انظر في لوحة Meta ما أُرسل ثم حرّر الدليل",
    ),
    "held_from_the_future": (
        "a home cannot be of an instant to come; it is {now}",
        "un répertoire ne peut dater d'un instant à venir ; il est {now}",
        "لا يمكن أن يكون الدليل من لحظة لم تأت بعد؛ الآن {now}",
    ),
    "home_not_restored": (
        "this home was never restored from a backup; there is nothing to release",
        "ce répertoire n'a jamais été restauré d'une sauvegarde ; il n'y a rien à libérer",
        "لم يُستعد هذا الدليل من نسخة قط؛ لا شيء لتحريره",
    ),
}
