"""Exactly one of many simultaneous answers passes."""

import random
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

import pytest

import client
import crowd
from client import challenge, state
from settings import FULL

THREADS = 64
PROCESSES = 16
ROUNDS = 200 if FULL else 10


def target(identifier: str, answer: str, allowed: bool, kind: str = "code") -> str:
    query = {"challenge_answer": answer, "allowed": allowed, "challenge_type": kind}
    return f"/v1/challenges/{identifier}/answers?{urlencode(query)}"


def one_winner(statuses: list[int]) -> None:
    assert Counter(statuses) == {200: 1, 400: len(statuses) - 1}


@pytest.mark.smoke
def test_one_of_64_threads_passes_by_code(demo, api, user):
    """R1."""
    for _ in range(ROUNDS):
        created = api.create_challenge(challenge(user, "code"))
        request = ("GET", target(created.metadata.id, created.status.code, True))
        one_winner(crowd.in_threads(demo.url, [request] * THREADS))
        assert state(api, created.metadata.id) == "challenge_passed"


def test_one_of_16_processes_passes_by_code(demo, api, user):
    """R1."""
    with crowd.Processes(demo.url, PROCESSES) as processes:
        for _ in range(ROUNDS):
            created = api.create_challenge(challenge(user, "code"))
            request = ("GET", target(created.metadata.id, created.status.code, True))
            one_winner(processes.send([request] * PROCESSES))
            assert state(api, created.metadata.id) == "challenge_passed"


def test_one_of_64_threads_passes_by_totp(demo, api, user):
    """R1."""
    _, authenticator = client.enroll(api, user)
    created = api.create_challenge(challenge(user, "totp"))
    request = ("GET", target(created.metadata.id, authenticator.next_code(), True, "totp"))
    one_winner(crowd.in_threads(demo.url, [request] * THREADS))


def test_approve_and_decline_exclude_each_other(demo, api, user):
    """R10."""
    for _ in range(ROUNDS):
        created = api.create_challenge(challenge(user, "code"))
        code, identifier = created.status.code, created.metadata.id
        requests = [("GET", target(identifier, code, allowed)) for allowed in (True, False)] * (THREADS // 2)
        random.shuffle(requests)
        statuses = crowd.in_threads(demo.url, requests)
        one_winner(statuses)
        approved = requests[statuses.index(200)] == ("GET", target(identifier, code, True))
        expected = "challenge_passed" if approved else "challenge_declined"
        assert state(api, identifier) == expected


def test_one_actor_decides_the_action(demo, api, user):
    """R1."""
    actors = [f"{user}-{number}" for number in range(16)]
    for _ in range(ROUNDS):
        created = api.create_one_time_use_action(client.one_time_use_action(*actors))
        identifier = created.challenge.metadata.id
        uris = [uri for detail in created.answer_details for uri in (detail.approve_uri, detail.decline_uri)]
        random.shuffle(uris)
        statuses = crowd.in_threads(demo.url, [("GET", uri[uri.index("/v1/"):]) for uri in uris * 2])
        one_winner(statuses)
        winner = (uris * 2)[statuses.index(200)]
        expected = "challenge_passed" if "allowed=true" in winner else "challenge_declined"
        assert state(api, identifier) == expected


def test_concurrent_delete_lets_one_answer_pass(demo, api, user):
    """At most one answer passes, and exactly one delete succeeds."""
    for _ in range(ROUNDS):
        created = api.create_challenge(challenge(user, "code"))
        identifier = created.metadata.id
        answer = ("GET", target(identifier, created.status.code, True))
        delete = ("DELETE", f"/v1/challenges/{identifier}")
        statuses = crowd.in_threads(demo.url, [answer] * 8 + [delete] * 8)
        assert statuses[:8].count(200) <= 1
        assert set(statuses[:8]) <= {200, 400, 404}
        assert Counter(statuses[8:]) == {204: 1, 404: 7}


class Naive(BaseHTTPRequestHandler):
    """A server with a race: the handler checks first and writes later."""

    taken = False

    def do_GET(self):
        first = not Naive.taken
        time.sleep(0.01)
        Naive.taken = True
        self.send_response(200 if first else 400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class NaiveServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = THREADS


def test_naive_server_fails_the_check():
    """R1, R10, negative control: the requests arrive close enough together to find the race."""
    with NaiveServer(("127.0.0.1", 0), Naive) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        statuses = crowd.in_threads(f"http://127.0.0.1:{server.server_port}", [("GET", "/")] * THREADS)
        server.shutdown()
    with pytest.raises(AssertionError):
        one_winner(statuses)
