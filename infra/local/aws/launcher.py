"""ministack for as long as the process that started it lives: `python -I launcher.py PARENT FOLDER [whole]`.

A script of the emulator's environment, which has ministack and nothing of ours.
No schedule fires there: a test's clock is not the emulator's, and one that has
fired is gone before the test looks. With `whole` everything of AWS that it
plays is on, and schedules fire: at() in its own zone, looked at twice a second
instead of every ten; a rate() for the first time after five seconds instead of a
whole interval. Nobody waits there for the log of an invocation.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import threading
import time
import zipfile
from contextlib import nullcontext
from datetime import datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

LOOK_EVERY_SECONDS = 0.5
FIRST_AFTER_SECONDS = 5.0


def end_with(parent: int, folder: str) -> None:
    """Wait until `parent` is gone, however it went; then end this process and remove its folder."""
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_SECONDS)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def fire_as_aws_does(scheduler: Any) -> None:
    """Have at() count in its zone, and look often."""
    tick = scheduler._tick_schedules
    seconds_of = import_module("ministack.services.eventbridge")._parse_rate_seconds

    def ticked() -> None:
        now = time.time()
        for key, schedule in list(scheduler._schedules._data.items()):
            expression = schedule.get("ScheduleExpression", "")
            zone = schedule.get("ScheduleExpressionTimezone") or "UTC"
            if expression.startswith("at(") and zone != "UTC":
                local = datetime.fromisoformat(expression[3:-1]).replace(tzinfo=ZoneInfo(zone))
                schedule["ScheduleExpression"] = f"at({local.astimezone(ZoneInfo('UTC')):%Y-%m-%dT%H:%M:%S})"
                schedule["ScheduleExpressionTimezone"] = "UTC"
            interval = seconds_of(expression)
            if interval is not None and key not in scheduler._schedule_last_fired:
                scheduler._schedule_last_fired[key] = now - interval + FIRST_AFTER_SECONDS
        tick()

    scheduler._tick_schedules = ticked
    scheduler._SCHEDULE_TICK_INTERVAL = LOOK_EVERY_SECONDS


def wait_for_no_log(runtime: Any) -> None:
    """Wait a hundredth of a second for what a function logged, not 50 ms, since most log nothing."""
    for found in vars(runtime).values():
        if isinstance(found, type) and "_drain_stderr_bounded" in vars(found):
            vars(found)["_drain_stderr_bounded"].__defaults__ = (0.01, 0.003, 0.05)


def take_over_buckets(provisioners: Any) -> None:
    """Have a bucket that a change set takes over be no conflict of names, as AWS says of existing resources.

    The emulator counts only those that the stack had before.
    """
    provisioners.s3_bucket_name_conflict = lambda name: None


class UnpackedOnce:
    """`zipfile` for the emulator's workers: a function's zip is unpacked once, and every worker looks there.

    The emulator would unpack it for each anew, which for ours takes longer than all that it then does.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(zipfile, name)

    def ZipFile(self, path: str) -> Any:  # noqa: N802 - the name in zipfile
        """Return what has `extractall`, as a context."""
        return nullcontext(SimpleNamespace(extractall=lambda target: self._link(path, target)))

    def _link(self, path: str, target: str) -> None:
        with open(path, "rb") as packed:
            shared = os.path.join(self._folder, "code-" + hashlib.file_digest(packed, "sha256").hexdigest())
        with self._lock:
            if not os.path.exists(shared):
                with zipfile.ZipFile(path) as packed_zip:
                    packed_zip.extractall(shared)
        os.rmdir(target)
        os.symlink(shared, target)


def main(parent: int, folder: str, whole: bool) -> None:
    """Run ministack, watched."""
    threading.Thread(target=end_with, args=(parent, folder), daemon=True).start()
    sys.argv = ["ministack"]
    scheduler = import_module("ministack.services.scheduler")
    if whole:
        fire_as_aws_does(scheduler)
        runtime = import_module("ministack.core.lambda_runtime")
        wait_for_no_log(runtime)
        vars(runtime)["zipfile"] = UnpackedOnce(folder)
        take_over_buckets(import_module("ministack.services.cloudformation.provisioners"))
    else:
        vars(scheduler)["start_scheduler"] = lambda: None
    import_module("ministack.app").main()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], "whole" in sys.argv[3:])
