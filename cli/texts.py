"""What the command itself says, in English, French and Arabic, and what to do next.

Problems are worded by the API. Here are only the labels around its numbers, and
for each error the next command to run.
"""

from __future__ import annotations

LANGUAGES = ("en", "fr", "ar")

TEXTS: dict[str, tuple[str, str, str]] = {
    "valid": ("{file}: valid", "{file} : valide", "{file}: صالح"),
    "warning": ("warning: {text}", "attention : {text}", "تنبيه: {text}"),
    "refused": ("refused: {text}", "refusé : {text}", "مرفوض: {text}"),
    "next": ("next: {text}", "ensuite : {text}", "الخطوة التالية: {text}"),
    "test_passed": ("passed: {name}", "réussi : {name}", "نجح: {name}"),
    "test_failed": ("FAILED: {name}", "ÉCHEC : {name}", "فشل: {name}"),
    "test_difference": (
        "  {what}: expected {expected}, found {found}",
        "  {what} : attendu {expected}, trouvé {found}",
        "  {what}: المتوقع {expected}، والنتيجة {found}",
    ),
    "no_tests": ("{file} has no tests", "{file} n'a pas de tests", "لا اختبارات في {file}"),
    "replayed": ("{count} given back", "{count} remis en file", "أُعيد {count} إلى الطابور"),
    "no_letters": ("no dead letters", "aucun message mort", "لا توجد رسائل ميتة"),
    "imported": (
        "{file}: {rows} rows read (batch {batch})",
        "{file} : {rows} lignes lues (lot {batch})",
        "{file}: {rows} سطرًا مقروءًا (الدفعة {batch})",
    ),
    "read_as": (
        "read as {encoding}",
        "lu en {encoding}",
        "قُرئ بترميز {encoding}",
    ),
    "created": ("created", "créés", "جديد"),
    "updated": ("updated", "mis à jour", "محدَّث"),
    "unchanged": ("unchanged", "inchangés", "دون تغيير"),
    "duplicate": ("duplicate", "doublons", "مكرر"),
    "invalid": ("invalid", "invalides", "غير صالح"),
    "results": (
        "what became of each row: {path}",
        "le sort de chaque ligne : {path}",
        "نتيجة كل سطر: {path}",
    ),
    "exported": (
        "{file}: {people} people",
        "{file} : {people} personnes",
        "{file}: {people} شخصًا",
    ),
    "left_out": (
        "no file can say {what} of {people} people; it was left out or changed",
        "aucun fichier ne peut dire {what} de {people} personnes ; omis ou modifié",
        "لا يمكن لملف أن يذكر {what} عن {people} شخصًا؛ فحُذف أو عُدّل",
    ),
    "unnamed": (
        "{people} people have neither phone nor external_id and are not in the file",
        "{people} personnes n'ont ni phone ni external_id et ne sont pas dans le fichier",
        "{people} شخصًا بلا phone ولا external_id وليسوا في الملف",
    ),
    "json_on_stdout": (
        "with --json, standard output has the JSON: name a file",
        "avec --json, la sortie standard porte le JSON : nommez un fichier",
        "مع --json يحمل المخرج القياسي JSON: سمِّ ملفًا",
    ),
    "profile": (
        "{file}: {rows} rows, {encoding}",
        "{file} : {rows} lignes, {encoding}",
        "{file}: {rows} سطرًا، {encoding}",
    ),
    "delimiter": ("delimiter", "séparateur", "الفاصل"),
    "columns": ("columns", "colonnes", "الأعمدة"),
    "attribute": ("attribute", "attribut", "سمة"),
    "rename": (
        "{meaning}; rename it to {suggestion}?",
        "{meaning} ; à renommer en {suggestion} ?",
        "{meaning}؛ هل تعيد تسميته {suggestion}؟",
    ),
    "numbers_by_country": ("valid numbers by country", "numéros valides par pays", "أرقام صالحة حسب البلد"),
    "duplicates": ("duplicates", "doublons", "مكررات"),
    "problems": ("rows that would be left out", "lignes qui seraient écartées", "أسطر ستُترك"),
    "notices": ("rows with a notice", "lignes avec une remarque", "أسطر مع ملاحظة"),
    "in_lines": ("{text} (line {lines}…)", "{text} (ligne {lines}…)", "{text} (السطر {lines}…)"),
    "same_people": (
        "the same person in lines {lines}",
        "la même personne aux lignes {lines}",
        "الشخص نفسه في الأسطر {lines}",
    ),
    "nothing_written": ("nothing was written", "rien n'a été écrit", "لم يُكتب شيء"),
    "undone": (
        "import {batch} undone: {people} people",
        "import {batch} annulé : {people} personnes",
        "تم التراجع عن الاستيراد {batch}: {people} شخصًا",
    ),
    "removed": ("removed", "retirés", "محذوفون"),
    "as_before": ("as before", "comme avant", "كما كانوا"),
    "kept": ("not wholly undone", "pas entièrement annulés", "لم يُتراجع عنهم كليًا"),
    "nothing": ("nothing to undo", "rien à annuler", "لا شيء للتراجع عنه"),
    "planning": (
        "planning: {done} of {tasks} parts",
        "planification : {done} parties sur {tasks}",
        "التخطيط: {done} من {tasks} أجزاء",
    ),
    "plan": ("plan {hash}", "plan {hash}", "الخطة {hash}"),
    "campaign": ("campaign", "campagne", "الحملة"),
    "audience": ("audience", "audience", "الجمهور"),
    "planned": ("planned", "planifiés", "مخطط لهم"),
    "excluded": ("excluded", "exclus", "مستبعدون"),
    "waiting": ("waiting", "en attente", "في الانتظار"),
    "claimed": ("claimed", "réservés", "محجوزون"),
    "accepted": ("accepted", "acceptés", "مقبولة"),
    "sent": ("sent", "envoyés", "مرسلة"),
    "delivered": ("delivered", "distribués", "مسلَّمة"),
    "read": ("read", "lus", "مقروءة"),
    "replied": ("replied", "ont répondu", "ردّوا"),
    "failed": ("failed", "échecs", "فاشلة"),
    "uncertain": ("uncertain", "incertains", "غير مؤكدة"),
    "opt_outs": ("opted out after it", "désabonnés ensuite", "ألغوا الاشتراك بعدها"),
    "median_reply": (
        "median time to reply: {seconds} s",
        "temps de réponse médian : {seconds} s",
        "وسيط زمن الرد: {seconds} ث",
    ),
    "of": ("{part} of {whole}", "{part} sur {whole}", "{part} من {whole}"),
    "called": ("called", "appels", "المتصل بهم"),
    "opted_out": ("opted out", "désabonnés", "ألغوا الاشتراك"),
    "languages": ("languages", "langues", "اللغات"),
    "countries": ("countries", "pays", "البلدان"),
    "waves": ("waves", "vagues", "الموجات"),
    "waves_more": ("and {n} more waves", "et {n} autres vagues", "و{n} موجات أخرى"),
    "people": ("people", "personnes", "الأشخاص"),
    "first_send": ("first send", "premier envoi", "أول إرسال"),
    "last_send": ("last send", "dernier envoi", "آخر إرسال"),
    "last_safe_launch": ("last safe launch", "dernier lancement sûr", "آخر موعد آمن للإطلاق"),
    "launched": (
        "broadcast {broadcast} is launched",
        "diffusion {broadcast} lancée",
        "انطلق البث {broadcast}",
    ),
    "already": (
        "broadcast {broadcast} was launched before; nothing starts twice",
        "diffusion {broadcast} déjà lancée ; rien ne part deux fois",
        "سبق إطلاق البث {broadcast}؛ لا شيء ينطلق مرتين",
    ),
    "needs_worker": (
        "messages leave while `carillon up` runs on this home",
        "les messages partent tant que `carillon up` tourne sur ce répertoire",
        "تُرسل الرسائل ما دام `carillon up` يعمل على هذا الدليل",
    ),
    "none_launched": (
        "nothing was launched yet",
        "rien n'a encore été lancé",
        "لم يُطلق شيء بعد",
    ),
    "state": ("state", "état", "الحالة"),
    "next_wave": ("next wave", "prochaine vague", "الموجة التالية"),
    "paused_because": ("paused by itself", "mise en pause d'elle-même", "توقّف تلقائي مؤقت"),
    "stopped_now": ("stopped", "arrêté", "متوقف"),
    "accounted": ("accounted for", "comptés", "المحسوبون"),
    "confirmed": ("with a receipt", "avec un accusé", "بإيصال"),
    "unconfirmed": ("without a receipt yet", "encore sans accusé", "بلا إيصال بعد"),
    "counter_differs": (
        "counter {counter}: stored {stored}, the ledger says {folded}",
        "compteur {counter} : {stored} en mémoire, {folded} selon le registre",
        "العداد {counter}: المخزَّن {stored}، والسجل يقول {folded}",
    ),
    "counters_rewritten": (
        "the counters were put right",
        "les compteurs ont été corrigés",
        "صُحّحت العدادات",
    ),
    "counters_moving": (
        "the counters follow when the chunks under way have ended",
        "les compteurs suivent quand les lots en cours sont finis",
        "تلحق العدادات عند انتهاء الدفعات الجارية",
    ),
    "adds_up": ("everything adds up", "tout s'additionne", "كل شيء متطابق"),
    "does_not_add_up": (
        "{count} things do not add up",
        "{count} choses ne s'additionnent pas",
        "{count} أمور غير متطابقة",
    ),
    "queue": ("queue", "file", "طابور"),
    "queue_waiting": ("waiting", "en attente", "منتظرة"),
    "queue_in_hand": ("in hand", "en main", "قيد العمل"),
    "queue_delayed": ("delayed", "différés", "مؤجلة"),
    "queue_dead": ("dead", "morts", "ميتة"),
    "oldest": ("oldest", "le plus ancien", "الأقدم"),
    "no_stops": ("nothing is stopped", "rien n'est arrêté", "لا شيء متوقف"),
    "lifted": (
        "{stop} is lifted; it held {senders}",
        "{stop} est levé ; il retenait {senders}",
        "رُفع {stop}؛ وكان يوقف {senders}",
    ),
    "idle": ("nothing leaves now", "rien ne part", "لا شيء يُرسل الآن"),
    "rate": ("rate per second", "débit par seconde", "المعدل في الثانية"),
    "ordered": (
        "broadcast {broadcast} is {state}; {n} messages had been handed over before",
        "diffusion {broadcast} : {state} ; {n} messages étaient déjà remis",
        "البث {broadcast}: {state}؛ سُلِّمت {n} رسائل قبل ذلك",
    ),
    "complete": (
        "complete: everybody has an outcome",
        "complet : chacun a son issue",
        "مكتمل: لكل شخص نتيجته",
    ),
    "incomplete": ("not complete yet", "pas encore complet", "لم يكتمل بعد"),
    "uncertain_people": (
        "uncertain, by name (never resent blindly)",
        "incertains, nommément (jamais renvoyés à l'aveugle)",
        "غير المؤكدين بأسمائهم (لا يُعاد الإرسال عشوائيًا)",
    ),
    "outcome": ("outcome", "issue", "النتيجة"),
    "reason": ("reason", "raison", "السبب"),
    "instant": ("instant", "instant", "اللحظة"),
    "gates": ("gates, in their order", "contrôles, dans l'ordre", "البوابات بالترتيب"),
    "events": ("what happened", "ce qui s'est passé", "ما حدث"),
    "passed": ("passed", "passé", "اجتاز"),
    "stopped": ("stopped", "arrêté", "أوقف"),
    "not_reached": ("not reached", "non atteint", "لم يُبلغ"),
    "consents": ("consents", "consentements", "الموافقات"),
    "suppressed": ("suppressed", "supprimé", "محظور"),
    "test_sent": (
        "sent to {to} in {language}: {wamid}",
        "envoyé à {to} en {language} : {wamid}",
        "أُرسلت إلى {to} باللغة {language}: {wamid}",
    ),
    "not_available": (
        "`carillon {command}` is not available yet",
        "`carillon {command}` n'est pas encore disponible",
        "`carillon {command}` غير متاح بعد",
    ),
    "unreachable": (
        "no Carillon server answers at {url} ({reason})",
        "aucun serveur Carillon ne répond à {url} ({reason})",
        "لا يوجد خادم Carillon يجيب على {url} ({reason})",
    ),
    "file_unreadable": (
        "{file} cannot be read: {reason}",
        "{file} ne peut pas être lu : {reason}",
        "تعذرت قراءة {file}: {reason}",
    ),
    "file_unwritable": (
        "{file} cannot be written: {reason}",
        "{file} ne peut pas être écrit : {reason}",
        "تعذرت الكتابة إلى {file}: {reason}",
    ),
    "file_not_text": (
        "{file} is not UTF-8 text",
        "{file} n'est pas du texte UTF-8",
        "{file} ليس نصًا بترميز UTF-8",
    ),
    "token_needed": (
        "any address but 127.0.0.1 needs a token, so that nobody else can send (or set CARILLON_TOKEN)",
        "toute adresse autre que 127.0.0.1 exige un jeton (ou CARILLON_TOKEN), afin que nul autre n'envoie",
        "أي عنوان غير 127.0.0.1 يتطلب رمزًا حتى لا يرسل غيركم (أو CARILLON_TOKEN)",
    ),
    "home_failed": (
        "the home {home} cannot be used: {reason}",
        "le répertoire {home} est inutilisable : {reason}",
        "تعذر استخدام الدليل {home}: {reason}",
    ),
    "listed": (
        "account {waba}: {n} templates",
        "compte {waba} : {n} modèles",
        "الحساب {waba}: {n} قالبًا",
    ),
    "not_listed": (
        "account {waba} could not be listed: {reason}",
        "le compte {waba} n'a pas pu être listé : {reason}",
        "تعذر سرد الحساب {waba}: {reason}",
    ),
    "template_differs": ("not as its file says", "diffère de son fichier", "يختلف عن ملفه"),
    "template_absent": ("no file", "pas de fichier", "لا ملف له"),
    "template_unasked": (
        "the platform was not asked for its words",
        "contenu pas encore demandé à la plateforme",
        "لم يُطلب نصه من المنصة بعد",
    ),
    "template_account": (
        "account {waba} ({senders}), last sync: {when}",
        "compte {waba} ({senders}), dernière synchronisation : {when}",
        "الحساب {waba} ({senders})، آخر مزامنة: {when}",
    ),
    "never_synced": ("never", "jamais", "لم تحدث"),
    "changed_new": ("new", "nouveau", "جديد"),
    "changed_gone": ("gone from the platform", "disparu de la plateforme", "اختفى من المنصة"),
    "changed_status": ("status", "statut", "الحالة"),
    "changed_category": ("category", "catégorie", "الفئة"),
    "changed_quality": ("quality", "qualité", "الجودة"),
    "changed_components": ("other words", "autre contenu", "نص آخر"),
    "file_created": ("{file}: written, new", "{file} : écrit, nouveau", "{file}: كُتب، جديد"),
    "file_updated": ("{file}: written anew", "{file} : réécrit", "{file}: كُتب من جديد"),
    "file_refused": (
        "{file}: not written: {reason}",
        "{file} : non écrit : {reason}",
        "{file}: لم يُكتب: {reason}",
    ),
    "accounts_differ": (
        "accounts {accounts} have different texts; choose one with --sender",
        "les comptes {accounts} ont des textes différents ; choisissez avec --sender",
        "نصوص الحسابات {accounts} مختلفة؛ اختاروا واحدًا بـ --sender",
    ),
    "name_too_long": (
        "its name is too long for a file",
        "son nom est trop long pour un fichier",
        "اسمه أطول من أن يكون اسم ملف",
    ),
    "saved": (
        "{file}: the home as it was at {at}, {size} bytes, {members} files; secrets are not in it",
        "{file} : le répertoire au {at}, {size} octets, {members} fichiers ; les secrets n'y sont pas",
        "{file}: الدليل كما كان في {at}، {size} بايت، {members} ملفًا؛ الأسرار ليست فيه",
    ),
    "backup_whole": (
        "{file}: a whole backup of {at}, {members} files, every hash right",
        "{file} : sauvegarde entière du {at}, {members} fichiers, toutes les empreintes justes",
        "{file}: نسخة سليمة بتاريخ {at}، {members} ملفًا، كل البصمات صحيحة",
    ),
    "restored": (
        "{home}: restored from a backup of {since}, at {until}",
        "{home} : restauré d'une sauvegarde du {since}, le {until}",
        "{home}: استُعيد من نسخة بتاريخ {since}، في {until}",
    ),
    "restored_held": (
        "held, nothing leaves until you resume it (carillon resume BROADCAST):",
        "retenues, rien ne part avant que vous ne repreniez (carillon resume BROADCAST) :",
        "محجوزة، لا يُرسل شيء حتى تستأنفوها (carillon resume BROADCAST):",
    ),
    "put_aside": (
        "what was there is now in {path}; secrets that were in it were copied",
        "ce qui s'y trouvait est maintenant dans {path} ; ses éventuels secrets ont été copiés",
        "ما كان هناك صار في {path}؛ ونُسخت أسراره إن وُجدت",
    ),
    "released": (
        "released: this home launches again; its gap was {since} to {until}",
        "libéré : ce répertoire lance à nouveau ; inconnu du {since} au {until}",
        "تحرّر: يعود هذا الدليل إلى الإطلاق؛ المجهول من {since} إلى {until}",
    ),
    "held": ("held", "retenue", "محجوز"),
    "held_because": (
        "this home was restored from a backup of {backed_up_at}; whoever was due by {unknown_until} may have "
        "been messaged already and is left uncertain; the others go on when you resume",
        "ce répertoire a été restauré d'une sauvegarde du {backed_up_at} ; qui devait recevoir avant "
        "{unknown_until} a peut-être déjà été contacté et reste incertain ; les autres partent à la reprise",
        "استُعيد هذا الدليل من نسخة بتاريخ {backed_up_at}؛ من كان موعده قبل {unknown_until} ربما وصلته "
        "الرسالة ويبقى غير مؤكد؛ والباقون يُراسلون حين تستأنفون",
    ),
    "restored_unknown": (
        "not known here: who was messaged, who opted out and who was erased between the two instants. Before "
        "you resume, look through your inbox, tell Carillon every opt-out (PUT /api/contacts/ID, see "
        "docs/operations.md), and see in Meta's console what was sent; "
        "new launches wait for `carillon release`",
        "inconnus ici : qui a été contacté, qui s'est désabonné et qui a été effacé entre les deux instants. "
        "Avant de reprendre, parcourez votre messagerie, déclarez chaque désabonnement "
        "(PUT /api/contacts/ID, voir docs/operations.md), et voyez dans la console de Meta ce qui est "
        "parti ; les nouveaux lancements attendent `carillon release`",
        "غير معروف هنا: من راسلناه ومن ألغى اشتراكه ومن مُحي بين اللحظتين. قبل الاستئناف راجعوا صندوق الوارد "
        "وسجّلوا كل إلغاء اشتراك (PUT /api/contacts/ID، انظروا docs/operations.md) "
        "وانظروا في لوحة Meta ما أُرسل؛ والإطلاقات الجديدة تنتظر `carillon release`",
    ),
    "restored_rules": (
        "its senders, policy and templates: CARILLON_CAMPAIGNS={path}",
        "ses expéditeurs, sa politique et ses modèles : CARILLON_CAMPAIGNS={path}",
        "المرسلون والسياسة والقوالب: CARILLON_CAMPAIGNS={path}",
    ),
    "on_its_machine": (
        "this works on the home's own files; run it on its machine, with --home",
        "ceci travaille sur les fichiers du répertoire ; lancez-le sur sa machine, avec --home",
        "يعمل هذا على ملفات الدليل نفسه؛ شغّلوه على جهازه مع --home",
    ),
    "send_kept": (
        "{send}: accepted; it leaves as soon as it may",
        "{send} : accepté ; il part dès que possible",
        "{send}: قُبل؛ يُرسل حالما يُسمح بذلك",
    ),
    "token_made": (
        "token {token} for {name}; it is shown only now:",
        "jeton {token} pour {name} ; il n'est montré que maintenant :",
        "الرمز {token} لـ {name}؛ لا يُعرض إلا الآن:",
    ),
    "token_revoked": (
        "token {token} ({name}) opens nothing any more",
        "le jeton {token} ({name}) n'ouvre plus rien",
        "الرمز {token} ({name}) لم يعد يفتح شيئًا",
    ),
    "revoked": ("revoked", "révoqué", "مُلغى"),
    "no_tokens": ("no tokens", "aucun jeton", "لا رموز"),
    "interrupted": ("interrupted", "interrompu", "توقّف بطلبكم"),
    "unexpected": (
        "something went wrong that Carillon did not expect: {reason}",
        "une erreur que Carillon n'attendait pas : {reason}",
        "حدث خطأ لم يتوقعه Carillon: {reason}",
    ),
}

