from typing import Any

import pytest

from chalicelib.sending.delivery import Delivery, DeliveryKey, Outcome, Rank, outcome_of

KEY = DeliveryKey(broadcast="news.1", chunk="000-00000", person="p")


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({}, Outcome.CLAIMED),
        ({"uncertain": True}, Outcome.UNCERTAIN),
        ({"excluded": "expired"}, Outcome.EXCLUDED),
        ({"waiting": "quiet_hours"}, Outcome.WAITING),
        ({"failed_code": 131026}, Outcome.FAILED),
        ({"failed_code": 130429, "waiting": "retry"}, Outcome.WAITING),
        ({"rank": Rank.ACCEPTED}, Outcome.ACCEPTED),
        ({"rank": Rank.SENT, "failed_code": 131026}, Outcome.FAILED),
        ({"rank": Rank.DELIVERED, "failed_code": 131026}, Outcome.ACCEPTED),
        ({"rank": Rank.READ, "uncertain": True}, Outcome.ACCEPTED),
    ],
)
def test_a_row_stands_for_one_outcome(fields: dict[str, Any], outcome: Outcome) -> None:
    assert outcome_of(Delivery(key=KEY, **fields)) is outcome
