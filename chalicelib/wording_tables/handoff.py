"""Problems of webhooks.yaml, and of replies on their way to one of its endpoints."""

from __future__ import annotations

Texts = tuple[str, str, str]

TABLE: dict[str, Texts] = {
    "handoff_to_invalid": (
        "`{key}` is {value}; write the name of an endpoint of webhooks.yaml, such as webhook:inbox",
        "« {key} » vaut {value} ; écrivez le nom d'un point d'accès de webhooks.yaml, par exemple webhook:inbox",
        "قيمة «{key}» هي {value}؛ اكتب اسم وجهة من webhooks.yaml، مثل webhook:inbox",
    ),
    "handoff_failed": (
        "the webhook {webhook} did not take a reply: {detail}",
        "le webhook {webhook} n'a pas accepté une réponse : {detail}",
        "لم يقبل الويب هوك {webhook} ردًا: {detail}",
    ),
    "announcing_failed": (
        "who is told what becomes of broadcasts did not take it: {detail}",
        "le destinataire de ce que deviennent les diffusions ne l'a pas accepté : {detail}",
        "لم يقبل من يُبلَّغ بمآل عمليات البث ما أُرسل إليه: {detail}",
    ),
    "webhook_unknown": (
        "webhooks.yaml has no endpoint named {webhook}; add it there",
        "webhooks.yaml n'a pas de point d'accès nommé {webhook} ; ajoutez-le",
        "لا توجد في webhooks.yaml وجهة باسم {webhook}؛ أضفها هناك",
    ),
    "webhook_unsigned": (
        "the webhook {webhook} has no secret to sign with; set {secret}",
        "le webhook {webhook} n'a pas de secret pour signer ; définissez {secret}",
        "لا سرّ للويب هوك {webhook} للتوقيع؛ عيّن {secret}",
    ),
    "webhook_name_invalid": (
        "{value} is no name of an endpoint; write small letters, digits and hyphens, a letter first",
        "{value} n'est pas un nom de point d'accès ; écrivez des minuscules, chiffres et tirets, une lettre d'abord",
        "{value} ليس اسم وجهة؛ اكتب حروفًا لاتينية صغيرة وأرقامًا وشرطات، تبدأ بحرف",
    ),
    "webhook_not_https": (
        "`{key}` is {value}; it must begin with https:// (http:// is only for this machine)",
        "« {key} » vaut {value} ; il doit commencer par https:// (http:// ne vaut que pour cette machine)",
        "قيمة «{key}» هي {value}؛ يجب أن تبدأ بـ https:// (http:// لهذا الجهاز وحده)",
    ),
    "webhook_address_refused": (
        "`{key}` leads to {value}, where no webhook may lead; write the other system's own address",
        "« {key} » mène à {value}, où aucun webhook ne doit mener ; écrivez l'adresse de l'autre système",
        "يقود «{key}» إلى {value} حيث لا يجوز أن يقود ويب هوك؛ اكتب عنوان النظام الآخر نفسه",
    ),
}
