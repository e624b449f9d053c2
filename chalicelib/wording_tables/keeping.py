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
        "{path} is not empty; a backup is restored into an empty directory only",
        "{path} n'est pas vide ; une sauvegarde n'est restaurée que dans un répertoire vide",
        "{path} ليس فارغًا؛ لا تُستعاد النسخة إلا في دليل فارغ",
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
    "plan_stale_restored": (
        "this home was restored from a backup of {since}, and this plan is older than the restoring: it may have "
        "been launched already; see in Meta's console what was sent, then plan again",
        "ce répertoire a été restauré d'une sauvegarde du {since} et ce plan est antérieur à la restauration : "
        "il a pu être déjà lancé ; voyez dans la console de Meta ce qui est parti, puis planifiez à nouveau",
        "استُعيد هذا الدليل من نسخة بتاريخ {since} وهذه الخطة أقدم من الاستعادة: ربما أُطلقت من قبل؛ "
        "انظر في لوحة Meta ما أُرسل ثم خطط من جديد",
    ),
    "restored_gap": (
        "{people} people wait, and this home does not know what was sent between {since} (the backup) and {until} "
        "(the restoring): whoever got the message then gets it again, whoever opted out then is not known to have",
        "{people} personnes attendent, et ce répertoire ignore ce qui est parti entre {since} (la sauvegarde) et "
        "{until} (la restauration) : qui a reçu le message alors le recevra encore, qui s'est désabonné n'est pas connu",
        "ينتظر {people} شخص، ولا يعرف هذا الدليل ما أُرسل بين {since} (النسخة) و{until} (الاستعادة): "
        "من وصلته الرسالة حينها تصله ثانية، ومن ألغى اشتراكه حينها غير معروف",
    ),
}
