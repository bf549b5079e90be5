"""Challenges expire by the clock, without a read."""

import pytest

import client
from client import challenge, refused, state
from waiting import until


@pytest.mark.parametrize("send_now", [True, False])
def test_open_challenge_times_out(api, anonymous, user, send_now):
    created = api.create_challenge(challenge(user, "code", timeout_seconds=1, send_now=send_now))
    identifier = created.metadata.id
    until(lambda: state(api, identifier) == "timed_out")
    for allowed in (True, False):
        refused(400, anonymous.get_answer, identifier, created.status.code, allowed, "code")
    assert api.replace_challenge(identifier, challenge(user, "code")).status.state == "timed_out"
    assert state(api, identifier) == "timed_out"


@pytest.mark.smoke
def test_late_answer_is_refused_without_earlier_read(api, anonymous, user):
    """R15: nothing reads or sweeps the challenge before. A second challenge tells when the time is up."""
    silent = api.create_challenge(challenge(user, "code", timeout_seconds=1))
    watched = api.create_challenge(challenge(user, "code", timeout_seconds=1))
    until(lambda: state(api, watched.metadata.id) == "timed_out")
    refused(400, anonymous.get_answer, silent.metadata.id, silent.status.code, True, "code")
    assert state(api, silent.metadata.id) == "timed_out"


def test_late_answer_does_not_spend_totp_code(api, anonymous, user):
    """R15."""
    _, authenticator = client.enroll(api, user)
    created = api.create_challenge(challenge(user, "totp", timeout_seconds=1))
    until(lambda: state(api, created.metadata.id) == "timed_out")
    code = authenticator.next_code()
    refused(400, anonymous.get_answer, created.metadata.id, code, True, "totp")
    again = api.create_challenge(challenge(user, "totp"))
    anonymous.get_answer(again.metadata.id, code, True, "totp")


def test_action_times_out(api, wire, user):
    """R15."""
    created = api.create_one_time_use_action(client.one_time_use_action(user, timeout_seconds=1))
    identifier = created.challenge.metadata.id
    until(lambda: state(api, identifier) == "timed_out")
    for uri in (created.answer_details[0].approve_uri, created.answer_details[0].decline_uri):
        wire.get(uri[uri.index("/v1/"):]).error(400)
    assert state(api, identifier) == "timed_out"


def test_answered_challenge_does_not_time_out(api, anonymous, user):
    """R15, negative control."""
    answered = api.create_challenge(challenge(user, "code", timeout_seconds=5))
    anonymous.get_answer(answered.metadata.id, answered.status.code, True, "code")
    watched = api.create_challenge(challenge(user, "code", timeout_seconds=5))
    until(lambda: state(api, watched.metadata.id) == "timed_out")
    assert state(api, answered.metadata.id) == "challenge_passed"


def test_replace_shortens_the_timeout(api, user):
    pending = api.create_challenge(challenge(user, "code", send_now=False))
    edited = api.get_challenge(pending.metadata.id)
    edited.spec.timeout_seconds = 1
    api.replace_challenge(pending.metadata.id, edited)
    until(lambda: state(api, pending.metadata.id) == "timed_out")
