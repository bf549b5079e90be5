"""create_challenge, get_challenge and delete_challenge."""

from datetime import UTC, datetime, timedelta

import pytest

import client
from client import challenge, refused, state

ANSWERABLE = {"code"}
UNREACHABLE = {"sms", "web_push", "totp"}


def test_challenge_has_long_id_and_times(api, user):
    """R32."""
    before = datetime.now(UTC) - timedelta(seconds=5)
    created = api.create_challenge(challenge(user, "code"))
    assert 22 <= len(created.metadata.id) <= 40
    assert before <= created.metadata.created <= created.metadata.updated
    assert created.metadata.updated <= datetime.now(UTC) + timedelta(seconds=5)
    assert created.spec.user_id == user
    assert created.spec.challenge_types == ["code"]


def test_ids_of_50_challenges_differ(api, user):
    """R32."""
    ids = {api.create_challenge(challenge(user, "code")).metadata.id for _ in range(50)}
    assert len(ids) == 50


def test_defaults_are_pending_and_600_seconds(api, user):
    created = api.create_challenge(challenge(user, challenge_type="code", send_now=False))
    assert created.status.state == "pending"
    assert created.spec.timeout_seconds == 600


def test_send_now_is_false_by_default(wire, user):
    body = {"spec": {"user_id": user, "challenge_type": "code"}}
    assert wire.post("/v1/challenges", body).ok(201)["status"]["state"] == "pending"


def test_get_returns_the_created_challenge(api, anonymous, user):
    created = api.create_challenge(
        challenge(user, "code", timeout_seconds=90, response_uri="https://example.com/answer?a=b")
    )
    read = anonymous.get_challenge(created.metadata.id)
    assert read.metadata.id == created.metadata.id
    assert read.metadata.created == created.metadata.created
    assert read.spec.user_id == user
    assert read.spec.timeout_seconds == 90
    assert read.spec.response_uri == "https://example.com/answer?a=b"
    assert read.status.state == "issued"


def test_code_is_in_the_create_response_only(api, code_challenge):
    code = code_challenge.status.code
    assert 1 <= len(code) <= 40 and code.isascii() and code.isalnum()
    assert "code" not in api.get_challenge(code_challenge.metadata.id).status


def test_totp_challenge_has_no_code(api, user):
    client.enroll(api, user)
    created = api.create_challenge(challenge(user, "totp"))
    assert created.status.state == "issued"
    assert "code" not in created.status


@pytest.mark.parametrize("kind", sorted(UNREACHABLE))
def test_unreachable_user_fails_the_challenge(api, user, kind):
    created = api.create_challenge(challenge(user, kind))
    assert created.status.state == "challenge_failed"
    assert state(api, created.metadata.id) == "challenge_failed"


@pytest.mark.parametrize("kind", sorted(UNREACHABLE | ANSWERABLE))
def test_every_type_can_be_pending(api, user, kind):
    assert api.create_challenge(challenge(user, kind, send_now=False)).status.state == "pending"


def test_one_answerable_type_issues_the_challenge(api, user):
    created = api.create_challenge(challenge(user, "sms", "web_push", "totp", "code"))
    assert created.status.state == "issued"


def test_type_and_types_are_merged(api, anonymous, user):
    _, authenticator = client.enroll(api, user)
    both = api.create_challenge(challenge(user, "totp", challenge_type="code"))
    anonymous.get_answer(both.metadata.id, both.status.code, True, "code")
    both = api.create_challenge(challenge(user, "totp", challenge_type="code"))
    anonymous.get_answer(both.metadata.id, authenticator.next_code(), True, "totp")
    assert state(api, both.metadata.id) == "challenge_passed"


@pytest.mark.parametrize("name", ["Ann Lee", "a+b@example.com", "a%2Fb/c?d&e=f#g", "Zoë Ω"])
def test_user_ids_are_arbitrary_text(api, anonymous, name):
    created = api.create_challenge(challenge(name, "code"))
    assert created.spec.user_id == name
    anonymous.get_answer(created.metadata.id, created.status.code, True, "code", challenge_uid=name)
    assert state(api, created.metadata.id) == "challenge_passed"


def test_unknown_and_read_only_properties_are_ignored(wire, user):
    body = {
        "spec": {"user_id": user, "challenge_type": "code", "colour": "red"},
        "metadata": {"id": "chosen-by-the-caller", "created": "2001-01-01T00:00:00"},
        "status": {"state": "challenge_passed", "code": "chosen"},
        "more": [1, {"deep": True}],
    }
    created = wire.post("/v1/challenges", body).ok(201)
    assert created["status"]["state"] == "pending"
    assert created["metadata"]["id"] != "chosen-by-the-caller"
    assert not created["metadata"]["created"].startswith("2001")
    assert created["status"].get("code") != "chosen"


