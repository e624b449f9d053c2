"""What is said of a stage on AWS: deployed, removed, its secrets. In English, French and Arabic."""

from __future__ import annotations

OF_CHECKS: dict[str, tuple[str, str, str]] = {
    "deploy_python": (
        "Lambda has no runtime for Python {python}: use 3.11 to 3.15",
        "Lambda n'a pas d'environnement pour Python {python} : utilisez 3.11 à 3.15",
        "لا توجد في Lambda بيئة لبايثون {python}: استعملوا 3.11 إلى 3.15",
    ),
    "deploy_pip": (
        "packaging needs pip below 26.3; here it is {pip}",
        "l'empaquetage exige pip avant 26.3 ; ici : {pip}",
        "يتطلب التحزيم إصدار pip أقدم من 26.3؛ الموجود هنا: {pip}",
    ),
    "deploy_chalice": (
        "Chalice, which makes the package, is not installed",
        "Chalice, qui fait le paquet, n'est pas installé",
        "‏Chalice الذي يصنع الحزمة غير مثبت",
    ),
    "deploy_no_region": (
        "no region: name one with --region, or set AWS_REGION",
        "aucune région : nommez-en une avec --region, ou AWS_REGION",
        "لم تُحدَّد منطقة: سمّوها عبر ‎--region أو AWS_REGION",
    ),
    "deploy_region": (
        "{region} is no region of AWS",
        "{region} n'est pas une région d'AWS",
        "‏{region} ليست من مناطق AWS",
    ),
    "deploy_mail": (
        "{mail} is no mail address",
        "{mail} n'est pas une adresse de courriel",
        "‏{mail} ليس عنوان بريد",
    ),
    "deploy_budget_without_mail": (
        "a budget tells nobody without --alarm-mail",
        "un budget ne prévient personne sans --alarm-mail",
        "الميزانية لا تُعلم أحدًا دون ‎--alarm-mail",
    ),
    "deploy_credentials": (
        "AWS does not know who you are: {reason}",
        "AWS ne sait pas qui vous êtes : {reason}",
        "لا يعرف AWS من أنتم: {reason}",
    ),
    "deploy_under_way": (
        "{stack} is being changed by somebody ({status}): wait until that has ended",
        "{stack} est en cours de modification ({status}) : attendez la fin",
        "‏{stack} قيد التغيير الآن ({status}): انتظروا حتى ينتهي",
    ),
    "deploy_stuck": (
        "CloudFormation could not finish with {stack} ({status}): finish it first",
        "CloudFormation n'a pas pu terminer {stack} ({status}) : terminez d'abord",
        "لم يستطع CloudFormation إتمام {stack} ({status}): أتمّوه أولًا",
    ),
    "deploy_concurrency": (
        "the account may run {has} functions at once; {stage} needs {needed} (ask AWS for more: it is free)",
        "le compte exécute {has} fonctions à la fois ; {stage} en veut {needed} (demandez plus : gratuit)",
        "يُسمح للحساب بتشغيل {has} دالة معًا، و{stage} تحتاج {needed} (اطلبوا المزيد من AWS مجانًا)",
    ),
    "deploy_parameter": (
        "the template has no parameter {names}; it has {known}",
        "le modèle n'a pas de paramètre {names} ; il a {known}",
        "لا يحوي القالب المعامل {names}؛ فيه {known}",
    ),
    "deploy_nothing_before": (
        "nothing was deployed to {stage} before what runs now",
        "rien n'a été déployé sur {stage} avant ce qui tourne",
        "لم يُنشر على {stage} شيء قبل ما يعمل الآن",
    ),
    "deploy_loses": (
        "{name} would be {deed}: what is in it would no longer be seen",
        "{name} serait {deed} : son contenu ne serait plus vu",
        "سيصبح {name} {deed}: ولن يُرى ما فيه بعد ذلك",
    ),
    "deploy_not_packaged": (
        "the package could not be made: {reason}",
        "le paquet n'a pas pu être fait : {reason}",
        "تعذر صنع الحزمة: {reason}",
    ),
}
OF_DEPLOYING: dict[str, tuple[str, str, str]] = {
    "deploy_where": (
        "stage {stage}, account {account}, {region}",
        "étape {stage}, compte {account}, {region}",
        "المرحلة {stage}، الحساب {account}، {region}",
    ),
    "deploy_packaging": ("packaging", "empaquetage", "جارٍ التحزيم"),
    "deploy_packaged": ("release {release}", "version {release}", "الإصدار {release}"),
    "deploy_rollback": (
        "back to release {release}, with all tables of now",
        "retour à la version {release}, avec toutes les tables actuelles",
        "العودة إلى الإصدار {release} مع كل الجداول الحالية",
    ),
    "deploy_no_change": (
        "nothing would change: this release runs already",
        "rien ne changerait : cette version tourne déjà",
        "لن يتغير شيء: هذا الإصدار يعمل من قبل",
    ),
    "deploy_dry_run": (
        "nothing was changed; only the packages' bucket has got the package",
        "rien n'a été changé ; seul le compartiment des paquets a reçu le paquet",
        "لم يتغير شيء؛ استلمت حاوية الحزم الحزمة فقط",
    ),
    "deploy_sure": (
        "change {stack} so? [y/N]",
        "modifier ainsi {stack} ? [o/N]",
        "هل نغيّر {stack} هكذا؟ [نعم/لا]",
    ),
    "nobody_to_ask": (
        "nobody is there to be asked",
        "personne n'est là pour répondre",
        "لا يوجد من يُسأل",
    ),
    "not_agreed": (
        "as you wish: nothing was changed",
        "soit : rien n'a été changé",
        "كما تشاؤون: لم يتغير شيء",
    ),
    "deploy_progress": (
        "{done} of {total} resources",
        "{done} ressources sur {total}",
        "‏{done} من {total} من الموارد",
    ),
    "deploy_done": ("{stack} is deployed", "{stack} est déployé", "نُشر {stack}"),
    "deploy_failed": ("it failed", "échec", "فشل"),
    "deploy_end_rolled_back": (
        "CloudFormation has put everything back: the version before still runs",
        "CloudFormation a tout remis en place : la version précédente tourne toujours",
        "أعاد CloudFormation كل شيء إلى ما كان: لا يزال الإصدار السابق يعمل",
    ),
    "deploy_end_never_made": (
        "nothing is deployed: what had been made was removed again. Mend it and deploy once more",
        "rien n'est déployé : ce qui avait été créé est retiré. Corrigez et redéployez",
        "لم يُنشر شيء: أُزيل ما كان قد أُنشئ. أصلحوا السبب وانشروا من جديد",
    ),
    "deploy_end_done": (
        "nothing was changed: what ran before runs on",
        "rien n'a été changé : ce qui tournait tourne toujours",
        "لم يتغير شيء: ما كان يعمل لا يزال يعمل",
    ),
    "deploy_end_absent": ("nothing is deployed", "rien n'est déployé", "لم يُنشر شيء"),
    "deploy_end_under_way": (
        "CloudFormation is still at work: look at it again in some minutes",
        "CloudFormation travaille encore : regardez dans quelques minutes",
        "لا يزال CloudFormation يعمل: انظروا بعد دقائق",
    ),
    "deploy_end_stuck": (
        "CloudFormation could not go back either: see what it says of the stack before anything else",
        "CloudFormation n'a pas pu revenir en arrière : voyez d'abord ce qu'il dit de la pile",
        "لم يستطع CloudFormation العودة أيضًا: انظروا أولًا ما يقوله عن الحزمة",
    ),
    "deploy_more": ("and {count} more", "et {count} autres", "و{count} غيرها"),
    "deploy_added": ("added", "ajouté", "يُضاف"),
    "deploy_changed": ("changed", "modifié", "يُغيَّر"),
    "deploy_replaced": ("replaced", "remplacé", "يُستبدل"),
    "deploy_perhaps_replaced": ("perhaps replaced", "peut-être remplacé", "ربما يُستبدل"),
    "deploy_removed": ("removed", "retiré", "يُزال"),
    "deploy_taken_over": ("taken over as it is", "repris tel quel", "يؤخذ كما هو"),
    "deploy_kind_table": ("tables", "tables", "جداول"),
    "deploy_kind_bucket": ("bucket", "compartiment", "حاوية"),
    "deploy_kind_secret": ("secret", "secret", "سر"),
    "deploy_kind_queue": ("queues", "files", "طوابير"),
    "deploy_kind_function": ("functions", "fonctions", "دوال"),
    "deploy_kind_feed": (
        "feeds of functions from queues",
        "alimentations de fonctions",
        "تغذية دوال من طوابير",
    ),
    "deploy_kind_permission": ("permissions", "permissions", "أذونات"),
    "deploy_kind_role": ("roles", "rôles", "أدوار"),
    "deploy_kind_alarm": ("alarms", "alarmes", "إنذارات"),
    "deploy_kind_metric": ("metrics of the log", "métriques du journal", "مقاييس السجل"),
    "deploy_kind_timer": ("timers", "minuteries", "مؤقتات"),
    "deploy_kind_api": ("API", "API", "واجهة API"),
    "deploy_kind_pool": ("people who sign in", "personnes qui se connectent", "من يسجلون الدخول"),
    "deploy_token": (
        "the admin's token; it is shown only now, keep it:",
        "le jeton d'administration ; il n'est montré que maintenant, gardez-le :",
        "رمز المدير؛ لا يُعرض إلا الآن فاحفظوه:",
    ),
    "deploy_api": ("API: {url}", "API : {url}", "الواجهة: {url}"),
    "deploy_meta": (
        "Meta's console, WhatsApp → Configuration → Webhook:\n  callback URL: {url}\n"
        "  verify token: WHATSAPP_VERIFY_TOKEN in what this prints: {command}\n  subscribe to: {fields}",
        "console de Meta, WhatsApp → Configuration → Webhook :\n  URL de rappel : {url}\n"
        "  jeton de vérification : WHATSAPP_VERIFY_TOKEN, qu'affiche : {command}\n  s'abonner à : {fields}",
        "لوحة Meta، ‏WhatsApp ← Configuration ← Webhook:\n  عنوان النداء: {url}\n"
        "  رمز التحقق: WHATSAPP_VERIFY_TOKEN مما يطبعه: {command}\n  الحقول المطلوبة: {fields}",
    ),
    "smoke_yes": ("yes", "oui", "نعم"),
    "smoke_no": ("NO", "NON", "لا"),
    "smoke_health": ("the API answers", "l'API répond", "الواجهة تجيب"),
    "smoke_release": (
        "what answers is the release that was deployed",
        "ce qui répond est la version déployée",
        "ما يجيب هو الإصدار المنشور",
    ),
    "smoke_closed": (
        "the API is closed without a token",
        "l'API est fermée sans jeton",
        "الواجهة مغلقة دون رمز",
    ),
    "smoke_token": ("the API opens with the token", "l'API s'ouvre avec le jeton", "تفتح الواجهة بالرمز"),
    "smoke_handshake": (
        "the webhook answers Meta's verification",
        "le webhook répond à la vérification de Meta",
        "يجيب الويبهوك على تحقق Meta",
    ),
    "smoke_unsigned": (
        "the webhook refuses what is not signed",
        "le webhook refuse ce qui n'est pas signé",
        "يرفض الويبهوك ما ليس موقّعًا",
    ),
    "smoke_failed": (
        "it is deployed, but does not answer as it should",
        "c'est déployé, mais ne répond pas comme il faut",
        "نُشر، لكنه لا يجيب كما ينبغي",
    ),
}
OF_DESTROYING: dict[str, tuple[str, str, str]] = {
    "destroy_nothing": (
        "nothing is deployed as {stage} in {region}",
        "rien n'est déployé comme {stage} dans {region}",
        "لا شيء منشور باسم {stage} في {region}",
    ),
    "destroy_broadcast": (
        "{broadcast} has not ended: its people would hear nothing more",
        "{broadcast} n'est pas terminé : ses destinataires ne recevraient plus rien",
        "لم ينته {broadcast}: لن يصل إلى ناسه شيء بعد ذلك",
    ),
    "destroy_messages": (
        "about {count} messages wait on {queue}; they would be gone",
        "environ {count} messages attendent sur {queue} ; ils seraient perdus",
        "نحو {count} رسالة تنتظر في {queue}؛ وستضيع",
    ),
    "destroy_dead": (
        "about {count} dead letters of {queue} were not looked at; they would be gone",
        "environ {count} lettres mortes de {queue} n'ont pas été vues ; elles seraient perdues",
        "نحو {count} رسالة ميتة من {queue} لم يُنظر فيها؛ وستضيع",
    ),
    "destroy_even": (
        "to remove it all the same, say so",
        "pour le retirer tout de même, dites-le",
        "لإزالتها رغم ذلك، صرّحوا به",
    ),
    "destroy_keeps": (
        "these stay, with what is in them (items as AWS last counted them):",
        "ceci reste, avec son contenu (éléments au dernier compte d'AWS) :",
        "تبقى هذه بما فيها (العناصر حسب آخر عدّ لدى AWS):",
    ),
    "destroy_type": (
        "functions, queues, schedules, alarms and the log go. Type {stage} to go on:",
        "fonctions, files, planifications, alarmes et journal partent. Tapez {stage} pour continuer :",
        "ستُزال الدوال والطوابير والمواعيد والإنذارات والسجل. اكتبوا {stage} للمتابعة:",
    ),
    "destroy_nobody": (
        "nobody is there to type the stage's name",
        "personne n'est là pour taper le nom de l'étape",
        "لا يوجد من يكتب اسم المرحلة",
    ),
    "destroy_progress": ("{done} resources gone", "{done} ressources retirées", "أُزيل {done} من الموارد"),
    "destroy_done": ("{stack} is removed", "{stack} est retiré", "أُزيل {stack}"),
    "destroy_by_hand": (
        "what was kept goes by hand, for good:",
        "ce qui est gardé se retire à la main, sans retour :",
        "ما بقي يُزال يدويًا ولا رجعة فيه:",
    ),
    "destroy_again": (
        "or comes back as it is with: carillon deploy --stage {stage}",
        "ou revient tel quel avec : carillon deploy --stage {stage}",
        "أو يعود كما هو عبر: carillon deploy --stage {stage}",
    ),
}
OF_SECRETS: dict[str, tuple[str, str, str]] = {
    "secret_unknown": (
        "nothing reads a secret called {name}; known are {known} and CARILLON_WEBHOOK_NAME_SECRET",
        "rien ne lit un secret {name} ; connus : {known} et CARILLON_WEBHOOK_NAME_SECRET",
        "لا شيء يقرأ سرًا باسم {name}؛ المعروف: {known} وCARILLON_WEBHOOK_NAME_SECRET",
    ),
    "secret_value": (
        "a value is one line of 1 to {most} characters",
        "une valeur est une ligne de 1 à {most} caractères",
        "القيمة سطر واحد من 1 إلى {most} حرفًا",
    ),
    "secret_prompt": ("{name} (not shown):", "{name} (non affiché) :", "‏{name} (لا يُعرض):"),
    "secret_set": (
        "{name} is written; the functions know it within five minutes",
        "{name} est écrit ; les fonctions le connaissent en cinq minutes",
        "كُتب {name}؛ تعرفه الدوال خلال خمس دقائق",
    ),
    "secret_old_kept": (
        "webhooks signed with the one before count too; a day later: {command}",
        "les webhooks signés avec le précédent comptent aussi ; un jour après : {command}",
        "تُقبل أيضًا الويبهوكات الموقعة بالسابق؛ وبعد يوم: {command}",
    ),
    "secret_old_gone": (
        "only the present app secret counts from now on",
        "seul le secret d'application actuel compte désormais",
        "السر الحالي وحده ساري من الآن",
    ),
    "secret_no_old": (
        "there was no other: only the present app secret counts",
        "il n'y en avait pas d'autre : seul l'actuel compte",
        "لم يكن هناك غيره: الحالي وحده ساري",
    ),
    "secret_there": ("there", "présent", "موجود"),
    "secret_empty": ("EMPTY", "VIDE", "فارغ"),
    "secret_none": (
        "{stage} has no secret: it was never deployed here",
        "{stage} n'a pas de secret : elle n'a jamais été déployée ici",
        "ليس لـ {stage} سر: لم تُنشر هنا قط",
    ),
}
TEXTS = {**OF_CHECKS, **OF_DEPLOYING, **OF_DESTROYING, **OF_SECRETS}
