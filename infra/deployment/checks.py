"""What must hold before anything is deployed: all that is wrong at once, each with its remedy."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.deployment.ending import End
from infra.deployment.functions import configuration

REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
OLDEST_PYTHON, FIRST_PYTHON_TOO_NEW = (3, 11), (3, 16)
"""What Lambda has a runtime for: the package is made for the Python that makes it."""
FIRST_PIP_TOO_NEW = (26, 3)
"""Chalice refuses it."""
LEFT_FOR_OTHERS = 100
"""AWS keeps so many concurrent functions for those that reserve none."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: `code` names its words, `remedy` is what to type."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What this machine would make the package with. None: not there."""

    python: tuple[int, int]
    pip: tuple[int, ...] | None
    has_chalice: bool


def workshop() -> Workshop:
    """Look at this machine."""
    has_pip = importlib.util.find_spec("pip") is not None
    digits = re.findall(r"\d+", version("pip")) if has_pip else []
    return Workshop(
        python=(sys.version_info.major, sys.version_info.minor),
        pip=tuple(map(int, digits[:2])) if has_pip else None,
        has_chalice=importlib.util.find_spec("chalice") is not None,
    )


def faults_of_workshop(found: Workshop) -> Iterator[Fault]:
    """Yield why a package could not be made here."""
    if not OLDEST_PYTHON <= found.python < FIRST_PYTHON_TOO_NEW:
        named = ".".join(map(str, found.python))
        yield Fault("deploy_python", {"python": named}, "PYTHON=python3.11 make clean setup")
    if found.pip is None or found.pip >= FIRST_PIP_TOO_NEW:
        named = ".".join(map(str, found.pip)) if found.pip else "-"
        yield Fault("deploy_pip", {"pip": named}, f"{sys.executable} -m pip install 'pip<26.3'")
    if not found.has_chalice:
        yield Fault("deploy_chalice", {}, "make setup")


def faults_of_wishes(region: str, mail: str, budget: float) -> Iterator[Fault]:
    """Yield what is wrong with what was asked for. An empty region is one that nobody named."""
    if not region:
        yield Fault("deploy_no_region", {}, "carillon deploy --region eu-west-1")
    elif not REGION.fullmatch(region):
        yield Fault("deploy_region", {"region": region[:40]}, "carillon deploy --region eu-west-1")
    if mail and not MAIL.fullmatch(mail):
        yield Fault("deploy_mail", {"mail": mail[:80]}, "carillon deploy --alarm-mail you@example.com")
    if budget and not mail:
        yield Fault("deploy_budget_without_mail", {}, "carillon deploy --alarm-mail you@example.com")


def account_of(sts: Any) -> str | Fault:
    """Return the account that these credentials open, or what is wrong with them."""
    try:
        return str(sts.get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        return Fault("deploy_credentials", {"reason": str(error)}, "aws configure   # or: aws sso login")


def faults_of_stack(name: str, status: str, end: End) -> Iterator[Fault]:
    """Yield why the stack takes no change now."""
    if end is End.UNDER_WAY:
        yield Fault("deploy_under_way", {"stack": name, "status": status}, "")
    elif end is End.STUCK:
        remedy = f"aws cloudformation continue-update-rollback --stack-name {name}"
        if status == "DELETE_FAILED":
            remedy = f"aws cloudformation delete-stack --stack-name {name}"
        yield Fault("deploy_stuck", {"stack": name, "status": status}, remedy)


def reserved_of(stage: str) -> int:
    """Return how many concurrent functions a stage reserves."""
    of_stage = configuration()["stages"][stage].get("lambda_functions", {})
    return sum(int(function.get("reserved_concurrency") or 0) for function in of_stage.values())


def faults_of_limits(stage: str, concurrent: int) -> Iterator[Fault]:
    """Yield when the account allows fewer functions at once than the stage reserves; a new one has ten."""
    needed = reserved_of(stage)
    if needed and needed + LEFT_FOR_OTHERS > concurrent:
        yield Fault(
            "deploy_concurrency",
            {"stage": stage, "needed": str(needed + LEFT_FOR_OTHERS), "has": str(concurrent)},
            "aws service-quotas request-service-quota-increase --service-code lambda "
            "--quota-code L-B99A9384 --desired-value 1000",
        )
