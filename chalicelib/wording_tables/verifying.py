"""What does not add up when a broadcast is verified, and why one is idle."""

from __future__ import annotations

Texts = tuple[str, str, str]

TABLE: dict[str, Texts] = {
    "verify.sum": (
        "the outcomes add up to {found}, the audience is {audience}",
        "les issues font {found} au total, l'audience est de {audience}",
        "مجموع النتائج {found} والجمهور {audience}",
    ),
    "verify.plan": (
        "{planned} planned and the excluded do not make the audience of {audience}",
        "{planned} prévus et les exclus ne font pas l'audience de {audience}",
        "المخطط لهم {planned} مع المستبعدين لا يساوون الجمهور {audience}",
    ),
    "verify.waves": (
        "the waves hold {found} people, {planned} were planned",
        "les vagues contiennent {found} personnes, {planned} étaient prévues",
        "في الموجات {found} شخصًا والمخطط {planned}",
    ),
    "verify.chunks": (
        "the chunks hold {found} people, {planned} were planned",
        "les lots contiennent {found} personnes, {planned} étaient prévues",
        "في الدفعات {found} شخصًا والمخطط {planned}",
    ),
    "verify.too_many_rows": (
        "chunk {chunk} has {rows} rows for {people} people",
        "le lot {chunk} a {rows} lignes pour {people} personnes",
        "في الدفعة {chunk} عدد {rows} من الصفوف لـ {people} شخصًا",
    ),
    "verify.done_without_rows": (
        "chunk {chunk} is done, but {people} of its people have no outcome",
        "le lot {chunk} est terminé, mais {people} de ses personnes n'ont pas d'issue",
        "انتهت الدفعة {chunk} لكن {people} من أشخاصها بلا نتيجة",
    ),
    "verify.chunk_stuck": (
        "chunk {chunk} was handed to a worker long ago and never came back",
        "le lot {chunk} a été remis il y a longtemps et n'est jamais revenu",
        "سُلّمت الدفعة {chunk} منذ وقت طويل ولم تعد",
    ),
    "verify.off_timeline": (
        "chunk {chunk} with {people} people is due, and not on its sender's timeline",
        "le lot {chunk} de {people} personnes est dû et n'est pas dans la file de son expéditeur",
        "الدفعة {chunk} وفيها {people} شخصًا مستحقة وليست في جدول مرسلها",
    ),
    "verify.waits_without_end": (
        "{person} waits without an end",
        "{person} attend sans échéance",
        "{person} ينتظر بلا نهاية",
    ),
    "verify.waits_too_long": (
        "{person} still waits ({reason}), though the time the campaign gives is over",
        "{person} attend encore ({reason}) alors que le délai de la campagne est passé",
        "{person} ما زال ينتظر ({reason}) رغم انتهاء مهلة الحملة",
    ),
    "verify.never_woken": (
        "{person} waits ({reason}), and nothing will wake them",
        "{person} attend ({reason}) et rien ne le réveillera",
        "{person} ينتظر ({reason}) ولن يوقظه شيء",
    ),
    "verify.message_twice": (
        "{people} people have the same message {message}",
        "{people} personnes ont le même message {message}",
        "{people} أشخاص لهم الرسالة نفسها {message}",
    ),
    "verify.not_complete": (
        "it is called completed, and {waiting} people still wait",
        "elle est dite terminée, et {waiting} personnes attendent encore",
        "قيل إنها اكتملت وما زال {waiting} ينتظرون",
    ),
    "idle.launching": (
        "it is being launched",
        "le lancement est en cours",
        "الإطلاق جارٍ",
    ),
    "idle.paused": (
        "somebody paused it; carillon resume lets it go on",
        "quelqu'un l'a mise en pause ; carillon resume la fait reprendre",
        "أوقفها شخص مؤقتًا؛ يستأنفها carillon resume",
    ),
    "idle.cancelling": (
        "it is being cancelled",
        "l'annulation est en cours",
        "الإلغاء جارٍ",
    ),
    "idle.scheduled": (
        "the next wave's time has not come",
        "l'heure de la prochaine vague n'est pas venue",
        "لم يحن وقت الموجة التالية",
    ),
    "idle.finishing": (
        "nobody is left to be called now; whoever waits behind their own gate goes when it opens",
        "plus personne à appeler maintenant ; qui attend derrière sa propre barrière part à son ouverture",
        "لم يبق من يُراسل الآن؛ من ينتظر خلف بوابته يُرسل له عند فتحها",
    ),
    "idle.tier": (
        "the platform's limit of people per day is reached for {sender}; it goes on as hours pass",
        "la limite de personnes par jour est atteinte pour {sender} ; reprise au fil des heures",
        "بُلغ حد المنصة لعدد الأشخاص في اليوم لـ {sender}؛ يستأنف مع مرور الساعات",
    ),
}
