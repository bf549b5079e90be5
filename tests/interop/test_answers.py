"""get_answer and the POST form, on challenges of type code."""

import pytest

import client
from client import challenge, refused, state

RIGHT = {"allowed": "True", "challenge_type": "code"}


def right(created, **changes) -> dict:
    return {"challenge_answer": created.status.code, **RIGHT} | changes


@pytest.mark.smoke
def test_right_code_passes_once(api, anonymous, code_challenge):
    identifier, code = code_challenge.metadata.id, code_challenge.status.code
    answer = anonymous.get_answer(identifier, code, True, "code")
    assert answer.spec.answer_data == {"ticket": "T-1000"}
    passed = api.get_challenge(identifier)
    assert passed.status.state == "challenge_passed"
    assert passed.status.answered_at >= passed.metadata.created
    for allowed in (True, False):
        refused(400, anonymous.get_answer, identifier, code, allowed, "code")
    assert api.get_challenge(identifier) == passed


def test_decline_needs_code_and_returns_no_data(api, anonymous, code_challenge):
    identifier, code = code_challenge.metadata.id, code_challenge.status.code
    refused(400, anonymous.get_answer, identifier, "wrong", False, "code")
    assert state(api, identifier) == "issued"
    answer = anonymous.get_answer(identifier, code, False, "code")
    assert "answer_data" not in answer.spec
    assert state(api, identifier) == "challenge_declined"
    for allowed in (True, False):
        refused(400, anonymous.get_answer, identifier, code, allowed, "code")
    assert state(api, identifier) == "challenge_declined"


def test_challenge_without_data_answers_without_data(api, anonymous, user):
    created = api.create_challenge(challenge(user, "code"))
    answer = anonymous.get_answer(created.metadata.id, created.status.code, True, "code")
    assert "answer_data" not in answer.spec


def test_answer_data_is_returned_unchanged(api, anonymous, user):
    data = {"text": "Zoë \u0000 \U0001f511", "list": [1, -2.5, True, {"deep": [[]]}], "": {}}
    created = api.create_challenge(challenge(user, "code", answer_data=data))
    answer = anonymous.get_answer(created.metadata.id, created.status.code, True, "code")
    assert answer.spec.answer_data == data


def test_answer_naming_another_user_is_refused(api, anonymous, user, other, code_challenge):
    """R12."""
    identifier, code = code_challenge.metadata.id, code_challenge.status.code
    refused(400, anonymous.get_answer, identifier, code, True, "code", challenge_uid=other)
    assert state(api, identifier) == "issued"
    anonymous.get_answer(identifier, code, True, "code", challenge_uid=user)


def test_code_of_another_challenge_is_refused(api, anonymous, user, code_challenge):
    """R12."""
    sibling = api.create_challenge(challenge(user, "code"))
    refused(400, anonymous.get_answer, sibling.metadata.id, code_challenge.status.code, True, "code")
    anonymous.get_answer(sibling.metadata.id, sibling.status.code, True, "code")


@pytest.mark.parametrize("kind", ["sms", "web_push", "totp", "webauthn", "one_time_use_action", "other", "CODE", ""])
def test_type_that_was_not_offered_is_refused(api, anonymous, code_challenge, kind):
    """R12."""
    identifier, code = code_challenge.metadata.id, code_challenge.status.code
    refused(400, anonymous.get_answer, identifier, code, True, kind)
    assert state(api, identifier) == "issued"


@pytest.mark.parametrize(("allowed", "outcome"), [
    ("True", "passed"), ("true", "passed"), ("TRUE", "passed"), ("tRuE", "passed"),
    ("False", "declined"), ("false", "declined"), ("FALSE", "declined"),
])
def test_allowed_is_read_in_any_case(api, wire, code_challenge, allowed, outcome):
    identifier = code_challenge.metadata.id
    wire.answer(identifier, **right(code_challenge, allowed=allowed)).ok()
    assert state(api, identifier) == f"challenge_{outcome}"


@pytest.mark.parametrize("allowed", [None, "", "1", "0", "yes", "on", "t", " true", "true "])
def test_answer_without_boolean_consumes_nothing(api, wire, code_challenge, allowed):
    """R39."""
    identifier = code_challenge.metadata.id
    query = right(code_challenge, allowed=allowed)
    if allowed is None:
        del query["allowed"]
    wire.answer(identifier, **query).error(400)
    assert state(api, identifier) == "issued"
    wire.answer(identifier, **right(code_challenge)).ok()


