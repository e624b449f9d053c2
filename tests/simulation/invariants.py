"""What must hold at every moment, and what must hold at the end. The provider's log is the oracle."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from chalicelib.audience.consent import WHATSAPP, Basis, ConsentState, state_at
from chalicelib.audience.identity import PHONE, Identity
from chalicelib.audience.instant import DAY_MS, HOUR_MS
from chalicelib.sending.delivery import Delivery, Outcome, outcome_of
from chalicelib.steps.people import is_deferral
from chalicelib.steps.report import find_person
from chalicelib.tracking.retention import Kind
from tests.fakes.seconds import most_in_a_second
from tests.simulation.listening import is_told
from tests.simulation.scene import PEOPLE, TAGS, phone_of
from tests.simulation.universe import LAMBDA_MS, Universe

SPARE_MS = 100
"""How much later than promised something may be: clocks are 60 ms apart, and a network takes its time."""
CLOCKS_MS = 40
"""How far clocks may be apart."""
CLAIM_MS = 1_000
"""How long before its slot somebody is claimed, generously: who was in time then is in time."""


class Violation(AssertionError):
    """A promise was broken; the text says which, and by whom."""


def must(holds: bool, promise: str, *evidence: object) -> None:
    """Raise Violation unless the promise holds."""
    if not holds:
        raise Violation(f"{promise}: {', '.join(map(str, evidence))}")


def deliveries(universe: Universe, broadcast: str) -> dict[str, Delivery]:
    """Return the ledger's rows of a broadcast, by person."""
    rows: dict[str, Delivery] = {}
    after = None
    while True:
        page = universe.ports.chunks.page(broadcast, after=after)
        for chunk in page.items:
            if not is_deferral(chunk.id):
                for row in universe.ports.ledger.of_chunk(broadcast, chunk.id):
                    must(row.key.person not in rows, "one row per person", row.key)
                    rows[row.key.person] = row
        if page.next is None:
            return rows
        after = page.next


