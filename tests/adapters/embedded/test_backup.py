"""A backup holds what belongs together, and only a whole one becomes a home."""

from __future__ import annotations

import json
import sqlite3
import threading
import warnings
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.embedded import backup, restore
from chalicelib.adapters.embedded.home import EmbeddedHome
from chalicelib.adapters.embedded.manifest import is_inside
from chalicelib.adapters.embedded.schema import SCHEMA_VERSION
from chalicelib.errors import CarillonError
from chalicelib.sending.broadcast import BroadcastState
from tests.contracts.values import AT, BROADCAST, CHUNK, STANDING
from tests.fakes import FakeClock, SeededRandomness

NOW = AT + 60_000
RULES = ("senders.yaml", "webhooks.yaml", "templates/a.en.json", "media/shop/front.jpg")


def opened(directory: Path) -> EmbeddedHome:
    return EmbeddedHome(directory, clock=FakeClock(), randomness=SeededRandomness())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home at rest with a little of everything."""
    directory = tmp_path / "home"
    filled = opened(directory)
    ports = filled.ports({})
    filled.objects.put("plans/parts/1.jsonl", b"rows\n" * 1_000)
    ports.chunks.add_all([CHUNK])
    ports.standings.put(STANDING, expected_version=None)
    ports.broadcasts.put(replace(BROADCAST, ended_at=None), expected_version=None)
    filled.queues.send("send", ["1", "2"])
    filled.close()
    (directory / "secrets.env").write_text("WHATSAPP_TOKEN=secret-of-ours\n")
    (directory / "objects" / "plans" / ".new-half").write_bytes(b"half")
    rules = tmp_path / "campaigns"
    (rules / "templates").mkdir(parents=True)
    (rules / "senders.yaml").write_text("senders: {}\n")
    (rules / "webhooks.yaml").write_text("webhooks: {}\n")
    (rules / "media" / "shop").mkdir(parents=True)
    (rules / "media" / "shop" / "front.jpg").write_bytes(b"jpg")
    (rules / "media" / "secrets").symlink_to(directory / "secrets.env")
    (rules / "templates" / "a.en.json").write_text("{}")
    (rules / "a.yaml").write_text("campaign: a\n")
    return directory


def saved(home: Path, name: str = "home.zip") -> Path:
    file = home.parent / name
    backup.save(home, file, campaigns=home.parent / "campaigns", now=lambda: AT)
    return file


def code_of(action: Callable[[], Any]) -> str:
    """Return the code with which an action is refused."""
    with pytest.raises(CarillonError) as refusal:
        action()
    return refusal.value.problems[0].code


def forged(source: Path, **changes: Any) -> Path:
    """Write a backup anew with changes: `add` more members, `drop` some, `manifest` a change of it."""
    target = source.with_name("forged.zip")
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name twice is what we want
        bodies = {name: old.read(name) for name in old.namelist() if name not in changes.get("drop", ())}
        bodies |= changes.get("replace", {})
        manifest = json.loads(bodies.pop("manifest.json", b"{}"))
        changes.get("manifest", lambda m: None)(manifest)
        for name, body in [*bodies.items(), *changes.get("add", ())]:
            new.writestr(name, body)
        if "manifest.json" not in changes.get("drop", ()):
            new.writestr("manifest.json", json.dumps(manifest))
        changes.get("archive", lambda z: None)(new)
    return target


def test_a_backup_is_one_file_for_its_owner_with_everything_but_secrets_and_halves(home: Path) -> None:
    file = saved(home)
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        assert b"secret-of-ours" not in b"".join(map(archive.read, names))
    rules = {f"campaigns/{name}" for name in RULES}
    assert names == {"carillon.db", "manifest.json", "objects/plans/parts/1.jsonl", *rules}
    assert {path.name for path in home.parent.iterdir()} == {"home", "campaigns", "home.zip"}


def test_a_backup_says_what_it_is_of(home: Path) -> None:
    manifest = restore.check(saved(home))
    with zipfile.ZipFile(home.parent / "home.zip") as archive:
        assert "secrets.env" in json.loads(archive.read("manifest.json"))["left_out"]
    assert (manifest.schema, manifest.at) == (SCHEMA_VERSION, AT)
    assert (manifest.counts["chunks"], manifest.counts["messages"], manifest.counts["ledger"]) == (1, 2, 0)


def test_a_backup_replaces_an_older_one_only_when_it_is_whole(home: Path) -> None:
    file = saved(home)
    before = file.read_bytes()
    (home / "carillon.db").write_bytes(b"not a database " * 1_000)
    for path in home.glob("carillon.db-*"):
        path.unlink()
    assert code_of(lambda: saved(home)) == "database_damaged"
    assert file.read_bytes() == before


def test_where_there_is_no_home_none_is_made(tmp_path: Path) -> None:
    assert code_of(lambda: saved(tmp_path / "absent")) == "home_absent"
    assert not (tmp_path / "absent").exists()


def test_a_home_at_work_is_saved_with_every_object_its_rows_speak_of(tmp_path: Path) -> None:
    busy = opened(tmp_path / "home")
    busy.lock()
    ports = busy.ports({})
    stopping = threading.Event()
    written: list[str] = []

    def work(name: str) -> None:
        while not stopping.is_set():
            number = f"{name}-{len(written):06d}"
            busy.objects.put(f"plans/parts/{number}", b"x" * 500)
            ports.chunks.add_all([replace(CHUNK, id=number, part=f"plans/parts/{number}")])
            written.append(number)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(4):
            before = len(written)
            while len(written) < before + 20:
                stopping.wait(0.01)
            acknowledged = list(written)
            file = saved(tmp_path / "home", f"{number}.zip")
            assert_whole(file, acknowledged)
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
        busy.close()


def assert_whole(file: Path, acknowledged: list[str]) -> None:
    """Every row's object is there, and everything that was acknowledged before the backup began."""
    restored = file.with_suffix("")
    restore.restore(file, restored, now=NOW)
    home = opened(restored)
    with closing(sqlite3.connect(restored / "carillon.db")) as c:
        found = [row[0] for row in c.execute("SELECT sk FROM chunks")]
    assert set(acknowledged) <= set(found)
    assert [n for n in found if home.objects.get(f"plans/parts/{n}") != b"x" * 500] == []
    home.close()


