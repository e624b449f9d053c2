"""The bucket of packages: every zip and template that was deployed, by its content, and which one when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.deployment.releases import SHOWN, Entry, Release, entry_of, placed, text_of

OURS = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")


class Packages:
    """The packages of one stage in one account and region. Nothing in it is ever changed or removed here."""

    def __init__(self, stage: str, account: str, new_client: Any) -> None:
        self._name = f"carillon-{stage}"
        self._s3 = new_client("s3")
        self._region = str(self._s3.meta.region_name)
        self._data = f"{self._name}-{account}-{self._region}"
        self._audit = f"{self._name}-audit-{account}-{self._region}"
        self.bucket = f"carillon-packages-{account}-{self._region}"

    def keep(self, package: Path) -> Release:
        """Store a package's zip under its content and its template beside it, ready for this account."""
        self._make_bucket()
        zipped = (package / "deployment.zip").read_bytes()
        digest = hashlib.sha256(zipped).hexdigest()
        code = f"{self._name}/{digest}.zip"
        self._s3.put_object(Bucket=self.bucket, Key=code, Body=zipped)
        template = placed(
            json.loads((package / "sam.json").read_text("utf-8")),
            bucket=self.bucket,
            code=code,
            release=digest[:SHOWN],
            names={"Bucket.BucketName": self._data, "AuditBucket.BucketName": self._audit},
        )
        return self.keep_template(template, Release(digest[:SHOWN], "", code))

    def keep_template(self, template: Mapping[str, Any], release: Release) -> Release:
        """Store a template under its content; returns the release with it."""
        body = json.dumps(template, sort_keys=True).encode()
        key = f"{self._name}/{hashlib.sha256(body).hexdigest()}.json"
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return Release(release.name, key, release.code)

    def template(self, release: Release) -> dict[str, Any]:
        """Return a release's template."""
        found: dict[str, Any] = json.loads(self._read(release.template))
        return found

    def address(self, release: Release) -> str:
        """Return where CloudFormation finds the template."""
        endpoint = str(self._s3.meta.endpoint_url)
        if "amazonaws.com" in endpoint:
            return f"https://{self.bucket}.s3.{self._region}.amazonaws.com/{release.template}"
        return f"{endpoint}/{self.bucket}/{release.template}"

    def note(self, entry: Entry) -> None:
        """Add a deployment to the stage's history."""
        moment = entry.at.replace(":", "").replace("-", "")
        self._s3.put_object(
            Bucket=self.bucket, Key=f"{self._name}/releases/{moment}.json", Body=text_of(entry)
        )

    def history(self) -> list[Entry]:
        """Return every deployment of the stage, the oldest first; none while there is no bucket."""
        try:
            return [entry_of(self._read(key)) for key in sorted(self._noted())]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise
            return []

    def _noted(self) -> Iterator[str]:
        more: dict[str, str] = {}
        while True:
            page = self._s3.list_objects_v2(Bucket=self.bucket, Prefix=f"{self._name}/releases/", **more)
            yield from (str(found["Key"]) for found in page.get("Contents", ()))
            if not page.get("NextContinuationToken"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def _read(self, key: str) -> bytes:
        body: bytes = self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body

    def _make_bucket(self) -> None:
        where = {} if self._region == "us-east-1" else {"LocationConstraint": self._region}
        configuration = {"CreateBucketConfiguration": where} if where else {}
        try:
            self._s3.create_bucket(Bucket=self.bucket, **configuration)
        except ClientError as error:
            if error.response["Error"]["Code"] not in OURS:
                raise
            return
        self._s3.put_public_access_block(
            Bucket=self.bucket,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
        )
