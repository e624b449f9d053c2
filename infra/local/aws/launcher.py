"""ministack for as long as the process that started it lives: `python -I launcher.py PARENT FOLDER`.

A script of the emulator's environment, which has ministack and nothing of ours.
No schedule fires there: a test's clock is not the emulator's, and one that has
fired is gone before the test looks.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from importlib import import_module

LOOK_EVERY_SECONDS = 0.5


def end_with(parent: int, folder: str) -> None:
    """Wait until `parent` is gone, however it went; then end this process and remove its folder."""
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_SECONDS)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def main(parent: int, folder: str) -> None:
    """Run ministack, watched."""
    threading.Thread(target=end_with, args=(parent, folder), daemon=True).start()
    sys.argv = ["ministack"]
    vars(import_module("ministack.services.scheduler"))["start_scheduler"] = lambda: None
    import_module("ministack.app").main()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
