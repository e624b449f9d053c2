"""Which methods of ports a function's code can come to: read from the source, without running anything.

Everything that a handler names is followed: functions, classes with all their
methods, tables of functions. So a call that only a rare fault leads to counts as
much as one of every day; and nothing that no path leads to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path

from chalicelib.ports import Ports
from chalicelib.steps import messages

ROOT = Path(__file__).parents[2]
PORTS = frozenset(f.name for f in fields(Ports))
OF_HOME = {
    "rules": "objects.get",  # pushed ones
    "definition": "campaigns.get",
    "listing": "secrets.get",
    "uploads": "secrets.get",
    "channel_by_mode": "secrets.get",
}
"""What a home gives besides its ports, and the call behind it."""
QUEUES = {name: value for name, value in vars(messages).items() if name.isupper() and isinstance(value, str)}
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


@dataclass
class Module:
    """A module's definitions by name, and what its imports bring: module and name there."""

    definitions: dict[str, Definition] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass
class Reached:
    """What a function's code names: ports' methods, and queues."""

    calls: set[str] = field(default_factory=set)
    queues: set[str] = field(default_factory=set)


@cache
def module(name: str) -> Module:
    """Read one of our modules."""
    path = ROOT / (name.replace(".", "/") + ".py")
    if not path.exists():
        path = ROOT / name.replace(".", "/") / "__init__.py"
    found = Module()
    for node in ast.walk(tree := ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("chalicelib", "app")):
            for alias in node.names:
                found.imported[alias.asname or alias.name] = (node.module or "", alias.name)
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.definitions[statement.name] = statement
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            found.definitions[statement.targets[0].id] = statement
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            found.definitions[statement.target.id] = statement
    return found


def is_module(name: str) -> bool:
    """Say whether there is a module of ours with this name."""
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


class Walk:
    """One walk from a function to everything it can come to."""

    def __init__(self) -> None:
        self.reached = Reached()
        self._seen: set[tuple[str, str]] = set()

    def follow(self, where: str, name: str) -> None:
        """Follow a name that stands in a module."""
        if (where, name) in self._seen:
            return
        self._seen.add((where, name))
        here = module(where)
        if name in here.definitions:
            self._read(where, here.definitions[name])
        elif name in here.imported:
            origin, there = here.imported[name]
            if not is_module(f"{origin}.{there}") and not _is_outside(origin):
                self.follow(origin, there)

    def _read(self, where: str, node: ast.AST) -> None:
        aliases, local = dict(_aliases(node)), _local(node)
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id not in local:
                self.follow(where, part.id)
            elif isinstance(part, ast.Attribute):
                self._attribute(where, part, aliases)

    def _attribute(self, where: str, part: ast.Attribute, aliases: dict[str, str]) -> None:
        base = part.value
        owner = _last(base)
        if owner in PORTS and isinstance(base, ast.Attribute) and _last(base.value) == "ports":
            self.reached.calls.add(f"{owner}.{part.attr}")
        elif isinstance(base, ast.Name) and base.id in aliases:
            self.reached.calls.add(f"{aliases[base.id]}.{part.attr}")
        elif owner in ("home", "ports") and part.attr in OF_HOME:
            self.reached.calls.add(OF_HOME[part.attr])
        elif owner == "home" and part.attr == "sender":
            self.reached.calls.add(OF_HOME["rules"])
        elif owner == "pipeline":
            self._method(part.attr)
        elif isinstance(base, ast.Name):
            self._of_module(where, base.id, part.attr)

    def _of_module(self, where: str, name: str, attr: str) -> None:
        origin, there = module(where).imported.get(name, ("", ""))
        if f"{origin}.{there}" == "chalicelib.steps.messages" and attr in QUEUES:
            self.reached.queues.add(QUEUES[attr])
        elif origin and is_module(f"{origin}.{there}") and not _is_outside(f"{origin}.{there}"):
            self.follow(f"{origin}.{there}", attr)

    def _method(self, name: str) -> None:
        """Follow one method of the pipeline."""
        if ("pipeline", name) in self._seen:
            return
        self._seen.add(("pipeline", name))
        pipeline = module("chalicelib.pipeline").definitions["Pipeline"]
        assert isinstance(pipeline, ast.ClassDef)
        for method in pipeline.body:
            if isinstance(method, ast.FunctionDef) and method.name == name:
                self._read("chalicelib.pipeline", method)


def _is_outside(name: str) -> bool:
    """Say whether a module is behind the ports, or wires them: its calls are the table's."""
    return name.startswith(
        ("chalicelib.adapters", "chalicelib.bootstrap", "chalicelib.ports", "chalicelib.pipeline")
    )


def _last(node: ast.AST) -> str:
    """Return the last name of a chain: "ports" of `home.ports`, "pipeline" of `bootstrap.pipeline()`."""
    if isinstance(node, ast.Call):
        return _last(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _aliases(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield local names that stand for a port: `book = home.ports.book`."""
    for part in ast.walk(node):
        if isinstance(part, ast.Assign):
            target, value = part.targets[0], part.value
            several = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            names = target.elts if several and isinstance(target, ast.Tuple) else [target]
            values = value.elts if several and isinstance(value, ast.Tuple) else [value]
            for name, found in zip(names, values, strict=False):
                is_port = isinstance(found, ast.Attribute) and _last(found.value) == "ports"
                if isinstance(name, ast.Name) and is_port and _last(found) in PORTS:
                    yield name.id, _last(found)


def _local(node: ast.AST) -> set[str]:
    """Return the names that a function gives itself: they are nobody else's."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return set()
    stored = {p.id for p in ast.walk(node) if isinstance(p, ast.Name) and isinstance(p.ctx, ast.Store)}
    return stored | {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}


@cache
def reached_by(handler: str) -> Reached:
    """Return what a function of `app.py` can come to; `api_handler` is behind every route."""
    walk = Walk()
    if handler == "api_handler":
        for path in sorted((ROOT / "chalicelib/web").glob("api_*.py")):
            name = f"chalicelib.web.{path.stem}"
            for definition in module(name).definitions:
                walk.follow(name, definition)
    else:
        walk.follow("app", handler)
    return walk.reached
