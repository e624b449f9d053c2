"""What the platform says of templates, on every home."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.authoring.registry import RegisteredTemplate
from chalicelib.ports import Ports, Write
from tests.contracts import values
from tests.contracts.test_people import all_of

WABA = values.REGISTERED.waba


def stored(ports: Ports, *keys: tuple[str, str, str]) -> None:
    items = [RegisteredTemplate(waba=waba, name=name, language=language) for waba, name, language in keys]
    for start in range(0, len(items), 100):
        assert all(ports.registry.put_all([Write(item, None) for item in items[start : start + 100]]))


def test_a_template_is_found_by_account_name_and_language(ports: Ports) -> None:
    ports.registry.put_all([Write(values.REGISTERED, None)])
    assert ports.registry.get(WABA, "soldes_hiver", "pt_BR") == replace(values.REGISTERED, version=1)
    assert ports.registry.get(WABA, "soldes_hiver", "pt") is None
    assert ports.registry.get("1", "soldes_hiver", "pt_BR") is None


def test_the_languages_of_a_name_are_not_those_of_a_longer_name(ports: Ports) -> None:
    stored(ports, (WABA, "promo", "ar"), (WABA, "promo", "fr"), (WABA, "promo_2", "fr"), ("1", "promo", "en"))
    assert [t.language for t in ports.registry.of(WABA, "promo")] == ["ar", "fr"]
    assert ports.registry.of(WABA, "prom") == []


def test_an_account_is_paged_by_name_and_language(ports: Ports) -> None:
    names = [f"t{n:03d}" for n in range(120)]
    stored(ports, *((WABA, name, "fr") for name in names), ("1", "other", "fr"))
    ports.registry.mark_synced(WABA, 1)
    pages = all_of(lambda after: ports.registry.page(WABA, after=after))
    assert [template.name for template in pages] == names


def test_an_account_is_paged_from_any_name_and_language_in_the_order_of_the_two_as_one_text(
    ports: Ports,
) -> None:
    stored(ports, (WABA, "promo_2", "ar"), (WABA, "promo", "fr"), (WABA, "promo", "ar"), (WABA, "a", "fr"))
    found = ports.registry.page(WABA, after="promo|aa")
    assert [f"{t.name}|{t.language}" for t in found.items] == ["promo_2|ar", "promo|ar", "promo|fr"][1:]
    found = ports.registry.page(WABA, after="a|fr")
    assert [f"{t.name}|{t.language}" for t in found.items] == ["promo_2|ar", "promo|ar", "promo|fr"]
    assert found.next is None


def test_when_an_account_was_listed_is_the_last_instant_marked(ports: Ports) -> None:
    assert ports.registry.synced_at(WABA) is None
    ports.registry.mark_synced(WABA, values.AT)
    ports.registry.mark_synced(WABA, values.AT + 1)
    assert ports.registry.synced_at(WABA) == values.AT + 1
    assert ports.registry.synced_at("1") is None
