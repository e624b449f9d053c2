"""Problems of a campaign's file as it is read: its text, its keys, the kinds of their values."""

from __future__ import annotations

Texts = tuple[str, str, str]

TABLE: dict[str, Texts] = {
    # the file itself
    "too_large": (
        "the file is larger than {limit} bytes; split it or remove what is not a definition",
        "le fichier dépasse {limit} octets ; séparez-le ou retirez ce qui n'est pas une définition",
        "الملف أكبر من {limit} بايت؛ قسّمه أو احذف ما ليس تعريفاً للحملة",
    ),
    "not_utf8": (
        "line {line} is not UTF-8; save the file as UTF-8",
        "la ligne {line} n'est pas en UTF-8 ; enregistrez le fichier en UTF-8",
        "السطر {line} ليس بترميز UTF-8؛ احفظ الملف بترميز UTF-8",
    ),
    "frequency_per": (
        "`per` is {value}; write a duration of at most {most}, the time for which sends are remembered",
        "`per` vaut {value} ; écrivez une durée d'au plus {most}, le temps pendant lequel les envois sont retenus",
        "قيمة `per` هي {value}؛ اكتب مدة لا تتجاوز {most}، وهي مدة تذكّر الإرسالات",
    ),
    "frequency_label": (
        "`scope` is {value}, a label that this campaign does not have; it has {labels}",
        "`scope` vaut {value}, une étiquette que cette campagne n'a pas ; elle a {labels}",
        "قيمة `scope` هي {value}، وهو وسم ليس لهذه الحملة؛ وسومها {labels}",
    ),
    "not_yaml": (
        "this is not readable YAML or JSON: {detail}",
        "ce n'est pas du YAML ou du JSON lisible : {detail}",
        "هذا ليس YAML أو JSON مقروءاً: {detail}",
    ),
    "not_a_mapping": (
        "a definition is a list of `key: value` lines",
        "une définition est une suite de lignes « clé: valeur »",
        "التعريف هو سلسلة من أسطر «مفتاح: قيمة»",
    ),
    "yaml_alias": (
        "anchors and aliases (& and *) are not accepted; write the value out",
        "les ancres et alias (& et *) ne sont pas acceptés ; écrivez la valeur en entier",
        "المراسي والأسماء المستعارة (& و*) غير مقبولة؛ اكتب القيمة كاملة",
    ),
    "too_many_values": (
        "the file has more than {limit} keys and values, or is wrong all over; put long lists into the contact book",
        "le fichier a plus de {limit} clés et valeurs, ou est faux partout ; mettez les longues listes dans les contacts",
        "في الملف أكثر من {limit} مفتاح وقيمة، أو هو خاطئ كلّه؛ ضع القوائم الطويلة في دفتر جهات الاتصال",
    ),
    "character_refused": (
        "the character {character} cannot stand in a text; remove it",
        "le caractère {character} ne peut pas figurer dans un texte ; retirez-le",
        "لا يجوز الحرف {character} في نصّ؛ احذفه",
    ),
    "too_deep": (
        "nested deeper than {limit} levels",
        "imbriqué à plus de {limit} niveaux",
        "متداخل أكثر من {limit} مستوى",
    ),
    "yaml_tag": (
        "the tag {tag} is not accepted; write plain values",
        "l'étiquette {tag} n'est pas acceptée ; écrivez de simples valeurs",
        "الوسم {tag} غير مقبول؛ اكتب قيماً بسيطة",
    ),
    "key_not_text": (
        "a key must be plain text",
        "une clé doit être un simple texte",
        "يجب أن يكون المفتاح نصاً بسيطاً",
    ),
    "key_twice": (
        "`{key}` stands here twice; keep one",
        "« {key} » figure deux fois ; n'en gardez qu'un",
        "«{key}» مكتوب مرتين؛ أبقِ واحداً",
    ),
    "key_unknown": (
        "`{key}` is no key of the format",
        "« {key} » n'est pas une clé du format",
        "«{key}» ليس من مفاتيح الصيغة",
    ),
    "key_required": ("`{key}` is required", "« {key} » est obligatoire", "«{key}» مطلوب"),
    "not_available_yet": (
        "`{key}` is part of the format but not available yet; remove it",
        "« {key} » fait partie du format mais n'est pas encore disponible ; retirez-le",
        "«{key}» من الصيغة لكنه غير متاح بعد؛ احذفه",
    ),
    "format_unknown": (
        "format {value} is not known; this version reads format 1",
        "le format {value} est inconnu ; cette version lit le format 1",
        "الصيغة {value} غير معروفة؛ هذه النسخة تقرأ الصيغة 1",
    ),
    # kinds of values
    "not_text": ("`{key}` must be a text", "« {key} » doit être un texte", "يجب أن يكون «{key}» نصاً"),
    "not_a_list": ("`{key}` must be a list", "« {key} » doit être une liste", "يجب أن يكون «{key}» قائمة"),
    "not_a_mapping_at": (
        "`{key}` must hold `key: value` pairs",
        "« {key} » doit contenir des paires « clé: valeur »",
        "يجب أن يحتوي «{key}» على أزواج «مفتاح: قيمة»",
    ),
    "test_failed": (
        "the test “{name}” failed: {what} was to be {expected}, and is {found}",
        "le test « {name} » a échoué : {what} devait être {expected}, et c'est {found}",
        "فشل الاختبار «{name}»: كان المتوقع في {what} هو {expected}، والنتيجة {found}",
    ),
    "test_phone": (
        "{value} is no telephone number ({why}); write it with its plus",
        "{value} n'est pas un numéro de téléphone ({why}) ; écrivez-le avec son plus",
        "{value} ليس رقم هاتف ({why})؛ اكتبه مع علامة الزائد",
    ),
    "test_instant": (
        "{value} is no instant; write 2027-01-14T06:00:00Z, or a date for the start of its day",
        "{value} n'est pas un instant ; écrivez 2027-01-14T06:00:00Z, ou une date pour le début du jour",
        "{value} ليس لحظة زمنية؛ اكتب 2027-01-14T06:00:00Z أو تاريخًا لبداية يومه",
    ),
    "not_a_whole_number": (
        "{value} is not a whole number",
        "{value} n'est pas un nombre entier",
        "{value} ليس عددًا صحيحًا",
    ),
    "not_a_number": (
        "`{key}` must be a number, not {value}",
        "« {key} » doit être un nombre, et non {value}",
        "يجب أن يكون «{key}» رقماً وليس {value}",
    ),
    "out_of_bounds": (
        "`{key}` is {value}; it must be between {least} and {most}",
        "« {key} » vaut {value} ; il doit être entre {least} et {most}",
        "قيمة «{key}» هي {value}؛ يجب أن تكون بين {least} و{most}",
    ),
    "not_a_choice": (
        "`{key}` is {value}; it must be one of: {choices}",
        "« {key} » vaut {value} ; choisissez parmi : {choices}",
        "قيمة «{key}» هي {value}؛ اختر من: {choices}",
    ),
    "not_a_duration": (
        "`{key}` is {value}; write a duration such as 45m, 3h or 7d",
        "« {key} » vaut {value} ; écrivez une durée comme 45m, 3h ou 7d",
        "قيمة «{key}» هي {value}؛ اكتب مدة مثل 45m أو 3h أو 7d",
    ),
    "not_a_clock_time": (
        '`{key}` is {value}; write a time in quotes, such as "21:00"',
        '« {key} » vaut {value} ; écrivez une heure entre guillemets, comme "21:00"',
        'قيمة «{key}» هي {value}؛ اكتب وقتاً بين علامتي اقتباس مثل "21:00"',
    ),
    "not_a_share": (
        "`{key}` is {value}; write a share such as 5%",
        "« {key} » vaut {value} ; écrivez une part comme 5%",
        "قيمة «{key}» هي {value}؛ اكتب نسبة مثل 5%",
    ),
    "not_a_set": (
        "`{key}`: {value} must be list:NAME, tag:NAME or id:EXTERNAL",
        "« {key} » : {value} doit être list:NOM, tag:NOM ou id:EXTERNE",
        "«{key}»: يجب أن يكون {value} على شكل list:NAME أو tag:NAME أو id:EXTERNAL",
    ),
    "too_long": (
        "`{key}` is longer than 400 days",
        "« {key} » dépasse 400 jours",
        "«{key}» أطول من 400 يوم",
    ),
}
