"""One home, many processes: one worker, and nothing acknowledged is ever lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chalicelib.adapters.embedded.home import EmbeddedHome
from chalicelib.adapters.embedded.secrets import FileSecrets
from chalicelib.adapters.machine import SystemClock, SystemRandomness
from chalicelib.errors import HomeUnavailable, InvalidSettings
from tests.fakes import FakeClock, SeededRandomness

Opener = Callable[[], EmbeddedHome]

WRITER = r"""
import os, sys, threading
from dataclasses import replace
from chalicelib.adapters.embedded.home import open_home
from tests.contracts.values import STANDING
home = open_home(sys.argv[1])
ports = home.ports({})
def write(name):
    for number in range(int(sys.argv[3])):
        person = f"{name}-{number}"
        assert ports.standings.put(replace(STANDING, person=person), expected_version=None)
        ports.queues.send("send", [person])
        ports.objects.put(person, person.encode()) if number % 10 == 0 else None
        os.write(1, f"{person}\n".encode())
threads = [threading.Thread(target=write, args=(f"{sys.argv[2]}{n}",)) for n in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
home.close()
"""


@pytest.fixture
def opener(tmp_path: Path) -> Iterator[Opener]:
    """Opens one and the same home, as several processes would."""
    opened: list[EmbeddedHome] = []

    def opens() -> EmbeddedHome:
        home = EmbeddedHome(tmp_path / "home", clock=FakeClock(), randomness=SeededRandomness())
        opened.append(home)
        return home

    yield opens
    for home in opened:
        home.close()


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    """Start a process that prints the name of everything it was told is stored."""
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": "."})


def test_a_home_has_one_worker_at_a_time(opener: Opener) -> None:
    first, second = opener(), opener()
    assert not second.is_worked()
    first.lock()
    assert second.is_worked()
    with pytest.raises(HomeUnavailable) as refusal:
        second.lock()
    assert refusal.value.problems[0].code == "home_locked"
    first.close()
    assert not second.is_worked()
    second.lock()
    assert second.is_worked()


def test_every_life_of_a_worker_has_a_higher_number(opener: Opener) -> None:
    epochs = []
    for _ in range(3):
        home = opener()
        epochs.append(home.lock())
        home.close()
    assert epochs == [1, 2, 3]


def test_what_is_stored_is_there_after_closing(opener: Opener) -> None:
    first = opener()
    first.queues.send("send", ["1"])
    first.objects.put("a/b", b"1")
    first.close()
    second = opener()
    assert second.queues.waiting("send") == 1
    assert second.objects.get("a/b") == b"1"


def test_all_that_was_acknowledged_before_kill_9_is_there_after_it(opener: Opener, tmp_path: Path) -> None:
    process = writer(tmp_path / "home", "k", 100_000)
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(200)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.read().split("\n")[:-1]
    process.stdout.close()
    process.wait()
    home = opener()
    ports = home.ports({})
    assert [person for person in told if ports.standings.get(person) is None] == []
    assert home.queues.waiting("send") >= len(told)
    tenth = [person for person in told if person.endswith("0")]
    assert [person for person in tenth if home.objects.get(person) != person.encode()] == []


def test_a_worker_that_was_killed_holds_no_lock(opener: Opener, tmp_path: Path) -> None:
    program = (
        "import sys, time; from chalicelib.adapters.embedded.home import open_home; "
        "home = open_home(sys.argv[1]); home.queues.send('send', ['1']); home.lock(); "
        "home.queues.receive('send', 1, 10**12); print('locked', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "home")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    home = opener()
    with pytest.raises(HomeUnavailable):
        home.lock()
    process.kill()
    process.wait()
    process.stdout.close()
    assert home.lock() == 2
    assert home.queues.next_due("send") == home.clock.now()  # what the dead one had in hand is free


def test_processes_that_create_a_home_at_once_all_find_it_whole(opener: Opener, tmp_path: Path) -> None:
    processes = [writer(tmp_path / "home", f"w{n}", 10) for n in range(3)]
    told = [line for p in processes for line in p.communicate(timeout=30)[0].split()]
    assert [p.returncode for p in processes] == [0, 0, 0]
    assert len(told) == 3 * 4 * 10
    assert opener().queues.waiting("send") == len(told)


def test_nothing_of_an_interrupted_object_is_visible_or_left_when_the_disk_is_full(
    opener: Opener, tmp_path: Path
) -> None:
    home = opener()
    home.objects.put("parts/a", b"whole")
    limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); "
    program = limit + (
        "import sys; from pathlib import Path; "
        "from chalicelib.adapters.embedded.objects import FileObjects; "
        "FileObjects(Path(sys.argv[1])).put('parts/b', b'x' * 100_000)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "home" / "objects")]
    failed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "HomeUnavailable" in failed.stderr
    assert os.listdir(tmp_path / "home" / "objects" / "parts") == ["a"]


def test_secrets_come_from_the_environment_then_from_a_file_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    secrets = FileSecrets({"WHATSAPP_TOKEN": "from the environment"}, file)
    assert secrets.get("WHATSAPP_APP_SECRET") is None
    file.write_text("# ours\nWHATSAPP_TOKEN=from the file\nWHATSAPP_APP_SECRET = a=b \nEMPTY=\n")
    file.chmod(0o600)
    assert secrets.get("WHATSAPP_TOKEN") == "from the environment"
    assert secrets.get("WHATSAPP_APP_SECRET") == "a=b"
    assert secrets.get("EMPTY") is None
    file.write_text("WHATSAPP_APP_SECRET=rotated\n")
    assert secrets.get("WHATSAPP_APP_SECRET") == "rotated"


def test_secrets_that_others_may_read_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    file.write_text("WHATSAPP_TOKEN=x\n")
    file.chmod(0o644)
    with pytest.raises(InvalidSettings) as refusal:
        FileSecrets({}, file).get("WHATSAPP_TOKEN")
    assert refusal.value.problems[0].code == "secrets_readable"


def test_the_machines_clock_sleeps_until_its_instant_and_its_tokens_differ() -> None:
    import asyncio

    clock = SystemClock()
    wanted = clock.now() + 5
    asyncio.run(clock.sleep_until(wanted))
    assert clock.now() >= wanted
    tokens = {SystemRandomness().token() for _ in range(100)}
    assert len(tokens) == 100
