"""The stores that the demos run on.

A new store is one entry of `KINDS`, and one function where the store needs a server.
"""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from postgres_server import Postgres
from redis_server import Cluster, Redis


@dataclass(frozen=True)
class Kind:
    """A kind of store."""

    location: str = ""
    """The value of `--store`, where the store needs no server. `{directory}` is the demo's directory."""
    server: Callable[[Path, ExitStack], str] | None = None
    """Starts a server in a directory and returns the value of `--store`."""
    durable: bool = True
    """Records survive a kill of the demo."""


def postgres(directory: Path, running: ExitStack) -> str:
    return running.enter_context(Postgres(directory)).url


def redis(directory: Path, running: ExitStack) -> str:
    return running.enter_context(Redis(directory)).url


def redis_cluster(directory: Path, running: ExitStack) -> str:
    return running.enter_context(Cluster(directory)).url


# The first one runs every test; see settings.py.
KINDS = {
    "sqlite": Kind("sqlite:{directory}/challenges.db"),
    "memory": Kind("memory", durable=False),
    "postgres": Kind(server=postgres),
    "redis": Kind(server=redis),
    "redis-cluster": Kind(server=redis_cluster),
}
ALL = list(KINDS)
DURABLE = [name for name, kind in KINDS.items() if kind.durable]
SHARED = [name for name, kind in KINDS.items() if kind.server]


@dataclass(frozen=True)
class Place:
    """The values of `--store` and `--key-file`, and the directory of the records."""

    store: str
    key_file: Path
    records: Path | None

    @property
    def files(self) -> list[Path]:
        """The files of the records, without the key file."""
        found = self.records.rglob("*") if self.records else []
        return [path for path in found if path.is_file() and path != self.key_file]


class Stores:
    """The places of all demos.

    A server starts on first use, and serves the demos of one directory at a time. Demos on one server, at once or one after
    another, share its key file, because they read each other's records.
    """

    def __init__(self):
        self._servers: dict[tuple[str, Path], Place] = {}
        self._idle: dict[str, list[Place]] = {}
        self._running = ExitStack()

    def place(self, store: str, directory: Path) -> Place:
        """Returns the place of `store` for the demos of `directory`. A demo gets unknown stores unchanged."""
        kind = KINDS.get(store, Kind(store))
        if kind.server is None:
            location = kind.location.format(directory=directory)
            return Place(location, directory / "challenges.key", directory if kind.durable else None)
        if (store, directory) not in self._servers:
            idle = self._idle.get(store)
            self._servers[store, directory] = idle.pop() if idle else self._start(store, kind)
        return self._servers[store, directory]

    def release(self, store: str, directory: Path) -> None:
        """Gives the server of the directory to the next demo that needs one."""
        place = self._servers.pop((store, directory), None)
        if place:
            self._idle.setdefault(store, []).append(place)

    def close(self) -> None:
        """Stops every server."""
        self._servers.clear()
        self._idle.clear()
        self._running.close()

    def _start(self, store: str, kind: Kind) -> Place:
        directory = Path(self._running.enter_context(tempfile.TemporaryDirectory(prefix=f"challenges-{store}-")))
        return Place(kind.server(directory, self._running), directory / "challenges.key", directory)


STORES = Stores()
