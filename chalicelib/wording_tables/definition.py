"""Problems of what a campaign's file says, and of its words."""

from __future__ import annotations

Texts = tuple[str, str, str]

TABLE: dict[str, Texts] = {
    # what the campaign says
    "campaign_name_invalid": (
        "{value} is no campaign name: 3 to 64 of a-z, 0-9 and -",
        "{value} n'est pas un nom de campagne : 3 à 64 caractères parmi a-z, 0-9 et -",
        "{value} ليس اسم حملة: من 3 إلى 64 من a-z و0-9 و-",
    ),
    "authentication_refused": (
        "one-time codes must not share a campaign's queue; send them from the system that needs them",
        "les codes à usage unique ne doivent pas attendre derrière une campagne ; envoyez-les depuis leur système",
        "رموز التحقق لا يجوز أن تنتظر خلف حملة؛ أرسلها من النظام الذي يحتاجها",
    ),
    "topic_required": (
        "a marketing campaign needs `topic`: the consent it relies on",
        "une campagne marketing exige « topic » : le consentement sur lequel elle repose",
        "الحملة التسويقية تحتاج «topic»: الموافقة التي تستند إليها",
    ),
    "topic_all": (
        "`all` is no topic; name the one people agreed to",
        "« all » n'est pas un sujet ; nommez celui que les gens ont accepté",
        "«all» ليس موضوعاً؛ سمِّ الموضوع الذي وافق عليه الناس",
    ),
    "topic_invalid": (
        "{value} is no topic: a-z, 0-9, - and _, at most 64",
        "{value} n'est pas un sujet : a-z, 0-9, - et _, 64 au plus",
        "{value} ليس موضوعاً: a-z و0-9 و- و_، 64 على الأكثر",
    ),
    "inbound_basis_marketing": (
        "having written first is no consent to marketing; use explicit_optin",
        "avoir écrit le premier ne vaut pas consentement au marketing ; utilisez explicit_optin",
        "أن يكتب الشخص أولاً ليس موافقة على التسويق؛ استعمل explicit_optin",
    ),
    "segment_everybody": (
        "this segment selects everybody; say whom you mean",
        "ce segment choisit tout le monde ; dites qui vous visez",
        "هذا المقطع يختار الجميع؛ حدّد من تقصد",
    ),
    "zone_is_offset": (
        "{value} is a fixed offset, which ignores clock changes; name a place, such as Africa/Casablanca",
        "{value} est un décalage fixe, qui ignore les changements d'heure ; nommez un lieu, comme Africa/Casablanca",
        "{value} فارق ثابت يتجاهل تغيير الساعة؛ سمِّ مكاناً مثل Africa/Casablanca",
    ),
    "zone_unknown": (
        "{value} is no time zone",
        "{value} n'est pas un fuseau horaire",
        "{value} ليست منطقة زمنية",
    ),
    "send_at_has_offset": (
        "{value} carries an offset; `send_at` is the time on the clock, and `timezone` says whose",
        "{value} porte un décalage ; « send_at » est l'heure de l'horloge, et « timezone » dit laquelle",
        "{value} يحمل فارقاً زمنياً؛ «send_at» هو وقت الساعة و«timezone» يحدد أي ساعة",
    ),
    "send_at_invalid": (
        '{value} is no time; write "2027-01-14 09:00" in quotes, or now',
        '{value} n\'est pas une heure ; écrivez "2027-01-14 09:00" entre guillemets, ou now',
        '{value} ليس وقتاً؛ اكتب "2027-01-14 09:00" بين علامتي اقتباس، أو now',
    ),
    "window_too_short": (
        "`{key}` must be at least 15 minutes, or people would be left out for want of a moment",
        "« {key} » doit durer au moins 15 minutes, sinon des gens seraient exclus faute de temps",
        "يجب ألا يقل «{key}» عن 15 دقيقة وإلا استُبعد أشخاص لضيق الوقت",
    ),
    "expires_before_window": (
        "`{key}` must not be shorter than `window`",
        "« {key} » ne doit pas être plus court que « window »",
        "يجب ألا يكون «{key}» أقصر من «window»",
    ),
    "too_many": (
        "`{key}` has more than {most} entries",
        "« {key} » a plus de {most} éléments",
        "«{key}» فيه أكثر من {most} عنصراً",
    ),
    "stop_word_invalid": (
        "{value} cannot be a stop word: write letters or figures, at most {most} characters",
        "{value} ne peut pas être un mot d'arrêt : écrivez des lettres ou des chiffres, {most} caractères au plus",
        "{value} لا يصلح كلمة إيقاف: اكتب حروفاً أو أرقاماً، {most} محرفاً على الأكثر",
    ),
    "guard_unknown": (
        "{value} is no condition that can be watched; write one of: {forms}",
        "{value} n'est pas une condition que l'on peut surveiller ; écrivez l'une de : {forms}",
        "{value} ليس شرطاً يمكن مراقبته؛ اكتب واحداً من: {forms}",
    ),
    "guard_bounds": (
        "{value}: the window must be between 1m and 24h, and the share below 100%",
        "{value} : la fenêtre doit être comprise entre 1m et 24h, et la part inférieure à 100 %",
        "{value}: يجب أن تكون المدة بين 1m و24h والنسبة أقل من 100%",
    ),
    "salt_invalid": (
        "`{key}` is {value}; write 1 to 64 letters, figures, dots, dashes or underscores",
        "« {key} » vaut {value} ; écrivez de 1 à 64 lettres, chiffres, points, tirets ou soulignés",
        "قيمة «{key}» هي {value}؛ اكتب من 1 إلى 64 حرفاً أو رقماً أو نقطة أو شرطة",
    ),
    "salt_changed": (
        "the salt was {before} when run {run} was sent; another one would draw other people: keep it",
        "le sel était {before} à l'envoi de la vague {run} ; un autre tirerait d'autres personnes : gardez-le",
        "كان الملح {before} عند إرسال التشغيل {run}؛ غيره يسحب أشخاصاً آخرين: أبقه",
    ),
    "category_not_allowed": (
        "the policy does not allow {category} messages; it allows {allowed}",
        "la politique n'autorise pas les messages {category} ; elle autorise {allowed}",
        "السياسة لا تسمح برسائل {category}؛ تسمح بـ {allowed}",
    ),
    "wait_too_short": (
        "`{key}` must be at least {least}",
        "« {key} » doit durer au moins {least}",
        "يجب ألا يقل «{key}» عن {least}",
    ),
    "wait_after_expiry": (
        "`{key}` is longer than `delivery.expires`: it could never happen; shorten it or let `expires` be longer",
        "« {key} » dépasse « delivery.expires » : cela n'arriverait jamais ; raccourcissez-le ou allongez « expires »",
        "«{key}» أطول من «delivery.expires» فلن يحدث أبداً؛ قصّره أو أطل «expires»",
    ),
    "quiet_all_day": (
        "quiet hours from and to the same time would be the whole day; nothing could ever be sent",
        "des heures calmes qui commencent et finissent à la même heure couvriraient tout le jour",
        "ساعات الهدوء التي تبدأ وتنتهي في الوقت نفسه تغطي اليوم كله ولن يُرسل شيء",
    ),
    "not_a_date": (
        '`{key}`: {value} is no date; write "2027-02-08" in quotes',
        '« {key} » : {value} n\'est pas une date ; écrivez "2027-02-08" entre guillemets',
        '«{key}»: {value} ليس تاريخاً؛ اكتب "2027-02-08" بين علامتي اقتباس',
    ),
    "dates_reversed": (
        "`{key}`: {last} is before {first}; the dates run from the earlier to the later, both included",
        "« {key} » : {last} précède {first} ; les dates vont de la première à la dernière, incluses",
        "«{key}»: {last} قبل {first}؛ التواريخ من الأقدم إلى الأحدث وكلاهما مشمول",
    ),
    "days_empty": (
        "`{key}` names no day, so nothing could ever be sent; name some or leave it out",
        "« {key} » ne nomme aucun jour : rien ne partirait jamais ; nommez-en ou retirez la clé",
        "«{key}» لا يسمّي أي يوم فلن يُرسل شيء؛ سمِّ أياماً أو احذف المفتاح",
    ),
    "days_without_date": (
        "`{key}` moves the date of `send_at`, and `now` has none; write the date and time",
        "« {key} » déplace la date de « send_at », et « now » n'en a pas ; écrivez la date et l'heure",
        "«{key}» يغيّر تاريخ «send_at» و«now» بلا تاريخ؛ اكتب التاريخ والوقت",
    ),
    "holiday_calendar_unknown": (
        "there is no holiday calendar {value}; write a country such as MA, a part of one such as FR-57, or recipient",
        "il n'y a pas de calendrier de jours fériés {value} ; écrivez un pays comme MA, une région comme FR-57, ou recipient",
        "لا يوجد تقويم عطل باسم {value}؛ اكتب بلداً مثل MA أو جزءاً منه مثل FR-57 أو recipient",
    ),
    "label_invalid": (
        "{value} is no label: a-z, 0-9, - and _, at most 64",
        "{value} n'est pas une étiquette : a-z, 0-9, - et _, 64 au plus",
        "{value} ليس اسم وسم: a-z و0-9 و- و_، 64 على الأكثر",
    ),
    # template and words
    "template_name_invalid": (
        "{value} is no template name: a-z, 0-9 and _",
        "{value} n'est pas un nom de modèle : a-z, 0-9 et _",
        "{value} ليس اسم قالب: a-z و0-9 و_",
    ),
    "language_from_invalid": (
        "`{key}` is {value}; write contact.language, or a language such as fr",
        "« {key} » vaut {value} ; écrivez contact.language, ou une langue comme fr",
        "قيمة «{key}» هي {value}؛ اكتب contact.language أو لغة مثل fr",
    ),
    "fallback_empty": (
        "the fallback `{key}` is empty; write what to say when the value is missing",
        "la solution de repli « {key} » est vide ; écrivez quoi dire quand la valeur manque",
        "النص البديل «{key}» فارغ؛ اكتب ما يقال عند غياب القيمة",
    ),
    "expression_too_long": (
        "the expression is longer than {limit} characters",
        "l'expression dépasse {limit} caractères",
        "التعبير أطول من {limit} حرف",
    ),
    "expression_syntax": (
        "the expression cannot be read: {detail}",
        "l'expression est illisible : {detail}",
        "تعذرت قراءة التعبير: {detail}",
    ),
    "expression_name_unknown": (
        "{name} is not known here; use contact.first_name and the like, or attr.NAME",
        "{name} est inconnu ici ; utilisez contact.first_name et semblables, ou attr.NOM",
        "{name} غير معروف هنا؛ استعمل contact.first_name وأمثاله أو attr.NAME",
    ),
    "expression_filter_unknown": (
        "the filter {name} is not available; title, upper, lower, capitalize, trim, default and date are",
        "le filtre {name} n'existe pas ; il y a title, upper, lower, capitalize, trim, default et date",
        "المرشح {name} غير متاح؛ المتاح title وupper وlower وcapitalize وtrim وdefault وdate",
    ),
    "expression_not_allowed": (
        "only values, filters, `or` and `if … else` are allowed here, not {what}",
        "seuls valeurs, filtres, « or » et « if … else » sont permis ici, pas {what}",
        "المسموح هنا القيم والمرشحات و«or» و«if … else» فقط، وليس {what}",
    ),
    "sender_unknown": (
        "there is no sender {sender} in senders.yaml",
        "senders.yaml n'a pas d'expéditeur {sender}",
        "لا يوجد مرسل باسم {sender} في senders.yaml",
    ),
    "template_unknown": (
        "there is no template {template} in templates/",
        "templates/ n'a pas de modèle {template}",
        "لا يوجد قالب باسم {template} في templates/",
    ),
    "category_differs": (
        "the campaign is {category}, but the template {template} ({language}) is {template_category}: "
        "Meta bills by the template's",
        "la campagne est {category}, mais le modèle {template} ({language}) est {template_category} : "
        "Meta facture selon le modèle",
        "الحملة {category} لكن القالب {template} ({language}) هو {template_category}: تفوتر Meta حسب القالب",
    ),
    "slots_differ": (
        "the template {template} has other slots in {language} than in {other}: {slots}",
        "le modèle {template} n'a pas les mêmes variables en {language} qu'en {other} : {slots}",
        "القالب {template} له متغيرات مختلفة في {language} عنها في {other}: {slots}",
    ),
    "parameters_count": (
        "the template {template} has {wanted} slots; {given} parameters are given",
        "le modèle {template} a {wanted} variables ; {given} paramètres sont donnés",
        "للقالب {template} عدد {wanted} من المتغيرات؛ أُعطي {given}",
    ),
    "parameter_required": (
        "the template {template} needs the parameter {name}",
        "le modèle {template} exige le paramètre {name}",
        "القالب {template} يحتاج المعامل {name}",
    ),
    "parameter_unknown": (
        "the template {template} has no slot {name}",
        "le modèle {template} n'a pas de variable {name}",
        "ليس في القالب {template} متغير باسم {name}",
    ),
    "fallback_required": (
        "the parameter {name} needs a `fallback`: some people will not have the value",
        "le paramètre {name} exige « fallback » : certaines personnes n'auront pas la valeur",
        "المعامل {name} يحتاج «fallback»: بعض الأشخاص لا قيمة لديهم",
    ),
    "button_differs": (
        "button {index} is {kind} here, but {approved} in the approved template {template} ({language})",
        "le bouton {index} est {kind} ici, mais {approved} dans le modèle approuvé {template} ({language})",
        "الزر {index} هنا {kind} لكنه {approved} في القالب المعتمد {template} ({language})",
    ),
    "button_required": (
        "button {index} of the template {template} ({language}) needs a value",
        "le bouton {index} du modèle {template} ({language}) exige une valeur",
        "الزر {index} في القالب {template} ({language}) يحتاج قيمة",
    ),
    "no_stop": (
        "the template {template} ({language}) does not say how to stop; "
        "a marketing message needs a STOP button or a STOP line",
        "le modèle {template} ({language}) ne dit pas comment se désabonner ; "
        "un message marketing exige un bouton ou une ligne STOP",
        "القالب {template} ({language}) لا يذكر كيف يتوقف المستلم؛ الرسالة التسويقية تحتاج زر إيقاف أو سطر إيقاف",
    ),
    "no_last_language": (
        "whoever speaks none of the languages of {template} will be left out; end the chain with a language it has",
        "qui ne parle aucune langue de {template} sera exclu ; terminez la chaîne par une langue qu'il a",
        "من لا يتكلم أياً من لغات {template} سيُستبعد؛ أنهِ السلسلة بلغة متوفرة فيه",
    ),
    "throttle_above_sender": (
        "the sender {sender} sends at most {limit} a second; a higher throttle changes nothing",
        "l'expéditeur {sender} envoie au plus {limit} par seconde ; un débit plus haut ne change rien",
        "المرسل {sender} يرسل {limit} في الثانية على الأكثر؛ حدّ أعلى لا يغير شيئاً",
    ),
}
