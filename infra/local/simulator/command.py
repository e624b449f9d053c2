"""The command line of the simulator: `carillon simulator`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.local.simulator.catalogue import UnreadableCatalogue, load_catalogue
from infra.local.simulator.scenario import Scenario, UnreadableScenario, read_scenario
from infra.local.simulator.server import Front, serve

USUAL_TOKEN = "simulator-token"
USUAL_APP_SECRET = "simulator-secret"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the simulator until it is told to stop; 1 with a sentence when it cannot start."""
    arguments = _arguments(argv)
    try:
        asyncio.run(_run(arguments))
    except (UnreadableScenario, UnreadableCatalogue) as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"cannot listen on {arguments.host}:{arguments.port} or read a file: {error}")
    except KeyboardInterrupt:
        return 0
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="carillon simulator", description="The WhatsApp platform, simulated."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--webhook-url", help="where signed webhooks go; without it nobody is subscribed")
    parser.add_argument("--scenario", type=Path, help="YAML or JSON; without it nothing goes wrong")
    parser.add_argument("--log", type=Path, help="append a JSON line for every accepted message and status")
    parser.add_argument(
        "--campaigns",
        type=Path,
        default=Path(os.environ.get("CARILLON_CAMPAIGNS", "campaigns")),
        help="directory of senders.yaml and templates/",
    )
    return parser.parse_args(argv)


async def _run(arguments: argparse.Namespace) -> None:
    scenario = read_scenario(arguments.scenario.read_text("utf-8")) if arguments.scenario else Scenario()
    front = Front(
        load_catalogue(arguments.campaigns),
        scenario,
        token=os.environ.get("WHATSAPP_TOKEN", USUAL_TOKEN),
        app_secret=os.environ.get("WHATSAPP_APP_SECRET", USUAL_APP_SECRET),
        webhook_url=arguments.webhook_url,
        log_path=arguments.log,
    )
    # A full collection over a long log would hold up arrivals, and look like a burst of the caller's.
    gc.freeze()
    gc.set_threshold(20_000, 50, 1_000)
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    sys.stdout.write(f"simulator on http://{arguments.host}:{arguments.port}\n")
    sys.stdout.flush()
    await serve(front, arguments.host, arguments.port, stopped)


def _refuse(why: str) -> int:
    sys.stderr.write(f"carillon simulator: {why}\n")
    return 1
