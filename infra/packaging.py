"""`python -m infra.packaging --stage dev OUT`: the zip and the template that CloudFormation deploys.

Chalice does the packaging, in a copy of the project that has what the functions
need and nothing else; its merge template comes from `infra/deployment`. The same
sources give the same zip, byte by byte, so that a deployment without a change
changes nothing.
"""

from __future__ import annotations

import argparse
import compileall
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from infra.deployment.template import STAGES, merged

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements-lambda.txt"
LIBRARIES = ROOT / ".package"
"""Where the libraries lie that were already unpacked, by what was asked for."""
DEFAULT_REGION = "eu-west-1"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip knows."""
MACHINE_BY_ARCHITECTURE = {"arm64": "aarch64", "x86_64": "x86_64"}
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

LEFT_OUT_OF_OURS = (
    "adapters/embedded",
    "web/keeping.py",
    "web/local.py",
    "web/server.py",
    "web/front_door.py",
)
"""Of chalicelib: the other home."""

SERVICES = ("dynamodb", "events", "s3", "scheduler", "secretsmanager", "sqs")
"""What the adapters call: botocore describes four hundred others in 28 MB."""

LEFT_OUT = re.compile(
    r"""
    (?!holidays-)[^/]*\.dist-info/.* | .*\.dist-info/(?!METADATA).*
    | .*\.(pyi|pyx|pxd|pxi|c|h|typed) | bin/.* | .*/tests?/.*
    | botocore/data/(?!SERVICES|_|endpoints\.json|partitions\.json|sdk-default).*
    | botocore/data/.*/(waiters-|paginators-|examples-|service-2\.sdk).*
    | phonenumbers/(geodata|carrierdata|tzdata|geocoder\.py|carrier\.py|timezone\.py).*
    | holidays/(locale|financial|deprecations)/.*
    | pytz/zoneinfo/(posix|right)/.*
    | aiohttp/(test_utils|pytest_plugin|worker|web_runner)\.py
    """.replace("SERVICES", "|".join(f"{name}/" for name in SERVICES)),
    re.VERBOSE,
)
"""Of the libraries: what no function of ours reads. A plan is sealed with the version of the holidays."""


class NotPackaged(Exception):
    """The package could not be made; the text is what the tool said."""


def package(stage: str, out: Path, *, architecture: str = "arm64") -> Path:
    """Write OUT/deployment.zip and OUT/sam.json; returns the template's path. Raises NotPackaged."""
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="carillon-package-") as folder:
        made = chaliced(stage, Path(folder), unpacked(architecture), architecture)
        write_zip(out / "deployment.zip", members_of(made / "deployment.zip"))
        shutil.copy(made / "sam.json", out / "sam.json")
    return out / "sam.json"


def chaliced(stage: str, project: Path, libraries: Path, architecture: str) -> Path:
    """Have Chalice package a copy of the project with these libraries; returns where its files lie."""
    project.mkdir(exist_ok=True)
    copy_ours(project)
    (project / "vendor").symlink_to(libraries, target_is_directory=True)
    configuration = json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))
    configuration["lambda_architecture"] = architecture
    (project / ".chalice" / "config.json").write_text(json.dumps(configuration), "utf-8")
    (project / "merge.json").write_text(json.dumps(merged(stage)), "utf-8")
    command = [sys.executable, "-c", "from chalice.cli import main; main()", "--project-dir", str(project)]
    command += ["package", "--stage", stage, "--merge-template", str(project / "merge.json")]
    run([*command, str(project / "made")], {"AWS_DEFAULT_REGION": DEFAULT_REGION, **os.environ})
    return project / "made"


def copy_ours(project: Path) -> None:
    """Copy what Chalice looks at: the triggers, the library without the other home, the policies."""
    shutil.copy(ROOT / "app.py", project)
    left_out = {ROOT / "chalicelib" / name for name in LEFT_OUT_OF_OURS}

    def ignored(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if name == "__pycache__" or Path(folder) / name in left_out]

    shutil.copytree(ROOT / "chalicelib", project / "chalicelib", ignore=ignored)
    shutil.copytree(ROOT / ".chalice" / "policies", project / ".chalice" / "policies")
    (project / "requirements.txt").touch()


