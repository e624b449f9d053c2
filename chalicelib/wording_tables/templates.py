"""What is wrong, or worth knowing, of templates on the platform."""

from __future__ import annotations

Texts = tuple[str, str, str]

TABLE: dict[str, Texts] = {
    "sync_failed": (
        "the templates of account {waba} could not be listed: {why}",
        "les modèles du compte {waba} n'ont pas pu être listés : {why}",
        "تعذر سرد قوالب الحساب {waba}: {why}",
    ),
    "template_unusable": (
        "template {template} ({language}) is {status} on the platform and cannot be sent; use another one",
        "le modèle {template} ({language}) est {status} sur la plateforme et ne peut pas partir ; prenez-en un autre",
        "القالب {template} ({language}) حالته {status} على المنصة ولا يمكن إرساله؛ استعملوا غيره",
    ),
    "template_recategorised": (
        "template {template} ({language}) is {now} on the platform now, and the campaign says {category}: "
        "other prices and rules; change the category, or have the template reviewed",
        "le modèle {template} ({language}) est maintenant {now} sur la plateforme, et la campagne dit {category} : "
        "autres prix, autres règles ; changez la catégorie, ou faites revoir le modèle",
        "القالب {template} ({language}) صار {now} على المنصة، والحملة تقول {category}: "
        "أسعار وقواعد أخرى؛ غيّروا الفئة أو اطلبوا مراجعة القالب",
    ),
    "template_words_differ": (
        "template {template} ({language}) has other words on the platform than its file; "
        "run carillon templates sync --write and read them",
        "le modèle {template} ({language}) n'a pas sur la plateforme le contenu de son fichier ; "
        "lancez carillon templates sync --write et relisez-le",
        "نص القالب {template} ({language}) على المنصة يختلف عن ملفه؛ "
        "شغّلوا carillon templates sync --write واقرؤوه",
    ),
    "template_words_changed": (
        "template {template} ({language}) has other words than those planned; "
        "run carillon templates sync --write, read them and plan again",
        "le modèle {template} ({language}) n'a plus le contenu planifié ; "
        "lancez carillon templates sync --write, relisez-le et planifiez à nouveau",
        "نص القالب {template} ({language}) لم يعد كما خُطط له؛ "
        "شغّلوا carillon templates sync --write واقرؤوه ثم خططوا من جديد",
    ),
    "templates_never_synced": (
        "the platform was never asked about this sender's templates; run carillon templates sync",
        "la plateforme n'a jamais été interrogée sur les modèles de cet expéditeur ; lancez carillon templates sync",
        "لم تُسأل المنصة قط عن قوالب هذا المرسل؛ شغّلوا carillon templates sync",
    ),
    "templates_sync_old": (
        "the last sync of this sender's templates is {hours} h old; run carillon templates sync",
        "la dernière synchronisation des modèles de cet expéditeur date de {hours} h ; lancez carillon templates sync",
        "آخر مزامنة لقوالب هذا المرسل عمرها {hours} ساعة؛ شغّلوا carillon templates sync",
    ),
    "template_approval_short": (
        "template {template} ({language}) is in review and the first send is in {hours} h; "
        "a review may take {usual} h, and without it nothing can be launched",
        "le modèle {template} ({language}) est en revue et le premier envoi est dans {hours} h ; "
        "une revue peut prendre {usual} h, et sans elle rien ne peut être lancé",
        "القالب {template} ({language}) قيد المراجعة وأول إرسال بعد {hours} ساعة؛ "
        "قد تستغرق المراجعة {usual} ساعة، ودونها لا يمكن الإطلاق",
    ),
    "template_quality": (
        "template {template} ({language}) has {quality} quality: people block or report it, "
        "and the platform may pause it",
        "le modèle {template} ({language}) a une qualité {quality} : des personnes le bloquent ou le signalent, "
        "et la plateforme peut le suspendre",
        "جودة القالب {template} ({language}) هي {quality}: أناس يحظرونه أو يبلغون عنه، وقد توقفه المنصة",
    ),
    "template_category_coming": (
        "the platform announced that template {template} ({language}) becomes {coming}; "
        "launches are refused from then on",
        "la plateforme a annoncé que le modèle {template} ({language}) devient {coming} ; "
        "les lancements seront alors refusés",
        "أعلنت المنصة أن القالب {template} ({language}) سيصير {coming}؛ وعندئذ يُرفض الإطلاق",
    ),
    "template_paced": (
        "template {template} ({language}) is new and {people} people would get it: the platform may hold "
        "messages back until it has seen how the first ones are received",
        "le modèle {template} ({language}) est nouveau et {people} personnes le recevraient : la plateforme peut "
        "retenir des messages le temps de voir comment les premiers sont reçus",
        "القالب {template} ({language}) جديد وسيصل إلى {people} شخصًا: قد تؤخر المنصة رسائل "
        "حتى ترى كيف تُستقبل الأولى",
    ),
    "template_cursor": (
        "{value} is no place in the list of templates; begin without it",
        "{value} n'est pas une position dans la liste des modèles ; commencez sans lui",
        "{value} ليس موضعًا في قائمة القوالب؛ ابدؤوا من دونه",
    ),
}
