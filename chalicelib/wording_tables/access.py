"""Who may do what: roles, tokens, approvals."""

from __future__ import annotations

TABLE: dict[str, tuple[str, str, str]] = {
    "role_needed": (
        "{act} needs the role {needed} or a higher one, and yours is {role}; ask an admin for a token of that role",
        "{act} demande le rôle {needed} ou un rôle supérieur, et le vôtre est {role} ; demandez un tel jeton à un admin",
        "يتطلب {act} الدور {needed} أو دورًا أعلى، ودورك هو {role}؛ اطلب من المدير رمزًا بهذا الدور",
    ),
    "scope_needed": (
        "{act} is in the area {needed}, and this token opens only {scope}; use another token",
        "{act} relève du domaine {needed}, et ce jeton n'ouvre que {scope} ; utilisez un autre jeton",
        "{act} من نطاق {needed}، وهذا الرمز لا يفتح إلا {scope}؛ استعمل رمزًا آخر",
    ),
    "mfa_needed": (
        "{act} needs a sign-in with a second factor; sign in again with yours",
        "{act} demande une connexion avec un second facteur ; reconnectez-vous avec le vôtre",
        "يتطلب {act} تسجيل دخول بعامل ثانٍ؛ سجّل الدخول من جديد بعاملك الثاني",
    ),
    "role_none": (
        "{name} is in no group that Carillon knows; ask an admin to be put into viewer, marketer, approver or admin",
        "{name} n'est dans aucun groupe connu de Carillon ; demandez à un admin viewer, marketer, approver ou admin",
        "{name} ليس في أي مجموعة يعرفها Carillon؛ اطلب من المدير إضافتك إلى viewer أو marketer أو approver أو admin",
    ),
    "token_expired": (
        "this token expired on {at}; ask an admin for a new one",
        "ce jeton a expiré le {at} ; demandez-en un nouveau à un admin",
        "انتهت صلاحية هذا الرمز في {at}؛ اطلب رمزًا جديدًا من المدير",
    ),
    "token_owner": (
        "an owner is the name of a person, of at most {most} characters",
        "un propriétaire est le nom d'une personne, de {most} caractères au plus",
        "المالك اسم شخص، من {most} حرفًا على الأكثر",
    ),
    "token_role": (
        "{role} is no role; use viewer, marketer, approver or admin",
        "{role} n'est pas un rôle ; utilisez viewer, marketer, approver ou admin",
        "{role} ليس دورًا؛ استعمل viewer أو marketer أو approver أو admin",
    ),
    "token_scope": (
        "{scope} is no area; use some of {known}, or none for all",
        "{scope} n'est pas un domaine ; utilisez parmi {known}, ou rien pour tous",
        "{scope} ليس نطاقًا؛ استعمل بعضًا من {known}، أو لا شيء للكل",
    ),
    "token_expiry": (
        "{value} is no time at which a token can expire; write 90d, or an instant to come, within ten years",
        "{value} n'est pas une expiration de jeton ; écrivez 90d, ou un instant à venir, d'ici dix ans",
        "{value} ليس وقتًا تنتهي فيه صلاحية رمز؛ اكتب 90d أو لحظة قادمة خلال عشر سنوات",
    ),
    "setting_not_a_name": (
        "{name} is not the name of a person, of at most {most} characters",
        "{name} n'est pas le nom d'une personne, de {most} caractères au plus",
        "{name} ليس اسم شخص من {most} حرفًا على الأكثر",
    ),
    "approval_looser": (
        "`{key}` is {value}, and policy.yaml asks for {policy}: a campaign may be stricter, never looser; "
        "write {policy}, or leave it out",
        "« {key} » vaut {value}, et policy.yaml exige {policy} : une campagne peut être plus stricte, jamais moins ; "
        "écrivez {policy}, ou rien",
        "قيمة «{key}» هي {value}، بينما يطلب policy.yaml {policy}: يجوز للحملة أن تتشدد لا أن تتساهل؛ "
        "اكتب {policy} أو احذف المفتاح",
    ),
    "tolerance_not_compared": (
        "a launch of {campaign} is compared with a plan of the last {minutes} minutes, and there is none; run carillon plan again, then launch this hash",
        "un lancement de {campaign} est comparé à un plan des {minutes} dernières minutes, et il n'y en a pas ; relancez carillon plan, puis lancez ce hash",
        "يُقارَن إطلاق {campaign} بخطة من آخر {minutes} دقيقة ولا توجد؛ شغّل carillon plan من جديد ثم أطلق هذا الهاش",
    ),
    "tolerance_people": (
        "{agreed} people were agreed to; planning now gives {now}, and {moved} came, left or moved: more than {most}; have the new plan approved",
        "{agreed} personnes étaient convenues ; le plan d'aujourd'hui en donne {now}, et {moved} sont venues, parties ou déplacées : plus de {most} ; faites approuver le nouveau plan",
        "جرت الموافقة على {agreed} شخصًا؛ التخطيط الآن يعطي {now}، وقد جاء أو غادر أو انتقل {moved}: أكثر من {most}؛ اطلب الموافقة على الخطة الجديدة",
    ),
    "tolerance_finish": (
        "planning now ends {minutes} minutes apart from what was agreed to, and {most} are tolerated; have the new plan approved",
        "le plan d'aujourd'hui finit à {minutes} minutes de ce qui était convenu, et {most} sont tolérées ; faites approuver le nouveau plan",
        "ينتهي التخطيط الآن بفارق {minutes} دقيقة عمّا جرت الموافقة عليه، والمسموح {most}؛ اطلب الموافقة على الخطة الجديدة",
    ),
    "approval_missing": (
        "approvals missing: {missing} of {needed}; an approver runs carillon approve {hash}",
        "approbations manquantes : {missing} sur {needed} ; un approbateur lance carillon approve {hash}",
        "الموافقات الناقصة: {missing} من {needed}؛ يشغّل أحد الموافقين carillon approve {hash}",
    ),
    "approval_sent_back": (
        "{who} sent this plan back: {comment}; change the campaign and plan again, or ask {who} to approve it",
        "{who} a renvoyé ce plan : {comment} ; changez la campagne et planifiez à nouveau, ou demandez à {who} d'approuver",
        "أعاد {who} هذه الخطة: {comment}؛ عدّل الحملة وخطط من جديد، أو اطلب من {who} الموافقة",
    ),
    "approval_own": (
        "{who} wrote or planned this, and nobody approves their own; ask somebody else",
        "{who} a écrit ou planifié ceci, et nul n'approuve le sien ; demandez à quelqu'un d'autre",
        "{who} هو من كتب هذا أو خططه، ولا أحد يوافق على عمله؛ اطلب من شخص آخر",
    ),
    "approval_launched": (
        "this run is launched already, as {broadcast}; pause or cancel that",
        "cette exécution est déjà lancée, sous le nom {broadcast} ; mettez-la en pause ou annulez-la",
        "أُطلق هذا التشغيل من قبل باسم {broadcast}؛ أوقفه مؤقتًا أو ألغِه",
    ),
    "approval_comment": (
        "a comment has at most {most} characters that can be printed",
        "un commentaire a au plus {most} caractères imprimables",
        "التعليق من {most} حرف قابل للطباعة على الأكثر",
    ),
    "approval_comment_needed": (
        "say why you send it back: --comment WHY",
        "dites pourquoi vous le renvoyez : --comment POURQUOI",
        "قل لماذا تعيدها: --comment السبب",
    ),
    "setting_not_mfa": (
        "{name} is `enforced` or left out: enforced says that nobody signs in without a second factor",
        "{name} vaut « enforced » ou rien : enforced dit que nul ne se connecte sans second facteur",
        "قيمة {name} هي enforced أو لا شيء: enforced تعني أن لا أحد يسجل الدخول بلا عامل ثانٍ",
    ),
}
