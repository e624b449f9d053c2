"""Graph as the adapters know it, at a server of a test's own."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.adapters.channels.graph import Graph


@dataclass(frozen=True)
class OneSecret:
    """A token that may be absent."""

    token: str | None

    def get(self, name: str) -> str | None:
        return self.token if name == "WHATSAPP_TOKEN" else None


def graph_at(url: str, token: str | None = "secret") -> Graph:
    """Return Graph at `url`, asked with `token`."""
    return Graph(secrets=OneSecret(token), url=url, version="v25.0")
