"""Problems of senders.yaml, policy.yaml, templates, variables, and the home itself."""

from __future__ import annotations

Texts = tuple[str, str, str]

TABLE: dict[str, Texts] = {
    "senders_missing": (
        "{file} is missing: it names the WhatsApp numbers to send from; set CARILLON_CAMPAIGNS or create it",
        "{file} manque : il nomme les numéros WhatsApp d'envoi ; réglez CARILLON_CAMPAIGNS ou créez-le",
        "الملف {file} غير موجود: فيه أرقام واتساب المرسلة؛ اضبط CARILLON_CAMPAIGNS أو أنشئه",
    ),
    "not_an_id": (
        "`{key}` is {value}; copy the number that Meta's console shows, in quotes",
        "« {key} » vaut {value} ; copiez le numéro affiché par la console de Meta, entre guillemets",
        "قيمة «{key}» هي {value}؛ انسخ الرقم الظاهر في لوحة Meta بين علامتي اقتباس",
    ),
    "not_a_url": (
        "`{key}` is {value}; it must begin with https://",
        "« {key} » vaut {value} ; il doit commencer par https://",
        "قيمة «{key}» هي {value}؛ يجب أن تبدأ بـ https://",
    ),
    "not_a_header": (
        "`{key}` is {value}; it must be the name of an HTTP header",
        "« {key} » vaut {value} ; ce doit être le nom d'un en-tête HTTP",
        "قيمة «{key}» هي {value}؛ يجب أن تكون اسم ترويسة HTTP",
    ),
    "tiers_differ": (
        "the senders of portfolio {portfolio} must have one tier: Meta counts them together",
        "les expéditeurs du portefeuille {portfolio} doivent avoir le même palier : Meta les compte ensemble",
        "يجب أن يكون لمرسلي المحفظة {portfolio} حد واحد: تحسبهم Meta معاً",
    ),
    "not_json": ("this is not JSON: {detail}", "ce n'est pas du JSON : {detail}", "هذا ليس JSON: {detail}"),
    "template_not_an_object": (
        "a template file holds one object, as Graph lists it",
        "un fichier de modèle contient un objet, tel que Graph le liste",
        "ملف القالب يحتوي كائناً واحداً كما تعرضه Graph",
    ),
    "template_field_missing": (
        "the template has no `{key}`",
        "le modèle n'a pas de « {key} »",
        "القالب ليس فيه «{key}»",
    ),
    "template_header_not_available": (
        "headers of format {format} cannot be filled; text, image, video and document can",
        "les en-têtes de format {format} ne peuvent pas être remplis ; text, image, video et document le peuvent",
        "لا يمكن ملء الترويسات من نوع {format}؛ المتاح text وimage وvideo وdocument",
    ),
    "setting_not_seconds": (
        "the variable {name} must be whole seconds, at most 3600",
        "la variable {name} doit être un nombre entier de secondes, 3600 au plus",
        "المتغير {name} يجب أن يكون عددًا صحيحًا من الثواني، 3600 على الأكثر",
    ),
    "setting_not_tasks": (
        "the variable {name} must be a whole number from 1 to {most}",
        "la variable {name} doit être un nombre entier de 1 à {most}",
        "المتغير {name} يجب أن يكون عددًا صحيحًا من 1 إلى {most}",
    ),
    "setting_missing": (
        "the variable {name} is not set; the deployment's infrastructure sets it",
        "la variable {name} n'est pas définie ; c'est l'infrastructure du déploiement qui la définit",
        "المتغير {name} غير معيَّن؛ البنية التحتية للنشر هي التي تعيّنه",
    ),
    "zone_files_elsewhere": (
        "{name} points to other time zone files than those that Carillon brings and plans are sealed with; unset it",
        "{name} désigne d'autres fichiers de fuseaux que ceux de Carillon, avec lesquels les plans sont scellés ; retirez-la",
        "يشير {name} إلى ملفات مناطق زمنية غير التي يحملها Carillon وتُختم بها الخطط؛ ألغِ ضبطه",
    ),
    "setting_not_a_url": (
        "the variable {name} must begin with http:// or https://",
        "la variable {name} doit commencer par http:// ou https://",
        "يجب أن يبدأ المتغير {name} بـ http:// أو https://",
    ),
    "secrets_readable": (
        "{path} may be read by others; run: chmod 600 {path}",
        "{path} est lisible par d'autres ; exécutez : chmod 600 {path}",
        "يمكن لغيرك قراءة {path}؛ نفّذ: chmod 600 {path}",
    ),
    "home_locked": (
        "another worker already works on {path}; stop it first, or choose another --home",
        "un autre processus travaille déjà sur {path} ; arrêtez-le, ou choisissez un autre --home",
        "عملية أخرى تعمل على {path}؛ أوقفها أولاً أو اختر --home آخر",
    ),
    "home_newer": (
        "{path} was written by a newer Carillon (format {version}); update Carillon",
        "{path} a été écrit par un Carillon plus récent (format {version}) ; mettez Carillon à jour",
        "كُتب {path} بنسخة أحدث من Carillon (الصيغة {version})؛ حدّث Carillon",
    ),
    "home_older_worked": (
        "{path} is of an older version (format {version}) and somebody works on it: stop that `carillon up`, "
        "or wait while another process brings it up to date",
        "{path} est d'une version plus ancienne (format {version}) et un processus y travaille : arrêtez ce "
        "« carillon up », ou attendez si un autre processus le met à jour",
        "{path} من نسخة أقدم (الصيغة {version}) وثمة عملية تعمل عليه: أوقف «carillon up» تلك، أو انتظر حتى ينتهي تحديثه",
    ),
    "home_closed": ("{path} is closed already", "{path} est déjà fermé", "{path} مغلق"),
    "home_unwritable": (
        "{path} cannot be written ({detail}); check its owner and mode",
        "{path} n'est pas inscriptible ({detail}) ; vérifiez son propriétaire et ses droits",
        "تعذرت الكتابة في {path} ({detail})؛ تحقق من المالك والصلاحيات",
    ),
    "aws_unavailable": (
        "{service} cannot be used now ({detail}); nothing was lost, and work goes on by itself when it answers",
        "{service} est indisponible ({detail}) ; rien n'est perdu, tout reprend seul dès qu'il répond",
        "الخدمة {service} غير متاحة الآن ({detail})؛ لم يُفقد شيء، ويستأنف العمل تلقائيًا حين تستجيب",
    ),
    "setting_not_events": (
        "{name} does not say who is told; write webhook:NAME, on one machine log, on AWS bus:NAME, or leave it out",
        "{name} ne dit pas à qui annoncer ; écrivez webhook:NOM, sur une machine log, sur AWS bus:NOM, ou rien",
        "لا يقول {name} من يُبلَّغ؛ اكتب webhook:NAME، أو log على جهاز واحد، أو bus:NAME على AWS، أو احذفه",
    ),
    "disk_full": (
        "the disk of {path} is full; free some room: nothing was lost, and work goes on by itself",
        "le disque de {path} est plein ; libérez de la place : rien n'est perdu, le travail reprendra seul",
        "امتلأ قرص {path}؛ أفرغ مساحة: لم يضع شيء وسيستأنف العمل وحده",
    ),
    "database_locked": (
        "another program holds the database of {path}; close it and try again",
        "un autre programme tient la base de {path} ; fermez-le et réessayez",
        "برنامج آخر يمسك قاعدة بيانات {path}؛ أغلقه وأعد المحاولة",
    ),
    "database_damaged": (
        "the database of {path} is damaged ({detail}); restore a copy",
        "la base de {path} est endommagée ({detail}) ; restaurez une copie",
        "قاعدة بيانات {path} تالفة ({detail})؛ استعد نسخة",
    ),
    "port_in_use": (
        "port {port} on {host} is in use; choose another with --port",
        "le port {port} de {host} est occupé ; choisissez-en un autre avec --port",
        "المنفذ {port} على {host} مشغول؛ اختر غيره بـ --port",
    ),
    "address_unusable": (
        "cannot listen on {host}:{port}; check --host",
        "impossible d'écouter sur {host}:{port} ; vérifiez --host",
        "تعذر الاستماع على {host}:{port}؛ تحقق من --host",
    ),
    "object_unknown": ("there is no object {key}", "il n'y a pas d'objet {key}", "لا يوجد كائن {key}"),
}
