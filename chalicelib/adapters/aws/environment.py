"""What a deployment's parts are called, read from the variables that the infrastructure sets."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.adapters.aws.event_scheduler import Waking
from chalicelib.adapters.aws.home import Resources
from chalicelib.errors import InvalidSettings, Problem
from chalicelib.settings import EVENTS

TABLE_PREFIX = "CARILLON_TABLE_PREFIX"
"""Set: this is the AWS home. Its other variables must then be set too."""
QUEUE_URL = "CARILLON_QUEUE_URL"
BUCKET = "CARILLON_BUCKET"
ARCHIVE = "CARILLON_ARCHIVE"
SECRET = "CARILLON_SECRET"
GROUP = "CARILLON_SCHEDULER_GROUP"
ROLE = "CARILLON_SCHEDULER_ROLE"
DISPATCH = "CARILLON_DISPATCH_FUNCTION"
DEAD_LETTERS = "CARILLON_SCHEDULES_DEAD_LETTERS"
NEEDED = (TABLE_PREFIX, QUEUE_URL, BUCKET, SECRET, GROUP, ROLE, DISPATCH)


def is_on_aws(environment: Mapping[str, str]) -> bool:
    """Say whether these variables describe a deployment on AWS."""
    return bool(environment.get(TABLE_PREFIX))


def resources_of(environment: Mapping[str, str]) -> Resources:
    """Return the deployment's parts. Raises InvalidSettings naming every variable that is missing."""
    missing = [name for name in NEEDED if not environment.get(name)]
    if missing:
        raise InvalidSettings(*(Problem(code="setting_missing", params={"name": n}) for n in missing))
    return Resources(
        table_prefix=environment[TABLE_PREFIX],
        queue_url=environment[QUEUE_URL],
        bucket=environment[BUCKET],
        archive=environment.get(ARCHIVE, ""),
        secret_id=environment[SECRET],
        bus=environment.get(EVENTS, "").removeprefix("bus:"),
        waking=Waking(
            group=environment[GROUP],
            role_arn=environment[ROLE],
            dispatch_arn=environment[DISPATCH],
            dead_letter_arn=environment.get(DEAD_LETTERS, ""),
        ),
    )
