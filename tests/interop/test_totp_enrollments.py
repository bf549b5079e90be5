"""The five operations on TOTP enrollments."""

import base64

import pytest

import client
from authenticator import Authenticator
from client import refused, totp_answer, totp_enrollment

MALFORMED_CODES = {
    "space before": lambda code: f" {code}",
    "space after": lambda code: f"{code} ",
    "space inside": lambda code: f"{code[:3]} {code[3:]}",
    "sign": lambda code: f"+{code}",
    "full-width digits": lambda code: "".join(chr(ord(digit) + 0xFEE0) for digit in code),
    "five digits": lambda code: code[:5],
    "seven digits": lambda code: f"{code}0",
    "leading zero": lambda code: f"0{code}",
    "nothing": lambda code: "",
    "zero byte": lambda code: f"{code}\0",
    "line end": lambda code: f"{code}\n",
}


def create(api, user):
    return api.create_totp_enrollment(totp_enrollment(user))


def test_new_enrollment_is_pending_and_shows_key(api, user):
    created = create(api, user)
    assert created.spec.user_id == user
    assert created.status.state == "pending"
    assert len(base64.b32decode(created.status.key)) == 20
    assert created.metadata.created.tzinfo is not None
    assert created.metadata.id


def test_keys_and_ids_differ(api, user, other):
    enrollments = [create(api, user), create(api, user), create(api, other)]
    assert len({enrollment.status.key for enrollment in enrollments}) == 3
    assert len({enrollment.metadata.id for enrollment in enrollments}) == 3


def test_key_is_shown_once(api, user):
    """R27."""
    created = create(api, user)
    identifier = created.metadata.id
    authenticator = Authenticator(created.status.key)
    answers = [
        api.get_totp_enrollment(identifier),
        *api.list_totp_enrollment(user_id=user).totp,
        api.update_totp_enrollment(identifier, totp_answer(authenticator.next_code())),
        api.get_totp_enrollment(identifier),
        *api.list_totp_enrollment(user_id=user).totp,
    ]
    assert len(answers) == 5
    for answer in answers:
        assert "key" not in answer.status
        assert created.status.key not in str(answer)


def test_key_of_the_caller_is_ignored(wire, user):
    """R14: the server generates every key."""
    key = base64.b32encode(b"k" * 20).decode()
    body = {"spec": {"user_id": user, "key": key}, "status": {"key": key, "state": "success"}}
    created = wire.post("/v1/challenge_enrollment/totp", body).ok(201)
    assert created["status"]["state"] == "pending"
    assert created["status"]["key"] != key


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", {}, {"spec": {}}, {"spec": "x"}, {"spec": {"user_id": 7}}, b"\xff"],
    ids=repr,
)
def test_malformed_enrollment_is_refused(wire, body):
    wire.post("/v1/challenge_enrollment/totp", body).error(400)


@pytest.mark.every_framework
def test_right_code_completes_the_enrollment(api, user):
    """R14, negative control."""
    created = create(api, user)
    identifier = created.metadata.id
    answered = api.update_totp_enrollment(
        identifier, totp_answer(Authenticator(created.status.key).next_code()), user_id=user
    )
    assert answered.metadata.id == identifier
    assert answered.status.state == "success"
    assert api.get_totp_enrollment(identifier).status.state == "success"


def test_right_code_completes_after_wrong_ones(api, user):
    created = create(api, user)
    identifier = created.metadata.id
    authenticator = Authenticator(created.status.key)
    for wrong in authenticator.wrong_codes(4):
        refused(400, api.update_totp_enrollment, identifier, totp_answer(wrong))
    assert api.get_totp_enrollment(identifier).status.state == "pending"
    api.update_totp_enrollment(identifier, totp_answer(authenticator.next_code()))


def test_confirming_is_throttled(api, user):
    """R40: a guess at an enrollment counts as a guess at the factor."""
    created = create(api, user)
    authenticator = Authenticator(created.status.key)
    for wrong in authenticator.wrong_codes(10):
        refused(400, api.update_totp_enrollment, created.metadata.id, totp_answer(wrong))
    refused(400, api.update_totp_enrollment, created.metadata.id, totp_answer(authenticator.next_code()))


@pytest.mark.parametrize("malform", MALFORMED_CODES.values(), ids=MALFORMED_CODES)
def test_codes_are_not_normalized(wire, user, malform):
    """R18."""
    created = wire.post("/v1/challenge_enrollment/totp", {"spec": {"user_id": user}}).ok(201)
    path = f"/v1/challenge_enrollment/totp/{created['metadata']['id']}"
    code = Authenticator(created["status"]["key"]).next_code()
    wire.post(path, {"answer": malform(code)}).error(400)
    assert wire.get(path).ok()["status"]["state"] == "pending"
    assert wire.post(path, {"answer": code}).ok()["status"]["state"] == "success"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", {}, {"answer": 123456}, b"\xff"], ids=repr)
