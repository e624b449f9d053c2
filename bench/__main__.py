"""`make bench`: run every benchmark of this package, or those named, one after the other."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import bench


def main(names: list[str]) -> int:
    """Run `main()` of each benchmark; the exit status is 1 when one missed its target."""
    found = sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_"))
    unknown = sorted(set(names) - set(found))
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(found)}", file=sys.stderr)
        return 2
    missed = [name for name in names or found if run(name)]
    if missed:
        print(f"missed its target: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


def run(name: str) -> int:
    """Run one benchmark; returns what its `main()` returns, 0 for None."""
    print(f"== {name}", flush=True)
    return int(importlib.import_module(f"bench.{name}").main() or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
