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
    "expression_later": (
        "{name}() is not available yet; write the address as it is",
        "{name}() n'est pas encore disponible ; écrivez l'adresse telle quelle",
        "{name}() غير متاح بعد؛ اكتب العنوان كما هو",
    ),
    "header_one_kind": (
        "`{key}` needs exactly one of text, image, video and document",
        "« {key} » exige exactement un de text, image, video et document",
        "«{key}» يحتاج واحداً فقط من text وimage وvideo وdocument",
    ),
    "header_value_invalid": (
        "{value} is neither media:FILE nor an address beginning with https:// and a fixed host",
        "{value} n'est ni media:FICHIER ni une adresse commençant par https:// et un hôte fixe",
        "{value} ليس media:FILE ولا عنواناً يبدأ بـ https:// واسم مضيف ثابت",
    ),
    "media_name_invalid": (
        "{value} cannot be the {kind} of a header: media: and a file name that ends in {endings}",
        "{value} ne peut pas être « {kind} » d'un en-tête : media: et un nom de fichier en {endings}",
        "{value} لا يصلح {kind} لترويسة: media: ثم اسم ملف ينتهي بأحد {endings}",
    ),
    "header_required": (
        "the template {template} ({language}) has a header of kind {kind}: say which, with `header: {{kind}: …}`",
        "le modèle {template} ({language}) a un en-tête {kind} : dites lequel, avec « header: {{kind}: …} »",
        "للقالب {template} ({language}) ترويسة من نوع {kind}: حددها، مثل header: {{kind}: …}",
    ),
    "header_differs": (
        "the header is {kind} here, but {approved} in the approved template {template} ({language})",
        "l'en-tête est {kind} ici, mais {approved} dans le modèle approuvé {template} ({language})",
        "الترويسة هنا {kind} لكنها {approved} في القالب المعتمد {template} ({language})",
    ),
    "header_language": (
        "the template {template} exists in {language}, but the header has no value for it",
        "le modèle {template} existe en {language}, mais l'en-tête n'a pas de valeur pour cette langue",
        "القالب {template} موجود بلغة {language} لكن الترويسة بلا قيمة لها",
    ),
    "media_missing": (
        "there is no file {file} in campaigns/media/",
        "campaigns/media/ n'a pas de fichier {file}",
        "لا يوجد ملف {file} في campaigns/media/",
    ),
    "media_wrong_kind": (
        "{file} cannot be a header's {kind}; these can: {endings}",
        "{file} ne peut pas être « {kind} » d'un en-tête ; voici ce qui le peut : {endings}",
        "{file} لا يصلح {kind} لترويسة؛ تصلح هذه: {endings}",
    ),
    "media_size": (
        "{file} has {bytes} bytes; WhatsApp takes from 1 byte to {most} MB",
        "{file} fait {bytes} octets ; WhatsApp accepte de 1 octet à {most} Mo",
        "حجم {file} هو {bytes} بايت؛ يقبل واتساب من بايت واحد إلى {most} م.ب",
    ),
    "media_not_what_it_says": (
        "{file} is no {ending} inside, whatever its name; export it again",
        "{file} n'est pas du {ending} à l'intérieur, malgré son nom ; exportez-le à nouveau",
        "محتوى {file} ليس {ending} رغم اسمه؛ صدّره من جديد",
    ),
    "media_by_address": (
        "{value} is the same for everybody: a file in campaigns/media/ is uploaded once, an address is fetched by the platform",
        "{value} est le même pour tous : un fichier de campaigns/media/ est envoyé une fois, une adresse est relue par la plateforme",
        "{value} واحد للجميع: ملف في campaigns/media/ يُرفع مرة واحدة، أما العنوان فتجلبه المنصة",
    ),
    "carousel_cards": (
        "`{key}` has {given} cards; a carousel has from {least} to {most}",
        "« {key} » a {given} cartes ; un carrousel en a de {least} à {most}",
        "«{key}» فيه {given} بطاقة؛ للعرض المتحرك من {least} إلى {most}",
    ),
    "card_header": (
        "each card needs a `header` with an image or a video",
        "chaque carte exige un « header » avec une image ou une vidéo",
        "كل بطاقة تحتاج «header» فيه صورة أو فيديو",
    ),
    "cards_count": (
        "the template {template} ({language}) has {wanted} cards; {given} are given, and it must be as many",
        "le modèle {template} ({language}) a {wanted} cartes ; {given} sont données, il en faut autant",
        "للقالب {template} ({language}) {wanted} بطاقة؛ أُعطيت {given} ويجب أن تتساويا",
    ),
    "button_kind_unknown": (
        "{value} is no kind of button; there are {kinds}",
        "{value} n'est pas un type de bouton ; il y a {kinds}",
        "{value} ليس نوع زر؛ الأنواع هي {kinds}",
    ),
    "button_twice": (
        "button {index} is given twice; each has its own index, from 0",
        "le bouton {index} est donné deux fois ; chacun a son index, à partir de 0",
        "الزر {index} مكرر؛ لكل زر رقمه بدءاً من 0",
    ),
    "button_value_long": (
        "`{key}` is longer than the {most} characters that WhatsApp takes",
        "« {key} » dépasse les {most} caractères que WhatsApp accepte",
        "«{key}» أطول من {most} حرفاً يقبلها واتساب",
    ),
    "section_title_long": (
        "`{key}` is longer than {most} characters",
        "« {key} » dépasse {most} caractères",
        "«{key}» أطول من {most} حرفاً",
    ),
    "sections_too_many": (
        "`{key}` may have {most} sections and from 1 to {products} products in all",
        "« {key} » peut avoir {most} sections et de 1 à {products} produits en tout",
        "«{key}» يقبل {most} أقسام ومن 1 إلى {products} منتجاً في المجموع",
    ),
    "plan_stale_media": (
        "a file of campaigns/media/ that the message shows was changed since the plan; plan again",
        "un fichier de campaigns/media/ que le message montre a changé depuis le plan ; planifiez à nouveau",
        "تغيّر منذ الخطة ملف في campaigns/media/ تعرضه الرسالة؛ خطّط من جديد",
    ),
    "media_not_uploaded": (
        "{file} could not be uploaded to the platform: {why}",
        "{file} n'a pas pu être envoyé à la plateforme : {why}",
        "تعذر رفع {file} إلى المنصة: {why}",
    ),
}
