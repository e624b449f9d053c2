"""What is wrong, or worth knowing, of templates on the platform."""

from __future__ import annotations

Texts = tuple[str, str, str]

TABLE: dict[str, Texts] = {
    "sync_failed": (
        "the templates of account {waba} could not be listed: {why}",
        "les modèles du compte {waba} n'ont pas pu être listés : {why}",
        "تعذر سرد قوالب الحساب {waba}: {why}",
    ),
}
