"""A demo server of this repository, run as a child process."""

import os
import queue
import re
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

from stores import STORES, Place

REPOSITORY = Path(__file__).resolve().parent.parent
BINARIES = Path(os.environ.get("DEMOS", REPOSITORY / "target" / "debug"))
TOKEN = "interop-token-7hQ2mVx9TfLz"

LISTENING = re.compile(r"listening on (http://\S+)")
START_SECONDS = 30
STOP_SECONDS = 20


@dataclass
class Demo:
    """A server of `framework` on `store` with files in `directory`, as a context manager.

    A stopped or killed server can start again, on the same key file and store. Servers with the same directory share a
    store. Any of them then sends a message of the others, so a test that waits for messages needs a directory for itself.
    """

    framework: str
    store: str
    directory: Path
    arguments: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    token: str | None = TOKEN
    url: str = ""
    output: list[str] = field(default_factory=list)

    @property
    def public_url(self) -> str:
        """The default of `--public-url`, which links to users start with."""
        return self.url.replace("127.0.0.1", "localhost")

    @property
    def place(self) -> Place:
        return STORES.place(self.store, self.directory)

    @property
    def key_file(self) -> Path:
        return self.place.key_file

    @property
    def log(self) -> str:
        return "".join(self.output)

    def start(self) -> "Demo":
        binary = (BINARIES / f"demo-{self.framework}").resolve()
        command = [str(binary), "--listen", "127.0.0.1:0", "--store", self.place.store]
        command += ["--key-file", str(self.key_file), *self.arguments]
        if self.token is not None:
            command += ["--token", self.token]
        self._process = subprocess.Popen(
            command,
            cwd=self.directory,
            env=os.environ | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        addresses: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=(addresses,), daemon=True)
        self._reader.start()
        try:
            address = addresses.get(timeout=START_SECONDS)
        except queue.Empty:
            address = None
        if address is None:
            self.kill()
            raise RuntimeError(f"the demo did not start: {' '.join(command)}\n{self.log}")
        self.url = address.rstrip("/")
        return self

    def stop(self) -> int:
        """Sends SIGTERM and returns the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """Sends SIGKILL, so that no handler runs."""
        return self._end(signal.SIGKILL)

    def __enter__(self) -> "Demo":
        return self.start()

    def __exit__(self, kind, *_) -> None:
        try:
            if self._process.poll() is not None:
                return
            code = self.stop()
            if kind is None:
                assert code == 0, f"the demo ended with {code}\n{self.log}"
                assert "panicked at" not in self.log, self.log
        finally:
            STORES.release(self.store, self.directory)

    def _read(self, addresses: queue.Queue) -> None:
        with self._process.stdout as lines:
            for line in lines:
                self.output.append(line)
                found = LISTENING.search(line)
                if found:
                    addresses.put(found[1])
        addresses.put(None)

    def _end(self, how: signal.Signals) -> int:
        self._process.send_signal(how)
        try:
            code = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._reader.join()
        return code
