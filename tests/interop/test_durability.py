"""Acknowledged writes survive a restart, clean or not."""

import threading

import pytest
from urllib3.exceptions import HTTPError

import client
from client import challenge, refused, state
from demo import TOKEN, Demo
from settings import FULL
from waiting import until

KILLS = 50 if FULL else 3
CALLERS = 8
ACKNOWLEDGED_BEFORE_KILL = 200


def connect(demo: Demo):
    return client.connect(demo.url, TOKEN)


@pytest.mark.parametrize("end", [Demo.stop, pytest.param(Demo.kill, marks=pytest.mark.smoke)])
def test_restart_keeps_every_record(durable, user, other, end):
    """R6: failed attempts from before the restart still count."""
    api = connect(durable)
    enrollment, authenticator = client.enroll(api, user)
    half_done = api.create_totp_enrollment(client.totp_enrollment(user))
    spent = authenticator.next_code()
    api.get_answer(api.create_challenge(challenge(user, "totp")).metadata.id, spent, True, "totp")
    code = api.create_challenge(challenge(user, "code", answer_data={"ticket": "T-9"}))
    totp = api.create_challenge(challenge(user, "totp"))
    _, guessed_at = client.enroll(api, other)
    guessed = api.create_challenge(challenge(other, "totp"))
    wrong_codes = guessed_at.wrong_codes(5)
    for wrong in wrong_codes[:3]:
        refused(400, api.get_answer, guessed.metadata.id, wrong, True, "totp")
    pending = api.create_challenge(challenge(user, "code", send_now=False))
    passed = api.create_challenge(challenge(user, "code"))
    api.get_answer(passed.metadata.id, passed.status.code, True, "code")
    declined = api.create_challenge(challenge(user, "code"))
    api.get_answer(declined.metadata.id, declined.status.code, False, "code")
    deleted = api.create_challenge(challenge(user, "code"))
    api.delete_challenge(deleted.metadata.id)
    action = api.create_one_time_use_action(client.one_time_use_action(user))
    kept = [created.metadata.id for created in (code, totp, guessed, pending, passed, declined, action.challenge)]
    before = [api.get_challenge(identifier) for identifier in kept]

    end(durable)
    durable.start()

    api = connect(durable)
    assert [api.get_challenge(identifier) for identifier in kept] == before
    refused(404, api.get_challenge, deleted.metadata.id)
    assert api.get_totp_enrollment(enrollment).status.state == "success"
    assert api.get_totp_enrollment(half_done.metadata.id).status.state == "pending"
    for taken in (passed, declined):
        refused(400, api.get_answer, taken.metadata.id, taken.status.code, True, "code")
    refused(400, api.get_answer, totp.metadata.id, spent, True, "totp")
    # The three guesses from before the restart count.
    for wrong in wrong_codes[3:]:
        refused(400, api.get_answer, guessed.metadata.id, wrong, True, "totp")
    refused(400, api.get_answer, guessed.metadata.id, guessed_at.next_code(), True, "totp")
    assert api.get_answer(code.metadata.id, code.status.code, True, "code").spec.answer_data == {"ticket": "T-9"}
    api.replace_challenge(pending.metadata.id, challenge(user, "code"))
    api.get_answer(pending.metadata.id, pending.status.code, True, "code")
    half = client.Authenticator(half_done.status.key)
    api.update_totp_enrollment(half_done.metadata.id, client.totp_answer(half.next_code()))
    secret = action.answer_details[0].approve_uri.split("challenge_answer=")[1].split("&")[0]
    api.get_answer(action.challenge.metadata.id, secret, True, "one_time_use_action")


def test_challenge_expires_while_the_server_is_down(durable, user):
    api = connect(durable)
    brief = api.create_challenge(challenge(user, "code", timeout_seconds=2))
    durable.stop()
    durable.start()
    api = connect(durable)
    until(lambda: state(api, brief.metadata.id) == "timed_out")
    refused(400, api.get_answer, brief.metadata.id, brief.status.code, True, "code")


class Caller(threading.Thread):
    """Creates and answers challenges until the server is killed. Records every acknowledged state."""

    def __init__(self, demo: Demo, user: str):
        super().__init__(daemon=True)
        self.api, self.user = connect(demo), user
        self.codes: dict[str, str] = {}
        self.states: dict[str, str] = {}
        self.asked: dict[str, str] = {}
        """The answer in flight at the kill. Both outcomes are allowed."""

    def run(self) -> None:
        try:
            while True:
                self.cycle()
        except (HTTPError, OSError):
            pass

    def cycle(self) -> None:
        created = self.api.create_challenge(challenge(self.user, "code"))
        identifier = created.metadata.id
        self.codes[identifier], self.states[identifier] = created.status.code, "issued"
        allowed = len(self.codes) % 3 != 0
        outcome = "challenge_passed" if allowed else "challenge_declined"
        self.asked = {identifier: outcome}
        self.api.get_answer(identifier, created.status.code, allowed, "code")
        self.states[identifier], self.asked = outcome, {}


def test_kill_9_under_load_loses_no_acknowledged_write(durable, user):
    for _ in range(KILLS):
        callers = [Caller(durable, f"{user}-{number}") for number in range(CALLERS)]
        for caller in callers:
            caller.start()
        until(lambda: sum(len(caller.states) for caller in callers) >= ACKNOWLEDGED_BEFORE_KILL, seconds=60)
        durable.kill()
        for caller in callers:
            caller.join(60)
            assert not caller.is_alive()
        durable.start()
        api = connect(durable)
        for caller in callers:
            check(api, caller)


def check(api, caller: Caller) -> None:
    for identifier, known in caller.states.items():
        found = state(api, identifier)
        assert found in {known, caller.asked.get(identifier, known)}
        if found != "issued":
            refused(400, api.get_answer, identifier, caller.codes[identifier], True, "code")
