"""Where the demos of the tests keep their records."""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from redis_server import Cluster, Redis


@dataclass(frozen=True)
class Place:
    """What `--store` and `--key-file` are given, and where the records are on disk."""

    store: str
    key_file: Path
    records: Path | None

    @property
    def files(self) -> list[Path]:
        found = self.records.rglob("*") if self.records else []
        return [path for path in found if path.is_file() and path != self.key_file]


class Stores:
    """Redis servers are started when they are first asked for, and shared: what is on one is sealed under one key file."""

    def __init__(self):
        self._servers: dict[str, Place] = {}
        self._running = ExitStack()

    def place(self, kind: str, directory: Path) -> Place:
        match kind:
            case "sqlite":
                return Place(f"sqlite:{directory / 'challenges.db'}", directory / "challenges.key", directory)
            case "redis" | "redis-cluster":
                if kind not in self._servers:
                    self._servers[kind] = self._start(kind)
                return self._servers[kind]
            case _:
                return Place(kind, directory / "challenges.key", None)

    def close(self) -> None:
        self._servers.clear()
        self._running.close()

    def _start(self, kind: str) -> Place:
        directory = Path(self._running.enter_context(tempfile.TemporaryDirectory(prefix=f"challenges-{kind}-")))
        if kind == "redis":
            url = self._running.enter_context(Redis(directory)).url
        else:
            url = self._running.enter_context(Cluster(directory)).url
        return Place(url, directory / "challenges.key", directory)


STORES = Stores()
