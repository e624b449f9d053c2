"""What the command itself says, in English, French and Arabic, and what to do next.

Problems are worded by the API. Here are only the labels around its numbers, and
for each error the next command to run.
"""

from __future__ import annotations

from cli import (
    texts_aws,
    texts_broadcasts,
    texts_contacts,
    texts_deploying,
    texts_running,
    texts_templates,
)

LANGUAGES = ("en", "fr", "ar")

OF_ANY_COMMAND: dict[str, tuple[str, str, str]] = {
    "warning": ("warning: {text}", "attention : {text}", "تنبيه: {text}"),
    "refused": ("refused: {text}", "refusé : {text}", "مرفوض: {text}"),
    "next": ("next: {text}", "ensuite : {text}", "الخطوة التالية: {text}"),
    "json_on_stdout": (
        "with --json, standard output has the JSON: name a file",
        "avec --json, la sortie standard porte le JSON : nommez un fichier",
        "مع --json يحمل المخرج القياسي JSON: سمِّ ملفًا",
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
    "on_its_machine": (
        "this works on the home's own files; run it on its machine, with --home",
        "ceci travaille sur les fichiers du répertoire ; lancez-le sur sa machine, avec --home",
        "يعمل هذا على ملفات الدليل نفسه؛ شغّلوه على جهازه مع --home",
    ),
    "interrupted": ("interrupted", "interrompu", "توقّف بطلبكم"),
    "unexpected": (
        "something went wrong that Carillon did not expect: {reason}",
        "une erreur que Carillon n'attendait pas : {reason}",
        "حدث خطأ لم يتوقعه Carillon: {reason}",
    ),
}
TABLES = (
    OF_ANY_COMMAND,
    texts_broadcasts.TEXTS,
    texts_contacts.TEXTS,
    texts_running.TEXTS,
    texts_aws.TEXTS,
    texts_deploying.TEXTS,
    texts_templates.TEXTS,
)
TEXTS = {name: words for table in TABLES for name, words in table.items()}

NEXT: dict[str, str] = {
    "unreachable": "carillon up",
    "file_unreadable": "ls -l {file}",
    "token_needed": "carillon token create NAME",
    "token_unknown": "carillon token list",
    "token_expired": "carillon token create NAME --role ROLE",
    "role_needed": "carillon token create NAME --role ROLE",
    "home_not_empty": "carillon restore FILE --home NEW_DIRECTORY",
    "home_held": "carillon release",
    "backup_damaged": "carillon backup FILE --check",
    "plan_stale_restored": "carillon plan FILE",
    "home_locked": "carillon status --api http://127.0.0.1:8000",
    "port_in_use": "carillon up --port 0",
    "invalid_definition": "carillon validate {file}",
    "plan_unknown": "carillon plan FILE",
    "approval_sent_back": "carillon plan FILE",
    "approval_missing": "carillon approve {hash}",
    "approval_launched": "carillon status",
    "approval_comment_needed": "carillon approve {hash} --reject --comment WHY",
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
