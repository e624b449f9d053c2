"""What the commands about a stage on AWS share: clients with the rights of whoever runs them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cli.invocation import Invocation
from cli.refusal import Refusal

if TYPE_CHECKING:
    from infra.deployment.checks import Fault
    from infra.deployment.site import Site, Tools

ANYWHERE = "us-east-1"
"""Where it is asked whose credentials these are, while no region is known."""


def tools_of(invocation: Invocation) -> Tools:
    """Return the clients of this machine's credentials, in the region that was asked for or is usual here."""
    import botocore.session

    from infra.deployment.checks import workshop
    from infra.deployment.site import Tools
    from infra.packaging import package

    session = botocore.session.get_session()
    usual = invocation.environment.get("AWS_REGION") or session.get_config_variable("region")
    region = invocation.arguments.region or str(usual or "")

    def new_client(service: str, config: Any = None) -> Any:
        return session.create_client(service, region_name=region or ANYWHERE, config=config)

    return Tools(region=region, new_client=new_client, package=package, workshop=workshop())


def site_of(invocation: Invocation, tools: Tools, faults: Iterable[Fault] = ()) -> Site:
    """Return the stage where it is deployed. Raises Refusal with every fault, the account's too."""
    from infra.deployment import checks
    from infra.deployment.site import Site

    arguments, found = invocation.arguments, list(faults)
    account = checks.account_of(tools.new_client("sts"))
    if isinstance(account, checks.Fault):
        found.append(account)
        refuse(invocation, found)
    if any(fault.code in ("deploy_no_region", "deploy_region") for fault in found):
        refuse(invocation, found)
    site = Site(arguments.stage, str(account), tools)
    refuse(
        invocation, [*found, *checks.faults_of_stack(site.stack.name, site.stack.status(), site.stack.end())]
    )
    return site


def refuse(invocation: Invocation, faults: Iterable[Fault]) -> None:
    """Raise Refusal when there is any fault: each with its remedy."""
    screen = invocation.screen
    problems = []
    for fault in faults:
        words = screen.word(fault.code, **fault.params)
        text = f"{words}\n  {screen.word('next', text=fault.remedy)}" if fault.remedy else words
        problems.append(
            {"code": fault.code, "params": dict(fault.params), "text": text, "next": fault.remedy}
        )
    if problems:
        raise Refusal("deploy_refused", str(problems[0]["text"]), "", problems)


def agreed(invocation: Invocation, question: str, **params: object) -> None:
    """Have somebody agree. Raises Refusal when they do not, or nobody is there to be asked."""
    if invocation.arguments.yes:
        return
    answer = invocation.screen.agrees(question, **params)
    if answer is None:
        command = f"carillon {invocation.arguments.command} --stage {invocation.arguments.stage} --yes"
        raise Refusal("nobody_to_ask", invocation.screen.word("nobody_to_ask"), command)
    if not answer:
        raise Refusal("not_agreed", invocation.screen.word("not_agreed"))


def told(findings: Iterable[Any]) -> list[Mapping[str, Any]]:
    """Return findings of a smoke test as scripts read them."""
    return [{"check": one.code, "holds": one.holds, "seen": one.seen} for one in findings]
