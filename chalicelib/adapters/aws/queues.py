"""Queues on SQS: batches of ten, and every body accounted for. Lambda consumes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from chalicelib.adapters.aws.calls import MOST_TRIES, Calls, surfaced, unavailable
from chalicelib.ports import DeadLetter, Depth

SQS = "SQS"
MOST_MESSAGES = 10
MOST_BYTES = 1_000_000
"""Of one batch; AWS takes 1 MiB, counting bodies alone."""
MOST_DELAY_SECONDS = 900

_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What SQS refuses in a body, with the whole batch: characters that XML cannot carry, half pairs too."""


DEAD = "-dead"
"""What the name of a queue's dead-letter queue ends with."""
SHOWN_SECONDS = 5
"""Who looks at dead letters hides them for so long: short, so that they can then be given back."""


class SqsQueues:
    """`Queues`. `url_of` gives a queue's address by its name."""

    def __init__(self, client: Any, url_of: Callable[[str], str], calls: Calls) -> None:
        self._client = client
        self._url_of = url_of
        self._calls = calls

    def send(self, queue: str, bodies: Sequence[str], *, delay_seconds: int = 0) -> None:
        """SendMessageBatch, side by side."""
        url = self._url_of(queue)
        delay = min(max(0, delay_seconds), MOST_DELAY_SECONDS)
        batches = list(batches_of([escaped(body) for body in bodies]))
        self._calls.side_by_side(lambda batch: self._send_batch(url, batch, delay), batches)

    def _send_batch(self, url: str, bodies: Sequence[str], delay: int) -> None:
        """Send one batch; entries that AWS could not take are sent again, the others never."""
        entries: Mapping[str, dict[str, Any]] = {
            str(k): {"Id": str(k), "MessageBody": body, "DelaySeconds": delay}
            for k, body in enumerate(bodies)
        }
        reasons: set[str] = set()
        for tries in range(MOST_TRIES):
            with surfaced(SQS):
                answer = self._client.send_message_batch(QueueUrl=url, Entries=list(entries.values()))
            failed = answer.get("Failed", [])
            if not failed:
                return
            reasons = {str(entry.get("Code", "")) for entry in failed}
            if any(entry.get("SenderFault") for entry in failed):
                break
            entries = {entry["Id"]: entries[entry["Id"]] for entry in failed}
            self._calls.pause(tries)
        raise unavailable(SQS, ", ".join(sorted(reasons)))

    def dead_letters(self, queue: str) -> list[DeadLetter]:
        """ReceiveMessage on the dead-letter queue."""
        with surfaced(SQS):
            answer = self._client.receive_message(
                QueueUrl=self._url_of(queue + DEAD),
                MaxNumberOfMessages=MOST_MESSAGES,
                VisibilityTimeout=SHOWN_SECONDS,
                AttributeNames=["ApproximateReceiveCount"],
            )
        return [
            DeadLetter(
                queue=queue,
                handle=m["ReceiptHandle"],
                body=m["Body"],
                receives=int(m["Attributes"]["ApproximateReceiveCount"]),
            )
            for m in answer.get("Messages", [])
        ]

    def depth(self, queue: str, *, dead: bool = False) -> Depth:
        """GetQueueAttributes."""
        wanted = ("", "NotVisible", "Delayed")
        names = [f"ApproximateNumberOfMessages{kind}" for kind in wanted]
        with surfaced(SQS):
            answer = self._client.get_queue_attributes(
                QueueUrl=self._url_of(queue + DEAD if dead else queue), AttributeNames=names
            )
        waiting, in_hand, delayed = (int(answer.get("Attributes", {}).get(name, 0)) for name in names)
        return Depth(waiting=waiting, in_hand=in_hand, delayed=delayed)

    def replay(self, letter: DeadLetter) -> None:
        """SendMessage to the queue, then DeleteMessage of the letter."""
        self.send(letter.queue, [letter.body])
        with surfaced(SQS):
            self._client.delete_message(
                QueueUrl=self._url_of(letter.queue + DEAD), ReceiptHandle=letter.handle
            )


def escaped(body: str) -> str:
    """Return a JSON text without the characters SQS refuses: as escapes they mean the same."""
    return _REFUSED.sub(lambda found: f"\\u{ord(found.group()):04x}", body)


def batches_of(bodies: Sequence[str]) -> Iterator[list[str]]:
    """Yield batches of at most ten bodies and MOST_BYTES."""
    batch: list[str] = []
    size = 0
    for body in bodies:
        length = len(body.encode())
        if batch and (len(batch) == MOST_MESSAGES or size + length > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(body)
        size += length
    if batch:
        yield batch