@pytest.mark.parametrize("seconds", [1, 86400])
def test_shortest_and_longest_timeout_are_accepted(api, user, seconds):
    created = api.create_challenge(challenge(user, "code", timeout_seconds=seconds))
    assert created.spec.timeout_seconds == seconds


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"challenge_types": []},
        {"challenge_type": "carrier_pigeon"},
        {"challenge_type": "one_time_use_action"},
        {"challenge_types": ["code", "carrier_pigeon"]},
        {"challenge_types": ["code", "one_time_use_action"]},
        {"challenge_types": "code"},
        {"challenge_type": ["code"]},
        {"challenge_type": "Code"},
        {"challenge_type": "webauthn"},
        {"challenge_types": ["code", "webauthn"]},
        {"challenge_type": "code", "user_id": 7},
        {"challenge_type": "code", "send_now": "yes"},
        {"challenge_type": "code", "timeout_seconds": 0},
        {"challenge_type": "code", "timeout_seconds": -1},
        {"challenge_type": "code", "timeout_seconds": 86401},
        {"challenge_type": "code", "timeout_seconds": 2**64},
        {"challenge_type": "code", "timeout_seconds": 1.5},
        {"challenge_type": "code", "timeout_seconds": "600"},
        {"challenge_type": "code", "response_uri": "nowhere"},
        {"challenge_type": "code", "response_uri": "//example.com/answer"},
        {"challenge_type": "code", "response_uri": "javascript:alert(1)"},
        {"challenge_type": "code", "response_uri": "http://example.com/answer"},
        {"challenge_type": "code", "response_uri": "ftp://example.com/answer"},
        {"challenge_type": "code", "answer_data": "text"},
        {"challenge_type": "code", "answer_data": [1]},
        {"challenge_type": "code", "challenge_endpoints": "all"},
        {"challenge_type": "totp", "challenge_endpoints": [{"endpoint": "unknown", "type": "totp"}]},
    ],
    ids=str,
)
def test_malformed_spec_is_refused(wire, user, spec):
    wire.post("/v1/challenges", {"spec": {"user_id": user} | spec}).error(400)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"{}", b"null", b'"spec"', b'{"spec": 1}', b'{"spec": {}}', b"\xff\xfe", b"[" * 10_000],
    ids=lambda body: repr(body[:16]),
)
def test_malformed_body_is_refused(wire, body):
    wire.post("/v1/challenges", body).error(400)


def test_challenge_without_user_is_refused(wire):
    wire.post("/v1/challenges", {"spec": {"challenge_type": "code"}}).error(400)


def test_endpoint_of_another_user_is_refused(api, user, other):
    theirs, _ = client.enroll(api, other)
    client.enroll(api, user)
    named = challenge(user, "totp", challenge_endpoints=[client.endpoint(theirs, "totp")])
    refused(400, api.create_challenge, named)


def test_17th_endpoint_is_refused(api, user):
    endpoints = [client.endpoint(f"endpoint-{number}", "totp") for number in range(17)]
    assert "16" in refused(400, api.create_challenge, challenge(user, "totp", challenge_endpoints=endpoints))


def test_answer_data_above_16_kib_is_refused(api, user):
    # The limit counts the JSON text as the client writes it.
    fits = {"text": "x" * (16 * 1024 - len('{"text": ""}'))}
    api.create_challenge(challenge(user, "code", answer_data=fits))
    message = refused(400, api.create_challenge, challenge(user, "code", answer_data={"text": "x" * 16 * 1024}))
    assert "16" in message


def test_deleted_challenge_is_404_everywhere(api, anonymous, code_challenge):
    identifier = code_challenge.metadata.id
    assert anonymous.delete_challenge(identifier) is None
    refused(404, api.get_challenge, identifier)
    refused(404, api.delete_challenge, identifier)
    refused(404, api.replace_challenge, identifier, challenge("anyone", "code"))
    refused(404, api.get_answer, identifier, code_challenge.status.code, True, "code")


@pytest.mark.parametrize("identifier", ["unknown", "0" * 40, "0" * 4000, "a/b", "%", "é", "a b"])
def test_unknown_ids_are_404(api, identifier):
    refused(404, api.get_challenge, identifier)
    refused(404, api.delete_challenge, identifier)
    refused(404, api.replace_challenge, identifier, challenge("anyone", "code"))
    refused(404, api.get_answer, identifier, "secret", True, "code")


def test_id_with_one_changed_character_is_unknown(api, code_challenge):
    """R32, negative control."""
    identifier = code_challenge.metadata.id
    changed = identifier[:-1] + ("A" if identifier[-1] != "A" else "B")
    refused(404, api.get_challenge, changed)


@pytest.mark.parametrize("suffix", ["", "/answers"])
def test_percent_encoded_path_ids_are_read(wire, code_challenge, suffix):
    encoded = "".join(f"%{byte:02X}" for byte in code_challenge.metadata.id.encode())
    query = {} if not suffix else {
        "challenge_answer": code_challenge.status.code, "allowed": "True", "challenge_type": "code"
    }
    wire.get(f"/v1/challenges/{encoded}{suffix}", **query).ok()
