"""The command line's grammar: commands, their arguments, and which function each one runs."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

from cli.texts import LANGUAGES

LATER = {
    "simulate": "rehearse a campaign on a virtual clock",
}
LATER_FOR_TEMPLATES = {
    "convert": "make a template of a text with [names]",
    "submit": "ask the platform to approve a template",
}


STAGES = ("dev", "prod")
ROLES = ("viewer", "marketer", "approver", "admin")
AREAS = "contacts, campaigns, broadcasts, sends, home"


class Usage(Exception):
    """The command line makes no sense; `usage` says what would."""

    def __init__(self, usage: str, message: str) -> None:
        super().__init__(message)
        self.usage = usage


class Parser(argparse.ArgumentParser):
    """argparse that raises instead of exiting, so that --json can answer in JSON."""

    def error(self, message: str) -> NoReturn:
        """Raise Usage."""
        raise Usage(self.format_usage().strip(), message)


def instant(words: str) -> str:
    """Accept ISO 8601 with an offset or Z; anything else is wrong usage."""
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{words!r} is no instant; write 2027-01-14T06:00:00Z")
    return words


def address(words: str) -> str:
    """Accept an http or https address."""
    parts = urlsplit(words)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise argparse.ArgumentTypeError(f"{words!r} is no address; write http://127.0.0.1:8000")
    return words


def port(words: str) -> int:
    """Accept a port number; 0 lets the system choose."""
    if not words.isdecimal() or int(words) > 65_535:
        raise argparse.ArgumentTypeError(f"{words!r} is no port; write a number up to 65535")
    return int(words)


def count(least: int, most: int = 1_000) -> Callable[[str], int]:
    """Return what accepts a whole number from `least` to `most`."""

    def accepted(words: str) -> int:
        if not (words.isascii() and words.isdecimal() and least <= int(words[:9]) <= most):
            raise argparse.ArgumentTypeError(f"{words!r} is no number from {least} to {most}")
        return int(words)

    return accepted


def dollars(words: str) -> float:
    """Accept a sum of US dollars above nothing."""
    if not re.fullmatch(r"\d{1,7}(\.\d{1,2})?", words, re.ASCII) or not float(words):
        raise argparse.ArgumentTypeError(f"{words!r} is no sum of dollars; write 200")
    return float(words)


def pair(words: str) -> tuple[str, str]:
    """Accept NAME=VALUE; the value may hold further equals signs."""
    name, equals, value = words.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{words!r} sets nothing; write order=4711")
    return name, value


def words(listed: str) -> list[str]:
    """Accept words with commas between them."""
    return [word.strip() for word in listed.split(",") if word.strip()]


def common() -> Parser:
    """Return what every command takes, before or behind its name."""
    options = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    options.add_argument("--json", action="store_true", dest="as_json", help="one JSON document on stdout")
    options.add_argument("--lang", choices=LANGUAGES, dest="language", help="language of the output")
    where = options.add_mutually_exclusive_group()
    where.add_argument("--home", metavar="DIR", help="the embedded data directory (CARILLON_HOME, ./.home)")
    where.add_argument("--api", metavar="URL", type=address, help="a running server (with CARILLON_TOKEN)")
    return options


def parser() -> Parser:
    """Return the whole grammar; `run` names the module and function of a command."""
    shared = common()
    top = Parser(
        prog="carillon",
        description="WhatsApp campaigns at each recipient's own hour.",
        parents=[shared],
        epilog="Exit status: 0 done, 1 refused with reasons, 2 wrong usage.",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)

    def command(name: str, run: str, about: str, **more: Any) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about, parents=[shared], **more)
        made.set_defaults(run=run)
        return made

    _campaign_commands(command)
    _broadcast_commands(command)
    _contact_commands(commands.add_parser("contacts", help="the book of contacts", parents=[shared]), shared)
    _template_commands(
        commands.add_parser("templates", help="templates on the platform", parents=[shared]), shared
    )
    _token_commands(commands.add_parser("token", help="who may use the API", parents=[shared]), shared)
    _process_commands(command)
    _keeping_commands(command)
    _access_commands(command)
    _aws_commands(command)
    _secret_commands(
        commands.add_parser("secrets", help="of a stage: what WhatsApp knows it by", parents=[shared]),
        shared,
    )
    for name, about in LATER.items():
        later = commands.add_parser(
            name, help=f"{about} (not available yet)", parents=[shared], add_help=False
        )
        later.set_defaults(run="main:not_available")
        later.add_argument("rest", nargs=argparse.REMAINDER)
    return top


def _campaign_commands(command: Any) -> None:
    validate = command("validate", "campaigns:validate", "Name everything wrong with a definition")
    validate.add_argument("file", metavar="FILE")
    test = command("test", "campaigns:test", "Run the tests in a definition")
    test.add_argument("file", metavar="FILE")
    plan = command("plan", "campaigns:plan", "Upload a definition and plan who gets what when")
    plan.add_argument("file", metavar="FILE")
    plan.add_argument("--at", type=instant, metavar="INSTANT", help="plan as if it were INSTANT")
    plan.add_argument("--again", action="store_true", help="plan the next run of a launched campaign")
    launch = command(
        "launch", "campaigns:launch", "Start what was planned; a hash starts one broadcast, ever"
    )
    launch.add_argument("hash", metavar="HASH")
    test_send = command("test-send", "campaigns:test_send", "Send one person's message to one phone")
    test_send.add_argument("file", metavar="FILE")
    test_send.add_argument("--contact", required=True, metavar="ID", help="whose values fill the message")
    test_send.add_argument("--to", default="", metavar="PHONE", help="another phone than the contact's")
    send = command("send", "sends:send", "Send one message of a campaign to one person, through every gate")
    send.add_argument("campaign", metavar="CAMPAIGN")
    send.add_argument("--to", required=True, metavar="CONTACT", help="an external id or a phone number")
    send.add_argument("--key", required=True, metavar="KEY", help="the same key is sent once, ever")
    send.add_argument(
        "--set",
        action="append",
        type=pair,
        default=[],
        metavar="NAME=VALUE",
        help="an attribute, for this",
    )


def _broadcast_commands(command: Any) -> None:
    status = command("status", "broadcasts:status", "How far a broadcast is; without one, list them")
    status.add_argument("broadcast", metavar="BROADCAST", nargs="?", help="or the hash of a plan")
    status.add_argument("--watch", action="store_true", help="go on until it has ended")
    for name, about in (
        ("pause", "Stop sending within two seconds"),
        ("resume", "Go on with whoever has no outcome yet"),
        ("cancel", "End it: whoever has no outcome yet is excluded"),
    ):
        made = command(name, "broadcasts:order", about)
        if name != "resume":
            made.add_argument("broadcast", metavar="BROADCAST")
        else:
            which = made.add_mutually_exclusive_group(required=True)
            which.add_argument("broadcast", metavar="BROADCAST", nargs="?")
            which.add_argument("--stop", metavar="STOP", help="what is stopped, as `carillon stops` names it")
            made.add_argument(
                "--lost-at",
                type=instant,
                metavar="INSTANT",
                help="of a restored home: I vouch that the lost home called nobody after INSTANT",
            )
    command("stops", "broadcasts:stops", "What is stopped: senders, accounts, templates; and why")
    report = command("report", "broadcasts:report", "Every number, folded from the ledger")
    report.add_argument("broadcast", metavar="BROADCAST")
    verify = command("verify", "verifying:verify", "Prove that a broadcast adds up; exit 1 if it does not")
    verify.add_argument("broadcast", metavar="BROADCAST")
    explain = command("explain", "broadcasts:explain", "Why one person did or did not get it")
    explain.add_argument("broadcast", metavar="BROADCAST")
    explain.add_argument("person", metavar="PERSON", help="an id, an external id or a phone number")


def _contact_commands(contacts: argparse.ArgumentParser, shared: Parser) -> None:
    actions = contacts.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    bring = actions.add_parser("import", help="import a CSV or XLSX file", parents=[shared])
    bring.set_defaults(run="contacts:bring")
    bring.add_argument("file", metavar="FILE")
    bring.add_argument("--default-country", metavar="CC", default="", help="for numbers without a plus")
    bring.add_argument(
        "--results", metavar="PATH", default="", help="one line per row (./NAME.results.jsonl)"
    )
    profile = actions.add_parser("profile", help="what a file holds, before it is imported", parents=[shared])
    profile.set_defaults(run="contacts_files:profile")
    profile.add_argument("file", metavar="FILE")
    profile.add_argument("--default-country", metavar="CC", default="", help="for numbers without a plus")
    undo = actions.add_parser("undo", help="take an import back, as far as possible", parents=[shared])
    undo.set_defaults(run="contacts_files:undo")
    undo.add_argument("batch", metavar="BATCH", help="as the import called it")
    export = actions.add_parser(
        "export", help="the book as a CSV file, safe for spreadsheets", parents=[shared]
    )
    export.set_defaults(run="contacts_files:export")
    export.add_argument("file", metavar="FILE", help="- for standard output")
    show = actions.add_parser("show", help="one person, with consents and evidence", parents=[shared])
    show.set_defaults(run="contacts:show")
    show.add_argument("person", metavar="PERSON", help="an id, an external id or a phone number")
    erase = actions.add_parser("erase", help="forget a person; shows first what would go", parents=[shared])
    erase.set_defaults(run="contacts:erase")
    erase.add_argument("person", metavar="PERSON", help="an id, an external id or a phone number")
    erase.add_argument("--yes", action="store_true", help="erase without asking")


def _template_commands(templates: argparse.ArgumentParser, shared: Parser) -> None:
    templates.set_defaults(run="templates:listed", sender="")
    actions = templates.add_subparsers(dest="action", metavar="ACTION", parser_class=Parser)
    listed = actions.add_parser("list", help="how they stand (also without ACTION)", parents=[shared])
    listed.set_defaults(run="templates:listed")
    listed.add_argument("--sender", metavar="SENDER", default="", help="only the account of this sender")
    show = actions.add_parser("show", help="one of them, in every language and account", parents=[shared])
    show.set_defaults(run="templates:show")
    show.add_argument("name", metavar="NAME")
    show.add_argument("--sender", metavar="SENDER", default="", help="only the account of this sender")
    sync = actions.add_parser("sync", help="ask the platform what it says of them", parents=[shared])
    sync.set_defaults(run="templates:sync")
    sync.add_argument("--sender", metavar="SENDER", default="", help="only the account of this sender")
    sync.add_argument("--write", action="store_true", help="bring the files in templates/ in line with it")
    _later(actions, LATER_FOR_TEMPLATES, shared)


def _token_commands(tokens: argparse.ArgumentParser, shared: Parser) -> None:
    actions = tokens.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    create = actions.add_parser("create", help="make one; it is shown this once", parents=[shared])
    create.set_defaults(run="tokens:create")
    create.add_argument("name", metavar="NAME", help="which system will use it")
    create.add_argument("--role", choices=ROLES, default="admin", help="what it may do (admin: all)")
    create.add_argument(
        "--owner", metavar="PERSON", default="", help="whose acts they are: who approves, who wrote"
    )
    create.add_argument("--scope", metavar="AREA,AREA", type=words, default=[], help=f"only these of {AREAS}")
    create.add_argument("--expires", metavar="WHEN", default="", help="90d, or an instant; else never")
    listing = actions.add_parser("list", help="their numbers, names and dates", parents=[shared])
    listing.set_defaults(run="tokens:show")
    revoke = actions.add_parser("revoke", help="close the API to one", parents=[shared])
    revoke.set_defaults(run="tokens:revoke")
    revoke.add_argument("token", metavar="NUMBER")


def _later(actions: Any, about_by_name: dict[str, str], shared: Parser) -> None:
    for name, about in about_by_name.items():
        later = actions.add_parser(
            name, help=f"{about} (not available yet)", parents=[shared], add_help=False
        )
        later.set_defaults(run="main:not_available")
        later.add_argument("rest", nargs=argparse.REMAINDER)


def _process_commands(command: Any) -> None:
    letters = command("dead-letters", "letters:letters", "Messages that failed too often")
    letters.add_argument("--queue", metavar="QUEUE", help="plan, launch, dispatch, send, receipts or inbound")
    letters.add_argument("--replay", action="store_true", help="give them back to their handlers")
    queue = command("queue", "letters:queues", "The queues: what waits, and what failed too often")
    actions = queue.add_subparsers(dest="action", metavar="ACTION", parser_class=Parser)
    for name, about in (("show", "a queue's dead letters"), ("replay", "give them back to their handler")):
        made = actions.add_parser(name, help=about, parents=[common()])
        made.add_argument("queue", metavar="QUEUE", nargs="?")
        made.set_defaults(run="letters:letters", replay=name == "replay")
    up = command("up", "processes:up", "Serve the API and work the queues until stopped")
    up.add_argument("--port", type=port, default=8000)
    up.add_argument("--host", default="127.0.0.1", help="any other address needs a token")
    up.add_argument("--log-file", metavar="FILE", help="write the log there, not to standard error")
    up.add_argument("--log-megabytes", type=count(1), default=20, metavar="N", help="of one log file (20)")
    up.add_argument("--log-files", type=count(2), default=5, metavar="N", help="how many are kept (5)")
    simulator = command(
        "simulator", "processes:simulator", "The WhatsApp platform, simulated, over HTTP", add_help=False
    )
    simulator.add_argument("rest", nargs=argparse.REMAINDER)
    demo = command(
        "demo", "demo:demo", "The main job from file to report, against the simulator (`make run`)"
    )
    demo.add_argument("--leave", action="store_true", help="leave everything running until Ctrl-C")


def _keeping_commands(command: Any) -> None:
    backup = command("backup", "keeping:backup", "Save a home, at work or not, in one file")
    backup.add_argument("file", metavar="FILE")
    backup.add_argument("--check", action="store_true", help="only see whether FILE is a whole backup")
    restore = command("restore", "keeping:restore", "Make a home of a backup; its broadcasts are held")
    restore.add_argument("file", metavar="FILE")
    restore.add_argument("--replace", action="store_true", help="put a home that is there aside, whole")
    push = command("push", "pushing:push", "Bring senders, policy, templates and media to a home on AWS")
    push.add_argument("directory", metavar="DIR", nargs="?", help="where they lie (CARILLON_CAMPAIGNS)")
    hold = command(
        "hold", "keeping:hold", "Hold a home on AWS whose tables were restored to an earlier instant"
    )
    hold.add_argument("since", type=instant, metavar="INSTANT", help="to which they were restored")
    command("release", "keeping:release", "Let a restored home launch again: you know what was sent")


def _access_commands(command: Any) -> None:
    approve = command("approve", "access:approve", "Agree to a plan of somebody else's, or send it back")
    approve.add_argument("hash", metavar="HASH")
    approve.add_argument("--comment", metavar="TEXT", default="", help="what the others are to know")
    approve.add_argument("--reject", action="store_true", help="send it back; --comment says why")
    audit = command("audit", "access:audit", "Who did what, on what and when; newest first")
    audit.add_argument("--most", type=count(1, 100_000), default=100, metavar="N", help="how many acts (100)")
    actions = audit.add_subparsers(dest="action", metavar="ACTION", parser_class=Parser)
    verify = actions.add_parser(
        "verify", help="whether the files of its archive are whole", parents=[common()]
    )
    verify.add_argument("directory", metavar="DIR", nargs="?", help="with the files (the home's archive)")
    verify.set_defaults(run="access:verify_copies")


def _aws_commands(command: Any) -> None:
    deploy = command("deploy", "deploying:deploy", "Bring this checkout to AWS, new or over what is there")
    _staged(deploy)
    deploy.add_argument("--dry-run", action="store_true", help="only show what would change")
    deploy.add_argument("--yes", action="store_true", help="do not ask")
    deploy.add_argument("--rollback", action="store_true", help="the release before, with all data of now")
    deploy.add_argument("--alarm-mail", metavar="MAIL", default="", help="who is told of alarms")
    deploy.add_argument(
        "--budget", metavar="USD", type=dollars, default=0.0, help="a mail at four fifths of it a month"
    )
    deploy.add_argument("--new-token", metavar="NAME", default="", help="make one more admin's token")
    deploy.add_argument(
        "--lose", metavar="RESOURCE", action="append", default=[], help="agree that this one's data is lost"
    )
    deploy.add_argument(
        "--parameter",
        metavar="NAME=VALUE",
        action="append",
        type=pair,
        default=[],
        help="of the template; those not given stay as they are",
    )
    destroy = command("destroy", "destroying:destroy", "Remove a stage from AWS; what holds data stays")
    _staged(destroy)
    destroy.add_argument("--even-if-running", action="store_true", help="with broadcasts that have not ended")
    destroy.add_argument("--yes-destroy", metavar="STAGE", default="", help="do not ask for the name")


def _staged(command: argparse.ArgumentParser) -> None:
    command.add_argument("--stage", choices=STAGES, required=True)
    command.add_argument("--region", metavar="REGION", default="", help="else as AWS's own settings say")


def _secret_commands(secrets: argparse.ArgumentParser, shared: Parser) -> None:
    actions = secrets.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    put = actions.add_parser("set", help="write one value: typed unseen, or piped in", parents=[shared])
    put.set_defaults(run="stage_secrets:set_secret")
    put.add_argument("name", metavar="NAME", help="WHATSAPP_TOKEN, for one")
    listing = actions.add_parser("list", help="names, and when each was written; no values", parents=[shared])
    listing.set_defaults(run="stage_secrets:listing")
    forget = actions.add_parser("forget-old", help="the app secret before counts no more", parents=[shared])
    forget.set_defaults(run="stage_secrets:forget_old")
    for action in (put, listing, forget):
        _staged(action)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return the arguments. Raises Usage; exits only for --help."""
    if argv and argv[0] == "simulator":  # its own options are its own
        return argparse.Namespace(command="simulator", run="processes:simulator", rest=list(argv[1:]))
    arguments = parser().parse_args(list(argv))
    if "--json" in getattr(arguments, "rest", ()):
        arguments.as_json = True
    return arguments
