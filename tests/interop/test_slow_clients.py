"""Clients that send a part of a request and then nothing."""

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from demo import TOKEN, Demo

# Twice the demos' limit of 20 seconds for a whole request. The limit for a head is 10 seconds.
BOUND_SECONDS = 40

HEAD = f"POST /v1/challenges HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n".encode()
PAGE = b"POST /sign-up HTTP/1.1\r\nHost: localhost\r\n"
BODY = b'{"spec": {"user_id": "ann", "challenge_type": "code"}}'
LENGTH = f"Content-Length: {len(BODY)}\r\n\r\n".encode()

STALLED = {
    "head of the API": HEAD,
    "head of a page": PAGE,
    "body of the API": HEAD + LENGTH + BODY[:-1],
    "body of a page": PAGE + LENGTH + BODY[:-1],
    "chunked body of the API": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
}


@pytest.mark.every_framework
def test_stalled_requests_are_ended(framework, tmp_path):
    with Demo(framework, "memory", tmp_path) as demo, ExitStack() as sockets:
        address = urlsplit(demo.url)
        connect = lambda: sockets.enter_context(
            socket.create_connection((address.hostname, address.port), BOUND_SECONDS)
        )
        stalled = {name: connect() for name in STALLED}
        for name, connection in stalled.items():
            connection.sendall(STALLED[name])
        # Control: the same request in two parts, without the stall.
        whole = connect()
        whole.sendall(HEAD)
        whole.sendall(b"Connection: close\r\n" + LENGTH + BODY)
        assert read_to_end(whole).startswith(b"HTTP/1.1 201 ")
        for name, connection in stalled.items():
            reply = read_to_end(connection)
            assert not reply or reply.startswith(b"HTTP/1.1 4"), (name, reply)


def read_to_end(connection: socket.socket) -> bytes:
    """Returns everything until the server closes the connection. Raises `TimeoutError` if the server does not."""
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received
