"""replace_challenge: fields that a PUT changes, with and without a token, and fields that no PUT changes."""

import pytest

import client
from client import challenge, refused, state
from wire import Wire

PASSED = "challenge_passed"


def pending(api, user, *types, **spec):
    return api.create_challenge(challenge(user, *(types or ["code"]), send_now=False, **spec))


def test_unedited_replace_changes_nothing(api, anonymous, user):
    created = pending(api, user, timeout_seconds=300, response_uri="https://example.com/a")
    read = anonymous.get_challenge(created.metadata.id)
    written = anonymous.replace_challenge(created.metadata.id, read)
    assert written.spec == read.spec
    assert written.status == read.status
    assert written.metadata.id == read.metadata.id
    assert written.metadata.created == read.metadata.created


@pytest.mark.smoke
def test_replace_issues_a_pending_challenge(api, anonymous, user):
    created = pending(api, user, answer_data={"ticket": "T-7"})
    edited = anonymous.get_challenge(created.metadata.id)
    edited.spec.send_now = True
    assert anonymous.replace_challenge(created.metadata.id, edited).status.state == "issued"
    answer = anonymous.get_answer(created.metadata.id, created.status.code, True, "code")
    assert answer.spec.answer_data == {"ticket": "T-7"}, "an absent answer_data keeps the stored one"


def test_pending_challenge_takes_no_answer(api, anonymous, user):
    created = pending(api, user)
    refused(400, anonymous.get_answer, created.metadata.id, created.status.code, True, "code")
    assert state(api, created.metadata.id) == "pending"


@pytest.mark.parametrize("kind", ["sms", "web_push", "totp"])
def test_issuing_to_unreachable_user_fails(api, user, kind):
    edited = api.get_challenge(pending(api, user, kind).metadata.id)
    edited.spec.send_now = True
    assert api.replace_challenge(edited.metadata.id, edited).status.state == "challenge_failed"
    assert state(api, edited.metadata.id) == "challenge_failed"


FREE = [("timeout_seconds", 1234), ("origin", "https://example.com")]
CREATOR_ONLY = [("response_uri", "https://example.com/elsewhere"), ("challenge_types", ["sms", "totp"])]


@pytest.mark.parametrize(("name", "value"), FREE + CREATOR_ONLY)
def test_creator_changes_pending_challenge(api, creator, user, name, value):
    """R38, R64, negative control."""
    edited = api.get_challenge(pending(api, user).metadata.id)
    edited.spec[name] = value
    assert creator.replace_challenge(edited.metadata.id, edited).spec[name] == value
    assert api.get_challenge(edited.metadata.id).spec[name] == value


@pytest.mark.parametrize(("name", "value"), FREE)
def test_holder_of_the_id_changes_pending_challenge(api, anonymous, user, name, value):
    edited = anonymous.get_challenge(pending(api, user).metadata.id)
    edited.spec[name] = value
    assert anonymous.replace_challenge(edited.metadata.id, edited).spec[name] == value
    assert anonymous.get_challenge(edited.metadata.id).spec[name] == value


@pytest.mark.every_framework
@pytest.mark.parametrize("token", [None, "wrong"])
@pytest.mark.parametrize(("name", "value"), CREATOR_ONLY)
def test_holder_of_the_id_chooses_neither_page_nor_factor(demo, api, user, token, name, value):
    """R64."""
    before = api.get_challenge(pending(api, user, response_uri="https://example.com/ours").metadata.id)
    body = before.to_dict() | {"spec": before.spec.to_dict() | {name: value}}
    body.pop("metadata")
    stranger = Wire(demo.url, token)
    written = stranger.put(f"/v1/challenges/{before.metadata.id}", body).ok()
    stranger.close()
    assert written["spec"] == before.spec.to_dict()
    assert api.get_challenge(before.metadata.id).spec == before.spec


@pytest.mark.every_framework
def test_holder_of_the_id_chooses_no_data(api, anonymous, user):
    """R64."""
    created = pending(api, user, answer_data={"ticket": "ours"})
    anonymous.replace_challenge(created.metadata.id, challenge(user, "code", answer_data={"ticket": "theirs"}))
    answer = anonymous.get_answer(created.metadata.id, created.status.code, True, "code")
    assert answer.spec.answer_data == {"ticket": "ours"}


def test_endpoints_can_be_changed_while_pending(api, anonymous, user):
    one, first = client.enroll(api, user)
    two, second = client.enroll(api, user)
    edited = api.get_challenge(
        pending(api, user, "totp", challenge_endpoints=[client.endpoint(one, "totp")]).metadata.id
    )
    edited.spec.challenge_endpoints = [client.endpoint(two, "totp")]
    edited.spec.send_now = True
    api.replace_challenge(edited.metadata.id, edited)
    refused(400, anonymous.get_answer, edited.metadata.id, first.next_code(), True, "totp")
    anonymous.get_answer(edited.metadata.id, second.next_code(), True, "totp")


def test_creator_changes_answer_data_while_pending(api, creator, anonymous, user):
    created = pending(api, user, answer_data={"ticket": "old"})
    edited = api.get_challenge(created.metadata.id)
    edited.spec.answer_data = {"ticket": "new"}
    edited.spec.send_now = True
    assert "answer_data" not in creator.replace_challenge(created.metadata.id, edited).spec
    answer = anonymous.get_answer(created.metadata.id, created.status.code, True, "code")
    assert answer.spec.answer_data == {"ticket": "new"}