def unpacked(architecture: str) -> Path:
    """Return where the libraries lie for this architecture and Python, unpacked on the first call."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + Path(__file__).read_bytes()).hexdigest()[:12]
    folder = LIBRARIES / f"{architecture}-{PYTHON}-{wanted}"
    if folder.exists():
        return folder
    LIBRARIES.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="unpacking-", dir=LIBRARIES) as unpacking:
        made = Path(unpacking) / "libraries"
        platform = f"manylinux2014_{MACHINE_BY_ARCHITECTURE[architecture]}"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        command += ["--no-deps", "--no-compile", "--only-binary=:all:", "--implementation", "cp"]
        command += ["--python-version", PYTHON, "--platform", platform, "--target", str(made)]
        run([*command, "--requirement", str(REQUIREMENTS)], dict(os.environ))
        for path in sorted(made.rglob("*"), reverse=True):
            if path.is_file() and LEFT_OUT.fullmatch(str(path.relative_to(made))):
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        compile_all(made)
        if not folder.exists():
            made.rename(folder)
    return folder


def compile_all(folder: Path) -> None:
    """Put its bytecode beside every module.

    A function's folder cannot be written, so that without bytecode each new
    container compiles everything; it is trusted without a look at its source.
    """
    compileall.compile_dir(
        folder,
        quiet=2,
        stripdir=str(folder),
        prependdir="/var/task",
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )


def run(command: list[str], environment: dict[str, str]) -> None:
    """Run a tool. Raises NotPackaged with what it said."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise NotPackaged(
            f"{' '.join(command[:4])} ... ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        )


def members_of(file: Path) -> dict[str, bytes]:
    """Return a zip's files by name, our own with the bytecode that the libraries have already."""
    with ZipFile(file) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    with TemporaryDirectory(prefix="carillon-bytecode-") as folder:
        for name, content in members.items():
            if name.startswith(("chalice/", "chalicelib/", "app.py")):
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        compile_all(Path(folder))
        compiled = {str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("*.pyc")}
    return members | compiled


def write_zip(file: Path, members: dict[str, bytes]) -> None:
    """Write a zip whose bytes depend on its members alone."""
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in sorted(members.items()):
            info = ZipInfo(name, LONG_AGO)
            info.external_attr = 0o644 << 16
            packed.writestr(info, content, ZIP_DEFLATED, 9)


def sizes(members: Iterable[ZipInfo]) -> Iterator[tuple[str, int, int]]:
    """Yield each part of a zip with its bytes packed and unpacked, the largest first."""
    packed: dict[str, int] = {}
    unpacked_bytes: dict[str, int] = {}
    for member in members:
        part = member.filename.split("/")[0]
        packed[part] = packed.get(part, 0) + member.compress_size
        unpacked_bytes[part] = unpacked_bytes.get(part, 0) + member.file_size
    for part in sorted(packed, key=lambda part: -packed[part]):
        yield part, packed[part], unpacked_bytes[part]


def main(words: list[str] | None = None) -> int:
    """Package and say how large it is."""
    parser = argparse.ArgumentParser(prog="python -m infra.packaging", description=package.__doc__)
    parser.add_argument("--stage", choices=STAGES, default="dev")
    parser.add_argument("--architecture", choices=sorted(MACHINE_BY_ARCHITECTURE), default="arm64")
    parser.add_argument("out", type=Path, metavar="OUT")
    asked = parser.parse_args(words)
    try:
        template = package(asked.stage, asked.out, architecture=asked.architecture)
    except NotPackaged as error:
        sys.stderr.write(f"{error}\n")
        return 1
    with ZipFile(asked.out / "deployment.zip") as packed:
        parts = list(sizes(packed.infolist()))
    lines = [
        f"{part:24} {small / 2**20:6.2f} {large / 2**20:6.2f} MiB\n" for part, small, large in parts[:10]
    ]
    total = (
        f"{'all':24} {sum(p[1] for p in parts) / 2**20:6.2f} {sum(p[2] for p in parts) / 2**20:6.2f} MiB\n"
    )
    sys.stdout.write(f"{template}\n{'':24}    zip  files\n{''.join(lines)}{total}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
