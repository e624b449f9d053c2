"""secrets set, list, forget-old: what a stage on AWS and WhatsApp know each other by."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from cli.invocation import Invocation
from cli.on_aws import site_of, tools_of
from cli.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.deployment.checks import Fault
    from infra.deployment.site import Site, Tools


def set_secret(invocation: Invocation) -> int:
    """Write one value, read from a hidden prompt or standard input."""
    return was_set(invocation, tools_of(invocation), value_of(invocation))


def was_set(invocation: Invocation, tools: Tools, value: str) -> int:
    """Write one value; an app secret that was there stays valid beside it."""
    from infra.deployment import secret_values
    from infra.deployment.checks import Fault

    screen, name = invocation.screen, invocation.arguments.name
    params = {"name": name[:60], "known": ", ".join(secret_values.NAMES), "most": str(secret_values.LONGEST)}
    faults = [] if secret_values.is_known(name) else [Fault("secret_unknown", params)]
    if not 0 < len(value) <= secret_values.LONGEST or not value.isprintable():
        faults.append(Fault("secret_value", params))
    site = _site(invocation, tools, faults)
    at = tools.now().replace(microsecond=0).isoformat()
    has_old = site.secret.set(name, value, at)
    screen.say("secret_set", name=name)
    if has_old:
        screen.say("secret_old_kept", command=f"carillon secrets forget-old --stage {site.stage}")
    screen.result({"stage": site.stage, "name": name, "changed_at": at, "old_kept": has_old})
    return 0


def value_of(invocation: Invocation) -> str:
    """Return the value: typed unseen on a terminal, else all of standard input."""
    screen = invocation.screen
    if screen.is_asked:
        return getpass.getpass(screen.word("secret_prompt", name=invocation.arguments.name) + " ").strip()
    return screen.given(65_536).strip()


def forget_old(invocation: Invocation) -> int:
    """Have only the present app secret count."""
    return forgotten(invocation, tools_of(invocation))


def forgotten(invocation: Invocation, tools: Tools) -> int:
    """Have only the present app secret count; again it changes nothing."""
    site = _site(invocation, tools)
    had = site.secret.forget_old()
    invocation.screen.say("secret_old_gone" if had else "secret_no_old")
    invocation.screen.result({"stage": site.stage, "forgotten": had})
    return 0


def listing(invocation: Invocation) -> int:
    """Show which values there are, never the values."""
    return listed(invocation, tools_of(invocation))


def listed(invocation: Invocation, tools: Tools) -> int:
    """Show which values there are and when each was written."""
    screen, site = invocation.screen, _site(invocation, tools)
    names = site.secret.names()
    screen.table(
        [
            (n.name, screen.word("secret_there" if n.is_set else "secret_empty"), n.changed_at or None)
            for n in names
        ],
        indent="",
    )
    screen.result(
        {
            "stage": site.stage,
            "secrets": [{"name": n.name, "set": n.is_set, "changed_at": n.changed_at or None} for n in names],
        }
    )
    return 0


def _site(invocation: Invocation, tools: Tools, faults: Iterable[Fault] = ()) -> Site:
    """Return the stage, which must have its secret. Raises Refusal."""
    from infra.deployment import checks

    wishes = checks.faults_of_wishes(tools.region, "", 0)
    site = site_of(invocation, tools, [*faults, *wishes])
    if not site.secret.exists():
        stage = invocation.arguments.stage
        words = invocation.screen.word("secret_none", stage=stage)
        raise Refusal("secret_none", words, f"carillon deploy --stage {stage}")
    return site
