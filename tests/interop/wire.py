"""Raw requests, which the real client would refuse, correct or retry."""

import http.client
import json
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlencode, urlsplit

TIMEOUT_SECONDS = 30


def no_null(value) -> None:
    """Asserts that no property is null. The real client raises on null."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            no_null(item)
    assert value is not None, "a property is null"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Message
    body: bytes

    def json(self):
        assert self.headers.get_content_type() == "application/json", self
        return json.loads(self.body.decode("utf-8"))

    def error(self, status: int) -> str:
        """Asserts an `ErrorMessage` with `status`, and returns the message."""
        assert self.status == status, self
        value = self.json()
        no_null(value)
        assert isinstance(value, dict), self
        assert value.keys() & {"error_code", "error_message"}, self
        for name in ("error_code", "error_message"):
            assert isinstance(value.get(name, ""), str), self
        return value.get("error_message", "")

    def ok(self, status: int = 200):
        """Asserts success with `status`, and returns the JSON."""
        assert self.status == status, self
        value = self.json()
        no_null(value)
        return value

    def essence(self) -> tuple:
        """Returns everything in which two replies can differ, except the date."""
        headers = sorted((name.lower(), value) for name, value in self.headers.items())
        return self.status, [header for header in headers if header[0] != "date"], self.body


class Wire:
    """One connection to the server, reopened when the server closes it."""

    def __init__(self, url: str, token: str | None = None):
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_SECONDS)
        self._token = token

    def connect(self) -> "Wire":
        self._connection.connect()
        return self

    def close(self) -> None:
        self._connection.close()

    def request(self, method: str, target: str, body=None, *, headers=None) -> Reply:
        """Sends `body` unchanged if bytes, else as JSON."""
        sent = {"Content-Type": "application/json"}
        if self._token is not None:
            sent["Authorization"] = f"Bearer {self._token}"
        sent |= headers or {}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        try:
            self._connection.request(method, target, body, sent)
        except (BrokenPipeError, ConnectionResetError):
            # The server may refuse a body before its end. The reply is still readable.
            pass
        try:
            response = self._connection.getresponse()
            reply = Reply(response.status, response.headers, response.read())
        except Exception:
            self.close()
            raise
        if reply.status == 413:
            # The unread rest of the body makes the connection unusable.
            self.close()
        return reply

    def get(self, target: str, **query) -> Reply:
        return self.request("GET", target + ("?" + urlencode(query) if query else ""))

    def post(self, target: str, body=None) -> Reply:
        return self.request("POST", target, body)

    def put(self, target: str, body=None) -> Reply:
        return self.request("PUT", target, body)

    def delete(self, target: str) -> Reply:
        return self.request("DELETE", target)

    def answer(self, challenge: str, **query) -> Reply:
        return self.get(f"/v1/challenges/{challenge}/answers", **query)
