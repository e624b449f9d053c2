"""What is said of a home at work: queues, stops, backups, tokens. In English, French and Arabic."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str, str]] = {
    "replayed": ("{count} given back", "{count} remis en file", "أُعيد {count} إلى الطابور"),
    "no_letters": ("no dead letters", "aucun message mort", "لا توجد رسائل ميتة"),
    "queue": ("queue", "file", "طابور"),
    "queue_waiting": ("waiting", "en attente", "منتظرة"),
    "queue_in_hand": ("in hand", "en main", "قيد العمل"),
    "queue_delayed": ("delayed", "différés", "مؤجلة"),
    "queue_dead": ("dead", "morts", "ميتة"),
    "oldest": ("oldest", "le plus ancien", "الأقدم"),
    "no_stops": ("nothing is stopped", "rien n'est arrêté", "لا شيء متوقف"),
    "lifted": (
        "{stop} is lifted; it held {senders}",
        "{stop} est levé ; il retenait {senders}",
        "رُفع {stop}؛ وكان يوقف {senders}",
    ),
    "saved": (
        "{file}: the home as it was at {at}, {size} bytes, {members} files; secrets are not in it",
        "{file} : le répertoire au {at}, {size} octets, {members} fichiers ; les secrets n'y sont pas",
        "{file}: الدليل كما كان في {at}، {size} بايت، {members} ملفًا؛ الأسرار ليست فيه",
    ),
    "backup_whole": (
        "{file}: a whole backup of {at}, {members} files, every hash right",
        "{file} : sauvegarde entière du {at}, {members} fichiers, toutes les empreintes justes",
        "{file}: نسخة سليمة بتاريخ {at}، {members} ملفًا، كل البصمات صحيحة",
    ),
    "restored": (
        "{home}: restored from a backup of {since}, at {until}",
        "{home} : restauré d'une sauvegarde du {since}, le {until}",
        "{home}: استُعيد من نسخة بتاريخ {since}، في {until}",
    ),
    "restored_held": (
        "held, nothing leaves until you resume it (carillon resume BROADCAST):",
        "retenues, rien ne part avant que vous ne repreniez (carillon resume BROADCAST) :",
        "محجوزة، لا يُرسل شيء حتى تستأنفوها (carillon resume BROADCAST):",
    ),
    "put_aside": (
        "what was there is now in {path}; secrets that were in it were copied",
        "ce qui s'y trouvait est maintenant dans {path} ; ses éventuels secrets ont été copiés",
        "ما كان هناك صار في {path}؛ ونُسخت أسراره إن وُجدت",
    ),
    "holds": (
        "held: this home launches nothing; what it did from {since} to {until} is not known here",
        "retenu : ce répertoire ne lance rien ; ce qu'il a fait du {since} au {until} est inconnu ici",
        "محجوز: لا يُطلق هذا الدليل شيئًا؛ وما فعله من {since} إلى {until} غير معروف هنا",
    ),
    "released": (
        "released: this home launches again; its gap was {since} to {until}",
        "libéré : ce répertoire lance à nouveau ; inconnu du {since} au {until}",
        "تحرّر: يعود هذا الدليل إلى الإطلاق؛ المجهول من {since} إلى {until}",
    ),
    "held": ("held", "retenue", "محجوز"),
    "held_because": (
        "this home was restored from a backup of {backed_up_at}; whoever was due by {unknown_until} may have "
        "been messaged already and is left uncertain; the others go on when you resume",
        "ce répertoire a été restauré d'une sauvegarde du {backed_up_at} ; qui devait recevoir avant "
        "{unknown_until} a peut-être déjà été contacté et reste incertain ; les autres partent à la reprise",
        "استُعيد هذا الدليل من نسخة بتاريخ {backed_up_at}؛ من كان موعده قبل {unknown_until} ربما وصلته "
        "الرسالة ويبقى غير مؤكد؛ والباقون يُراسلون حين تستأنفون",
    ),
    "restored_unknown": (
        "not known here: who was messaged, who opted out and who was erased between the two instants. Before "
        "you resume, look through your inbox, tell Carillon every opt-out (PUT /api/contacts/ID, see "
        "docs/operations.md), and see in Meta's console what was sent; "
        "new launches wait for `carillon release`",
        "inconnus ici : qui a été contacté, qui s'est désabonné et qui a été effacé entre les deux instants. "
        "Avant de reprendre, parcourez votre messagerie, déclarez chaque désabonnement "
        "(PUT /api/contacts/ID, voir docs/operations.md), et voyez dans la console de Meta ce qui est "
        "parti ; les nouveaux lancements attendent `carillon release`",
        "غير معروف هنا: من راسلناه ومن ألغى اشتراكه ومن مُحي بين اللحظتين. قبل الاستئناف راجعوا صندوق الوارد "
        "وسجّلوا كل إلغاء اشتراك (PUT /api/contacts/ID، انظروا docs/operations.md) "
        "وانظروا في لوحة Meta ما أُرسل؛ والإطلاقات الجديدة تنتظر `carillon release`",
    ),
    "restored_rules": (
        "its senders, policy and templates: CARILLON_CAMPAIGNS={path}",
        "ses expéditeurs, sa politique et ses modèles : CARILLON_CAMPAIGNS={path}",
        "المرسلون والسياسة والقوالب: CARILLON_CAMPAIGNS={path}",
    ),
    "token_made": (
        "token {token} for {name}, {role}; it is shown only now:",
        "jeton {token} pour {name}, {role} ; il n'est montré que maintenant :",
        "الرمز {token} لـ {name}، {role}؛ لا يُعرض إلا الآن:",
    ),
    "token_revoked": (
        "token {token} ({name}) opens nothing any more",
        "le jeton {token} ({name}) n'ouvre plus rien",
        "الرمز {token} ({name}) لم يعد يفتح شيئًا",
    ),
    "revoked": ("revoked", "révoqué", "مُلغى"),
    "expires": ("until", "jusqu'au", "حتى"),
    "approvals": ("approvals", "approbations", "الموافقات"),
    "worth_counts": ("approved", "approuvé", "وافق"),
    "worth_expired": ("approved, too long ago", "approuvé, il y a trop longtemps", "وافق منذ وقت طويل جدًا"),
    "worth_author": ("approved, but is an author", "approuvé, mais est auteur", "وافق لكنه من المؤلفين"),
    "worth_sent_back": ("sent back", "renvoyé", "أعادها"),
    "plan_approved": (
        "you approved this plan; it may be launched",
        "vous avez approuvé ce plan ; il peut être lancé",
        "وافقت على هذه الخطة؛ يجوز إطلاقها",
    ),
    "plan_approved_alone": (
        "you approved this plan, and somebody else sent it back",
        "vous avez approuvé ce plan, et quelqu'un d'autre l'a renvoyé",
        "وافقت على هذه الخطة، وأعادها شخص آخر",
    ),
    "plan_approved_missing": (
        "you approved this plan; approvals still missing: {missing} of {needed}",
        "vous avez approuvé ce plan ; approbations encore manquantes : {missing} sur {needed}",
        "وافقت على هذه الخطة؛ الموافقات التي ما زالت ناقصة: {missing} من {needed}",
    ),
    "plan_sent_back": (
        "you sent this plan back; it is not launched until you approve it",
        "vous avez renvoyé ce plan ; il ne sera pas lancé tant que vous ne l'approuvez pas",
        "أعدتَ هذه الخطة؛ لن تُطلق حتى توافق عليها",
    ),
    "no_acts": ("nothing was done yet", "rien n'a encore été fait", "لم يُفعل شيء بعد"),
    "acts_more": (
        "there are older acts; see more with --most",
        "il y a des actes plus anciens ; voyez-en plus avec --most",
        "توجد أفعال أقدم؛ اعرض المزيد باستخدام --most",
    ),
    "copies": (
        "{files} files ({first} to {last}) with {entries} entries, {late} of them late, until {until}",
        "{files} fichiers ({first} à {last}) avec {entries} entrées, dont {late} tardives, jusqu'au {until}",
        "{files} ملفًا ({first} إلى {last}) فيها {entries} قيدًا، منها {late} متأخرة، حتى {until}",
    ),
    "copies_last": (
        "the last, {last}, has the SHA-256 {sha256}",
        "le dernier, {last}, a le SHA-256 {sha256}",
        "الأخير، {last}، له SHA-256 {sha256}",
    ),
    "copies_whole": (
        "one whole chain: none is altered, none is missing between the first and the last",
        "une chaîne entière : rien de modifié, rien ne manque entre le premier et le dernier",
        "سلسلة كاملة: لا تعديل، ولا نقص بين الأول والأخير",
    ),
    "copies_not_whole": (
        "not whole: {count} faults",
        "pas entière : {count} fautes",
        "غير كاملة: {count} من العيوب",
    ),
    "no_tokens": ("no tokens", "aucun jeton", "لا رموز"),
}
