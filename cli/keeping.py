"""backup, restore: a home in one file, and a home out of it."""

from __future__ import annotations

from pathlib import Path

from cli.client import path_of
from cli.invocation import Invocation, home_of
from cli.refusal import Refusal, demanded
from cli.screen import number


def backup(invocation: Invocation) -> int:
    """Save the home, or with --check see whether a file is a whole backup."""
    from chalicelib.web.keeping import check, save

    _on_its_machine(invocation)
    arguments, screen = invocation.arguments, invocation.screen
    file = Path(arguments.file)
    if arguments.check:
        found = check(file)
        screen.say("backup_whole", file=file, at=found["at"], members=number(found["members"]))
    else:
        campaigns = Path(invocation.environment.get("CARILLON_CAMPAIGNS", "campaigns"))
        found = save(Path(home_of(arguments, invocation.environment)), file, campaigns)
        sizes = {"size": number(found["size"]), "members": number(found["members"])}
        screen.say("saved", file=file, at=found["at"], **sizes)
    screen.result(found)
    return 0


def restore(invocation: Invocation) -> int:
    """Make a home of a backup, and say what is held and what cannot be known."""
    from chalicelib.web.keeping import bring_back

    _on_its_machine(invocation)
    screen, arguments = invocation.screen, invocation.arguments
    home = home_of(arguments, invocation.environment)
    done = bring_back(Path(arguments.file), Path(home), replacing=arguments.replace)
    screen.say("restored", home=home, since=done["backed_up_at"], until=done["restored_at"])
    if done["put_aside"]:
        screen.say("put_aside", path=done["put_aside"])
    for broadcast in done["held"]:
        broadcast |= _people(invocation, broadcast["broadcast"])
    if done["held"]:
        screen.say("restored_held")
        words = {name: screen.word(name) for name in ("waiting", "uncertain")}
        screen.table([(b["broadcast"], *(f"{w} {b[n]}" for n, w in words.items())) for b in done["held"]])
    if done["campaigns"]:
        screen.say("restored_rules", path=done["campaigns"])
    screen.complain(screen.word("warning", text=screen.word("restored_unknown")))
    done["warnings"] = [screen.word("restored_unknown")]
    screen.result(done)
    return 0


def hold(invocation: Invocation) -> int:
    """Hold a home whose tables are those of an earlier instant, and say which broadcasts wait for a word."""
    screen = invocation.screen
    body = {"since": invocation.arguments.since}
    done = demanded(invocation.client.request("POST", "/api/home/hold", body=body))
    screen.say("holds", since=done["restored"]["backed_up_at"], until=done["restored"]["restored_at"])
    if done["broadcasts"]:
        screen.say("restored_held")
        screen.table([(broadcast,) for broadcast in done["broadcasts"]])
    screen.complain(screen.word("warning", text=screen.word("restored_unknown")))
    screen.result(done)
    return 0


def release(invocation: Invocation) -> int:
    """Let a restored home launch again."""
    done = demanded(invocation.client.request("POST", "/api/home/release", body={}))
    since, until = (done["restored"][name] for name in ("backed_up_at", "restored_at"))
    invocation.screen.say("released", since=since, until=until)
    invocation.screen.result(done)
    return 0


def _people(invocation: Invocation, broadcast: str) -> dict[str, int | None]:
    """Return how many people of a held broadcast wait or are in doubt, None when the new home cannot say."""
    answer = invocation.client.request("GET", path_of("broadcasts", broadcast, "report"))
    if not answer.done:
        return {"waiting": None, "uncertain": None}
    return {"waiting": sum(answer.json["waiting"].values()), "uncertain": answer.json["uncertain"]}


def _on_its_machine(invocation: Invocation) -> None:
    if getattr(invocation.arguments, "api", None):
        words = invocation.screen.word("on_its_machine")
        raise Refusal("on_its_machine", words, f"carillon {invocation.arguments.command} FILE --home DIR")
