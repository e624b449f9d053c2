"""What `carillon templates` says, in English, French and Arabic."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str, str]] = {
    "listed": (
        "account {waba}: {n} templates",
        "compte {waba} : {n} modèles",
        "الحساب {waba}: {n} قالبًا",
    ),
    "not_listed": (
        "account {waba} could not be listed: {reason}",
        "le compte {waba} n'a pas pu être listé : {reason}",
        "تعذر سرد الحساب {waba}: {reason}",
    ),
    "template_differs": ("not as its file says", "diffère de son fichier", "يختلف عن ملفه"),
    "template_absent": ("no file", "pas de fichier", "لا ملف له"),
    "template_unasked": (
        "the platform was not asked for its words",
        "contenu pas encore demandé à la plateforme",
        "لم يُطلب نصه من المنصة بعد",
    ),
    "template_account": (
        "account {waba} ({senders}), last sync: {when}",
        "compte {waba} ({senders}), dernière synchronisation : {when}",
        "الحساب {waba} ({senders})، آخر مزامنة: {when}",
    ),
    "never_synced": ("never", "jamais", "لم تحدث"),
    "changed_new": ("new", "nouveau", "جديد"),
    "changed_gone": ("gone from the platform", "disparu de la plateforme", "اختفى من المنصة"),
    "changed_status": ("status", "statut", "الحالة"),
    "changed_category": ("category", "catégorie", "الفئة"),
    "changed_quality": ("quality", "qualité", "الجودة"),
    "changed_components": ("other words", "autre contenu", "نص آخر"),
    "file_created": ("{file}: written, new", "{file} : écrit, nouveau", "{file}: كُتب، جديد"),
    "file_updated": ("{file}: written anew", "{file} : réécrit", "{file}: كُتب من جديد"),
    "file_refused": (
        "{file}: not written: {reason}",
        "{file} : non écrit : {reason}",
        "{file}: لم يُكتب: {reason}",
    ),
    "accounts_differ": (
        "accounts {accounts} have different texts; choose one with --sender",
        "les comptes {accounts} ont des textes différents ; choisissez avec --sender",
        "نصوص الحسابات {accounts} مختلفة؛ اختاروا واحدًا بـ --sender",
    ),
    "name_too_long": (
        "its name is too long for a file",
        "son nom est trop long pour un fichier",
        "اسمه أطول من أن يكون اسم ملف",
    ),
}
