"""Refusals of plans, launches and orders, warnings of plans, and what requests get wrong."""

from __future__ import annotations

Texts = tuple[str, str, str]

TABLE: dict[str, Texts] = {
    # plans
    "event_name": (
        "{event} is no name of an event: write it like order_paid, with small letters, digits and _",
        "{event} n'est pas un nom d'événement : écrivez par exemple order_paid, en minuscules, chiffres et _",
        "{event} ليس اسم حدث: اكتبه مثل order_paid بحروف لاتينية صغيرة وأرقام و_",
    ),
    "event_key": (
        "an event needs a key of 1 to {most} characters, by which it is kept once however often it is told",
        "un événement a besoin d'une clé de 1 à {most} caractères, pour n'être gardé qu'une fois",
        "يحتاج الحدث إلى مفتاح من 1 إلى {most} حرفًا كي يُحفظ مرة واحدة مهما تكرر",
    ),
    "event_in_future": (
        "the event {event} is dated in the future; check the sender's clock or leave `at` out",
        "l'événement {event} est daté dans le futur ; vérifiez l'horloge de l'émetteur ou omettez `at`",
        "تاريخ الحدث {event} في المستقبل؛ تحقق من ساعة المرسل أو احذف `at`",
    ),
    "too_many_events": (
        "a person has at most {most} different events; use fewer names",
        "une personne a au plus {most} événements différents ; utilisez moins de noms",
        "للشخص {most} حدثًا مختلفًا على الأكثر؛ استخدم أسماء أقل",
    ),
    "queue_unknown": (
        "there is no queue {queue}; there are {known}",
        "la file {queue} n'existe pas ; il y a {known}",
        "لا يوجد طابور باسم {queue}؛ الموجود: {known}",
    ),
    "campaign_unknown": (
        "there is no campaign {campaign}; upload its file first",
        "il n'y a pas de campagne {campaign} ; déposez d'abord son fichier",
        "لا توجد حملة باسم {campaign}؛ ارفع ملفها أولاً",
    ),
    "plan_unknown": (
        "no plan has the hash {hash}; plan the campaign and use the hash it prints",
        "aucun plan n'a l'empreinte {hash} ; planifiez la campagne et utilisez l'empreinte affichée",
        "لا توجد خطة بالبصمة {hash}؛ خطط الحملة واستعمل البصمة الظاهرة",
    ),
    "plan_not_sealed": (
        "the plan {hash} is not sealed; wait for it, or see why it failed",
        "le plan {hash} n'est pas scellé ; attendez-le, ou voyez pourquoi il a échoué",
        "الخطة {hash} غير مختومة؛ انتظرها أو انظر سبب فشلها",
    ),
    "plan_part_missing": (
        "a part of the plan is missing in the store ({part}); plan again",
        "une partie du plan manque dans le stockage ({part}) ; planifiez à nouveau",
        "جزء من الخطة مفقود من المخزن ({part})؛ خطط من جديد",
    ),
    "limit_exceeded": (
        "{planned} people would be planned, above the limit of {limit}; narrow the segment or raise audience.limit",
        "{planned} personnes seraient planifiées, au-delà de la limite de {limit} ; "
        "réduisez le segment ou relevez audience.limit",
        "سيُخطط لـ {planned} شخص أي أكثر من الحد {limit}؛ ضيّق المقطع أو ارفع audience.limit",
    ),
    "past_people": (
        "for {people} people the window has closed already; choose a later send_at, or say `past:`",
        "pour {people} personnes la fenêtre est déjà fermée ; choisissez un send_at plus tardif, ou « past: »",
        "انتهت المهلة لـ {people} شخص؛ اختر send_at لاحقاً أو حدّد «past:»",
    ),
    "no_country_share": (
        "{people} people ({share}) have neither a time zone nor a country, above {max_share}; "
        "complete the book or say `unknown_timezone:`",
        "{people} personnes ({share}) n'ont ni fuseau ni pays, plus que {max_share} ; "
        "complétez le carnet ou précisez « unknown_timezone: »",
        "{people} شخص ({share}) بلا منطقة زمنية ولا بلد، أكثر من {max_share}؛ أكمل الدفتر أو حدّد «unknown_timezone:»",
    ),
    "language_missing_people": (
        "{people} people would need the template in {language}, which does not exist (for example {example}); "
        "add it, or extend template.language.chain",
        "{people} personnes auraient besoin du modèle en {language}, qui n'existe pas (par exemple {example}) ; "
        "ajoutez-le, ou complétez template.language.chain",
        "{people} شخص يحتاجون القالب بلغة {language} وهي غير موجودة (مثلاً {example})؛ "
        "أضفها أو وسّع template.language.chain",
    ),
    "nobody_planned": (
        "nobody would be messaged ({audience} people in the audience); see who was excluded and why",
        "personne ne serait contacté ({audience} personnes dans l'audience) ; voyez qui est exclu et pourquoi",
        "لن تصل الرسالة لأحد ({audience} في الجمهور)؛ انظر من استُبعد ولماذا",
    ),
    "plan_stale_definition": (
        "{campaign} was changed after this plan (version {planned}, now {latest}); plan again",
        "{campaign} a changé depuis ce plan (version {planned}, maintenant {latest}) ; planifiez à nouveau",
        "تغيرت {campaign} بعد هذه الخطة (النسخة {planned} والآن {latest})؛ خطط من جديد",
    ),
    "plan_stale_age": (
        "this plan was sealed at {sealed}, more than {hours} hours ago; plan again",
        "ce plan a été scellé à {sealed}, il y a plus de {hours} heures ; planifiez à nouveau",
        "خُتمت هذه الخطة في {sealed} قبل أكثر من {hours} ساعة؛ خطط من جديد",
    ),
    "plan_stale_tzdata": (
        "the time zone data changed ({was}, now {now}); plan again",
        "les données de fuseaux ont changé ({was}, maintenant {now}) ; planifiez à nouveau",
        "تغيرت بيانات المناطق الزمنية ({was} والآن {now})؛ خطط من جديد",
    ),
    "plan_stale_zones": (
        "newer time zone data ({was}, now {now}) move the hour of people in {zones}; cancel it and plan again",
        "de nouvelles données de fuseaux ({was}, maintenant {now}) déplacent l'heure des gens de {zones} ; "
        "annulez puis planifiez à nouveau",
        "بيانات المناطق الزمنية الأحدث ({was} والآن {now}) تنقل ساعة من هم في {zones}؛ ألغِ ثم خطط من جديد",
    ),
    "plan_stale_countries": (
        "the country rules changed; plan again",
        "les règles par pays ont changé ; planifiez à nouveau",
        "تغيرت قواعد البلدان؛ خطط من جديد",
    ),
    "plan_stale_policy": (
        "policy.yaml changed after this plan; plan again",
        "policy.yaml a changé depuis ce plan ; planifiez à nouveau",
        "تغير policy.yaml بعد هذه الخطة؛ خطط من جديد",
    ),
    "plan_stale_template": (
        "a template of this plan changed; plan again",
        "un modèle de ce plan a changé ; planifiez à nouveau",
        "تغير قالب في هذه الخطة؛ خطط من جديد",
    ),
    "plan_stale_sender": (
        "the sender's settings changed after this plan; plan again",
        "les réglages de l'expéditeur ont changé depuis ce plan ; planifiez à nouveau",
        "تغيرت إعدادات المرسل بعد هذه الخطة؛ خطط من جديد",
    ),
    "plan_past_safe_launch": (
        "the last safe launch was {last}; somebody's window has closed since; plan again",
        "le dernier lancement sûr était {last} ; la fenêtre de quelqu'un s'est fermée ; planifiez à nouveau",
        "آخر موعد آمن للإطلاق كان {last} وقد أُغلقت مهلة أحدهم؛ خطط من جديد",
    ),
    # warnings of plans
    "holdout_too_small": (
        "{people} people are held out; with fewer than {least} a difference proves nothing",
        "{people} personnes sont mises de côté ; avec moins de {least}, un écart ne prouve rien",
        "{people} شخص مستثنون للمقارنة؛ بأقل من {least} لا يثبت الفرق شيئاً",
    ),
    "resend_may_double": (
        "calls that stay unanswered for {hours} hours are made again: some people may get the message twice",
        "les envois restés sans réponse pendant {hours} heures seront refaits : certains pourraient recevoir deux fois"
        " le message",
        "الإرسالات التي تبقى بلا جواب {hours} ساعة ستعاد: قد يتلقى بعض الأشخاص الرسالة مرتين",
    ),
    "re_permission_people": (
        "{people} people without consent will be put on the list “re-permission” at launch; they get no WhatsApp"
        " message",
        "{people} personnes sans consentement seront mises sur la liste « re-permission » au lancement ; elles ne"
        " reçoivent aucun message WhatsApp",
        "سيضاف {people} شخص بلا موافقة إلى قائمة «re-permission» عند الإطلاق، ولن تصلهم أي رسالة واتساب",
    ),
    "segment_campaign_unknown": (
        "the segment asks for the campaign {campaign}, which was never stored here: nobody ever got it",
        "le segment interroge la campagne {campaign}, jamais enregistrée ici : personne ne l'a reçue",
        "تسأل الشريحة عن الحملة {campaign} التي لم تُحفظ هنا قط: لم يتلقها أحد",
    ),
    "some_excluded_consent": (
        "{people} people are left out for want of consent",
        "{people} personnes sont exclues faute de consentement",
        "{people} شخص مستبعدون لعدم وجود موافقة",
    ),
    "late_but_open": (
        "for {people} people the hour has come already and the window is open: they get it at once",
        "pour {people} personnes l'heure est déjà passée mais la fenêtre est ouverte : envoi immédiat",
        "حان الوقت لـ {people} شخص والمهلة مفتوحة: تصلهم فوراً",
    ),
    "zone_by_default": (
        "for {people} people the zone is their country's main one",
        "pour {people} personnes le fuseau est le principal de leur pays",
        "المنطقة الزمنية لـ {people} شخص هي الرئيسية في بلدهم",
    ),
    "quiet_hours_defer": (
        "{people} people would be in their quiet hours: they get it when those end",
        "{people} personnes seraient dans leurs heures calmes : envoi à leur fin",
        "{people} شخص في ساعات هدوئهم: تصلهم عند انتهائها",
    ),
    "quiet_hours_exclude": (
        "{people} people would be in their quiet hours until after the deadline: they will not get it",
        "{people} personnes seraient en heures calmes jusqu'après l'échéance : elles ne le recevront pas",
        "{people} شخص في ساعات هدوئهم حتى بعد الموعد النهائي: لن تصلهم",
    ),
    "day_moved": (
        "for {people} people the day is not allowed where they are: they get it on the next one that is",
        "pour {people} personnes le jour n'est pas permis chez elles : envoi le premier jour qui l'est",
        "اليوم غير مسموح به لـ {people} شخص حيث هم: تصلهم في أول يوم مسموح",
    ),
    "holidays_unknown": (
        "for {people} people no holiday calendar of their country is known: no day counts as a holiday for them",
        "pour {people} personnes aucun calendrier de jours fériés n'est connu : aucun jour ne compte comme férié",
        "لا يُعرف تقويم عطل لبلد {people} شخص: لا يُعد أي يوم عطلة لهم",
    ),
    "include_unknown": (
        "{people} of the people named under `include` are not in the book, such as {example}; none is created",
        "{people} des personnes nommées sous « include » ne sont pas dans le carnet, comme {example} ; aucune n'est créée",
        "{people} من الأشخاص المذكورين في «include» ليسوا في السجل، مثل {example}؛ ولا يُنشأ أحد",
    ),
    "last_send_after_window": (
        "{people} people cannot be reached inside the window at this sender's rate (the last at {last_send}); "
        "widen `window`, or spread the campaign",
        "{people} personnes ne peuvent être jointes dans la fenêtre à ce débit (la dernière à {last_send}) ; "
        "élargissez « window », ou étalez la campagne",
        "لا يمكن الوصول إلى {people} شخص ضمن المهلة بسرعة هذا المرسل (آخرهم في {last_send})؛ وسّع «window» أو وزّع الحملة",
    ),
    "tier_too_small": (
        "{people} people in 24 hours is more than the portfolio's tier of {tier}; some will wait or be left out",
        "{people} personnes en 24 heures dépassent le palier du portefeuille ({tier}) ; certaines attendront ou seront exclues",
        "{people} شخص خلال 24 ساعة أكثر من حد المحفظة {tier}؛ سينتظر بعضهم أو يُستبعد",
    ),
    "parameter_missing_people": (
        "{people} people are left out: a value is missing and there is no fallback; for instance {example}",
        "{people} personnes sont exclues : une valeur manque, sans solution de repli ; par exemple {example}",
        "{people} شخص مستبعدون: قيمة ناقصة بلا نص بديل؛ مثلاً {example}",
    ),
    "parameter_invalid_people": (
        "{people} people are left out: a value cannot be sent; for instance {example}",
        "{people} personnes sont exclues : une valeur n'est pas envoyable ; par exemple {example}",
        "{people} شخص مستبعدون: قيمة لا يمكن إرسالها؛ مثلاً {example}",
    ),
    # launches and orders
    "template_not_approved": (
        "the template {template} in {language} is {status}; wait for APPROVED, then update templates/",
        "le modèle {template} en {language} est {status} ; attendez APPROVED, puis mettez templates/ à jour",
        "القالب {template} بلغة {language} حالته {status}؛ انتظر APPROVED ثم حدّث templates/",
    ),
    "sender_without_token": (
        "there is no WHATSAPP_TOKEN for {sender}; set it in the environment or in secrets.env",
        "il n'y a pas de WHATSAPP_TOKEN pour {sender} ; réglez-le dans l'environnement ou dans secrets.env",
        "لا يوجد WHATSAPP_TOKEN للمرسل {sender}؛ اضبطه في البيئة أو في secrets.env",
    ),
    "run_already_launched": (
        "run {run} of {campaign} was started with another plan; `plan --again` makes the next run",
        "le passage {run} de {campaign} a été lancé avec un autre plan ; « plan --again » crée le suivant",
        "أُطلقت الدورة {run} من {campaign} بخطة أخرى؛ «plan --again» ينشئ الدورة التالية",
    ),
    "broadcast_unknown": (
        "there is no broadcast {broadcast}; `carillon status` lists them",
        "il n'y a pas d'envoi {broadcast} ; « carillon status » les liste",
        "لا يوجد بث {broadcast}؛ «carillon status» يعرض القائمة",
    ),
    "broadcast_ended": (
        "{broadcast} has ended ({state})",
        "{broadcast} est terminé ({state})",
        "انتهى {broadcast} ({state})",
    ),
    "broadcast_wrong_state": (
        "{broadcast} is {state}; this cannot be done now",
        "{broadcast} est {state} ; impossible maintenant",
        "حالة {broadcast} هي {state}؛ لا يمكن ذلك الآن",
    ),
    # people
    "contact_erased": (
        "this person was erased on request on {at}: nothing is known of them any more",
        "cette personne a été effacée à sa demande le {at} : on ne sait plus rien d'elle",
        "حُذفت بيانات هذا الشخص بطلب منه في {at}: لم يعد يُعرف عنه شيء",
    ),
    "contact_unknown": (
        "nobody in the book is {contact}; give an id, a phone number with its +, or an external id",
        "personne dans le carnet n'est {contact} ; donnez un id, un numéro avec +, ou un identifiant externe",
        "لا أحد في الدفتر باسم {contact}؛ أعطِ المعرّف أو الرقم مع + أو المعرّف الخارجي",
    ),
    "language_missing_for": (
        "the template has no language for {contact}",
        "le modèle n'a pas de langue pour {contact}",
        "ليس في القالب لغة تناسب {contact}",
    ),
    "test_unfilled": (
        "the message cannot be filled for this person: {reason} ({saw})",
        "le message ne peut être rempli pour cette personne : {reason} ({saw})",
        "تعذر ملء الرسالة لهذا الشخص: {reason} ({saw})",
    ),
    "phone_invalid": (
        "{value} is no phone number ({reason}); write it with + and the country code",
        "{value} n'est pas un numéro ({reason}) ; écrivez-le avec + et l'indicatif du pays",
        "{value} ليس رقم هاتف ({reason})؛ اكتبه مع + ورمز البلد",
    ),
    "cursor_unknown": (
        "{value} is no place in the book; begin without it",
        "{value} n'est pas une position dans le carnet ; commencez sans lui",
        "{value} ليس موضعًا في الدفتر؛ ابدأ من دونه",
    ),
    "import_without_journal": (
        "the import {batch} was made before imports could be undone",
        "l'import {batch} date d'avant l'annulation des imports",
        "الاستيراد {batch} سابق لإمكانية التراجع عن الاستيراد",
    ),
    "import_unknown": (
        "there is no import {batch}",
        "il n'y a pas d'import {batch}",
        "لا توجد دفعة استيراد {batch}",
    ),
    "country_unknown": (
        "{value} is no country; write two letters, such as MA",
        "{value} n'est pas un pays ; écrivez deux lettres, comme MA",
        "{value} ليس بلداً؛ اكتب حرفين مثل MA",
    ),
    # requests
    "body_not_json": (
        "the request's body must be a JSON object",
        "le corps de la requête doit être un objet JSON",
        "يجب أن يكون متن الطلب كائن JSON",
    ),
    "field_missing": (
        "the field `{field}` is missing or no text",
        "le champ « {field} » manque ou n'est pas un texte",
        "الحقل «{field}» ناقص أو ليس نصاً",
    ),
    "instant_invalid": (
        "{value} is no instant; write 2027-01-14T09:00:00Z",
        "{value} n'est pas un instant ; écrivez 2027-01-14T09:00:00Z",
        "{value} ليس لحظة زمنية؛ اكتب 2027-01-14T09:00:00Z",
    ),
    "token_wrong": (
        "the token is missing or wrong; set CARILLON_TOKEN to the server's",
        "le jeton manque ou est faux ; donnez à CARILLON_TOKEN celui du serveur",
        "الرمز ناقص أو خاطئ؛ اضبط CARILLON_TOKEN على رمز الخادم",
    ),
    "signature_wrong": (
        "the signature does not fit the app secret",
        "la signature ne correspond pas au secret de l'application",
        "التوقيع لا يطابق سر التطبيق",
    ),
    "verify_token_wrong": (
        "the verify token is not WHATSAPP_VERIFY_TOKEN",
        "le jeton de vérification n'est pas WHATSAPP_VERIFY_TOKEN",
        "رمز التحقق ليس WHATSAPP_VERIFY_TOKEN",
    ),
    "webhook_secret_missing": (
        "WHATSAPP_APP_SECRET is not set, so no webhook can be trusted",
        "WHATSAPP_APP_SECRET n'est pas réglé : aucun webhook n'est digne de confiance",
        "لم يُضبط WHATSAPP_APP_SECRET فلا يمكن الوثوق بأي webhook",
    ),
    "too_much_contention": (
        "too many changes at once; try again",
        "trop de changements à la fois ; réessayez",
        "تغييرات كثيرة في آن واحد؛ أعد المحاولة",
    ),
}
