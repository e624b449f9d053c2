"""deploy: from this checkout to a stage on AWS that answers, with everything said before it is done."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from cli.invocation import Invocation
from cli.on_aws import agreed, refuse, site_of, told, tools_of
from cli.refusal import Refusal
from cli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra.deployment.changes import Change
    from infra.deployment.checks import Fault
    from infra.deployment.releases import Release
    from infra.deployment.site import Site, Tools
    from infra.deployment.smoke import Finding
    from infra.deployment.stack import NotDeployed


def deploy(invocation: Invocation) -> int:
    """Deploy a stage with this machine's credentials."""
    return deployed(invocation, tools_of(invocation))


def deployed(invocation: Invocation, tools: Tools) -> int:
    """Check, package, show what would change, ask, do it, and see from outside whether it works."""
    site = checked(invocation, tools)
    screen, arguments = invocation.screen, invocation.arguments
    screen.say("deploy_where", stage=site.stage, account=site.account, region=tools.region)
    release = chosen(invocation, site)
    result: dict[str, Any] = {
        "stage": site.stage,
        "account": site.account,
        "region": tools.region,
        "release": release.name,
    }
    changes = changed(invocation, site, release)
    result |= {"changes": [_shape(change) for change in changes], "dry_run": arguments.dry_run}
    if arguments.dry_run:
        screen.say("deploy_dry_run")
        screen.result(result)
        return 0
    token = site.new_token(arguments.new_token, _deployer(tools))
    findings = site.smoke(release, token)
    result |= {"api": site.api(), "webhook": site.webhook(), "smoke": told(findings)}
    result |= {"token": token} if token else {}
    tell(screen, site, findings, token)
    screen.result(result)
    return 0 if all(finding.holds for finding in findings) else 1


def checked(invocation: Invocation, tools: Tools) -> Site:
    """Return the stage once all that must hold holds. Raises Refusal with everything that does not."""
    from infra.deployment import checks

    arguments = invocation.arguments
    faults = [
        *checks.faults_of_workshop(tools.workshop),
        *checks.faults_of_wishes(tools.region, arguments.alarm_mail, arguments.budget),
    ]
    site = site_of(invocation, tools, [*faults, *_limits(invocation, tools)])
    if arguments.rollback and site.running is None:
        refuse(invocation, [checks.Fault("deploy_nothing_before", {"stage": site.stage})])
    return site


def _limits(invocation: Invocation, tools: Tools) -> Iterator[Fault]:
    """Yield what the account does not allow, where that can be asked."""
    from botocore.exceptions import BotoCoreError, ClientError

    from infra.deployment import checks

    if not tools.region:
        return
    try:
        limits = tools.new_client("lambda").get_account_settings()["AccountLimit"]
    except (BotoCoreError, ClientError):
        return  # without credentials, which is said by itself
    yield from checks.faults_of_limits(invocation.arguments.stage, int(limits["ConcurrentExecutions"]))


def chosen(invocation: Invocation, site: Site) -> Release:
    """Return the release to deploy: this checkout's, or the one before. Raises Refusal."""
    from infra.deployment.checks import Fault
    from infra.packaging import NotPackaged

    screen = invocation.screen
    if invocation.arguments.rollback:
        release = site.going_back()
        if release is None:
            refuse(invocation, [Fault("deploy_nothing_before", {"stage": site.stage})])
        assert release is not None
        screen.say("deploy_rollback", release=release.name)
        return release
    screen.progress(screen.word("deploy_packaging"))
    with TemporaryDirectory(prefix="carillon-deploy-") as folder:
        try:
            site.tools.package(site.stage, Path(folder))
        except NotPackaged as error:
            words = screen.word("deploy_not_packaged", reason=error)
            raise Refusal("deploy_not_packaged", words, "make setup") from error
        release = site.kept(Path(folder))
    screen.say("deploy_packaged", release=release.name)
    return release


def changed(invocation: Invocation, site: Site, release: Release) -> Sequence[Change]:
    """Propose, tell, ask and execute; returns what was changed. Raises Refusal."""
    from infra.deployment.stack import NotDeployed

    screen, arguments = invocation.screen, invocation.arguments
    try:
        change_set = site.propose(release, parameters_of(invocation, site, release))
    except NotDeployed as failure:
        raise failed(screen, failure) from failure
    if not change_set:
        screen.say("deploy_no_change")
        return ()
    is_wanted = False
    try:
        changes = site.stack.changes(change_set)
        show(screen, changes)
        if not arguments.dry_run:
            refuse_losses(invocation, changes)
            agreed(invocation, "deploy_sure", stack=site.stack.name)
            is_wanted = True
    finally:
        if not is_wanted:
            site.stack.abandon(change_set)
    if is_wanted:
        execute(screen, site, change_set, len(changes))
        site.note(release, is_rollback=arguments.rollback)
    return changes


