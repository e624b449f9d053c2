"""Objects on S3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.aws.calls import MOST_TRIES, Calls, code_of, surfaced, unavailable
from chalicelib.adapters.object_keys import checked, unknown
from chalicelib.ports import MOST_ITEMS

S3 = "S3"
ABSENT = ("NoSuchKey", "404", "NotFound")
BEHIND_THE_END = "InvalidRange"
TAKEN = "PreconditionFailed"
CONFLICT = "ConditionalRequestConflict"
"""Another conditional put of the same key is under way; it may yet fail."""


class S3Objects:
    """`Objects` in one bucket. Uploads carry a checksum, which S3 verifies."""

    def __init__(self, client: Any, bucket: str, calls: Calls) -> None:
        self._client = client
        self._bucket = bucket
        self._calls = calls

    def put(self, key: str, body: bytes) -> None:
        """PutObject."""
        with surfaced(S3):
            self._client.put_object(Bucket=self._bucket, Key=checked(key), Body=body)

    def add(self, key: str, body: bytes) -> bool:
        """PutObject with If-None-Match. A repeated try that meets its own object says it was there."""
        for tries in range(MOST_TRIES):
            try:
                with surfaced(S3, besides=(TAKEN, CONFLICT)):
                    self._client.put_object(Bucket=self._bucket, Key=checked(key), Body=body, IfNoneMatch="*")
                return True
            except ClientError as error:
                if code_of(error) == TAKEN:
                    return False
            self._calls.pause(tries)
        raise unavailable(S3, CONFLICT)

    def get(self, key: str) -> bytes | None:
        """GetObject."""
        try:
            with surfaced(S3, besides=ABSENT):
                return self._read(key)
        except ClientError:
            return None

    def get_range(self, key: str, start: int, end: int) -> bytes:
        """GetObject with Range."""
        if start >= end:
            if self.get(key) is None:
                raise unknown(key)
            return b""
        try:
            with surfaced(S3, besides=(*ABSENT, BEHIND_THE_END)):
                return self._read(key, Range=f"bytes={start}-{end - 1}")
        except ClientError as error:
            if code_of(error) == BEHIND_THE_END:
                return b""
            raise unknown(key) from error

    def keys(self, prefix: str) -> list[str]:
        """ListObjectsV2, one page."""
        with surfaced(S3):
            answer = self._client.list_objects_v2(
                Bucket=self._bucket, Prefix=checked(prefix), MaxKeys=MOST_ITEMS
            )
        return [found["Key"] for found in answer.get("Contents", [])]

    def remove_all(self, keys: Sequence[str]) -> None:
        """DeleteObjects; raises HomeUnavailable when any could not be deleted."""
        if not keys:
            return
        wanted = {"Objects": [{"Key": checked(key)} for key in keys], "Quiet": True}
        with surfaced(S3):
            answer = self._client.delete_objects(Bucket=self._bucket, Delete=wanted)
        if answer.get("Errors"):
            raise unavailable(S3, str(answer["Errors"][0].get("Code", "")))

    def _read(self, key: str, **more: str) -> bytes:
        answer = self._client.get_object(Bucket=self._bucket, Key=checked(key), **more)
        body: bytes = answer["Body"].read()
        return body
