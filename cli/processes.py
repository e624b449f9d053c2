"""up, simulator: the processes that stay."""

from __future__ import annotations

import ipaddress
from pathlib import Path

from cli.invocation import Invocation, home_of
from cli.refusal import Refusal
from cli.texts import next_command


def up(invocation: Invocation) -> int:
    """Serve the API and work the queues until stopped."""
    arguments, env = invocation.arguments, invocation.environment
    if not is_loopback(arguments.host) and not env.get("CARILLON_TOKEN"):
        words = invocation.screen.word("token_needed")
        raise Refusal("token_needed", words, next_command("token_needed", host=arguments.host))
    from chalicelib.web.server import LogFiles, serve

    log_files = None
    if arguments.log_file:
        size = arguments.log_megabytes * 1_000_000
        log_files = LogFiles(file=Path(arguments.log_file), most_bytes=size, files=arguments.log_files)
    return serve(home_of(arguments, env), arguments.host, arguments.port, log_files=log_files)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def simulator(invocation: Invocation) -> int:
    """Run the simulated platform; its options are its own."""
    from infra.local.simulator.command import main

    return int(main(invocation.arguments.rest))