def execute(screen: Screen, site: Site, change_set: str, total: int) -> None:
    """Have CloudFormation do it. Raises Refusal that says what failed, and what runs now."""
    from infra.deployment.stack import NotDeployed

    try:
        site.stack.execute(
            change_set, lambda n: screen.progress(screen.word("deploy_progress", done=n, total=total))
        )
    except NotDeployed as failure:
        raise failed(screen, failure) from failure
    screen.say("deploy_done", stack=site.stack.name)


def failed(screen: Screen, failure: NotDeployed) -> Refusal:
    """Return what CloudFormation said, and what runs now."""
    problems = [{"code": "deploy_failed", "text": reason} for reason in failure.reasons]
    now = screen.word(f"deploy_end_{failure.end.value}")
    problems.append({"code": f"deploy_end_{failure.end.value}", "text": now})
    return Refusal("deploy_failed", now, "", problems)


def parameters_of(invocation: Invocation, site: Site, release: Release) -> dict[str, str]:
    """Return the template's parameters that were given. Raises Refusal for one that it does not have."""
    from infra.deployment.checks import Fault

    arguments = invocation.arguments
    given = dict(arguments.parameter)
    if arguments.alarm_mail:
        given["AlarmMail"] = arguments.alarm_mail
    if arguments.budget:
        given["MonthlyBudgetUsd"] = f"{arguments.budget:g}"
    known = site.parameters(release)
    unknown = sorted(set(given) - set(known))
    params = {"names": ", ".join(unknown), "known": ", ".join(sorted(known))}
    refuse(invocation, [Fault("deploy_parameter", params)] if unknown else [])
    return given


def show(screen: Screen, changes: Sequence[Change]) -> None:
    """Tell what would change, a line for each deed and kind."""
    from infra.deployment.changes import MOST_NAMES, rows

    table = []
    for row in rows(changes):
        names = ", ".join(row.names[:MOST_NAMES])
        more = len(row.names) - MOST_NAMES
        names += f" {screen.word('deploy_more', count=more)}" if more > 0 else ""
        kind = screen.word(f"deploy_kind_{row.kind}")
        kind = row.kind if kind.startswith("deploy_kind_") else kind
        table.append((screen.word(f"deploy_{row.deed.value}"), len(row.names), kind, names))
    screen.table(table)


def refuse_losses(invocation: Invocation, changes: Sequence[Change]) -> None:
    """Raise Refusal for everything that would lose data and was not named."""
    from infra.deployment.changes import losses
    from infra.deployment.checks import Fault

    stage = invocation.arguments.stage
    refuse(
        invocation,
        [
            Fault(
                "deploy_loses",
                {"name": change.logical_id, "deed": invocation.screen.word(f"deploy_{change.deed.value}")},
                f"carillon deploy --stage {stage} --lose {change.logical_id}",
            )
            for change in losses(changes, invocation.arguments.lose)
        ],
    )


def tell(screen: Screen, site: Site, findings: Sequence[Finding], token: str) -> None:
    """Say what was found from outside, the addresses, what Meta's console wants, and what comes next."""
    from infra.deployment.secret_values import NAMES
    from infra.deployment.site import WEBHOOK_FIELDS

    for finding in findings:
        mark = screen.word("smoke_yes" if finding.holds else "smoke_no")
        seen = "" if finding.holds else f" ({finding.seen})"
        screen.line(f"  {mark} {screen.word(finding.code)}{seen}")
    if not all(finding.holds for finding in findings):
        screen.complain(screen.word("smoke_failed"))
        screen.complain(screen.word("next", text=f"carillon deploy --stage {site.stage} --rollback"))
    if token:
        screen.say("deploy_token")
        screen.line(token)
    screen.say("deploy_api", url=site.api())
    command = f"aws secretsmanager get-secret-value --secret-id {site.stack.name} --query SecretString"
    screen.say("deploy_meta", url=site.webhook(), command=command, fields=", ".join(WEBHOOK_FIELDS))
    empty = [named.name for named in site.secret.names() if named.name in NAMES and not named.is_set]
    for name in empty:
        screen.say("next", text=f"carillon secrets set {name} --stage {site.stage}")
    screen.say("next", text=f"CARILLON_TOKEN=… carillon push campaigns --api {site.api()}")


def _deployer(tools: Tools) -> str:
    from infra.deployment.site import deployer_of

    return deployer_of(tools.new_client("sts"))


def _shape(change: Change) -> dict[str, Any]:
    return {
        "deed": change.deed.value,
        "kind": change.kind,
        "name": change.logical_id,
        "loses_data": change.loses_data,
    }
