"""A server on the loopback address that records the demo's requests."""

import json
import queue
import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

ARRIVAL_SECONDS = 30


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Receiver:
    """A context manager. The next replies have the statuses in `answers`, all others `status`."""

    def __init__(self, authority: trustme.CA | None = None, status: int = 201):
        self.answers: queue.Queue[int] = queue.Queue()
        self._received: queue.Queue[Received] = queue.Queue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver._received.put(Received(self.command, self.path, headers, body))
                try:
                    answer = receiver.answers.get_nowait()
                except queue.Empty:
                    answer = status
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.scheme = "http"
        if authority is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("localhost").configure_cert(context)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.scheme = "https"
        self.url = f"{self.scheme}://localhost:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def next(self, seconds: float = ARRIVAL_SECONDS) -> Received:
        """Returns the oldest unread request, and waits for one."""
        return self._received.get(timeout=seconds)

    def nothing_else(self) -> bool:
        return self._received.empty()

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()


def authority(directory: Path) -> tuple[trustme.CA, Path]:
    """Returns a certificate authority and the path of its certificate."""
    made = trustme.CA()
    path = directory / "authority.pem"
    made.cert_pem.write_to_path(path)
    return made, path
