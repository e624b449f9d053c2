"""Approve: people agree to a plan's hash, or send it back; without enough of them nothing is launched."""

from __future__ import annotations

from chalicelib.authoring.actor import Actor, same_person
from chalicelib.errors import InvalidRequest, Problem, Refused
from chalicelib.planning.approval import Agreement, Approval, Verdict, agreement
from chalicelib.planning.plan import Plan, Planning
from chalicelib.steps.home import Home
from chalicelib.steps.pages import every

LONGEST_COMMENT = 500


def say(
    home: Home, planning: Planning, plan: Plan, actor: Actor, *, verdict: Verdict, comment: str
) -> Agreement:
    """Keep somebody's word on a plan, over their last one, and return what all words amount to.

    Raises InvalidRequest for a comment that will not do, Refused for an author
    where authors do not count, and for a plan that was launched already.
    """
    _check_comment(verdict, comment.strip())
    if agreed(home, planning, plan).not_author and any(
        same_person(actor.name, author) for author in authors(home, planning)
    ):
        raise Refused(Problem(code="approval_own", params={"who": actor.name}))
    started = home.ports.broadcasts.get(f"{plan.campaign}.{plan.run}")
    if started is not None:
        raise Refused(Problem(code="approval_launched", params={"broadcast": started.id}))
    home.ports.approvals.put(
        Approval(
            plan=plan.hash,
            who=actor.name,
            at=home.ports.clock.now(),
            verdict=verdict,
            comment=comment.strip(),
            token=actor.token,
        )
    )
    return agreed(home, planning, plan)


def _check_comment(verdict: Verdict, comment: str) -> None:
    if len(comment) > LONGEST_COMMENT or not comment.replace("\n", "").isprintable():
        params = {"most": str(LONGEST_COMMENT)}
        raise InvalidRequest(Problem(code="approval_comment", path="comment", params=params))
    if verdict is Verdict.SENT_BACK and not comment:
        raise InvalidRequest(Problem(code="approval_comment_needed", path="comment"))


def agreed(home: Home, planning: Planning, plan: Plan) -> Agreement:
    """Return what all words on a plan amount to now."""
    rule = home.rules().policy.approval_for(home.definition(planning.campaign, planning.campaign_version))
    words = every(home.ports.approvals.page, plan.hash)
    return agreement(rule, words, authors(home, planning), home.ports.clock.now())


def authors(home: Home, planning: Planning) -> list[str]:
    """Return who wrote the definition of a plan and who planned it, as far as that is known."""
    version = home.ports.campaigns.get(planning.campaign, planning.campaign_version)
    return [name for name in (version.author if version else "", planning.author) if name]


def refusals(home: Home, planning: Planning, plan: Plan) -> list[Problem]:
    """Return why a plan may not start yet for want of people who agree to it."""
    found = agreed(home, planning, plan)
    problems = [
        Problem(code="approval_sent_back", params={"who": word.who, "comment": word.comment})
        for word in found.sent_back
    ]
    if found.missing:
        params = {"missing": str(found.missing), "needed": str(found.needed), "hash": plan.hash}
        problems.append(Problem(code="approval_missing", params=params))
    return problems