@pytest.mark.parametrize("caller", ["creator", "anonymous"])
def test_issued_challenge_does_not_change(api, anonymous, request, user, code_challenge, caller):
    """R38."""
    identifier = code_challenge.metadata.id
    before = api.get_challenge(identifier)
    replacement = challenge(
        user,
        "totp",
        send_now=False,
        timeout_seconds=1,
        response_uri="https://example.com/elsewhere",
        answer_data={"ticket": "stolen"},
    )
    assert request.getfixturevalue(caller).replace_challenge(identifier, replacement) == before
    assert api.get_challenge(identifier) == before
    answer = anonymous.get_answer(identifier, code_challenge.status.code, True, "code")
    assert answer.spec.answer_data == {"ticket": "T-1000"}


@pytest.mark.parametrize("allowed", [True, False])
def test_answered_challenge_does_not_change(api, anonymous, user, code_challenge, allowed):
    """R38."""
    identifier = code_challenge.metadata.id
    anonymous.get_answer(identifier, code_challenge.status.code, allowed, "code")
    before = api.get_challenge(identifier)
    assert anonymous.replace_challenge(identifier, challenge(user, "code")) == before
    assert api.get_challenge(identifier) == before


def test_failed_challenge_is_not_issued_again(api, user):
    created = api.create_challenge(challenge(user, "totp"))
    client.enroll(api, user)
    assert api.replace_challenge(created.metadata.id, challenge(user, "totp")).status.state == "challenge_failed"


@pytest.mark.parametrize("send_now", [True, False])
def test_user_of_a_replacement_is_ignored(api, anonymous, user, other, send_now):
    """R38."""
    created = api.create_challenge(challenge(user, "code", send_now=send_now))
    written = anonymous.replace_challenge(created.metadata.id, challenge(other, "code"))
    assert written.spec.user_id == user
    assert api.get_challenge(created.metadata.id).spec.user_id == user


@pytest.mark.parametrize("send_now", [True, False])
def test_metadata_and_status_are_ignored(wire, user, send_now):
    """R38."""
    spec = {"user_id": user, "challenge_type": "code", "send_now": send_now}
    created = wire.post("/v1/challenges", {"spec": spec}).ok(201)
    path = f"/v1/challenges/{created['metadata']['id']}"
    before = wire.get(path).ok()
    forged = {
        "spec": spec,
        "metadata": {"id": "other", "created": "2001-01-01T00:00:00", "updated": "2001-01-01T00:00:00+00:00"},
        "status": {"state": PASSED, "code": "chosen", "answered_at": "2001-01-01T00:00:00"},
    }
    written = wire.put(path, forged).ok()
    assert written["status"] == before["status"]
    assert written["metadata"]["id"] == before["metadata"]["id"]
    assert written["metadata"]["created"] == before["metadata"]["created"]
    assert wire.get(path).ok()["status"] == before["status"]


MALFORMED = [
    {"challenge_types": []},
    {"challenge_type": "one_time_use_action"},
    {"challenge_type": "carrier_pigeon"},
    {"challenge_type": "code", "timeout_seconds": 0},
    {"challenge_type": "code", "timeout_seconds": 86401},
    {"challenge_type": "code", "response_uri": "javascript:alert(1)"},
    {"challenge_type": "code", "answer_data": [1]},
]


@pytest.mark.parametrize("spec", [*MALFORMED, {"challenge_type": "webauthn"}], ids=str)
def test_malformed_replacement_changes_nothing(wire, api, user, spec):
    path = f"/v1/challenges/{pending(api, user).metadata.id}"
    before = wire.get(path).ok()
    wire.put(path, {"spec": {"user_id": user, "send_now": True} | spec}).error(400)
    assert wire.get(path).ok() == before


@pytest.mark.parametrize("spec", MALFORMED, ids=str)
def test_malformed_replacement_without_token_changes_nothing(demo, api, user, spec):
    stranger = Wire(demo.url)
    path = f"/v1/challenges/{pending(api, user).metadata.id}"
    before = stranger.get(path).ok()
    stranger.put(path, {"spec": {"user_id": user, "send_now": True} | spec}).error(400)
    assert stranger.get(path).ok() == before
    stranger.close()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"\xff"], ids=repr)
def test_malformed_body_is_refused(wire, api, user, body):
    wire.put(f"/v1/challenges/{pending(api, user).metadata.id}", body).error(400)


def test_endpoint_of_another_user_is_refused(api, user, other):
    theirs, _ = client.enroll(api, other)
    edited = api.get_challenge(pending(api, user, "totp").metadata.id)
    edited.spec.challenge_endpoints = [client.endpoint(theirs, "totp")]
    refused(400, api.replace_challenge, edited.metadata.id, edited)


def test_action_cannot_be_replaced(api, user):
    created = api.create_one_time_use_action(client.one_time_use_action(user))
    identifier = created.challenge.metadata.id
    before = api.get_challenge(identifier)
    refused(400, api.replace_challenge, identifier, before)
    refused(400, api.replace_challenge, identifier, challenge(user, "code"))
    assert api.get_challenge(identifier) == before
