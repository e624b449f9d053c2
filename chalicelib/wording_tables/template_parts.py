"""Problems of what a template holds: typed values, headers, media, buttons, cards."""

from __future__ import annotations

Texts = tuple[str, str, str]

TABLE: dict[str, Texts] = {
    "bound_not_of_type": (
        "`{key}` is {value}, which is no {type}; bounds are for integer, currency and date_time, in their own form",
        "« {key} » vaut {value}, qui n'est pas du type {type} ; les bornes sont pour integer, currency et date_time, dans leur propre forme",
        "قيمة «{key}» هي {value} وليست من النوع {type}؛ الحدود للأنواع integer وcurrency وdate_time وبصيغتها",
    ),
    "bounds_reversed": (
        "`{key}`: the least, {least}, is above the most, {most}; exchange them",
        "« {key} » : le minimum {least} dépasse le maximum {most} ; échangez-les",
        "«{key}»: الحد الأدنى {least} أكبر من الحد الأقصى {most}؛ بدّل بينهما",
    ),
    "currency_invalid": (
        "`{key}` is {value}; write a currency's three letters, such as MAD or EUR",
        "« {key} » vaut {value} ; écrivez les trois lettres d'une devise, comme MAD ou EUR",
        "قيمة «{key}» هي {value}؛ اكتب رمز العملة بثلاثة أحرف مثل MAD أو EUR",
    ),
    "currency_needed": (
        "`{key}` is currency: say which, with `currency: MAD` beside it",
        "« {key} » est currency : dites laquelle, avec « currency: MAD » à côté",
        "«{key}» من النوع currency: اذكر العملة بجانبه، مثل currency: MAD",
    ),
    "currency_without_type": (
        "a `currency` needs `type: currency`; `{key}` says otherwise",
        "« currency » exige « type: currency » ; « {key} » dit autre chose",
        "«currency» يحتاج type: currency؛ لكن «{key}» يقول غير ذلك",
    ),
}
