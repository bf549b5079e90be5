"""Bearer tokens: required by twelve operations, but not by four."""

import pytest

import client
from client import challenge, refused
from demo import TOKEN
from wire import Wire

BEARER_OPERATIONS = [
    ("POST", "/v1/challenges"),
    ("POST", "/v1/challenges/one_time_use_actions"),
    ("POST", "/v1/challenge_enrollment/totp"),
    ("GET", "/v1/challenge_enrollment/totp"),
    ("GET", "/v1/challenge_enrollment/totp/{totp}"),
    ("POST", "/v1/challenge_enrollment/totp/{totp}"),
    ("DELETE", "/v1/challenge_enrollment/totp/{totp}"),
    ("POST", "/v1/challenge_enrollment/webauthn"),
    ("GET", "/v1/challenge_enrollment/webauthn"),
    ("GET", "/v1/challenge_enrollment/webauthn/unknown"),
    ("POST", "/v1/challenge_enrollment/webauthn/unknown"),
    ("DELETE", "/v1/challenge_enrollment/webauthn/unknown"),
]

NO_AUTHORIZATION = [
    {},
    {"Authorization": ""},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer "},
    {"Authorization": TOKEN},
    {"Authorization": f"Basic {TOKEN}"},
    {"Authorization": f"Bearer {TOKEN}x"},
    {"Authorization": f"Bearer {TOKEN[:-1]}"},
    {"Authorization": f"Bearer {TOKEN.swapcase()}"},
    {"Authorization": f"Bearer {TOKEN}, Bearer wrong"},
    {"Authorization": "Bearer \xff"},
]


@pytest.mark.parametrize("headers", NO_AUTHORIZATION, ids=lambda headers: repr(headers.get("Authorization")))
@pytest.mark.parametrize(("method", "path"), BEARER_OPERATIONS)
def test_invalid_token_changes_nothing(demo, api, user, method, path, headers):
    enrollment = api.create_totp_enrollment(client.totp_enrollment(user)).metadata.id
    stranger = Wire(demo.url)
    body = {"spec": {"user_id": user, "challenge_type": "code"}} if method == "POST" else None
    stranger.request(method, path.format(totp=enrollment), body, headers=headers).error(401)
    stranger.close()
    listed = api.list_totp_enrollment(user_id=user).totp
    assert [found.metadata.id for found in listed] == [enrollment]


def test_valid_token_reaches_every_operation(wire, api, user):
    """Negative control: only the token differs from the test above."""
    for method, path in BEARER_OPERATIONS:
        enrollment = api.create_totp_enrollment(client.totp_enrollment(user)).metadata.id
        reply = wire.request(method, path.format(totp=enrollment), {} if method == "POST" else None)
        assert reply.status in (200, 204, 400, 404), (method, path, reply)
        for found in api.list_totp_enrollment(user_id=user).totp:
            api.delete_totp_enrollment(found.metadata.id)


@pytest.mark.parametrize("token", [pytest.param(None), pytest.param("wrong", marks=pytest.mark.every_framework)])
def test_client_raises_401_for_invalid_token(demo, user, token):
    stranger = client.connect(demo.url, token)
    refused(401, stranger.create_challenge, challenge(user, "code"))
    refused(401, stranger.create_one_time_use_action, client.one_time_use_action(user))
    refused(401, stranger.create_totp_enrollment, client.totp_enrollment(user))
    refused(401, stranger.list_totp_enrollment)
    refused(401, stranger.get_totp_enrollment, "unknown")
    refused(401, stranger.update_totp_enrollment, "unknown", client.totp_answer("123456"))
    refused(401, stranger.delete_totp_enrollment, "unknown")
    refused(401, stranger.create_webauthn_enrollment, client.webauthn_enrollment(user))
    refused(401, stranger.list_webauthn_enrollments)
    refused(401, stranger.get_webauthn_enrollment, "unknown")
    refused(401, stranger.delete_webauthn_enrollment, "unknown")


@pytest.mark.parametrize("token", [None, "wrong"])
def test_four_operations_need_only_the_id(demo, api, user, token):
    holder = client.connect(demo.url, token)
    created = api.create_challenge(challenge(user, "code"))
    identifier = created.metadata.id
    holder.replace_challenge(identifier, holder.get_challenge(identifier))
    holder.get_answer(identifier, created.status.code, True, "code")
    assert holder.get_challenge(identifier).status.state == "challenge_passed"
    holder.delete_challenge(identifier)
    refused(404, holder.get_challenge, identifier)
