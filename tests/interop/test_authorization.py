"""Bearer tokens: twelve operations need one, four never look at it."""

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
def test_without_the_right_token_nothing_is_done(demo, api, user, method, path, headers):
    enrollment = api.create_totp_enrollment(client.totp_enrollment(user)).metadata.id
    stranger = Wire(demo.url)
    body = {"spec": {"user_id": user, "challenge_type": "code"}} if method == "POST" else None
    stranger.request(method, path.format(totp=enrollment), body, headers=headers).error(401)
    stranger.close()
    listed = api.list_totp_enrollment(user_id=user).totp
    assert [found.metadata.id for found in listed] == [enrollment]


def test_with_the_right_token_each_is_reached(wire, api, user):
    """Negative control: it is the token that made the difference."""
    for method, path in BEARER_OPERATIONS:
        enrollment = api.create_totp_enrollment(client.totp_enrollment(user)).metadata.id
        reply = wire.request(method, path.format(totp=enrollment), {} if method == "POST" else None)
        assert reply.status in (200, 204, 400, 404), (method, path, reply)
        for found in api.list_totp_enrollment(user_id=user).totp:
            api.delete_totp_enrollment(found.metadata.id)


@pytest.mark.parametrize("token", [None, "wrong"])
def test_the_client_reports_a_refused_token(demo, user, token):
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
def test_the_id_of_a_challenge_is_all_that_four_operations_need(demo, api, user, token):
    holder = client.connect(demo.url, token)
    created = api.create_challenge(challenge(user, "code"))
    identifier = created.metadata.id
    holder.replace_challenge(identifier, holder.get_challenge(identifier))
    holder.get_answer(identifier, created.status.code, True, "code")
    assert holder.get_challenge(identifier).status.state == "challenge_passed"
    holder.delete_challenge(identifier)
    refused(404, holder.get_challenge, identifier)