@pytest.mark.parametrize("name", ["challenge_answer", "challenge_type"])
def test_missing_parameter_consumes_nothing(api, wire, code_challenge, name):
    query = right(code_challenge)
    del query[name]
    wire.answer(code_challenge.metadata.id, **query).error(400)
    assert state(api, code_challenge.metadata.id) == "issued"


def test_unknown_parameters_are_ignored(wire, code_challenge):
    wire.answer(code_challenge.metadata.id, **right(code_challenge, utm_source="mail")).ok()


@pytest.mark.parametrize("query", ["challenge_answer=%FF&allowed=true&challenge_type=code", "%", "&&&==", "%00=%00"])
def test_malformed_query_is_refused(wire, code_challenge, query):
    wire.get(f"/v1/challenges/{code_challenge.metadata.id}/answers?{query}").error(400)


WRONG_CODES = {
    "shortened": lambda code: code[:-1],
    "lengthened": lambda code: code + "0",
    "space after": lambda code: code + " ",
    "space before": lambda code: " " + code,
    "other case": str.swapcase,
    "backwards": lambda code: code[::-1],
    "nothing": lambda code: "",
    "long": lambda code: "x" * 10_000,
    "zero byte": lambda code: code + "\0",
    "beyond ASCII": lambda code: "é" + code[1:],
}


@pytest.mark.parametrize("change", WRONG_CODES.values(), ids=WRONG_CODES)
def test_code_is_compared_without_normalization(api, wire, code_challenge, change):
    wrong = change(code_challenge.status.code)
    assert wrong != code_challenge.status.code
    wire.answer(code_challenge.metadata.id, **right(code_challenge, challenge_answer=wrong)).error(400)
    assert state(api, code_challenge.metadata.id) == "issued"
    wire.answer(code_challenge.metadata.id, **right(code_challenge)).ok()


def test_99_wrong_codes_leave_the_challenge_answerable(wire, code_challenge):
    for number in range(99):
        query = right(code_challenge, challenge_answer=f"{number:022}")
        wire.answer(code_challenge.metadata.id, **query).error(400)
    wire.answer(code_challenge.metadata.id, **right(code_challenge)).ok()


def test_100_wrong_codes_close_the_challenge(wire, code_challenge):
    for number in range(100):
        query = right(code_challenge, challenge_answer=f"{number:022}")
        wire.answer(code_challenge.metadata.id, **query).error(400)
    wire.answer(code_challenge.metadata.id, **right(code_challenge)).error(400)


def test_repeated_wrong_code_counts_once(wire, code_challenge):
    for _ in range(150):
        wire.answer(code_challenge.metadata.id, **right(code_challenge, challenge_answer="0" * 22)).error(400)
    wire.answer(code_challenge.metadata.id, **right(code_challenge)).ok()


def test_head_is_refused_and_decides_nothing(api, wire, code_challenge):
    """R39."""
    target = wire_target(code_challenge)
    reply = wire.request("HEAD", target)
    assert reply.status == 405
    assert state(api, code_challenge.metadata.id) == "issued"
    wire.get(target).ok()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_decide_nothing(api, wire, code_challenge, method):
    wire.request(method, wire_target(code_challenge)).error(405)
    assert state(api, code_challenge.metadata.id) == "issued"


def wire_target(created) -> str:
    query = f"challenge_answer={created.status.code}&allowed=true&challenge_type=code"
    return f"/v1/challenges/{created.metadata.id}/answers?{query}"


def test_answers_are_not_cached(wire, code_challenge):
    """R39."""
    wrong = wire.answer(code_challenge.metadata.id, **right(code_challenge, challenge_answer="wrong"))
    passed = wire.answer(code_challenge.metadata.id, **right(code_challenge))
    unknown = wire.answer("unknown", **right(code_challenge))
    assert (wrong.status, passed.status, unknown.status) == (400, 200, 404)
    for reply in (wrong, passed, unknown):
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert "Retry-After" not in reply.headers


@pytest.mark.parametrize(("allowed", "outcome"), [(True, "passed"), (False, "declined")])
def test_answer_can_be_posted(api, wire, user, code_challenge, allowed, outcome):
    """R39."""
    path = f"/v1/challenges/{code_challenge.metadata.id}/answers"
    body = {
        "challenge_answer": code_challenge.status.code,
        "allowed": allowed,
        "challenge_type": "code",
        "challenge_uid": user,
    }
    wire.post(path, body | {"challenge_answer": "wrong"}).error(400)
    answer = wire.post(path, body).ok()
    assert answer["spec"].get("answer_data") == ({"ticket": "T-1000"} if allowed else None)
    assert state(api, code_challenge.metadata.id) == f"challenge_{outcome}"
    wire.post(path, body).error(400)


