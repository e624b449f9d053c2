"""Does what a definition gives fit what a template takes: header, parameters, buttons, cards, files?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chalicelib.authoring.definition import Card, TemplateUse
from chalicelib.authoring.fields import closest
from chalicelib.authoring.media import MEDIA_KINDS, PREFIX, MediaFile, fault_of, headers_of
from chalicelib.authoring.rendering import Expression
from chalicelib.authoring.template import Face, Template
from chalicelib.errors import Problem


def face_problems(use: TemplateUse, template: Template) -> Iterator[Problem]:
    """Yield what does not fit a template in one language: headers, buttons, the number of cards."""
    where = {"template": template.name, "language": template.language}
    yield from _face(use, template, "template", where)
    if len(use.carousel) != len(template.cards):
        params = {**where, "given": str(len(use.carousel)), "wanted": str(len(template.cards))}
        yield Problem(code="cards_count", params=params, path="template.carousel")
    for number, (card, approved) in enumerate(zip(use.carousel, template.cards, strict=False)):
        yield from _face(card, approved, f"template.carousel[{number}]", where)


def _face(use: TemplateUse | Card, approved: Face, path: str, where: Mapping[str, str]) -> Iterator[Problem]:
    yield from _header(use, approved, path, where)
    yield from _buttons(use, approved, path, where)


def _header(
    use: TemplateUse | Card, approved: Face, path: str, where: Mapping[str, str]
) -> Iterator[Problem]:
    needs = bool(approved.header_kind) and (approved.header_kind != "text" or bool(approved.header_slots))
    if use.header is None:
        if needs:
            params = {**where, "kind": approved.header_kind}
            yield Problem(code="header_required", params=params, path=path)
        return
    if not needs or use.header.kind != approved.header_kind:
        approved_kind = approved.header_kind if needs else "none"
        params = {**where, "kind": use.header.kind, "approved": approved_kind}
        yield Problem(code="header_differs", params=params, path=f"{path}.header")
    language = where["language"]
    spoken = language.lower().replace("-", "_")
    served = {key.lower().replace("-", "_") for key in use.header.values}
    if not served & {"", spoken, spoken.split("_")[0]}:
        yield Problem(code="header_language", params=dict(where), path=f"{path}.header")


def _buttons(use: TemplateUse | Card, face: Face, path: str, where: Mapping[str, str]) -> Iterator[Problem]:
    approved = {button.index: button for button in face.buttons}
    given = {button.index for button in use.buttons}
    for button in use.buttons:
        one = approved.get(button.index)
        if one is None or one.kind != button.kind or (button.kind == "url" and not one.has_slot):
            found = "none" if one is None else one.kind if one.kind != button.kind else "url without a slot"
            params = {**where, "index": str(button.index), "kind": button.kind, "approved": found}
            yield Problem(code="button_differs", params=params, path=f"{path}.buttons")
    for one in face.buttons:
        if one.has_slot and one.index not in given:
            params = {**where, "index": str(one.index)}
            yield Problem(code="button_required", params=params, path=f"{path}.buttons")


def parameter_problems(use: TemplateUse, template: Template) -> Iterator[Problem]:
    """Yield what is missing or too much among the parameters of the message and its cards."""
    named = template.parameter_format == "NAMED"
    yield from _parameters(use, template, template.name, "template.parameters", named)
    for number, (card, approved) in enumerate(zip(use.carousel, template.cards, strict=False)):
        yield from _parameters(
            card, approved, template.name, f"template.carousel[{number}].parameters", named
        )


def _parameters(
    use: TemplateUse | Card, face: Face, template: str, path: str, named: bool
) -> Iterator[Problem]:
    given = {p.name for p in use.parameters}
    if not named:
        if len(given) != len(face.slots):
            params = {"given": str(len(given)), "wanted": str(len(face.slots)), "template": template}
            yield Problem(code="parameters_count", params=params, path=path)
    else:
        for slot in face.slots:
            if slot not in given:
                params = {"name": slot, "template": template}
                yield Problem(code="parameter_required", params=params, path=path)
        for name in sorted(given - set(face.slots)):
            params = {"name": name, "template": template, "guess": closest(name, face.slots)}
            yield Problem(code="parameter_unknown", params=params, path=f"{path}.{name}")
    for one in use.parameters:
        if not one.fallback and _may_be_empty(one.value):
            params = {"name": one.name}
            yield Problem(code="fallback_required", params=params, path=f"{path}.{one.name}.fallback")
    header = use.header
    if header is None or header.kind != "text" or header.fallback:
        return
    if any(_may_be_empty(value) for value in header.values.values()):
        place = f"{path.removesuffix('parameters')}header"
        yield Problem(code="fallback_required", params={"name": "header"}, path=place)


def _may_be_empty(expression: str) -> bool:
    """Whether somebody may have no value: it is not constant and does not end in a constant (`or 20`)."""
    defaults = " or " in expression or "default(" in expression or " else " in expression
    return not defaults and not Expression(expression).is_constant


def media_problems(use: TemplateUse, media: Mapping[str, MediaFile]) -> Iterator[Problem]:
    """Yield what the platform would not take of the files of campaigns/media/."""
    for path, header in headers_of(use):
        if header.kind not in MEDIA_KINDS:
            continue
        for value in header.values.values():
            name = value.removeprefix(PREFIX)
            if name == value:
                continue
            file = media.get(name)
            if file is None:
                params = {"file": name, "guess": closest(name, media)}
                yield Problem(code="media_missing", params=params, path=path)
            elif fault := fault_of(file, header.kind):
                yield Problem(code=fault[0], params=fault[1], path=path)


def media_warnings(use: TemplateUse) -> Iterator[Problem]:
    """Yield what is sent by address although it is the same for everybody: a file is uploaded once."""
    for path, header in headers_of(use):
        for value in header.values.values():
            if header.kind in MEDIA_KINDS and not value.startswith(PREFIX) and Expression(value).is_constant:
                yield Problem(code="media_by_address", params={"value": value}, path=path)
