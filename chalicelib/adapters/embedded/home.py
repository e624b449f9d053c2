"""The embedded home: one directory with a database, objects, secrets and a lock."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from chalicelib.adapters.embedded.access_stores import SqliteApprovals, SqliteAuditTrail
from chalicelib.adapters.embedded.bus import LoggedBus
from chalicelib.adapters.embedded.database import MEMORY, Database, in_directory, unavailable
from chalicelib.adapters.embedded.keeping_store import SqliteKeepings
from chalicelib.adapters.embedded.lock import lock, try_lock
from chalicelib.adapters.embedded.objects import FileArchive, FileObjects, MemoryObjects
from chalicelib.adapters.embedded.pacing_stores import (
    SqliteCounters,
    SqliteDeferrals,
    SqliteSenders,
    SqliteTimelines,
)
from chalicelib.adapters.embedded.queues import SqliteQueues
from chalicelib.adapters.embedded.registry_store import SqliteRegistry
from chalicelib.adapters.embedded.schedules import SqliteSchedules
from chalicelib.adapters.embedded.secrets import FileSecrets
from chalicelib.adapters.embedded.sending_stores import SqliteBroadcasts, SqliteChunks, SqliteLedger
from chalicelib.adapters.embedded.stores import (
    SqliteCampaigns,
    SqliteConsents,
    SqliteContacts,
    SqlitePlans,
    SqliteStandings,
)
from chalicelib.adapters.machine import SystemClock, SystemRandomness
from chalicelib.adapters.outgoing import HttpWebhooks
from chalicelib.errors import HomeUnavailable, Problem
from chalicelib.ports import Clock, Ports, Randomness, Secrets

EPOCH = "epoch"


class EmbeddedHome:
    """One opened home. `lock` makes this process its worker; many may read and order."""

    def __init__(
        self, path: Path | str, *, clock: Clock, randomness: Randomness, secrets: Secrets | None = None
    ) -> None:
        self.path = path
        self._lock_file: IO[str] | None = None
        self.clock = clock
        self.randomness = randomness
        if path == MEMORY:
            self.database = Database(MEMORY)
            self.objects: FileObjects | MemoryObjects = MemoryObjects()
            self.archive: FileArchive | MemoryObjects = MemoryObjects()
            self.secrets: Secrets = secrets or FileSecrets({}, Path(os.devnull) / "absent")
        else:
            directory = Path(path)
            self.database = in_directory(directory)
            self.objects = FileObjects(directory / "objects")
            self.archive = FileArchive(directory / "archive")
            self.secrets = secrets or FileSecrets(os.environ, directory / "secrets.env")
        self.queues = SqliteQueues(self.database, clock)
        self.schedules = SqliteSchedules(self.database)
        self.campaigns = SqliteCampaigns(self.database)
        self.counters = SqliteCounters(self.database)

    def ports(self, channel_by_mode: Mapping[str, Any]) -> Ports:
        """Return the home's ports with these ways for a message to leave."""
        return Ports(
            clock=self.clock,
            randomness=self.randomness,
            book=SqliteContacts(self.database),
            standings=SqliteStandings(self.database),
            consents=SqliteConsents(self.database),
            campaigns=self.campaigns,
            plans=SqlitePlans(self.database),
            registry=SqliteRegistry(self.database),
            broadcasts=SqliteBroadcasts(self.database),
            chunks=SqliteChunks(self.database),
            ledger=SqliteLedger(self.database),
            deferrals=SqliteDeferrals(self.database),
            timelines=SqliteTimelines(self.database),
            keepings=SqliteKeepings(self.database),
            approvals=SqliteApprovals(self.database),
            audit=SqliteAuditTrail(self.database),
            senders=SqliteSenders(self.database),
            counters=self.counters,
            queues=self.queues,
            schedules=self.schedules,
            objects=self.objects,
            archive=self.archive,
            secrets=self.secrets,
            webhooks=HttpWebhooks(loopback=True),
            bus=LoggedBus(),
            channel_by_mode=channel_by_mode,
        )

    def lock(self) -> int:
        """Become the home's worker and return this life's number, higher than all before.

        Raises HomeUnavailable while another worker lives. The kernel drops the
        lock with the process, however it dies. What the worker before had in
        hand becomes visible again.
        """
        if self.path != MEMORY and self._lock_file is None:
            self._lock_file = self._locked()
        self.counters.add(EPOCH, {EPOCH: 1})
        self.queues.release_all()
        return self.counters.get(EPOCH)[EPOCH]

    def _locked(self) -> IO[str]:
        try:
            file = lock(Path(self.path))
        except OSError as error:
            raise unavailable(error, str(self.path)) from error
        if file is None:
            raise HomeUnavailable(Problem(code="home_locked", params={"path": str(self.path)}))
        return file

    def is_worked(self) -> bool:
        """Say whether some process is this home's worker now."""
        if self.path == MEMORY or self._lock_file is not None:
            return True
        try:
            file = try_lock(Path(self.path))
        except OSError as error:
            raise unavailable(error, str(self.path)) from error
        if file is None:
            return True
        file.close()
        return False

    def close(self) -> None:
        """Close the database and let go of the lock."""
        self.database.close()
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None


def open_home(path: Path | str) -> EmbeddedHome:
    """Open or create the home at `path` on the machine's own clock. Raises HomeUnavailable."""
    return EmbeddedHome(path, clock=SystemClock(), randomness=SystemRandomness())
