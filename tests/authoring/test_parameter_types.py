"""What a parameter's value must be, its bounds, and how it is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.authoring.definition import Definition, Parameter, ValueKind
from chalicelib.authoring.parameter_types import typed
from chalicelib.authoring.reading import read, read_all
from chalicelib.authoring.rendering import Unrenderable
from chalicelib.planning.filling import Fillings, Refusal, Words
from tests.planning.building import DEFINITION, SENDER, person, template

FILE = """campaign: spring-news
category: marketing
sender: boutique
topic: promotions
audience: {segment: country = "ES"}
send_at: "2027-04-03 10:00"
"""


def parameter(type_: str, least: str = "", most: str = "", currency: str = "") -> Parameter:
    return Parameter(name="x", value="x", type=ValueKind(type_), least=least, most=most, currency=currency)


def written(one: Parameter, text: str, language: str = "en") -> str:
    write = typed(one)
    assert write is not None
    return write(text, language)


WRITTEN = [
    (parameter("integer"), "20", "en", "20"),
    (parameter("integer"), "+20", "en", "20"),
    (parameter("integer"), "-3", "en", "-3"),
    (parameter("integer", "5", "50"), "5", "en", "5"),
    (parameter("integer", "5", "50"), "50", "en", "50"),
    (parameter("currency", currency="MAD"), "1290", "fr", "1\u202f290\u00a0MAD"),
    (parameter("currency", currency="MAD"), "1290.5", "fr", "1\u202f290,50\u00a0MAD"),
    (parameter("currency", currency="EUR"), "1290.5", "en", "1,290.50\u00a0EUR"),
    (parameter("currency", currency="BRL"), "1290.5", "pt_BR", "1.290,50\u00a0BRL"),
    (parameter("currency", currency="MAD"), "49", "de", "49\u00a0MAD"),
    (parameter("date_time"), "2027-01-31", "fr", "31 janvier 2027"),
    (parameter("date_time"), "2027-01-31", "ar", "31 يناير 2027"),
    (parameter("date_time"), "2027-01-31 14:30", "en", "31 January 2027, 14:30"),
    (parameter("date_time"), "2027-01-31T00:00", "en", "31 January 2027, 00:00"),
]


@pytest.mark.parametrize(("one", "text", "language", "expected"), WRITTEN)
def test_a_value_is_written_as_its_type_is_in_the_language(
    one: Parameter, text: str, language: str, expected: str
) -> None:
    assert written(one, text, language) == expected


REFUSED = [
    (parameter("integer"), "20.0", "not a whole number"),
    (parameter("integer"), "vingt", "not a whole number"),
    (parameter("integer"), "٢٠", "not a whole number"),
    (parameter("integer"), "1 000", "not a whole number"),
    (parameter("integer", "5", "50"), "4", "below 5"),
    (parameter("integer", "5", "50"), "51", "above 50"),
    (parameter("integer", least="5"), "-6", "below 5"),
    (parameter("currency", most="99.90", currency="EUR"), "99.91", "above 99.90"),
    (parameter("currency", currency="EUR"), "1,5", "not an amount"),
    (parameter("currency", currency="EUR"), "NaN", "not an amount"),
    (parameter("date_time"), "31/01/2027", "not a date"),
    (parameter("date_time"), "2027-02-30", "not a date"),
    (parameter("date_time"), "2027-01-31T10:00Z", "not a date"),
    (parameter("date_time", least="2027-01-01"), "2026-12-31", "below 2027-01-01"),
    (parameter("date_time", most="2027-01-31 12:00"), "2027-01-31 12:01", "above 2027-01-31 12:00"),
]


@pytest.mark.parametrize(("one", "text", "rule"), REFUSED)
def test_a_value_of_another_type_or_out_of_bounds_is_refused_by_the_rule_it_breaks(
    one: Parameter, text: str, rule: str
) -> None:
    with pytest.raises(Unrenderable, match=rule) as caught:
        written(one, text)
    assert text not in str(caught.value)


def test_text_stays_as_it_is_at_no_cost() -> None:
    assert typed(parameter("text")) is None


def words(**fields: str) -> Words | Refusal:
    one = Parameter(
        name="name",
        value="{{ attr.discount }}",
        fallback={"": fields.pop("fallback", "20")},
        type=ValueKind.INTEGER,
        most="50",
    )
    use = Fillings(_with(one), {("soldes", "fr"): template("fr")}, SENDER.languages)
    return use.words_for(person(attributes=fields).contact, "fr")


def _with(one: Parameter) -> Definition:
    return replace(DEFINITION, template=replace(DEFINITION.template, parameters=(one,)))


def test_somebody_out_of_bounds_is_left_out_and_an_empty_value_takes_the_fallback_as_it_is() -> None:
    assert words(discount="60") == Refusal("parameter_invalid", "name: above 50")
    assert words(discount="30") == Words((("name", "30"),), ())
    assert words(fallback="beaucoup") == Words((("name", "beaucoup"),), ())


def one_parameter(options: str) -> str:
    return FILE + f"template: {{name: news, parameters: {{x: {{value: '{{{{ attr.x }}}}', {options}}}}}}}\n"


def test_type_bounds_and_currency_are_read() -> None:
    found = read(one_parameter("type: currency, min: 5, max: 50.5, currency: MAD")).template.parameters[0]
    assert (found.type, found.least, found.most, found.currency) == (
        ValueKind.CURRENCY,
        "5",
        "50.5",
        "MAD",
    )


FAULTS = [
    ("type: number", "not_a_choice"),
    ("type: integer, min: a", "bound_not_of_type"),
    ("type: integer, max: 1.5", "bound_not_of_type"),
    ("type: date_time, max: 31/01/2027", "bound_not_of_type"),
    ("min: 5", "bound_not_of_type"),
    ("type: integer, min: 50, max: 5", "bounds_reversed"),
    ("type: currency", "currency_needed"),
    ("type: currency, currency: dirham", "currency_invalid"),
    ("currency: MAD", "currency_without_type"),
    ("type: integer, least: 5", "key_unknown"),
]


@pytest.mark.parametrize(("options", "code"), FAULTS)
def test_a_fault_in_a_parameters_options_has_its_code_and_its_line(options: str, code: str) -> None:
    found = read_all(one_parameter(options)).problems
    assert [(p.code, p.line) for p in found] == [(code, 7)]