def test_a_restored_home_has_all_that_was_saved(home: Path, tmp_path: Path) -> None:
    restore.restore(saved(home), tmp_path / "deep" / "new", now=NOW)
    found = opened(tmp_path / "deep" / "new")
    ports = found.ports({})
    assert found.objects.get("plans/parts/1.jsonl") == b"rows\n" * 1_000
    assert ports.chunks.get(CHUNK.broadcast, CHUNK.id) == replace(CHUNK, version=1)
    assert ports.standings.get(STANDING.person) == replace(STANDING, version=1)
    assert found.queues.waiting("send") == 2
    found.close()
    assert (tmp_path / "deep" / "new").stat().st_mode & 0o077 == 0
    assert (tmp_path / "deep" / "new" / "campaigns" / "senders.yaml").read_text() == "senders: {}\n"
    assert list((tmp_path / "deep").iterdir()) == [tmp_path / "deep" / "new"]


def test_an_empty_directory_may_be_restored_into_and_no_other(home: Path, tmp_path: Path) -> None:
    file = saved(home)
    (tmp_path / "empty").mkdir()
    restore.restore(file, tmp_path / "empty", now=NOW)
    database = (tmp_path / "empty" / "carillon.db").read_bytes()
    assert code_of(lambda: restore.restore(file, tmp_path / "empty", now=NOW)) == "home_not_empty"
    assert (tmp_path / "empty" / "carillon.db").read_bytes() == database
    assert code_of(lambda: restore.restore(file, file, now=NOW)) == "home_not_empty"


def test_what_stands_there_is_put_aside_whole_when_that_is_asked_for(home: Path, tmp_path: Path) -> None:
    file = saved(home)
    before = {p.name: p.read_bytes() for p in home.iterdir() if p.is_file()}
    done = restore.restore(file, home, now=NOW, replacing=True)
    assert done.put_aside is not None
    assert done.put_aside.parent == home.parent
    assert {p.name: p.read_bytes() for p in done.put_aside.iterdir() if p.name in before} == before
    assert (home / "secrets.env").read_text() == "WHATSAPP_TOKEN=secret-of-ours\n"
    found = opened(home)
    assert found.objects.get("plans/parts/1.jsonl") == b"rows\n" * 1_000
    found.close()


