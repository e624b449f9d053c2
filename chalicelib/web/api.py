"""The control plane's routes: parse the request, ask the pipeline, word the answer."""

from chalicelib.web import (
    api_audit,
    api_campaigns,
    api_files,
    api_keeping,
    api_operations,
    api_people,
    api_queues,
    api_rules,
    api_sends,
    api_templates,
    api_tokens,
)
from chalicelib.web.requests import routes

__all__ = [
    "api_audit",
    "api_campaigns",
    "api_files",
    "api_keeping",
    "api_operations",
    "api_people",
    "api_queues",
    "api_rules",
    "api_sends",
    "api_templates",
    "api_tokens",
    "routes",
]
