"""Reading the template of a definition: its name and language chain, and what fills it."""

from __future__ import annotations

import re

from chalicelib.authoring.button_reading import read_buttons
from chalicelib.authoring.definition import TemplateUse
from chalicelib.authoring.fields import Reader
from chalicelib.authoring.header_reading import read_carousel, read_header
from chalicelib.authoring.nodes import Text
from chalicelib.authoring.parameter_reading import read_parameters


def read_template(root: Reader) -> TemplateUse | None:
    """Return which template is used and how it is filled; None where it cannot be told."""
    one = root.mapping("template")
    if one is None:
        return None
    one.required("name")
    name = one.matching("name", r"[a-z0-9_]{1,512}", "template_name_invalid") or ""
    language_from, chain = _language(one)
    use = TemplateUse(
        name=name,
        language_from=language_from,
        chain=chain,
        header=read_header(one),
        parameters=read_parameters(one),
        buttons=read_buttons(one),
        carousel=read_carousel(one),
    )
    one.finish()
    return use


def _language(one: Reader) -> tuple[str, dict[str, tuple[str, ...]]]:
    found = one.node("language")
    if found is None:
        return "contact.language", {}
    if isinstance(found, Text):
        return found.value.strip(), {}
    inner = one.mapping("language")
    if inner is None:
        return "contact.language", {}
    source = inner.text("from", "contact.language") or "contact.language"
    if source != "contact.language" and not re.fullmatch(r"[a-z]{2,3}([-_][A-Za-z]{2,4})?", source):
        inner.note("language_from_invalid", "from", value=source)
    chain: dict[str, tuple[str, ...]] = {}
    table = inner.mapping("chain")
    for key in table.fields.by_key if table else ():
        texts = table.texts(key) if table else []
        chain[key.lower().replace("_", "-")] = tuple(t.value for t in texts)
    inner.finish()
    return source, chain
