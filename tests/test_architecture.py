"""The shape of the code: which module may know which, and that the stages are pure."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STAGES = ("audience", "authoring", "planning", "sending", "tracking")
FREE_FOR_ALL = {"chalicelib", "chalicelib.errors"}

IMPURE_MODULES = frozenset(
    (
        *("asyncio", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil"),
        *(
            "signal",
            "socket",
            "sqlite3",
            "subprocess",
            "sys",
            "tempfile",
            "threading",
            "time",
            "urllib",
            "uuid",
        ),
        *("aiohttp", "boto3", "botocore", "chalice", "httpx", "pynamodb", "requests", "waitress", "zoneinfo"),
    )
)
IMPURE_CALLS = frozenset(
    (
        *("now", "utcnow", "today"),
        *("open", "input", "print", "exec", "eval", "__import__", "getenv"),
    )
)
MAY_IMPORT_ADAPTERS = (
    "app.py",
    "chalicelib/bootstrap.py",
    "chalicelib/web/keeping.py",
    "chalicelib/web/local.py",
    "chalicelib/web/server.py",
)
VAGUE_NAMES = frozenset(
    ("utils", "util", "helpers", "common", "base", "service", "services", "manager", "misc")
)
MOST_HANDLER_LINES = 5


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of everything a module imports, also inside functions."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            module = node.module or ""
            yield node.lineno, module
            if module in ("chalicelib", "infra", "cli"):
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def called(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, last name) of every call."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.lineno, node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.lineno, node.func.id


def stage_files(stage: str) -> list[Path]:
    return python_files(f"chalicelib/{stage}")


def test_the_stages_sort_in_pipeline_order() -> None:
    assert list(STAGES) == sorted(STAGES)
    assert all(stage_files(stage) for stage in STAGES)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_only_stages_before_it_and_errors(stage: str) -> None:
    allowed = tuple(f"chalicelib.{s}" for s in STAGES[: STAGES.index(stage) + 1])
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in stage_files(stage)
        for line, name in imported(path)
        if name.split(".")[0] in ("chalicelib", "cli", "infra", "app", "tests")
        and name not in FREE_FOR_ALL
        and not any(name == a or name.startswith(f"{a}.") for a in allowed)
    ]
    assert not wrong


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_knows_no_clock_no_environment_no_randomness_and_no_outside_world(stage: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in stage_files(stage)
        for line, name in imported(path)
        if name.split(".")[0] in IMPURE_MODULES
    ]
    wrong += [
        f"{path.relative_to(ROOT)}:{line} calls {name}()"
        for path in stage_files(stage)
        for line, name in called(path)
        if name in IMPURE_CALLS
    ]
    assert not wrong


def test_only_the_wiring_imports_adapters() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in [ROOT / "app.py", *python_files("chalicelib", "cli")]
        if not path.is_relative_to(ROOT / "chalicelib/adapters")
        and str(path.relative_to(ROOT)) not in MAY_IMPORT_ADAPTERS
        for line, name in imported(path)
        if name.startswith("chalicelib.adapters")
    ]
    assert not wrong


def test_what_lambda_gets_imports_nothing_that_it_does_not_get() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in [ROOT / "app.py", *python_files("chalicelib")]
        for line, name in imported(path)
        if name.split(".")[0] in ("cli", "infra", "tests", "bench")
    ]
    assert not wrong


def test_the_simulator_shares_no_code_with_the_product() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in python_files("infra/local/simulator")
        for line, name in imported(path)
        if name.split(".")[0] in ("chalicelib", "cli", "app")
    ]
    assert not wrong


def test_the_command_knows_only_the_api_errors_and_their_wording() -> None:
    allowed = {"chalicelib.errors", "chalicelib.wording"}
    allowed |= {f"chalicelib.web.{name}" for name in ("keeping", "local", "server")}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in python_files("cli")
        for line, name in imported(path)
        if name.startswith("chalicelib") and name not in allowed
    ]
    assert not wrong


def handlers() -> list[ast.FunctionDef]:
    return [node for node in tree(ROOT / "app.py").body if isinstance(node, ast.FunctionDef)]


def statement_lines(handler: ast.FunctionDef) -> int:
    body = handler.body[1:] if ast.get_docstring(handler) else handler.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_app_is_a_table_of_contents() -> None:
    assert handlers()
    assert all(handler.decorator_list for handler in handlers())
    assert all(ast.get_docstring(handler) for handler in handlers())
    long = {h.name: statement_lines(h) for h in handlers() if statement_lines(h) > MOST_HANDLER_LINES}
    assert not long


def test_no_module_has_a_name_that_says_nothing() -> None:
    paths = python_files("chalicelib", "cli", "infra", "bench", "tests")
    assert not [
        str(p.relative_to(ROOT)) for p in paths if p.stem in VAGUE_NAMES or p.parent.name in VAGUE_NAMES
    ]


def test_every_module_says_what_it_is() -> None:
    paths = [p for p in python_files("chalicelib", "cli", "infra", "bench") if p.read_text("utf-8").strip()]
    assert not [str(p.relative_to(ROOT)) for p in paths if not ast.get_docstring(tree(p))]


def test_the_stage_settings_name_no_variable_that_is_a_secret() -> None:
    config = json.loads((ROOT / ".chalice/config.json").read_text("utf-8"))
    assert config["app_name"] == "carillon"
    variables = {
        name for stage in config["stages"].values() for name in stage.get("environment_variables", {})
    }
    assert not [name for name in variables if "TOKEN" in name or "SECRET" in name]
