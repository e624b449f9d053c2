"""What CloudWatch makes of log lines and numbers, as far as the template asks for it.

Patterns of metric filters: "Filter pattern syntax for metric filters",
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html, the part over JSON.
Of alarms: "Alarm evaluation" and "Configuring how alarms treat missing data",
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html.
What the template does not use is refused, never guessed.
"""

from __future__ import annotations

import math
import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TERM = re.compile(r'\(?\s*\$\.(\w+)\s*(!=|<=|>=|=|<|>)\s*("[^"]*"|\*|-?\d+(?:\.\d+)?)\s*\)?')
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
}
NUMERIC: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
Metric = tuple[str, str, str]
"""Namespace, name, and the one dimension's value, "" without one."""


@dataclass(frozen=True)
class Datum:
    """One value of a metric; `at` in seconds."""

    metric: Metric
    at: float
    value: float


def matches(pattern: str, line: Mapping[str, Any]) -> bool:
    """Say whether a pattern takes a line: `{ term && term }`. Raises ValueError for another syntax."""
    inner = re.fullmatch(r"\{(.*)\}", pattern.strip())
    terms = [] if inner is None else [TERM.fullmatch(term.strip()) for term in inner[1].split("&&")]
    if not terms or None in terms:
        raise ValueError(f"a pattern that this does not know: {pattern}")
    return all(_holds(line, *term.groups()) for term in terms if term is not None)


def _holds(line: Mapping[str, Any], name: str, sign: str, wanted: str) -> bool:
    if name not in line:
        return False
    found = line[name]
    if wanted == "*":
        return sign == "="
    if sign in ("=", "!="):
        same = str(found) == wanted[1:-1] if wanted.startswith('"') else _number(found) == float(wanted)
        return same is (sign == "=")
    number = _number(found)
    return number is not None and NUMERIC[sign](number, float(wanted))


def _number(found: Any) -> float | None:
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def data_of(
    filters: Iterable[Mapping[str, Any]], lines: Iterable[tuple[float, Mapping[str, Any]]]
) -> Iterator[Datum]:
    """Yield what metric filters make of lines, each with its instant.

    A value that is a field is published only where the line has it as a number;
    a line that a filter does not take counts as its default value.
    """
    made = [(f["FilterPattern"], change) for f in filters for change in f["MetricTransformations"]]
    for at, line in lines:
        for pattern, change in made:
            metric = (change["MetricNamespace"], change["MetricName"], "")
            if not matches(pattern, line):
                yield Datum(metric, at, float(change["DefaultValue"]))
                continue
            asked = str(change["MetricValue"])
            value = _number(line.get(asked[2:])) if asked.startswith("$.") else float(asked)
            if value is not None:
                yield Datum(metric, at, value)


def fires(alarm: Mapping[str, Any], data: Sequence[Datum], *, since: float, until: float) -> bool:
    """Say whether an alarm would go off in some period between two instants."""
    assert alarm["EvaluationPeriods"] == 1, "more periods than one are not played"
    seconds = _period(alarm)
    first, last = math.floor(since / seconds), math.floor(until / seconds)
    by_period: dict[int, dict[Metric, list[float]]] = defaultdict(lambda: defaultdict(list))
    for datum in data:
        by_period[math.floor(datum.at / seconds)][datum.metric].append(datum.value)
    return any(_is_over(alarm, by_period[period]) for period in range(first, last + 1))


def _period(alarm: Mapping[str, Any]) -> int:
    asked = {query["MetricStat"]["Period"] for query in alarm.get("Metrics", ()) if "MetricStat" in query}
    (period,) = asked or {alarm["Period"]}
    return int(period)


def _is_over(alarm: Mapping[str, Any], values: Mapping[Metric, list[float]]) -> bool:
    found = _expressed(alarm["Metrics"], values) if "Metrics" in alarm else _watched(alarm, values)
    if found is None:
        return bool(alarm["TreatMissingData"] == "breaching")
    return COMPARISONS[alarm["ComparisonOperator"]](found, alarm["Threshold"])


def metric_of(asked: Mapping[str, Any]) -> Metric:
    """Return the metric that an alarm or a query is about."""
    dimensions = [dimension["Value"] for dimension in asked.get("Dimensions", ())]
    assert len(dimensions) <= 1
    return asked["Namespace"], asked["MetricName"], "".join(dimensions)


def _watched(alarm: Mapping[str, Any], values: Mapping[Metric, list[float]]) -> float | None:
    statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
    return _statistic(statistic, values.get(metric_of(alarm), []))


def _statistic(name: str, values: Sequence[float]) -> float | None:
    if not values:
        return None
    if name.startswith("p"):
        return sorted(values)[math.ceil(len(values) * float(name[1:]) / 100) - 1]
    return sum(values) if name == "Sum" else {"Maximum": max}[name](values)


def _expressed(queries: Sequence[Mapping[str, Any]], values: Mapping[Metric, list[float]]) -> float | None:
    """Return what metric math gives: nothing where a metric is missing or it divides by zero."""
    known: dict[str, float | None] = {}
    (expression,) = [query["Expression"] for query in queries if query.get("ReturnData")]
    for query in queries:
        if "MetricStat" in query:
            asked = query["MetricStat"]
            known[query["Id"]] = _statistic(asked["Stat"], values.get(metric_of(asked["Metric"]), []))
    if None in known.values():
        return None
    try:
        return float(eval(expression, {"__builtins__": {}}, known))  # our own template's, of + - * / and ()
    except ZeroDivisionError:
        return None
