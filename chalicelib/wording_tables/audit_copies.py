"""What is wrong with copies of the audit trail."""

from __future__ import annotations

Texts = tuple[str, str, str]

TABLE: dict[str, Texts] = {
    "audit_file_unreadable": (
        "{file} is no whole file of the audit trail: it was cut, altered, or is not ours",
        "{file} n'est pas un fichier entier de la piste d'audit : il est coupé, modifié, ou n'est pas de nous",
        "{file} ليس ملفًا كاملًا من سجل التدقيق: قُطع أو عُدّل أو ليس منا",
    ),
    "audit_file_altered": (
        "{file} is not what was written: its content does not fit its name",
        "{file} n'est pas ce qui fut écrit : son contenu ne correspond pas à son nom",
        "{file} ليس ما كُتب: محتواه لا يطابق اسمه",
    ),
    "audit_file_missing": (
        "before {file} there is no file {numbers}",
        "avant {file}, il manque le fichier {numbers}",
        "قبل {file} ينقص الملف {numbers}",
    ),
    "audit_file_twice": (
        "{file} is a second file of number {number}: the chain began anew, or somebody wrote one",
        "{file} est un second fichier de numéro {number} : la chaîne a recommencé, ou quelqu'un en a écrit un",
        "{file} ملف ثانٍ برقم {number}: بدأت السلسلة من جديد أو كتبه أحد",
    ),
    "audit_chain_broken": (
        "{file} does not follow the file before it: one of the two was replaced",
        "{file} ne suit pas le fichier précédent : l'un des deux a été remplacé",
        "{file} لا يتبع الملف الذي قبله: استُبدل أحدهما",
    ),
    "audit_no_files": (
        "there is no file of the audit trail in {path}; name the directory that has them",
        "aucun fichier de la piste d'audit dans {path} ; indiquez le répertoire qui les contient",
        "لا يوجد ملف من سجل التدقيق في {path}؛ سمِّ الدليل الذي يحويها",
    ),
}
