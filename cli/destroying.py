"""destroy: a stage's functions, queues and schedules go; what holds data stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.deploying import failed
from cli.invocation import Invocation
from cli.on_aws import refuse, site_of, tools_of
from cli.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.deployment.checks import Fault
    from infra.deployment.remains import Kept, Work
    from infra.deployment.site import Site, Tools


def destroy(invocation: Invocation) -> int:
    """Remove a stage with this machine's credentials."""
    return destroyed(invocation, tools_of(invocation))


def destroyed(invocation: Invocation, tools: Tools) -> int:
    """Look at what is going on, have the stage's name typed, remove, and say what is kept."""
    from infra.deployment import checks
    from infra.deployment.remains import Work, work_of
    from infra.deployment.stack import NotDeployed

    screen, arguments = invocation.screen, invocation.arguments
    region = list(checks.faults_of_wishes(tools.region, "", 0))
    site = site_of(invocation, tools, region)
    running = site.running
    if not site.stack.exists() or running is None:
        refuse(invocation, [checks.Fault("destroy_nothing", {"stage": site.stage, "region": tools.region})])
    work = Work() if arguments.even_if_running else work_of(site.pipeline())
    refuse(invocation, faults_of_work(work, site.stage))
    kept = keeping(site)
    screen.say("destroy_keeps")
    screen.table([(screen.word(f"deploy_kind_{one.kind}"), one.name, one.holds) for one in kept])
    confirmed(invocation)
    try:
        site.stack.destroy(lambda n: screen.progress(screen.word("destroy_progress", done=n)))
    except NotDeployed as failure:
        raise failed(screen, failure) from failure
    screen.say("destroy_done", stack=site.stack.name)
    screen.say("destroy_by_hand")
    for one in kept:
        for command in one.by_hand:
            screen.line(f"  {command}")
    screen.say("destroy_again", stage=site.stage)
    screen.result({"stage": site.stage, "destroyed": True, "kept": [_shape(one) for one in kept]})
    return 0


def faults_of_work(work: Work, stage: str) -> list[Fault]:
    """Return what stands against removing a stage that is in the middle of something."""
    from infra.deployment.checks import Fault

    faults = [
        Fault("destroy_broadcast", {"broadcast": name}, f"carillon cancel {name}") for name in work.broadcasts
    ]
    for code, queues in (("destroy_messages", work.messages), ("destroy_dead", work.dead)):
        faults += [
            Fault(code, {"queue": queue, "count": str(count)}, f"carillon queue show {queue}")
            for queue, count in queues
        ]
    if faults:
        faults.append(Fault("destroy_even", {}, f"carillon destroy --stage {stage} --even-if-running"))
    return faults


def keeping(site: Site) -> Sequence[Kept]:
    """Return what stays, with about how much is in it."""
    from infra.deployment.remains import counts_of, kept

    assert site.running is not None
    template = site.packages.template(site.running)
    tables = [
        str(resource["Properties"]["TableName"])
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::DynamoDB::Table"
    ]
    counts = counts_of(tables, site.tools.new_client("dynamodb"))
    pool = site.stack.outputs().get("UserPoolId", "")
    return list(kept(template, counts, protected=site.stage == "prod", pool=pool))


def confirmed(invocation: Invocation) -> None:
    """Have the stage's name typed. Raises Refusal for another word, or when nobody is there to type it."""
    screen, arguments = invocation.screen, invocation.arguments
    if arguments.yes_destroy == arguments.stage:
        return
    typed = None if arguments.yes_destroy else screen.typed("destroy_type", stage=arguments.stage)
    if typed is None:
        command = f"carillon destroy --stage {arguments.stage} --yes-destroy {arguments.stage}"
        raise Refusal("nobody_to_ask", screen.word("destroy_nobody"), command)
    if typed != arguments.stage:
        raise Refusal("not_agreed", screen.word("not_agreed"))


def _shape(one: Kept) -> dict[str, Any]:
    return {"kind": one.kind, "name": one.name, "items": one.holds, "by_hand": list(one.by_hand)}