def test_a_clock_that_is_behind_the_backup_is_set_first(home: Path, tmp_path: Path) -> None:
    file = saved(home)
    assert code_of(lambda: restore.restore(file, tmp_path / "new", now=AT - 1)) == "clock_behind"
    assert not (tmp_path / "new").exists()
    restore.restore(file, tmp_path / "new", now=AT)


def test_a_home_that_is_worked_or_no_directory_is_not_put_aside(home: Path) -> None:
    file = saved(home)
    assert code_of(lambda: restore.restore(file, file, now=NOW, replacing=True)) == "home_not_empty"
    worker = opened(home)
    worker.lock()
    assert code_of(lambda: restore.restore(file, home, now=NOW, replacing=True)) == "home_locked"
    worker.close()
    assert [path.name for path in home.parent.iterdir() if "replaced" in path.name] == []


def test_a_damaged_backup_leaves_what_stands_there(home: Path) -> None:
    file = forged(saved(home), drop=["manifest.json"])
    assert code_of(lambda: restore.restore(file, home, now=NOW, replacing=True)) == "backup_damaged"
    assert (home / "secrets.env").is_file()
    assert [path.name for path in home.parent.iterdir() if "replaced" in path.name] == []


def outcome(file: Path) -> Any:
    """Return a backup's manifest, or the code with which it is refused."""
    try:
        return restore.check(file)
    except CarillonError as refusal:
        return refusal.problems[0].code


NOT_BACKUPS: dict[str, dict[str, Any]] = {
    "no manifest": {"drop": ["manifest.json"]},
    "no database": {"drop": ["carillon.db"]},
    "an object is missing": {"drop": ["objects/plans/parts/1.jsonl"]},
    "a file nobody told of": {"add": [("objects/more", b"x")]},
    "a file twice": {"add": [("objects/plans/parts/1.jsonl", b"x")]},
    "another body": {"replace": {"objects/plans/parts/1.jsonl": b"ROWS\n" * 1_000}},
    "a longer body": {"replace": {"objects/plans/parts/1.jsonl": b"rows\n" * 1_001}},
    "another database": {"replace": {"carillon.db": b"x"}},
    "a format of tomorrow": {"manifest": lambda m: m.update(format=2)},
    "no members": {"manifest": lambda m: m.pop("members")},
    "other counts": {"manifest": lambda m: m["counts"].update(chunks=2)},
    "another schema": {"manifest": lambda m: m.update(schema=1)},
    "a size that is none": {"manifest": lambda m: m["members"][0].update(size="1")},
    "not an object": {"manifest": lambda m: m.update(members=[1])},
}


@pytest.mark.parametrize("what", sorted(NOT_BACKUPS))
def test_what_is_not_as_it_was_saved_is_refused_and_nothing_is_put_there(
    what: str, home: Path, tmp_path: Path
) -> None:
    file = forged(saved(home), **NOT_BACKUPS[what])
    assert code_of(lambda: restore.check(file)) == "backup_damaged"
    assert code_of(lambda: restore.restore(file, tmp_path / "new", now=NOW)) == "backup_damaged"
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.99])
def test_a_cut_off_file_is_refused(kept: float, home: Path) -> None:
    file = saved(home)
    body = file.read_bytes()
    file.write_bytes(body[: int(kept if kept > 1 else kept * len(body))])
    assert code_of(lambda: restore.check(file)) == "backup_damaged"


