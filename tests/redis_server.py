"""Private Redis servers, as child processes on free loopback ports."""

import random
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

START_SECONDS = 120


class Redis:
    """A server whose acknowledged writes survive a kill, as a context manager."""

    def __init__(self, directory: Path, *arguments: str):
        self.directory, self.arguments, self.port = directory, arguments, 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> "Redis":
        self.directory.mkdir(parents=True, exist_ok=True)
        if not self.port:
            self.port, self._reserved = take_port()
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.directory)]
        command += ["--save", "", "--appendonly", "yes", "--appendfsync", "always", "--logfile", "redis.log"]
        self._process = subprocess.Popen([*command, *self.arguments], cwd=self.directory, stdin=subprocess.DEVNULL)
        wait_for(lambda: self.command("PING") == "PONG", "redis-server does not answer")
        return self

    def command(self, *words: str) -> str:
        """Returns the output of `redis-cli`."""
        command = ["redis-cli", "-h", "127.0.0.1", "-p", str(self.port), *words]
        return subprocess.run(command, capture_output=True, encoding="utf-8").stdout.strip()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> "Redis":
        return self.start()

    def __exit__(self, *_) -> None:
        self.kill()


class Cluster:
    """Three primaries with one replica each, as a context manager."""

    def __init__(self, directory: Path):
        arguments = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"]
        self.nodes = [Redis(directory / str(number), *arguments) for number in range(6)]

    @property
    def addresses(self) -> list[str]:
        return [f"127.0.0.1:{node.port}" for node in self.nodes]

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(self.addresses)}"

    def __enter__(self) -> "Cluster":
        self._stack = ExitStack()
        with ExitStack() as stack:
            for node in self.nodes:
                stack.enter_context(node)
            create = ["redis-cli", "--cluster", "create", *self.addresses, "--cluster-replicas", "1", "--cluster-yes"]
            subprocess.run(create, check=True, capture_output=True)
            for node in self.nodes:
                wait_for(lambda: "cluster_state:ok" in node.command("CLUSTER", "INFO"), "the cluster does not start")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()


def wait_for(holds, complaint: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not holds():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.05)


def take_port() -> tuple[int, socket.socket]:
    """Returns a free port whose cluster bus port, 10,000 above, is free too.

    The port is below those of outgoing connections, and no other test takes it while the socket is open: the tests in Rust
    reserve ports on 127.0.0.2, too.
    """
    while True:
        port, reserved = random.randrange(10_000, 22_000), socket.socket()
        try:
            reserved.bind(("127.0.0.2", port))
            reserved.listen()
            for number in (port, port + 10_000):
                with socket.socket() as free:
                    free.bind(("127.0.0.1", number))
            return port, reserved
        except OSError:
            reserved.close()