def test_malformed_answer_is_refused(wire, api, user, body):
    wire.post(f"/v1/challenge_enrollment/totp/{create(api, user).metadata.id}", body).error(400)


def test_completed_enrollment_takes_no_answer(api, user):
    identifier, authenticator = client.enroll(api, user)
    refused(400, api.update_totp_enrollment, identifier, totp_answer(authenticator.next_code()))
    assert api.get_totp_enrollment(identifier).status.state == "success"


def test_code_of_another_enrollment_is_refused(api, user, other):
    created = create(api, user)
    theirs = Authenticator(create(api, other).status.key)
    refused(400, api.update_totp_enrollment, created.metadata.id, totp_answer(theirs.next_code()))


def test_enrollment_of_another_user_is_404(api, user, other):
    """R40."""
    created = create(api, user)
    identifier = created.metadata.id
    code = Authenticator(created.status.key).next_code()
    refused(404, api.get_totp_enrollment, identifier, user_id=other)
    refused(404, api.update_totp_enrollment, identifier, totp_answer(code), user_id=other)
    refused(404, api.update_totp_enrollment, identifier, totp_answer(code, user=other))
    refused(404, api.delete_totp_enrollment, identifier, user_id=other)
    assert api.get_totp_enrollment(identifier, user_id=user).status.state == "pending"


def test_unknown_enrollments_are_404(api, user):
    create(api, user)
    for identifier in ("unknown", "0" * 40, "a/b"):
        refused(404, api.get_totp_enrollment, identifier)
        refused(404, api.get_totp_enrollment, identifier, user_id=user)
        refused(404, api.update_totp_enrollment, identifier, totp_answer("123456"))
        refused(404, api.delete_totp_enrollment, identifier)


def test_challenge_id_is_not_an_enrollment_id(api, code_challenge):
    refused(404, api.get_totp_enrollment, code_challenge.metadata.id)
    refused(404, api.delete_totp_enrollment, code_challenge.metadata.id)


def test_deleted_enrollment_is_404(api, user):
    identifier, _ = client.enroll(api, user)
    assert api.delete_totp_enrollment(identifier, user_id=user) is None
    refused(404, api.get_totp_enrollment, identifier)
    refused(404, api.delete_totp_enrollment, identifier)
    assert not api.list_totp_enrollment(user_id=user).get("totp")


def test_pending_enrollment_can_be_deleted(api, user):
    created = create(api, user)
    api.delete_totp_enrollment(created.metadata.id)
    refused(404, api.get_totp_enrollment, created.metadata.id)


def test_list_is_per_user_in_creation_order(api, user, other):
    mine = [create(api, user).metadata.id for _ in range(3)]
    create(api, other)
    listed = api.list_totp_enrollment(user_id=user)
    assert listed.limit == 500
    assert [enrollment.metadata.id for enrollment in listed.totp] == mine


def test_list_without_user_returns_every_user(api, user, other):
    """The client can omit `user_id` in every operation on enrollments."""
    mine, theirs = create(api, user).metadata.id, create(api, other).metadata.id
    assert {mine, theirs} <= {enrollment.metadata.id for enrollment in api.list_totp_enrollment().totp}


def test_list_of_unknown_user_is_empty(api, user):
    listed = api.list_totp_enrollment(user_id=user)
    assert listed.limit == 500
    assert not listed.get("totp")


@pytest.mark.parametrize(("limit", "shown"), [(1, 1), (2, 2), (500, 3)])
def test_list_stops_at_the_limit(api, user, limit, shown):
    for _ in range(3):
        create(api, user)
    listed = api.list_totp_enrollment(user_id=user, limit=limit)
    assert listed.limit == limit
    assert len(listed.totp) == shown


@pytest.mark.parametrize("limit", ["0", "-1", "501", "1.5", "many", "99999999999999999999"])
def test_limit_out_of_range_is_refused(wire, limit):
    wire.get("/v1/challenge_enrollment/totp", limit=limit).error(400)


def test_empty_limit_is_the_default(wire):
    assert wire.get("/v1/challenge_enrollment/totp", limit="").ok()["limit"] == 500


def test_oldest_pending_enrollment_gives_way_to_the_ninth(api, user):
    created = [create(api, user).metadata.id for _ in range(9)]
    left = [enrollment.metadata.id for enrollment in api.list_totp_enrollment(user_id=user).totp]
    assert left == created[1:]
