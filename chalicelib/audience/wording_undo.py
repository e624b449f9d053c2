"""What an undo says of people whom it could not wholly undo."""

from __future__ import annotations

from collections.abc import Mapping

UNDO: Mapping[str, Mapping[str, str]] = {
    "undo.messaged": {
        "en": "was messaged since, so stays; the consents that the import told were taken back",
        "fr": "a reçu un message depuis, donc reste ; les consentements venus de l'import ont été retirés",
        "ar": "أُرسلت إليه رسالة منذ ذلك الحين فيبقى؛ وسُحبت الموافقات التي جاء بها الاستيراد",
    },
    "undo.wrote": {
        "en": "wrote to us since, so stays; the consents that the import told were taken back",
        "fr": "nous a écrit depuis, donc reste ; les consentements venus de l'import ont été retirés",
        "ar": "راسلنا منذ ذلك الحين فيبقى؛ وسُحبت الموافقات التي جاء بها الاستيراد",
    },
    "undo.opted_out": {
        "en": "has opted out or is suppressed, which is remembered only with the person",
        "fr": "s'est désinscrit ou est bloqué, ce qui ne se retient qu'avec la personne",
        "ar": "ألغى الاشتراك أو حُظر، ولا يُحفظ ذلك إلا مع الشخص",
    },
    "undo.touched": {
        "en": "was changed since, by another import or a system; the consents that the import told "
        "were taken back",
        "fr": "a été modifié depuis par un autre import ou système ; les consentements venus de l'import ont "
        "été retirés",
        "ar": "غيّره استيراد أو نظام آخر منذ ذلك الحين؛ وسُحبت الموافقات التي جاء بها الاستيراد",
    },
    "undo.changed_since": {
        "en": "changed since, so left as they are: {fields}",
        "fr": "modifiés depuis, donc laissés tels quels : {fields}",
        "ar": "تغيّرت منذ ذلك الحين فبقيت كما هي: {fields}",
    },
    "undo.consent_since": {
        "en": "consent {what} was given anew since, so stays",
        "fr": "le consentement {what} a été redonné depuis, donc reste",
        "ar": "أُعطيت الموافقة {what} من جديد منذ ذلك الحين فتبقى",
    },
    "undo.opt_out_stays": {
        "en": "an opt-out or suppression always stays, also one that the import told: {what}",
        "fr": "un retrait ou un blocage reste toujours, même venu de l'import : {what}",
        "ar": "يبقى إلغاء الاشتراك أو الحظر دائمًا حتى إن جاء به الاستيراد: {what}",
    },
    "undo.phone_taken": {
        "en": "the earlier number is another person's now, so the newer one stays",
        "fr": "l'ancien numéro est désormais celui d'une autre personne ; le nouveau reste",
        "ar": "صار الرقم السابق لشخص آخر، فيبقى الرقم الجديد",
    },
}
