"""Two servers, one of each framework, on one shared store."""

from concurrent.futures import ThreadPoolExecutor

import pytest

import client
from client import challenge, refused, state
from crowd import in_threads
from demo import TOKEN, Demo
from receiver import Receiver
from test_one_time_use_actions import APPROVE, DECLINE
from test_races import one_winner, target
from wire import Wire

ROUNDS = 5


@pytest.fixture(scope="module")
def pair(shared_store, tmp_path_factory):
    arguments = ["--allow-private-network"]
    directory = tmp_path_factory.mktemp("pair")
    first, second = (Demo(name, shared_store, directory, arguments=arguments) for name in ("axum", "actix"))
    with first, second:
        yield first, second


def follow(demo: Demo, link: str) -> int:
    wire = Wire(demo.url)
    try:
        return wire.get(link[link.index("/v1/"):]).status
    finally:
        wire.close()


@pytest.mark.smoke
def test_user_is_the_same_at_both_servers(pair, user):
    here, there = (client.connect(demo.url, TOKEN) for demo in pair)
    enrollment, authenticator = client.enroll(here, user)
    assert there.get_totp_enrollment(enrollment).status.state == "success"
    asked = there.create_challenge(challenge(user, "totp"))
    code = authenticator.next_code()
    here.get_answer(asked.metadata.id, code, True, "totp")
    assert state(there, asked.metadata.id) == "challenge_passed"
    again = here.create_challenge(challenge(user, "totp"))
    refused(400, there.get_answer, again.metadata.id, code, True, "totp")


@pytest.mark.smoke
def test_one_of_32_answers_at_both_passes(pair, user):
    """R1."""
    for _ in range(ROUNDS):
        created = client.connect(pair[0].url, TOKEN).create_challenge(challenge(user, "code"))
        requests = [("GET", target(created.metadata.id, created.status.code, True))] * 16
        with ThreadPoolExecutor(2) as pool:
            statuses = [*pool.map(lambda demo: in_threads(demo.url, requests), pair)]
        one_winner(sum(statuses, []))


def test_wrong_answers_at_both_are_counted_together(pair, user):
    """R4."""
    apis = [client.connect(demo.url, TOKEN) for demo in pair]
    _, authenticator = client.enroll(apis[0], user)
    created = apis[1].create_challenge(challenge(user, "totp"))
    for number, wrong in enumerate(authenticator.wrong_codes(5)):
        refused(400, apis[number % 2].get_answer, created.metadata.id, wrong, True, "totp")
    refused(400, apis[0].get_answer, created.metadata.id, authenticator.next_code(), True, "totp")


def test_concurrent_approve_and_decline_have_one_outcome(pair):
    """R10: the action runs once although both servers dispatch."""
    with Receiver(status=200) as hooks:
        for _ in range(ROUNDS):
            created = client.connect(pair[0].url, TOKEN).create_one_time_use_action(
                client.one_time_use_action(
                    "ann",
                    approved_actions=[client.action(f"{hooks.url}/approved")],
                    declined_actions=[client.action(f"{hooks.url}/declined")],
                )
            )
            detail = created.answer_details[0]
            links = [(pair[0], detail[APPROVE]), (pair[1], detail[DECLINE])]

            with ThreadPoolExecutor(2) as pool:
                statuses = [*pool.map(lambda link: follow(*link), links)]
            assert sorted(statuses) == [200, 400]
            assert hooks.next().path == ("/approved" if statuses[0] == 200 else "/declined")
        assert hooks.nothing_else()
