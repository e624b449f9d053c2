"""Why a message was not sent, is not sent yet, or has an unknown fate: each reason as a sentence."""

from __future__ import annotations

Texts = tuple[str, str, str]
"""English, French, Arabic."""

TABLE: dict[str, Texts] = {
    "reason.not_in_segment": (
        "the segment does not select this person",
        "le segment ne sélectionne pas cette personne",
        "الشريحة لا تختار هذا الشخص",
    ),
    "reason.exclude_list": (
        "the campaign leaves this person out ({saw})",
        "la campagne laisse cette personne de côté ({saw})",
        "الحملة تستثني هذا الشخص ({saw})",
    ),
    "reason.duplicate_person": (
        "somebody else has the same number and gets the message",
        "quelqu'un d'autre a le même numéro et reçoit le message",
        "شخص آخر لديه الرقم نفسه ويتلقى الرسالة",
    ),
    "reason.invalid_address": (
        "this person has no number that can be written to ({saw})",
        "cette personne n'a pas de numéro utilisable ({saw})",
        "ليس لهذا الشخص رقم يمكن مراسلته ({saw})",
    ),
    "reason.suppressed": (
        "this person is never to be written to ({saw})",
        "il ne faut jamais écrire à cette personne ({saw})",
        "لا يجوز أبدًا مراسلة هذا الشخص ({saw})",
    ),
    "reason.consent.missing": (
        "this person has not agreed to this topic on WhatsApp",
        "cette personne n'a pas accepté ce sujet sur WhatsApp",
        "لم يوافق هذا الشخص على هذا الموضوع عبر واتساب",
    ),
    "reason.consent.expired": (
        "this person's agreement is older than the campaign accepts ({saw})",
        "l'accord de cette personne est plus ancien que ce que la campagne accepte ({saw})",
        "موافقة هذا الشخص أقدم مما تقبله الحملة ({saw})",
    ),
    "reason.consent.revoked": (
        "this person has opted out",
        "cette personne s'est désinscrite",
        "ألغى هذا الشخص اشتراكه",
    ),
    "reason.consent.wrong_channel": (
        "this person has agreed on another channel, not on WhatsApp",
        "cette personne a accepté sur un autre canal, pas sur WhatsApp",
        "وافق هذا الشخص عبر قناة أخرى لا عبر واتساب",
    ),
    "reason.country_blocked": (
        "the policy allows no such message to this country ({saw})",
        "la politique n'autorise pas ce message vers ce pays ({saw})",
        "السياسة لا تسمح بهذه الرسالة إلى هذا البلد ({saw})",
    ),
    "reason.timezone.unknown": (
        "nobody knows this person's time zone ({saw})",
        "on ne connaît pas le fuseau horaire de cette personne ({saw})",
        "المنطقة الزمنية لهذا الشخص مجهولة ({saw})",
    ),
    "reason.timezone.invalid": (
        "this person's stored time zone does not exist ({saw})",
        "le fuseau horaire enregistré de cette personne n'existe pas ({saw})",
        "المنطقة الزمنية المسجلة لهذا الشخص غير موجودة ({saw})",
    ),
    "reason.dst_gap": (
        "the time does not exist there on that day",
        "cette heure n'existe pas là-bas ce jour-là",
        "هذه الساعة غير موجودة هناك في ذلك اليوم",
    ),
    "reason.past": (
        "the time is past where this person lives",
        "l'heure est passée là où vit cette personne",
        "فات الوقت حيث يعيش هذا الشخص",
    ),
    "reason.no_day": (
        "no allowed day comes soon enough",
        "aucun jour autorisé n'arrive assez tôt",
        "لا يوم مسموحًا به يأتي قريبًا بما يكفي",
    ),
    "reason.language_missing": (
        "the template has no language for this person ({saw})",
        "le modèle n'a pas de langue pour cette personne ({saw})",
        "ليس في القالب لغة لهذا الشخص ({saw})",
    ),
    "reason.parameter_missing": (
        "a parameter has no value for this person and no fallback ({saw})",
        "un paramètre n'a ni valeur pour cette personne ni repli ({saw})",
        "معامل بلا قيمة لهذا الشخص وبلا بديل ({saw})",
    ),
    "reason.parameter_invalid": (
        "a parameter's value cannot be sent ({saw})",
        "la valeur d'un paramètre ne peut pas être envoyée ({saw})",
        "لا يمكن إرسال قيمة أحد المعاملات ({saw})",
    ),
    "reason.holdout": (
        "this person is in the share that the campaign leaves without a message",
        "cette personne est dans la part que la campagne laisse sans message",
        "هذا الشخص ضمن الحصة التي تتركها الحملة دون رسالة",
    ),
    "reason.contact_erased": (
        "this person was erased",
        "cette personne a été effacée",
        "مُحيت بيانات هذا الشخص",
    ),
    "reason.contact_changed": (
        "this person's number has changed since the request",
        "le numéro de cette personne a changé depuis la demande",
        "تغيّر رقم هذا الشخص منذ الطلب",
    ),
    "reason.window_closed": (
        "no place was free in time before the campaign's window closed",
        "aucune place ne s'est libérée avant la fermeture de la fenêtre de la campagne",
        "لم يتوفر مكان قبل إغلاق نافذة الحملة",
    ),
    "reason.expired": (
        "it would have been too late: the wait outlasts the time the campaign gives ({saw})",
        "il aurait été trop tard : l'attente dépasse le délai de la campagne ({saw})",
        "كان سيفوت الأوان: الانتظار أطول من المهلة التي تعطيها الحملة ({saw})",
    ),
    "reason.quiet_hours": (
        "it is quiet time where this person lives; it goes when that ends",
        "c'est l'heure calme là où vit cette personne ; l'envoi part à sa fin",
        "إنه وقت الهدوء حيث يعيش هذا الشخص؛ تُرسل عند انتهائه",
    ),
    "reason.frequency": (
        "this person has had as many messages as the rules allow ({saw})",
        "cette personne a reçu autant de messages que les règles le permettent ({saw})",
        "تلقى هذا الشخص من الرسائل ما تسمح به القواعد ({saw})",
    ),
    "reason.live_conversation": (
        "this person is in a conversation with the team",
        "cette personne est en conversation avec l'équipe",
        "هذا الشخص في محادثة مع الفريق",
    ),
    "reason.retry": (
        "WhatsApp could not take it; it is tried again",
        "WhatsApp n'a pas pu le prendre ; nouvel essai prévu",
        "لم يتمكن واتساب من أخذها؛ ستعاد المحاولة",
    ),
    "reason.paused": ("it is paused", "c'est en pause", "متوقف مؤقتًا"),
    "reason.cancelled": ("it was cancelled", "c'est annulé", "أُلغي"),
    "reason.scheduled": ("its time has not come", "son heure n'est pas venue", "لم يحن وقته"),
    "reason.throttle": (
        "it waits for its place behind what goes first",
        "il attend sa place derrière ce qui passe avant",
        "تنتظر دورها بعد ما يسبقها",
    ),
    "reason.tier": (
        "the platform's limit of people per day is reached",
        "la limite de personnes par jour de la plateforme est atteinte",
        "بُلغ حد المنصة لعدد الأشخاص في اليوم",
    ),
    "reason.sender_paused": (
        "the sender is stopped",
        "l'expéditeur est arrêté",
        "المرسل متوقف",
    ),
    "reason.sender_stopped": (
        "the sender was stopped until it was too late",
        "l'expéditeur est resté arrêté jusqu'à ce qu'il soit trop tard",
        "بقي المرسل متوقفًا حتى فات الأوان",
    ),
    "reason.country_paused": (
        "WhatsApp does not let the account write to this country ({saw}); it goes when that ends",
        "WhatsApp ne laisse pas le compte écrire à ce pays ({saw}) ; l'envoi part quand cela cesse",
        "لا يسمح واتساب للحساب بمراسلة هذا البلد ({saw})؛ تُرسل عند انتهاء ذلك",
    ),
    "reason.country_stopped": (
        "WhatsApp did not let the account write to this country until it was too late ({saw})",
        "WhatsApp n'a pas laissé le compte écrire à ce pays jusqu'à ce qu'il soit trop tard ({saw})",
        "لم يسمح واتساب للحساب بمراسلة هذا البلد حتى فات الأوان ({saw})",
    ),
    "reason.template_paused": (
        "WhatsApp has stopped the template",
        "WhatsApp a arrêté le modèle",
        "أوقف واتساب القالب",
    ),
    "reason.template_stopped": (
        "WhatsApp stopped the template until it was too late",
        "WhatsApp a arrêté le modèle jusqu'à ce qu'il soit trop tard",
        "أوقف واتساب القالب حتى فات الأوان",
    ),
    "outcome.waiting": ("not sent yet", "pas encore envoyé", "لم تُرسل بعد"),
    "outcome.claimed": ("on its way", "en cours d'envoi", "في الطريق"),
    "outcome.accepted": (
        "WhatsApp has taken it",
        "WhatsApp l'a accepté",
        "قبلها واتساب",
    ),
    "outcome.failed": (
        "WhatsApp refused it with code {reason}",
        "WhatsApp l'a refusé avec le code {reason}",
        "رفضها واتساب بالرمز {reason}",
    ),
    "outcome.uncertain": (
        "whether it arrived is not known; it is not sent again",
        "on ne sait pas s'il est arrivé ; il n'est pas renvoyé",
        "لا يُعرف هل وصلت؛ ولا تُرسل ثانية",
    ),
    "outcome.excluded": ("it was not sent", "il n'a pas été envoyé", "لم تُرسل"),
}
