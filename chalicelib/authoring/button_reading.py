"""Reading buttons: each kind with the keys it takes."""

from __future__ import annotations

from chalicelib.authoring.definition import Button
from chalicelib.authoring.fields import Reader, closest
from chalicelib.authoring.nodes import Text
from chalicelib.authoring.parameter_reading import check_expression
from chalicelib.authoring.rendering import Expression, InvalidExpression, Unrenderable

KEY_BY_KIND = {
    "url": "value",
    "quick_reply": "payload",
    "opt_out": "payload",
    "phone_number": "",
    "copy_code": "value",
    "flow": "token",
    "catalog": "product",
    "mpm": "product",
}
"""Under which key each kind has its expression."""
NEEDED = frozenset({"url", "quick_reply", "copy_code", "mpm"})
DEFAULTS = {"opt_out": "STOP", "flow": "unused"}
"""A quick reply that says no, and Meta's own word for a flow without a token."""
LONGEST_BY_KIND = {
    "quick_reply": 256,
    "copy_code": 15,
    "url": 2_000,
    "flow": 1_000,
    "catalog": 100,
    "mpm": 100,
}
MOST_BUTTONS = 10
"""As many as the platform lets a template have."""
MOST_DATA = 100
MOST_SECTIONS, MOST_PRODUCTS, LONGEST_TITLE = 10, 30, 24


def read_buttons(one: Reader) -> tuple[Button, ...]:
    """Return the buttons of a message or a card, each index once."""
    buttons: list[Button] = []
    for inner in one.readers("buttons", most=MOST_BUTTONS):
        button = _button(inner)
        if button is not None and any(b.index == button.index for b in buttons):
            inner.note("button_twice", "index", index=str(button.index))
        if button is not None:
            buttons.append(button)
    return tuple(buttons)


def _button(inner: Reader) -> Button | None:
    kind = inner.text("type") if inner.required("type") else None
    inner.required("index")
    index = inner.whole("index", 0, least=0, most=9)
    if kind not in KEY_BY_KIND:
        if kind is not None:
            guess = closest(kind, KEY_BY_KIND)
            inner.note("button_kind_unknown", "type", value=kind, kinds=", ".join(KEY_BY_KIND), guess=guess)
        return None
    key = KEY_BY_KIND[kind]
    if kind in NEEDED:
        inner.required(key)
    value = (inner.text(key) if key else "") or DEFAULTS.get(kind, "")
    sent_as = "quick_reply" if kind == "opt_out" else kind
    _check(inner, key, value, LONGEST_BY_KIND.get(sent_as, 0))
    data = _data(inner) if kind == "flow" else {}
    sections = _sections(inner) if kind == "mpm" else ()
    inner.finish()
    return Button(kind=sent_as, index=index, value=value, data=data, sections=sections)


def _check(inner: Reader, key: str, value: str, longest: int) -> None:
    """Note what is no expression, and a constant that is too long for everybody."""
    check_expression(inner, key, value)
    try:
        constant = value if value and Expression(value).is_constant else ""
    except (InvalidExpression, Unrenderable):
        return
    if len(constant) > longest and "{" not in constant:
        inner.note("button_value_long", key, most=str(longest))


def _data(inner: Reader) -> dict[str, str]:
    table = inner.mapping("data")
    if table is None:
        return {}
    if len(table.fields.by_key) > MOST_DATA:
        inner.note("too_many", "data", most=str(MOST_DATA))
        return {}
    data = {}
    for key in table.fields.by_key:
        data[key] = table.text(key) or ""
        check_expression(table, key, data[key])
    return data


def _sections(inner: Reader) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return a multi-product message's sections; their products are the catalogue's own ids."""
    inner.required("sections")
    sections = []
    for one in inner.readers("sections"):
        one.required("title")
        one.required("products")
        title = one.text("title") or ""
        if len(title) > LONGEST_TITLE:
            one.note("section_title_long", "title", most=str(LONGEST_TITLE))
        products: list[Text] = one.texts("products")
        sections.append((title, tuple(p.value.strip() for p in products)))
        one.finish()
    products_in_all = sum(len(products) for _, products in sections)
    if sections and (len(sections) > MOST_SECTIONS or not 0 < products_in_all <= MOST_PRODUCTS):
        inner.note("sections_too_many", "sections", most=str(MOST_SECTIONS), products=str(MOST_PRODUCTS))
    return tuple(sections)
