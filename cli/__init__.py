"""The `carillon` command: a thin client of the API, over HTTP or over a home on this machine."""
