"""Routes, methods, body limits and headers, whatever the operation."""

import json

import pytest

import client
from client import challenge, refused

KIB = 1024
SMALL_LIMIT = 64 * KIB
LARGE_LIMIT = 4 * KIB * KIB

ROUTES = {
    "/v1/challenges": {"POST"},
    "/v1/challenges/one_time_use_actions": {"POST"},
    "/v1/challenges/unknown": {"GET", "HEAD", "PUT", "DELETE"},
    "/v1/challenges/unknown/answers": {"GET", "POST"},
    "/v1/challenge_enrollment/totp": {"GET", "HEAD", "POST"},
    "/v1/challenge_enrollment/totp/unknown": {"GET", "HEAD", "POST", "DELETE"},
    "/v1/challenge_enrollment/webauthn": {"GET", "HEAD", "POST"},
    "/v1/challenge_enrollment/webauthn/unknown": {"GET", "HEAD", "POST", "DELETE"},
}
# On these two paths a GET, PUT or DELETE may also be read as one of a challenge with that very id.
AMBIGUOUS = {("/v1/challenges/one_time_use_actions", method) for method in ("GET", "HEAD", "PUT", "DELETE")}
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"}
WRONG_METHODS = sorted(
    (path, method)
    for path, allowed in ROUTES.items()
    for method in METHODS - allowed
    if (path, method) not in AMBIGUOUS
)


@pytest.mark.parametrize(("path", "method"), WRONG_METHODS)
def test_a_known_route_with_another_method(wire, path, method):
    reply = wire.request(method, path)
    if method == "HEAD":
        assert reply.status == 405
    else:
        reply.error(405)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", [
    "/v1/unknown",
    "/v1/challenge_enrollment",
    "/v1/challenge_enrollment/sms",
    "/v1/challenges/id/answers/more",
    "/v1/challenges/id/other",
    "/v1/challenge_enrollment/totp/id/more",
])
def test_an_unknown_route(wire, path, method):
    wire.request(method, path).error(404)


def padded(body: dict, size: int) -> bytes:
    """`body` as JSON of exactly `size` bytes, by means of an unknown property."""
    empty = len(json.dumps(body | {"padding": ""}))
    padded = json.dumps(body | {"padding": "x" * (size - empty)}).encode()
    assert len(padded) == size
    return padded


def test_a_challenge_may_have_64_kib(wire, user):
    body = {"spec": {"user_id": user, "challenge_type": "code"}}
    wire.post("/v1/challenges", padded(body, SMALL_LIMIT)).ok(201)
    wire.post("/v1/challenges", padded(body, SMALL_LIMIT + 1)).error(413)


def test_a_one_time_use_action_may_have_4_mib(wire, user):
    spec = client.one_time_use_action(user).to_dict()["spec"]
    path = "/v1/challenges/one_time_use_actions"
    wire.post(path, padded({"spec": spec}, LARGE_LIMIT)).ok(201)
    wire.post(path, padded({"spec": spec}, LARGE_LIMIT + 1)).error(413)


@pytest.mark.parametrize(("method", "path"), [
    ("PUT", "/v1/challenges/{challenge}"),
    ("POST", "/v1/challenges/{challenge}/answers"),
    ("POST", "/v1/challenge_enrollment/totp"),
    ("POST", "/v1/challenge_enrollment/totp/{totp}"),
    ("POST", "/v1/challenge_enrollment/webauthn"),
])
def test_everywhere_else_64_kib_is_the_limit(wire, api, user, code_challenge, method, path):
    enrollment = api.create_totp_enrollment(client.totp_enrollment(user))
    target = path.format(challenge=code_challenge.metadata.id, totp=enrollment.metadata.id)
    wire.request(method, target, padded({}, SMALL_LIMIT + 1)).error(413)
    wire.request(method, target, b"x" * 16 * SMALL_LIMIT).error(413)
    assert wire.request(method, target, padded({}, SMALL_LIMIT)).status != 413


def test_a_body_of_unknown_length_is_limited_too(wire):
    chunks = (f"{SMALL_LIMIT:x}\r\n".encode() + b" " * SMALL_LIMIT + b"\r\n") * 2 + b"0\r\n\r\n"
    wire.request("POST", "/v1/challenges", chunks, headers={"Transfer-Encoding": "chunked"}).error(413)


def test_the_client_reports_a_body_too_large_at_once(api, user):
    refused(413, api.create_challenge, challenge(user, "code", answer_data={"text": "x" * SMALL_LIMIT}))


def test_a_server_that_refused_a_large_body_still_serves(wire, user):
    for _ in range(5):
        wire.request("POST", "/v1/challenges", b"x" * LARGE_LIMIT).error(413)
    wire.post("/v1/challenges", {"spec": {"user_id": user, "challenge_type": "code"}}).ok(201)


def test_no_answer_asks_to_try_again_later(wire, api, user):
    """The client would sleep and repeat silently."""
    _, authenticator = client.enroll(api, user)
    for _ in range(3):
        created = api.create_challenge(challenge(user, "totp"))
        for wrong in authenticator.wrong_codes(6):
            reply = wire.answer(
                created.metadata.id, challenge_answer=wrong, allowed="true", challenge_type="totp"
            )
            assert reply.status == 400
            assert "Retry-After" not in reply.headers


def test_a_get_with_a_content_type_and_no_body_is_a_get(wire, code_challenge):
    """As the client sends it."""
    path = f"/v1/challenges/{code_challenge.metadata.id}"
    wire.request("GET", path, headers={"Content-Type": "application/json"}).ok()
    reply = wire.request("DELETE", path, headers={"Content-Type": "application/json"})
    assert (reply.status, reply.body) == (204, b"")


def test_other_origins_are_not_let_in(wire, code_challenge):
    """CORS is off unless the host names origins."""
    path = f"/v1/challenges/{code_challenge.metadata.id}"
    origin = {"Origin": "https://elsewhere.example"}
    preflight = origin | {"Access-Control-Request-Method": "GET"}
    replies = [
        wire.request("GET", path, headers=origin),
        wire.request("GET", f"{path}/answers", headers=origin),
        wire.request("OPTIONS", path, headers=preflight),
        wire.request("OPTIONS", f"{path}/answers", headers=preflight),
    ]
    for reply in replies:
        assert "Access-Control-Allow-Origin" not in reply.headers


def test_messages_do_not_echo_what_was_sent(wire):
    """What an attacker sends must not come back as markup, and errors stay valid UTF-8."""
    sent = "<script>alert(1)</script>"
    body = {"spec": {"user_id": "ann", "challenge_type": sent}}
    assert sent not in wire.post("/v1/challenges", body).error(400)
    for suffix in ("%FF%FE", "%00", "%3Cscript%3E"):
        wire.get(f"/v1/challenges/{suffix}").error(404)
