"""A private PostgreSQL server, as a child process on a Unix socket.

PostgreSQL refuses to run as root, so root starts the server as the user `postgres`.
"""

import glob
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

from redis_server import wait_for


class Postgres:
    """A server whose acknowledged writes survive a kill, as a context manager."""

    def __init__(self, directory: Path):
        self.directory, self.data, self.socket = directory, directory / "data", directory / "socket"

    @property
    def url(self) -> str:
        return f"postgres://postgres@{quote(str(self.socket), safe='')}/postgres"

    def start(self) -> "Postgres":
        self.directory.mkdir(parents=True, exist_ok=True)
        if not self.data.exists():
            self.data.mkdir(mode=0o700)
            self.socket.mkdir()
            if os.geteuid() == 0:
                self.directory.chmod(0o711)
                for path in (self.data, self.socket):
                    shutil.chown(path, "postgres", "postgres")
            command = [*unprivileged("initdb"), "-D", self.data, "-A", "trust", "-U", "postgres", "--no-sync"]
            subprocess.run(command, check=True, capture_output=True, cwd="/")
        command = [*unprivileged("postgres"), "-D", self.data, "-c", "listen_addresses="]
        command += ["-c", f"unix_socket_directories={self.socket}", "-c", "max_connections=200"]
        with open(self.directory / "postgres.log", "ab") as log:
            self._process = subprocess.Popen(command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(lambda: self.query("SELECT 1") == "1", "PostgreSQL does not answer")
        return self

    def query(self, sql: str) -> str:
        """Returns the output of `psql`."""
        command = [program("psql"), "-h", str(self.socket), "-U", "postgres", "-XAtq", "-c", sql, "postgres"]
        return subprocess.run(command, capture_output=True, encoding="utf-8", cwd="/").stdout.strip()

    def kill(self) -> None:
        # An immediate shutdown ends the backends, too, and recovers like a crash.
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def __enter__(self) -> "Postgres":
        return self.start()

    def __exit__(self, *_) -> None:
        self.kill()


def program(name: str) -> str:
    """Returns the path of a program; Debian keeps servers outside of PATH."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return found[-1] if found else name


def unprivileged(name: str) -> list[str]:
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
    return [*(as_user if os.geteuid() == 0 else []), program(name)]