@pytest.mark.parametrize("change", [
    {"allowed": 1}, {"allowed": "maybe"}, {"challenge_answer": 7}, {"challenge_type": ["code"]},
    {"challenge_uid": "someone"},
], ids=str)
def test_malformed_posted_answer_consumes_nothing(api, wire, code_challenge, change):
    path = f"/v1/challenges/{code_challenge.metadata.id}/answers"
    body = {"challenge_answer": code_challenge.status.code, "allowed": True, "challenge_type": "code"}
    wire.post(path, body | change).error(400)
    assert state(api, code_challenge.metadata.id) == "issued"
    wire.post(path, body).ok()


@pytest.mark.parametrize("name", ["challenge_answer", "allowed", "challenge_type"])
def test_missing_property_consumes_nothing(api, wire, code_challenge, name):
    body = {"challenge_answer": code_challenge.status.code, "allowed": True, "challenge_type": "code"}
    del body[name]
    wire.post(f"/v1/challenges/{code_challenge.metadata.id}/answers", body).error(400)
    assert state(api, code_challenge.metadata.id) == "issued"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"\xff"], ids=repr)
def test_posted_body_without_answer_is_refused(wire, code_challenge, body):
    path = f"/v1/challenges/{code_challenge.metadata.id}/answers"
    # A query as in the GET form must not replace the body.
    wire.post(path, body).error(400)
    wire.request("POST", wire_target(code_challenge), body).error(400)


def test_posted_answer_to_unknown_challenge_is_404(wire):
    body = {"challenge_answer": "secret", "allowed": True, "challenge_type": "code"}
    wire.post("/v1/challenges/unknown/answers", body).error(404)


def test_all_refused_answers_are_identical(api, wire, user, other):
    """R23: the reply does not reveal the reason."""

    def issue(**spec):
        return api.create_challenge(challenge(user, "code", **spec))

    passed, declined, exhausted, issued = (issue() for _ in range(4))
    wire.answer(passed.metadata.id, **right(passed)).ok()
    wire.answer(declined.metadata.id, **right(declined, allowed="false")).ok()
    for number in range(100):
        wire.answer(exhausted.metadata.id, **right(exhausted, challenge_answer=f"{number:022}")).error(400)
    pending = issue(send_now=False)
    failed = api.create_challenge(challenge(user, "sms"))
    enrollment, authenticator = client.enroll(api, user)
    totp = api.create_challenge(challenge(user, "totp"))
    used = authenticator.next_code()
    spent = api.create_challenge(challenge(user, "totp"))
    wire.answer(spent.metadata.id, challenge_answer=used, allowed="true", challenge_type="totp").ok()
    wrong_totp = authenticator.wrong_codes(1)[0]

    answers = {
        "wrong code": (issued, right(issued, challenge_answer="wrong")),
        "wrong code, declined": (issued, right(issued, challenge_answer="wrong", allowed="false")),
        "another's code": (issued, right(issued, challenge_answer=pending.status.code)),
        "wrong user": (issued, right(issued, challenge_uid=other)),
        "type not offered": (issued, right(issued, challenge_type="totp")),
        "already passed": (passed, right(passed)),
        "already declined": (declined, right(declined)),
        "no attempts left": (exhausted, right(exhausted)),
        "pending": (pending, right(pending)),
        "failed": (failed, {"challenge_answer": "x", "allowed": "true", "challenge_type": "sms"}),
        "wrong totp": (totp, {"challenge_answer": wrong_totp, "allowed": "true", "challenge_type": "totp"}),
        "used totp": (totp, {"challenge_answer": used, "allowed": "true", "challenge_type": "totp"}),
        "malformed totp": (totp, {"challenge_answer": "12", "allowed": "true", "challenge_type": "totp"}),
    }
    replies = {why: wire.answer(created.metadata.id, **query) for why, (created, query) in answers.items()}
    for reply in replies.values():
        reply.error(400)
    expected = replies["wrong code"].essence()
    assert {why: reply.essence() for why, reply in replies.items()} == dict.fromkeys(replies, expected)
