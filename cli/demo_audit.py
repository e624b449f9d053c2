"""The audit: what the platform's own log says, against what the report says.

The log is the oracle: it knows every message that was accepted and every status
that was acknowledged, and shares no code with us.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

RANKS = ("sent", "delivered", "read")

Explain = Callable[[str], Mapping[str, Any]]


@dataclass(slots=True)
class Oracle:
    """The log's messages of one broadcast, folded per person."""

    messages: int = 0
    accepted: int = 0
    uncertain: int = 0
    reached: Counter[str] = field(default_factory=Counter)
    replied: int = 0
    opt_outs: int = 0
    failed_people: dict[str, str] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)


def oracle_of(log: Sequence[Mapping[str, Any]], broadcast: str) -> Oracle:
    """Fold the log. The echo is `version|broadcast|chunk|person|attempt`."""
    by_person: dict[str, list[Mapping[str, Any]]] = {}
    for message in log:
        parts = str(message.get("echo") or "").split("|")
        if len(parts) == 5 and parts[1] == broadcast:
            by_person.setdefault(parts[3], []).append(message)
    oracle = Oracle()
    for person, messages in by_person.items():
        _fold_person(oracle, person, messages)
    return oracle


def _fold_person(oracle: Oracle, person: str, messages: Sequence[Mapping[str, Any]]) -> None:
    oracle.messages += len(messages)
    echoes = {message["echo"] for message in messages}
    kept = [message for message in messages if message.get("failed") is None]
    if len(kept) > 1 or len(echoes) < len(messages):
        oracle.twice.append(person)
    if not kept:
        oracle.failed_people[person] = str(messages[-1]["failed"])
        return
    message = kept[0]
    told = [RANKS.index(status) for status in message["statuses"] if status in RANKS]
    if not told and not message["answered"]:
        oracle.uncertain += 1
        return
    oracle.accepted += 1
    oracle.reached.update(RANKS[: max(told, default=-1) + 1])
    oracle.replied += bool(message["replied"])
    oracle.opt_outs += bool(message["stopped"])


def differences(
    report: Mapping[str, Any], oracle: Oracle, summary: Mapping[str, Any], explain: Explain
) -> list[str]:
    """Return every difference between report and log, as sentences; none is what we want."""
    told = {
        "accepted": oracle.accepted,
        "uncertain": oracle.uncertain,
        **{rank: oracle.reached[rank] for rank in RANKS},
        "replied": oracle.replied,
        "opt_outs": oracle.opt_outs,
    }
    found = [
        f"{name}: the report says {report[name]}, the platform's log {number}"
        for name, number in told.items()
        if report[name] != number
    ]
    found += _failures(report, oracle, summary.get("refused") or {}, explain)
    found += [f"{person} got it twice" for person in oracle.twice]
    if not report.get("proven", True):
        found.append("the outcomes do not add up to the audience")
    return found + _rates(summary)


def _failures(
    report: Mapping[str, Any], oracle: Oracle, refused: Mapping[str, int], explain: Explain
) -> list[str]:
    """Compare codes. Whoever is tried again is waiting, or is excluded where no time is left."""
    expected: Counter[str] = Counter()
    found = []
    for person, code in oracle.failed_people.items():
        seen = explain(person)
        if seen["outcome"] == "failed":
            expected[code] += 1
        elif seen["outcome"] not in ("waiting", "excluded", "claimed"):
            found.append(f"{person} failed with {code}, and explain says {seen['outcome']}")
    said = Counter({str(code): n for code, n in report["failed"].items()})
    for code in sorted(said.keys() | expected.keys()):
        at_once = said[code] - expected[code]  # refused in the answer itself; the log counts those by code
        if not 0 <= at_once <= refused.get(code, 0):
            found.append(f"failed {code}: the report says {said[code]}, the platform's log {expected[code]}")
    return found


def _rates(summary: Mapping[str, Any]) -> list[str]:
    found = []
    for number, pace in (summary.get("numbers") or {}).items():
        if pace["peak_with_inbound"] > pace["limit"]:
            found.append(f"{number}: {pace['peak_with_inbound']} in one second, the limit is {pace['limit']}")
        if pace["throttled"]:
            found.append(f"{number}: {pace['throttled']} calls were refused as too many")
    return found
