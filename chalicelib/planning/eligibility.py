"""Eligibility: the pure core of fan out. One person in, one row of the manifest out.

The gates stand in the format's order and the first that says no gives the
reason. All that does not depend on the person is worked out beforehand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from hashlib import blake2b

from chalicelib.audience.consent import WHATSAPP, ConsentState, state_at
from chalicelib.audience.contact import Contact
from chalicelib.audience.instant import Instant, to_iso
from chalicelib.audience.segment import NOTHING, Memory
from chalicelib.audience.standing import Person, Standing
from chalicelib.audience.suppression import suppressed_by
from chalicelib.authoring.definition import Category, Definition
from chalicelib.authoring.policy import Policy
from chalicelib.authoring.senders import Sender
from chalicelib.authoring.template import Template
from chalicelib.planning.country_rules import CountryRules
from chalicelib.planning.experiment import draw
from chalicelib.planning.filling import Fillings, Refusal
from chalicelib.planning.plan import ExcludedRow, Planned, Row, Tally
from chalicelib.planning.selection import Selection
from chalicelib.planning.timing import Timings
from chalicelib.planning.turn import Timing

NO_COUNTRY = "ZZ"
"""ISO 3166 keeps it free for "unknown"."""

_FAILS_PLAN = {"language_missing": "language_missing_people"}
_WARNS = {"parameter_invalid": "parameter_invalid_people", "parameter_missing": "parameter_missing_people"}


class Eligibility:
    """One definition against one evaluation instant, compiled once per task.

    It keeps count while it judges, so one instance serves one task.
    """

    def __init__(
        self,
        *,
        definition: Definition,
        sender: Sender,
        policy: Policy,
        templates: Mapping[tuple[str, str], Template],
        evaluated_at: Instant,
        salt_key: bytes,
        memory: Memory = NOTHING,
    ) -> None:
        """`evaluated_at` stands for the launch; `salt_key` is secret, at most 64 bytes.

        `memory` is what the segment may ask of earlier campaigns.
        """
        self._definition = definition
        self._selection = Selection(definition.audience, evaluated_at, memory)
        self._marketing = definition.category is Category.MARKETING
        self._country_rules = CountryRules(policy, definition.category)
        self._timings = Timings(
            definition, policy.quiet_hours_for(definition), evaluated_at, self._country_rules
        )
        self._fillings = Fillings(definition, templates, sender.languages)
        self._evaluated_at = evaluated_at
        self._salt_key = salt_key
        self._count_by_timing: Counter[Timing] = Counter()
        self._count_by_country: Counter[str] = Counter()
        self._faults: dict[tuple[str, str], tuple[int, str, str]] = {}

    def judge(self, person: Person) -> Row | None:
        """Return the person's row, None when they are not in the audience."""
        contact, standing = person.contact, person.standing
        if not self._selection.selects(contact):
            return None
        refusal = self._unreachable(contact, standing)
        if refusal is not None:
            return self._excluded(contact.id, refusal)
        phone = standing.phone or ""
        timing = self._timings.of(contact.timezone, contact.country, phone)
        state, consent_at = self._consent(standing, timing)
        if state is not ConsentState.GRANTED:
            seen = "no grant" if consent_at is None else f"granted {to_iso(consent_at)}"
            return self._excluded(contact.id, Refusal(f"consent.{state.value}", seen))
        blocked = self._country_rules.blocks(phone, self._timings.region_of)
        if blocked is not None:
            return self._excluded(contact.id, Refusal("country_blocked", blocked))
        self._count_by_timing[timing] += 1
        if timing.refusal is not None:
            return self._excluded(contact.id, Refusal(*timing.refusal))
        return self._planned(contact, phone, timing, consent_at)

    def tally(self) -> Tally:
        """Return what was counted so far beside the rows."""
        concerns: Counter[str] = Counter()
        for timing, people in self._count_by_timing.items():
            concerns.update(dict.fromkeys(timing.concerns, people))
        problems = []
        examples = {}
        for (reason, detail), (people, example, saw) in sorted(self._faults.items()):
            if reason in _FAILS_PLAN:
                problems.append((_FAILS_PLAN[reason], detail, people, example))
            else:
                concerns[_WARNS[reason]] += people
                examples[_WARNS[reason]] = f"{example}: {saw}"
        return Tally(
            countries=dict(self._count_by_country),
            no_country=sum(n for timing, n in self._count_by_timing.items() if timing.no_country),
            past=sum(n for timing, n in self._count_by_timing.items() if timing.past),
            problems=tuple(problems),
            concerns=dict(concerns),
            met=tuple(sorted(self._selection.met)),
            examples=examples,
        )

    def _unreachable(self, contact: Contact, standing: Standing) -> Refusal | None:
        """Return why this person is not written to at all, whatever they agreed to."""
        named = self._selection.excluded_by(contact)
        if named is not None:
            return Refusal("exclude_list", named)
        if not standing.phone or standing.erased:
            return Refusal("invalid_address", "erased" if standing.erased else "no number")
        cause = suppressed_by(standing)
        return None if cause is None else Refusal("suppressed", cause)

    def _consent(self, standing: Standing, timing: Timing) -> tuple[ConsentState, Instant | None]:
        """Return the consent as it will stand at the send instant: evidence may age out before it."""
        rule = self._definition.consent
        return state_at(
            standing.consents,
            WHATSAPP,
            self._definition.topic,
            max(timing.instant, self._evaluated_at),
            basis=rule.basis,
            max_age_months=rule.max_age_months,
            max_age_ms=rule.max_age_ms,
            marketing=self._marketing,
        )

    def _planned(self, contact: Contact, phone: str, timing: Timing, consent_at: Instant | None) -> Row:
        language = self._fillings.language_of(contact)
        if language is None:
            return self._faulty(contact.id, Refusal("language_missing", contact.language or "missing"))
        words = self._fillings.words_for(contact, language)
        if isinstance(words, Refusal):
            return self._faulty(contact.id, words)
        if self._is_held_out(contact.id):
            would = to_iso(timing.instant) if timing.instant else "the launch"
            return self._excluded(contact.id, Refusal("holdout", f"would have been sent at {would}"))
        self._count_by_country[contact.country or self._timings.region_of(phone) or NO_COUNTRY] += 1
        return Planned(
            person=contact.id,
            to=phone,
            instant=timing.instant,
            language=language,
            parameters=words.parameters,
            buttons=words.buttons,
            header=words.header,
            cards=words.cards,
            zone=timing.zone,
            zone_from=timing.zone_from,
            consent_at=consent_at,
            salt=self._salt(contact.id),
            countries=timing.countries,
        )

    def _is_held_out(self, person: str) -> bool:
        experiment = self._definition.experiment
        return experiment is not None and draw(experiment.salt, person) < experiment.holdout

    def _faulty(self, person: str, refusal: Refusal) -> ExcludedRow:
        """Exclude somebody for a fault in our data, and remember one of them as an example."""
        place = (refusal.reason, refusal.saw if refusal.reason in _FAILS_PLAN else "")
        people, example, saw = self._faults.get(place, (0, person, refusal.saw))
        self._faults[place] = (people + 1, example, saw)
        return self._excluded(person, refusal)

    def _excluded(self, person: str, refusal: Refusal) -> ExcludedRow:
        return ExcludedRow(person=person, reason=refusal.reason, saw=refusal.saw, salt=self._salt(person))

    def _salt(self, person: str) -> str:
        """Return what makes a row's digest unguessable, the same for the same person and run."""
        return blake2b(person.encode(), key=self._salt_key, digest_size=8).hexdigest()
