"""Reading whom a campaign is for: its segment, and the lists, tags and people it names."""

from __future__ import annotations

from chalicelib.audience.segment import Segment, SegmentError, parse, selects_everybody
from chalicelib.authoring.definition import Audience
from chalicelib.authoring.fields import Reader
from chalicelib.authoring.nodes import Items, Node, Place, Text

DEFAULT_LIMIT = 10_000
SET_KINDS = ("list", "tag", "id")
NOBODY = "false"


def read_audience(root: Reader) -> Audience | None:
    """Return whom the campaign is for, None when its segment could not be read."""
    one = root.mapping("audience")
    if one is None:
        return None
    include = tuple(_named_sets(one, "include"))
    segment = _segment(one, alone=_is_empty(one.node("include")))
    exclude = tuple(_named_sets(one, "exclude"))
    limit = one.whole("limit", DEFAULT_LIMIT, least=1, most=100_000_000)
    one.finish()
    if segment is None:
        return None
    return Audience(segment=segment, include=include, exclude=exclude, limit=limit)


def _is_empty(node: Node | None) -> bool:
    return node is None or (isinstance(node, Items) and not node.items)


def _segment(one: Reader, *, alone: bool) -> Segment | None:
    """Return the segment; without `include` it is required, and must not mean everybody."""
    node = one.node("segment")
    if node is None and not alone:
        return parse(NOBODY)
    if node is None:
        one.required("segment")
        return None
    if not isinstance(node, Text):
        one.note("not_text", "segment")
        return None
    try:
        segment = parse(node.value)
    except SegmentError as error:
        one.note(error.code, "segment", _place_in(node, error.offset), **_shown(error))
        return None
    if alone and selects_everybody(segment):
        one.note("segment_everybody", "segment")
        return None
    return segment


def _shown(error: SegmentError) -> dict[str, str]:
    """Return the error's facts; `key` names the place already."""
    return {("name" if name == "key" else name): value for name, value in error.params.items()}


def _place_in(node: Text, offset: int) -> Place:
    """Return where the `offset`-th character of a text stands in the file."""
    before = node.value[:offset]
    line = before.count("\n")
    if node.block_line != node.place.line:  # a block scalar: its lines begin under the key
        return Place(node.block_line + line, node.block_indent + len(before) - before.rfind("\n"))
    quote = 1 if node.is_quoted else 0
    return Place(node.place.line + line, node.place.column + quote + len(before) - (before.rfind("\n") + 1))


def _named_sets(one: Reader, key: str) -> list[tuple[str, str]]:
    """Return each "list:x", "tag:x" or "id:x" once, in an order of their own: a set has none."""
    sets = set()
    for text in one.texts(key):
        kind, separator, name = (part.strip() for part in text.value.partition(":"))
        if not separator or kind not in SET_KINDS or not name:
            one.note("not_a_set", key, text.place, value=text.value)
        else:
            sets.add((kind, name))
    return sorted(sets)
