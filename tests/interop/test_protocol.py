"""Routes, methods, body limits and headers of all operations."""

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
# On this path the server may read GET, PUT and DELETE as requests for a challenge with this id.
AMBIGUOUS = {("/v1/challenges/one_time_use_actions", method) for method in ("GET", "HEAD", "PUT", "DELETE")}
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"}
WRONG_METHODS = sorted(
    (path, method)
    for path, allowed in ROUTES.items()
    for method in METHODS - allowed
    if (path, method) not in AMBIGUOUS
)


@pytest.mark.parametrize(("path", "method"), WRONG_METHODS)
def test_wrong_method_is_405(wire, path, method):
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
def test_unknown_route_is_404(wire, path, method):
    wire.request(method, path).error(404)


def padded(body: dict, size: int) -> bytes:
    """Returns `body` as JSON of exactly `size` bytes, padded by an unknown property."""
    empty = len(json.dumps(body | {"padding": ""}))
    padded = json.dumps(body | {"padding": "x" * (size - empty)}).encode()
    assert len(padded) == size
    return padded


def test_challenge_body_is_limited_to_64_kib(wire, user):
    """R58."""
    body = {"spec": {"user_id": user, "challenge_type": "code"}}
    wire.post("/v1/challenges", padded(body, SMALL_LIMIT)).ok(201)
    wire.post("/v1/challenges", padded(body, SMALL_LIMIT + 1)).error(413)


def test_action_body_is_limited_to_4_mib(wire, user):
    """R58."""
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
def test_other_bodies_are_limited_to_64_kib(wire, api, user, code_challenge, method, path):
    """R58."""
    enrollment = api.create_totp_enrollment(client.totp_enrollment(user))
    target = path.format(challenge=code_challenge.metadata.id, totp=enrollment.metadata.id)
    wire.request(method, target, padded({}, SMALL_LIMIT + 1)).error(413)
    wire.request(method, target, b"x" * 16 * SMALL_LIMIT).error(413)
    assert wire.request(method, target, padded({}, SMALL_LIMIT)).status != 413


@pytest.mark.every_framework
def test_chunked_body_is_limited(wire):
    """R58."""
    chunks = (f"{SMALL_LIMIT:x}\r\n".encode() + b" " * SMALL_LIMIT + b"\r\n") * 2 + b"0\r\n\r\n"
    wire.request("POST", "/v1/challenges", chunks, headers={"Transfer-Encoding": "chunked"}).error(413)


def test_client_raises_413_without_retry(api, user):
    refused(413, api.create_challenge, challenge(user, "code", answer_data={"text": "x" * SMALL_LIMIT}))


def test_server_still_serves_after_large_bodies(wire, user):
    for _ in range(5):
        wire.request("POST", "/v1/challenges", b"x" * LARGE_LIMIT).error(413)
    wire.post("/v1/challenges", {"spec": {"user_id": user, "challenge_type": "code"}}).ok(201)


def test_refused_answers_have_no_retry_after(wire, api, user):
    """The client would sleep and retry silently."""
    _, authenticator = client.enroll(api, user)
    for _ in range(3):
        created = api.create_challenge(challenge(user, "totp"))
        for wrong in authenticator.wrong_codes(6):
            reply = wire.answer(
                created.metadata.id, challenge_answer=wrong, allowed="true", challenge_type="totp"
            )
            assert reply.status == 400
            assert "Retry-After" not in reply.headers


def test_content_type_without_body_is_accepted(wire, code_challenge):
    """The client sends one with every request."""
    path = f"/v1/challenges/{code_challenge.metadata.id}"
    wire.request("GET", path, headers={"Content-Type": "application/json"}).ok()
    reply = wire.request("DELETE", path, headers={"Content-Type": "application/json"})
    assert (reply.status, reply.body) == (204, b"")


def test_cors_is_off_by_default(wire, code_challenge):
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


def test_errors_do_not_echo_input(wire):
    """Echoed input could come back as markup. Errors stay valid UTF-8."""
    sent = "<script>alert(1)</script>"
    body = {"spec": {"user_id": "ann", "challenge_type": sent}}
    assert sent not in wire.post("/v1/challenges", body).error(400)
    for suffix in ("%FF%FE", "%00", "%3Cscript%3E"):
        wire.get(f"/v1/challenges/{suffix}").error(404)
