"""What the platform says of accounts and numbers: restricted, free again, larger tier, faster number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from logging import ERROR, WARNING

from chalicelib.authoring.senders import Sender, senders_of_number
from chalicelib.log import log
from chalicelib.sending import quota, stops
from chalicelib.sending.broadcast import Quota, SenderControl
from chalicelib.sending.outcome import Scope
from chalicelib.steps.amending import amend
from chalicelib.steps.home import Home
from chalicelib.steps.stops import change_all, weigh_portfolios
from chalicelib.tracking.inbound import AccountNews, SenderNews, TierNews


def account(home: Home, news: AccountNews) -> bool:
    """Stop an account's senders, or let them go on; False when it is none of ours.

    Of one cause the newest word wins, whatever arrives last.
    """
    concerned = [sender.key for sender in _of_account(home, news.waba)]
    if not concerned:
        return False

    def changed(control: SenderControl) -> SenderControl:
        after = control
        if news.stops:
            after = stops.told_stop(after, Scope.WABA, news.event, at=news.at, until=news.until)
        return stops.told_over(after, Scope.WABA, news.lifts, at=news.at)

    key = stops.key_of(Scope.WABA, news.event)
    known = [home.ports.senders.get(sender) for sender in concerned]
    is_told_again = all(control is not None and key in control.stopped for control in known)
    senders = change_all(home, concerned, changed)
    if senders:
        weigh_portfolios(home, senders, may_stop=news.stops and not is_told_again)
    log.log(
        ERROR if news.stops else WARNING,
        "account_news",
        extra={
            "account_event": news.event,
            "stops": news.stops,
            "lifts": list(news.lifts),
            "senders": senders,
        },
    )
    return True


def number(home: Home, news: SenderNews) -> None:
    """Keep what the platform thinks of a number, and how fast it lets it be."""
    for key in _of_number(home, news.display_number, news.waba):

        def told(control: SenderControl) -> SenderControl:
            quality = news.quality or control.quality
            return replace(control, quality=quality, is_upgraded=control.is_upgraded or news.is_upgraded)

        change_all(home, [key], told)
    log.warning("sender_news", extra={"quality": news.quality, "upgraded": news.is_upgraded})


def tier(home: Home, news: TierNews) -> bool:
    """Keep how many people a day a portfolio may reach; False when the account is none of ours."""
    portfolios = {sender.portfolio for sender in _of_account(home, news.waba)}
    for portfolio in sorted(portfolios) if news.waba else ():

        def told(current: Quota | None, portfolio: str = portfolio) -> Quota | None:
            return quota.told(current or Quota(portfolio=portfolio), news.tier, news.at)

        amend(lambda p=portfolio: home.ports.senders.quota(p), home.ports.senders.put_quota, told)  # type: ignore[misc]
        log.warning("portfolio_tier", extra={"portfolio": portfolio, "tier": news.tier})
    return bool(portfolios and news.waba)


def _of_account(home: Home, waba: str) -> list[Sender]:
    """Return the senders of an account; of every one, where the webhook does not say which."""
    return [sender for sender in home.rules().senders.values() if waba in ("", sender.waba_id)]


def _of_number(home: Home, display_number: str, waba: str) -> Iterable[str]:
    senders = home.rules().senders
    named = senders_of_number(senders, display_number)
    return [key for key in named if waba in ("", senders[key].waba_id)]