NEXT: dict[str, str] = {
    "unreachable": "carillon up",
    "file_unreadable": "ls -l {file}",
    "token_needed": "carillon token create NAME",
    "token_unknown": "carillon token list",
    "home_not_empty": "carillon restore FILE --home NEW_DIRECTORY",
    "home_held": "carillon release",
    "backup_damaged": "carillon backup FILE --check",
    "plan_stale_restored": "carillon plan FILE",
    "home_locked": "carillon status --api http://127.0.0.1:8000",
    "port_in_use": "carillon up --port 0",
    "invalid_definition": "carillon validate {file}",
    "plan_unknown": "carillon plan FILE",
    "plan_not_sealed": "carillon plan FILE",
    "plan_failed": "carillon validate {file}",
    "plan_past_safe_launch": "carillon plan FILE",
    "run_already_launched": "carillon plan FILE --again",
    "broadcast_unknown": "carillon status",
    "broadcast_ended": "carillon report {broadcast}",
    "contact_unknown": "carillon contacts import FILE",
    "campaign_unknown": "carillon plan FILE",
    "import_unknown": "carillon contacts undo BATCH",
    "country_unknown": "carillon contacts import {file} --default-country MA",
    "csv.no_identity": "carillon contacts profile {file}",
    "template_unknown": "carillon templates",
    "sender_without_token": "WHATSAPP_TOKEN=... carillon up",
    "webhook_secret_missing": "WHATSAPP_APP_SECRET=... carillon up",
    "token_wrong": "CARILLON_TOKEN=... carillon {command} --api {api}",
    "senders_missing": "CARILLON_CAMPAIGNS=DIRECTORY carillon {command} ...",
    "unexpected": "CARILLON_DEBUG=1 carillon {command} ...",
}


def text(name: str, language: str, /, **params: object) -> str:
    """Return one text; an unknown name is its own text, as a reason's code is."""
    row = TEXTS.get(name)
    if row is None:
        return name
    return row[LANGUAGES.index(language) if language in LANGUAGES else 0].format(**params)


def next_command(code: str, /, **params: object) -> str:
    """Return the command that helps against `code`, or nothing."""
    if code.startswith("plan_stale"):
        return "carillon plan FILE"
    known = {name: str(value) if value else name.upper() for name, value in params.items()}
    return NEXT.get(code, "").format_map(_Blanks(known))


def language_of(asked: str | None, environment_language: str) -> str:
    """Return "en", "fr" or "ar": as asked with --lang, else as LANG says, else English."""
    code = (asked or environment_language)[:2].lower()
    return code if code in LANGUAGES else "en"


class _Blanks(dict[str, str]):
    """Names that nobody filled are shown as the reader has to fill them."""

    def __missing__(self, key: str) -> str:
        return key.upper()