def always(universe: Universe) -> None:
    """Check what holds at every moment: again only when something was written, or an hour has gone by."""
    seen = (universe.written.rows(), universe.clock.now() // HOUR_MS)
    if seen == universe.judged:
        return
    for broadcast in universe.broadcasts.values():
        stored = universe.ports.broadcasts.get(broadcast)
        if stored is None or stored.state.value == "launching":
            continue
        report = universe.observer.pipeline.report(broadcast)
        must(report.proven, "everybody is accounted for", broadcast, report.as_dict())
        must("" not in report.waiting, "who waits has a reason", broadcast, report.as_dict())
        if not universe.is_sending and not _counting_was_hit(universe):
            told = _told(universe, broadcast)
            must(told == report.counters(), "counters equal the ledger", broadcast, told, report.counters())
        for row in deliveries(universe, broadcast).values():
            if outcome_of(row) is Outcome.WAITING and row.waiting:
                must(row.deadline_at is not None, "who waits has a deadline", row)
                must(row.due_at is not None, "who waits has an hour at which they are looked at", row)
    universe.judged = seen


def at_the_end(universe: Universe) -> None:
    """Check what holds when everything is over and every receipt has come."""
    universe.revive()
    always(universe)
    for broadcast in universe.broadcasts.values():
        stored = universe.ports.broadcasts.get(broadcast)
        must(
            stored is not None and stored.state.value in ("completed", "cancelled"),
            "it ends",
            broadcast,
            stored,
        )
    must(universe.is_over(), "everything comes to rest", universe.platform.summary()["webhooks"])
    messages = universe.log_of_platform()
    _once_each(messages)
    _ledger_agrees(universe, messages)
    _not_too_fast(universe)
    _not_faster_than_its_own_throttle(universe, messages)
    _not_too_often(universe, messages)
    _not_against_a_no(universe, messages)
    _a_no_is_kept(universe, messages)
    _not_after_an_order(universe, messages)
    _in_time(universe, messages)
    if universe.scene.announces:
        is_told(universe, must)
    for queue in ("plan", "launch", "dispatch", "send", "receipts", "inbound", "handoff"):
        letters = universe.home.queues.dead_letters(queue)
        must(not letters, "nothing is set aside", queue, [letter.body[:200] for letter in letters])
    _counters_are_mended(universe)
    _nothing_is_left_of_the_erased(universe)
    for queue, longest in universe.longest_ms.items():
        must(not universe.leases_only or longest <= LAMBDA_MS, "no step outlasts a Lambda", queue, longest)


def _parts(message: Mapping[str, Any]) -> list[str]:
    return str(message["echo"]).split("|")


def _once_each(messages: list[dict[str, Any]]) -> None:
    kept: Counter[tuple[str, str]] = Counter()
    echoes: Counter[str] = Counter()
    for message in messages:
        _, broadcast, _, person, _ = _parts(message)
        echoes[message["echo"]] += 1
        if message.get("failed") is None:
            kept[broadcast, person] += 1
    must(all(n == 1 for n in kept.values()), "nobody twice", [k for k, n in kept.items() if n > 1])
    must(
        all(n == 1 for n in echoes.values()),
        "an attempt is made once",
        [e for e, n in echoes.items() if n > 1],
    )


def _ledger_agrees(universe: Universe, messages: list[dict[str, Any]]) -> None:
    by_person: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for message in messages:
        by_person[_parts(message)[1], _parts(message)[3]].append(message)
    for broadcast in universe.broadcasts.values():
        report = universe.observer.pipeline.report(broadcast)
        must(report.complete, "the sum proves that it is over", broadcast, report.as_dict())
        told = _told(universe, broadcast)
        if not _counting_was_hit(universe):
            must(told == report.counters(), "counters equal the ledger", broadcast, told, report.counters())
        rows = deliveries(universe, broadcast)
        for person, row in rows.items():
            _agrees(row, by_person.pop((broadcast, person), []))
    must(not by_person, "every message has its row", list(by_person))


def _told(universe: Universe, broadcast: str) -> dict[str, int]:
    return {name: n for name, n in universe.ports.counters.get(broadcast).items() if n}


def _counters_are_mended(universe: Universe) -> None:
    """An hour later the counters equal the ledger whatever crashed, and there was nothing else to mend."""
    universe.clock.advance(HOUR_MS)
    universe.keeper.pipeline.sweep()
    for broadcast in universe.broadcasts.values():
        told, folded = _told(universe, broadcast), universe.observer.pipeline.report(broadcast).counters()
        must(told == folded, "an hour later the counters equal the ledger", broadcast, told, folded)
        verified = universe.keeper.pipeline.verify(broadcast)
        must(verified.adds_up and not verified.drift, "it adds up", broadcast, verified.faults)


def _counting_was_hit(universe: Universe) -> bool:
    """Say whether a fault came between a write of the ledger and its count, which is then mended.

    A process takes with it what each of its workers had still to count, wherever it died.
    """
    if not universe.leases_only and any(s.name.startswith("crash") for s in universe.fates.struck):
        return True
    broken = ("crash", "store")
    between = ("the call", "put", "add", "queues.send", "counters.", ": send")
    return any(
        s.name.startswith(broken) and any(word in s.name for word in between) for s in universe.fates.struck
    )


def _agrees(row: Delivery, messages: list[dict[str, Any]]) -> None:
    """Compare one person's row with what the provider was sent for them."""
    outcome = outcome_of(row)
    last = messages[-1] if messages else None
    told = [s for s in ("sent", "delivered", "read") if last and s in last["statuses"]]
    if outcome is Outcome.UNCERTAIN:
        is_known = last is not None and (told or last["failed"] is not None)
        known = last is not None and is_known and int(_parts(last)[4]) >= row.attempt
        must(not known, "what the provider has told is not uncertain", row, last)
    elif outcome is Outcome.ACCEPTED:
        must(last is not None and last.get("failed") is None, "what is accepted was sent", row, last)
        if told:
            must(row.rank.name.lower() == told[-1], "the ledger has what the provider told", row, last)
    elif outcome is Outcome.FAILED and last is not None and row.failed_code:
        kept = [m for m in messages if m.get("failed") is None]
        must(not kept, "what failed did not arrive", row, messages)
    elif outcome is Outcome.EXCLUDED:
        kept = [m for m in messages if m.get("failed") is None]
        must(not kept, "whoever is left out got nothing", row, messages)


def _not_too_fast(universe: Universe) -> None:
    for number, pace in universe.platform.summary()["numbers"].items():
        must(
            pace["peak_with_inbound"] <= universe.scene.per_second, "no second above the limit", number, pace
        )
        must(not pace["throttled"], "the provider never says too fast", number, pace)
    tier = universe.scene.tier
    for name, day in universe.platform.summary()["portfolios"].items():
        most = day["peak_recipients_in_24h"]
        must(tier is None or most <= tier, "no day above the tier", name, day)


def _not_faster_than_its_own_throttle(universe: Universe, messages: list[dict[str, Any]]) -> None:
    calls: dict[str, list[float]] = defaultdict(list)
    for message in messages:
        calls[_parts(message)[1]].append(message["t_ms"])
    for broadcast, instants in calls.items():
        stored = universe.ports.broadcasts.get(broadcast)
        if stored is not None and stored.max_per_second is not None:
            most = most_in_a_second(instants)
            must(
                most <= stored.max_per_second, "no second above the campaign's own throttle", broadcast, most
            )


def _not_too_often(universe: Universe, messages: list[dict[str, Any]]) -> None:
    """Nobody gets more than one marketing message in 24 hours, which is the usual policy."""
    kept = Counter(m["to"] for m in messages if m.get("failed") is None)
    must(
        all(n <= 1 for n in kept.values()), "nobody above their cap", [to for to, n in kept.items() if n > 1]
    )


def _not_against_a_no(universe: Universe, messages: list[dict[str, Any]]) -> None:
    """Whoever was claimed before their no was recorded may still be called, in the slot of that claim."""
    settles = universe.settings.claim_lead_ms + universe.settings.lateness_ms + SPARE_MS
    for message in messages:
        phone = f"+{message['to'].lstrip('+')}"
        for noes, promise in (
            (universe.said_no, "nobody after their no"),
            (universe.erased, "nobody after their erasure"),
        ):
            no = noes.get(phone)
            must(no is None or message["t_ms"] <= no + settles, promise, message, no)


def _a_no_is_kept(universe: Universe, messages: list[dict[str, Any]]) -> None:
    """Whoever said no, to us or by the provider's button, is recorded so: whatever was written beside it."""
    stopped = {f"+{message['to'].lstrip('+')}" for message in messages if message["stopped"]}
    for phone in sorted({*universe.said_no, *stopped}):
        person = find_person(universe.keeper.pipeline.home, phone)
        standing = universe.ports.standings.get(person)
        if standing is not None and standing.erased:
            continue  # a no to everything
        state, _ = state_at(
            standing.consents if standing is not None else {},
            WHATSAPP,
            "promotions",
            universe.clock.now(),
            basis=Basis.EXPLICIT_OPTIN,
            marketing=True,
        )
        must(state is ConsentState.REVOKED, "a no is kept", phone, standing)


def _nothing_is_left_of_the_erased(universe: Universe) -> None:
    """Once the sweep has looked again, what was begun of an erasure is done, also where its worker died."""
    for _ in range(2):
        universe.clock.advance(3 * DAY_MS)
        universe.keeper.pipeline.sweep()
    left = [k for k in universe.ports.keepings.due(universe.clock.now()) if k.kind is Kind.ERASURE]
    must(not left, "every erasure is finished", left)
    for tag in TAGS:
        for phone in (phone_of(tag, number) for number in range(PEOPLE)):
            standing = universe.ports.standings.get(find_person(universe.keeper.pipeline.home, phone))
            is_erased = standing is not None and standing.erased
            must(is_erased or phone not in universe.erased, "who was erased is", phone, standing)
            if is_erased and standing is not None:
                _is_forgotten(universe, standing.person, phone)


def _is_forgotten(universe: Universe, person: str, phone: str) -> None:
    ports = universe.ports
    must(ports.book.get(person) is None, "no contact is left of the erased", person)
    must(not ports.book.owners([Identity(PHONE, phone)]), "no name is left of the erased", phone)
    must(not ports.consents.page(person).items, "no consent is left of the erased", person)
    for broadcast in universe.broadcasts.values():
        row = deliveries(universe, broadcast).get(person)
        must(row is None or not row.wamid, "no message id is left of the erased", row)
    holding = [
        key for key in ports.objects.keys("plans/") if phone.encode() in (ports.objects.get(key) or b"")
    ]
    must(not holding, "no plan holds the erased", holding)


def _not_after_an_order(universe: Universe, messages: list[dict[str, Any]]) -> None:
    """A worker looks at its orders every so often, and then calls whoever is claimed already."""
    limits = universe.settings
    settles = limits.control_max_age_ms + limits.claim_lead_ms + limits.lateness_ms + SPARE_MS
    for message in messages:
        for acked in universe.paused.get(_parts(message)[1], []):
            late = message["t_ms"] > acked.at + settles
            resumed = acked.until is not None and message["t_ms"] >= acked.until
            must(not late or resumed, "nothing leaves after a pause", message, acked)


def _in_time(universe: Universe, messages: list[dict[str, Any]]) -> None:
    for message in messages:
        _, broadcast, chunk_id, _, attempt = _parts(message)
        chunk = universe.ports.chunks.get(broadcast, chunk_id)
        stored = universe.ports.broadcasts.get(broadcast)
        if chunk is None or stored is None:
            raise Violation(f"every message has its chunk: {message}")
        longest = (
            stored.window_ms if attempt == "1" and not _was_deferred(universe, message) else stored.expires_ms
        )
        must(message["t_ms"] >= chunk.wave - CLOCKS_MS, "nobody before their hour", message, chunk)
        must(message["t_ms"] <= chunk.wave + longest + CLAIM_MS, "nobody after their time", message, chunk)


def _was_deferred(universe: Universe, message: Mapping[str, Any]) -> bool:
    """Say whether somebody waited behind their own gate: they have until their broadcast expires."""
    _, broadcast, _, person, _ = _parts(message)
    page = universe.ports.chunks.page(broadcast)
    return any(member.person == person for chunk in page.items for member in chunk.members)
