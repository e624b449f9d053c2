"""A dashboard for each sender: one page that asks which, and reads the log for it.

Senders are pushed when the stack stands, and a metric for each number of each
would cost a third of a dollar a month; the log has all of it already.
"""

from __future__ import annotations

import json

from infra.deployment.stores import Resources
from infra.deployment.watching import widget

ASKED = "SENDER_KEY"
"""What stands in the queries in the place of the sender, until somebody writes which."""
OURS = f'filter sender = "{ASKED}"'
AMONG = f'filter @message like "{ASKED}"'
PANELS = {
    "Messages a minute": f'{OURS} and event = "chunk_sent"'
    " | stats sum(accepted) as accepted, sum(uncertain) as uncertain, sum(late) as late_slots by bin(1m)",
    "Slots and rate": f'{OURS} and event = "paced" | stats sum(slots) as slots, max(rate) as rate by bin(1m)',
    "By broadcast": f'{OURS} and event = "chunk_sent" | stats sum(sent) as sent, sum(accepted) as accepted,'
    " sum(uncertain) as uncertain, sum(remaining) as put_back by broadcast",
    "Slowed and stopped": f'{AMONG} and event in ["senders_slowed", "scope_stopped", "scope_resumed"]'
    " | fields @timestamp, event, scope, cause, template, country, by | sort @timestamp desc | limit 50",
    "Due and not started": f'{OURS} and event = "due_not_started"'
    " | fields @timestamp, broadcast, waves, oldest_seconds, ready | sort @timestamp desc | limit 50",
    "What the platform says of the number": f'{OURS} and event in ["sender_news", "media_not_uploaded"]'
    " | fields @timestamp, event, quality, upgraded, file, why | sort @timestamp desc | limit 50",
}
"""Queries by what they show; those that count by the minute are drawn as lines."""


def sender_dashboard(stage: str) -> Resources:
    """Return the page; its variable takes a sender's key as senders.yaml has it."""
    widgets = [
        widget(
            place,
            "log",
            title,
            {
                "view": "timeSeries" if query.endswith("bin(1m)") else "table",
                "query": f"SOURCE '/carillon/{stage}' | {query}",
            },
        )
        for place, (title, query) in enumerate(PANELS.items())
    ]
    asked = {
        "type": "pattern",
        "pattern": ASKED,
        "inputType": "input",
        "id": "sender",
        "label": "Sender",
        "defaultValue": ASKED,
        "visible": True,
    }
    return {
        "SenderDashboard": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {
                "DashboardName": f"carillon-{stage}-sender",
                "DashboardBody": {"Fn::Sub": json.dumps({"variables": [asked], "widgets": widgets})},
            },
        }
    }
