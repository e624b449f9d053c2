"""The secrets of one machine: its environment, and a file that only its owner may read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chalicelib.errors import InvalidSettings, Problem


class FileSecrets:
    """`Secrets`: the environment first, then NAME=VALUE lines of a file only its owner may read."""

    def __init__(self, environment: Mapping[str, str], file: Path) -> None:
        self._environment = environment
        self._file = file
        self._seen: tuple[int, int, int] | None = None
        self._value_by_name: Mapping[str, str] = {}

    def get(self, name: str) -> str | None:
        """Return a secret, or None. Raises InvalidSettings when others may read the file."""
        return self._environment.get(name) or self._from_file().get(name) or None

    def _from_file(self) -> Mapping[str, str]:
        """Return the file's secrets, read again when it changed."""
        try:
            state = self._file.stat()
            if state.st_mode & 0o077:
                raise InvalidSettings(Problem(code="secrets_readable", params={"path": str(self._file)}))
            seen = (state.st_mtime_ns, state.st_size, state.st_ino)
            if seen != self._seen:
                self._value_by_name = _assignments(self._file.read_text("utf-8"))
                self._seen = seen
        except (FileNotFoundError, NotADirectoryError):
            return {}
        return self._value_by_name


def _assignments(text: str) -> dict[str, str]:
    lines = (line.partition("=") for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, equals, value in lines if equals}
