"""Settings -> a wired pipeline, lazily, once per container or process."""

from __future__ import annotations

import asyncio
import functools
import os
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.log import to_stderr
from chalicelib.pipeline import Pipeline
from chalicelib.pushed_rules import PushedFiles
from chalicelib.rules import DefinitionShelf, LocalFiles, RulesShelf
from chalicelib.settings import Settings, aws_settings, embedded_settings
from chalicelib.steps.home import Home, Offload

if TYPE_CHECKING:
    from chalicelib.adapters.aws.home import AwsHome, NewClient
    from chalicelib.adapters.embedded.home import EmbeddedHome
    from chalicelib.adapters.embedded.runtime import Runtime

T = TypeVar("T")

_installed: list[Pipeline] = []


def pipeline() -> Pipeline:
    """Return this process's pipeline, wiring it from the environment on the first call."""
    if not _installed:
        on_aws = bool(os.environ.get("CARILLON_TABLE_PREFIX"))
        install(
            aws_pipeline(os.environ) if on_aws else _wired(embedded_settings(os.environ), worker=False)[1]
        )
    return _installed[0]


def install(wired: Pipeline) -> None:
    """Make `wired` what the handlers of `app.py` use from now on."""
    _installed[:] = [wired]


def _new_loop() -> asyncio.AbstractEventLoop:
    """Return uvloop's loop, which spends a third less on a message, where it is installed: not on AWS."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return asyncio.new_event_loop()
    return new_event_loop()


class LoopThread:
    """One event loop in a thread of its own, so that connections stay pooled between chunks."""

    def __init__(self) -> None:
        self._loop = _new_loop()
        self._pool = ThreadPoolExecutor(max_workers=24, thread_name_prefix="store")
        self._thread = threading.Thread(target=self._loop.run_forever, name="event-loop", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Drive a coroutine to its end from another thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def offload(self, call: Callable[..., T], /, *args: Any) -> Awaitable[T]:
        """Run a short blocking call beside the loop."""
        return self._loop.run_in_executor(self._pool, functools.partial(call, *args))

    def close(self) -> None:
        """Stop the loop and wait for it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._pool.shutdown(wait=False)
        if not self._thread.is_alive():
            self._loop.close()


class Embedded:
    """An embedded home with its pipeline and, for a worker, the runtime that feeds its handlers."""

    def __init__(self, home: EmbeddedHome, pipeline: Pipeline, loop: LoopThread, runtime: Runtime) -> None:
        self.home = home
        self.pipeline = pipeline
        self._loop = loop
        self._runtime = runtime

    def start(self) -> None:
        """Begin to work queues, schedules and timers."""
        self._runtime.start()

    def drain(self, until: Callable[[], bool]) -> None:
        """Work planning and launching in this thread until `until` holds."""
        self._runtime.drain(("plan", "launch", "dispatch"), until)

    def close(self) -> None:
        """Finish what is in hand, then release the home."""
        self._runtime.stop()
        for channel in self.pipeline.home.ports.channel_by_mode.values():
            self._loop.run(channel.close())
        self._loop.close()
        self.home.close()


def open_embedded(
    path: Path | None,
    environment: Mapping[str, str],
    *,
    triggers: Any,
    worker: bool = False,
    needs_token: bool = False,
) -> Embedded:
    """Open the embedded home at `path` (default CARILLON_HOME) with the loop that feeds `triggers`, `app.py`.

    A worker takes the home's lock and a new epoch. `needs_token`: others reach
    its API. Raises HomeUnavailable or InvalidSettings.
    """
    from chalicelib.adapters.embedded.runtime import Runtime, handlers_of

    settings = replace(embedded_settings(environment, home=path), needs_token=needs_token)
    opened, wired, loop = _wired(settings, worker=worker)
    return Embedded(opened, wired, loop, Runtime(opened, handlers_of(triggers)))


def _wired(settings: Settings, *, worker: bool) -> tuple[EmbeddedHome, Pipeline, LoopThread]:
    from chalicelib.adapters.embedded.committing import Committed
    from chalicelib.adapters.embedded.home import open_home

    opened = open_home(settings.home)
    epoch = opened.lock() if worker else 0
    loop = LoopThread()
    committed = Committed(opened.database)
    worker_name = f"{os.getpid()}-{epoch}"
    home = _home_of(opened, settings, loop, committed=committed, worker=worker_name, epoch=epoch)
    home = replace(home, trouble=lambda: opened.database.trouble)
    return opened, Pipeline(home, loop.run), loop


def aws_pipeline(environment: Mapping[str, str]) -> Pipeline:
    """Wire the AWS home these variables describe. Raises InvalidSettings naming those that are missing."""
    import botocore.session

    to_stderr()
    session = botocore.session.get_session()
    return deployed_pipeline(
        environment, lambda service, config: session.create_client(service, config=config)
    )


def deployed_pipeline(environment: Mapping[str, str], new_client: NewClient) -> Pipeline:
    """Wire the AWS home of these variables with somebody's own clients: whoever deploys it, for one."""
    from chalicelib.adapters.aws.environment import resources_of
    from chalicelib.adapters.aws.home import AwsHome
    from chalicelib.adapters.aws.published_keys import PublishedKeys
    from chalicelib.adapters.machine import SystemClock, SystemRandomness

    randomness = SystemRandomness()
    opened = AwsHome(
        resources_of(environment),
        new_client=new_client,
        clock=SystemClock(),
        randomness=randomness,
        loopback=bool(environment.get("AWS_ENDPOINT_URL")),
    )
    loop = LoopThread()
    settings, worker = aws_settings(environment), randomness.token()[:12]
    home = _home_of(opened, settings, loop, committed=loop.offload, worker=worker)
    if settings.issuer:
        home = replace(home, keys=PublishedKeys(settings.issuer, opened.clock.now))
    return Pipeline(home, loop.run)


def _home_of(
    opened: EmbeddedHome | AwsHome,
    settings: Settings,
    loop: LoopThread,
    *,
    committed: Offload,
    worker: str,
    epoch: int = 0,
) -> Home:
    """Return what the steps are given, over an opened home of either family."""
    from chalicelib.adapters.channels.graph import Graph
    from chalicelib.adapters.channels.graph_media import GraphMedia
    from chalicelib.adapters.channels.graph_templates import GraphTemplates
    from chalicelib.adapters.channels.whatsapp_cloud import WhatsAppCloud

    graph = Graph(secrets=opened.secrets, url=settings.graph_url, version=settings.graph_version)
    channel = WhatsAppCloud(graph)
    ports = opened.ports({"cloud": channel, "coexistence": channel})
    files = PushedFiles(ports.objects) if settings.pushed_rules else LocalFiles(settings.campaigns)
    shelf = RulesShelf(files, monotonic=time.monotonic)
    return Home(
        ports=ports,
        settings=settings,
        rules=shelf.current,
        look_again=shelf.look_again,
        definition=DefinitionShelf(ports.campaigns).definition,
        offload=loop.offload,
        committed=committed,
        worker=worker,
        epoch=epoch,
        listing=GraphTemplates(graph),
        uploads=GraphMedia(graph),
    )


__all__ = ["Embedded", "LoopThread", "Settings", "aws_pipeline", "install", "open_embedded", "pipeline"]