def test_a_changed_byte_in_any_part_of_the_file_is_noticed_or_harmless(home: Path, tmp_path: Path) -> None:
    file = saved(home)
    body = file.read_bytes()
    for place in range(0, len(body), max(1, len(body) // 80)):
        (tmp_path / "changed.zip").write_bytes(body[:place] + bytes([body[place] ^ 0x55]) + body[place + 1 :])
        assert outcome(tmp_path / "changed.zip") in ("backup_damaged", "home_newer", outcome(file))


@pytest.mark.parametrize(
    "name",
    [
        *(
            "../escaped",
            "objects/../../escaped",
            "/tmp/escaped",
            "objects",
            "objects/",
            "objects//a",
            "",
            ".",
        ),
        *("objects/./a", "objects\\..\\a", "secrets.env", "lock", "objects/\0a", "campaigns/..", 7, None),
        "objects/" + "é" * 128,
    ],
)
def test_a_name_that_leads_outside_is_refused(name: Any, home: Path, tmp_path: Path) -> None:
    assert not is_inside(name)
    member = {"name": name, "size": 1, "sha256": "x"}
    text = name if isinstance(name, str) and name and "\0" not in name else "x"
    file = forged(saved(home), add=[(text, b"x")], manifest=lambda m: m["members"].append(member))
    assert code_of(lambda: restore.restore(file, tmp_path / "a" / "new", now=NOW)) == "backup_damaged"
    assert not (tmp_path / "escaped").exists()


@pytest.mark.parametrize("name", ["carillon.db", "objects/a", "objects/plans/a.b", "campaigns/policy.yaml"])
def test_a_name_inside_is_taken(name: str) -> None:
    assert is_inside(name)


def test_a_file_that_claims_more_than_the_disk_holds_is_refused_before_anything_is_written(
    home: Path, tmp_path: Path
) -> None:
    huge = 1 << 60

    def claim(manifest: Any) -> None:
        next(m for m in manifest["members"] if m["name"].startswith("objects/")).update(size=huge)

    def enlarge(archive: zipfile.ZipFile) -> None:
        archive.getinfo("objects/plans/parts/1.jsonl").file_size = huge

    file = forged(saved(home), manifest=claim, archive=enlarge)
    assert code_of(lambda: restore.restore(file, tmp_path / "new", now=NOW)) == "disk_full"
    assert not (tmp_path / "new").exists()


def test_what_unpacks_to_more_than_it_claims_is_cut_off_and_refused(home: Path, tmp_path: Path) -> None:
    name = "objects/plans/parts/1.jsonl"

    def shrink(archive: zipfile.ZipFile) -> None:
        archive.getinfo(name).file_size = 5_000

    file = forged(saved(home), replace={name: b"rows\n" * 10_000_000}, archive=shrink)
    assert code_of(lambda: restore.restore(file, tmp_path / "new", now=NOW)) == "backup_damaged"
    assert not (tmp_path / "new").exists()


def test_a_backup_of_a_newer_home_is_refused_as_such(home: Path, tmp_path: Path) -> None:
    file = forged(saved(home), manifest=lambda m: m.update(schema=SCHEMA_VERSION + 1))
    assert code_of(lambda: restore.check(file)) == "home_newer"
    assert code_of(lambda: restore.restore(file, tmp_path / "new", now=NOW)) == "home_newer"


def test_a_file_that_is_not_there_is_said_to_be_unreadable(tmp_path: Path) -> None:
    assert code_of(lambda: restore.check(tmp_path / "absent")) == "backup_unreadable"
    assert code_of(lambda: restore.restore(tmp_path, tmp_path / "new", now=NOW)) == "backup_unreadable"


RUNNING = replace(BROADCAST, state=BroadcastState.RUNNING, ended_at=None, held_from=None, unknown_until=None)


def test_more_broadcasts_than_a_page_are_all_held(home: Path, tmp_path: Path) -> None:
    filled = opened(home)
    for number in range(230):
        one = replace(RUNNING, id=f"many.{number}", launched_at=AT + number)
        filled.ports({}).broadcasts.put(one, expected_version=None)
    filled.close()
    done = restore.restore(saved(home), tmp_path / "new", now=NOW)
    assert len(done.held) == 231
    assert len({broadcast.id for broadcast in done.held}) == 231


def test_the_archive_is_in_the_backup_and_its_files_may_still_only_be_read(home: Path) -> None:
    filled = opened(home)
    assert filled.archive.add("audit/00000001-ab.jsonl", b"lines\n")
    filled.close()
    restore.restore(saved(home), home.parent / "new", now=NOW, replacing=False)
    file = home.parent / "new/archive/audit/00000001-ab.jsonl"
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"lines\n", 0o400)
