"""up, simulator: the processes that stay."""

from __future__ import annotations

from pathlib import Path

from cli.client import HomeClient
from cli.invocation import Invocation, home_of
from cli.refusal import Refusal, demanded
from cli.texts import next_command


def up(invocation: Invocation) -> int:
    """Serve the API and work the queues until stopped."""
    from chalicelib.web.server import LogFiles, is_loopback, serve

    arguments, env = invocation.arguments, invocation.environment
    home = home_of(arguments, env)
    if not is_loopback(arguments.host) and not env.get("CARILLON_TOKEN") and not _has_token(home):
        words = invocation.screen.word("token_needed")
        raise Refusal("token_needed", words, next_command("token_needed", host=arguments.host))
    log_files = None
    if arguments.log_file:
        size = arguments.log_megabytes * 1_000_000
        log_files = LogFiles(file=Path(arguments.log_file), most_bytes=size, files=arguments.log_files)
    return serve(home, arguments.host, arguments.port, log_files=log_files)


def _has_token(home: str) -> bool:
    """Say whether the home keeps a token that opens its API."""
    client = HomeClient(home)
    try:
        kept = demanded(client.request("GET", "/api/tokens"))["tokens"]
    finally:
        client.close()
    return any(token["revoked_at"] is None for token in kept)


def simulator(invocation: Invocation) -> int:
    """Run the simulated platform; its options are its own."""
    from infra.local.simulator.command import main

    return int(main(invocation.arguments.rest))
