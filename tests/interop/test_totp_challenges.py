"""Challenges of type totp."""

from concurrent.futures import ThreadPoolExecutor

import pytest

import client
from client import challenge, endpoint, refused, state, totp_enrollment
from demo import TOKEN
from test_totp_enrollments import MALFORMED_CODES
from waiting import until


@pytest.fixture
def enrolled(api, user):
    """The id of a completed enrollment, and the app."""
    return client.enroll(api, user)


def issue(api, user, **spec) -> str:
    created = api.create_challenge(challenge(user, "totp", **spec))
    assert created.status.state == "issued"
    return created.metadata.id


@pytest.mark.smoke
def test_code_passes_a_challenge(api, anonymous, user, enrolled):
    _, authenticator = enrolled
    identifier = issue(api, user, answer_data={"ticket": "T-1"})
    answer = anonymous.get_answer(identifier, authenticator.next_code(), True, "totp", challenge_uid=user)
    assert answer.spec.answer_data == {"ticket": "T-1"}
    assert state(api, identifier) == "challenge_passed"


def test_code_declines_a_challenge(api, anonymous, user, enrolled):
    _, authenticator = enrolled
    identifier = issue(api, user, answer_data={"ticket": "T-1"})
    refused(400, anonymous.get_answer, identifier, authenticator.wrong_codes(1)[0], False, "totp")
    answer = anonymous.get_answer(identifier, authenticator.next_code(), False, "totp")
    assert "answer_data" not in answer.spec
    assert state(api, identifier) == "challenge_declined"


def test_pending_enrollment_answers_nothing(api, user):
    api.create_totp_enrollment(totp_enrollment(user))
    assert api.create_challenge(challenge(user, "totp")).status.state == "challenge_failed"


def test_pending_enrollment_beside_completed_one_answers_nothing(api, anonymous, user, enrolled):
    """R40."""
    half_done = client.Authenticator(api.create_totp_enrollment(totp_enrollment(user)).status.key)
    identifier = issue(api, user)
    refused(400, anonymous.get_answer, identifier, half_done.next_code(), True, "totp")
    anonymous.get_answer(identifier, enrolled[1].next_code(), True, "totp")


def test_enrollment_code_is_spent(api, anonymous, user):
    """R2: the code that completed the enrollment answers no challenge."""
    created = api.create_totp_enrollment(totp_enrollment(user))
    authenticator = client.Authenticator(created.status.key)
    code = authenticator.next_code()
    api.update_totp_enrollment(created.metadata.id, client.totp_answer(code))
    identifier = issue(api, user)
    refused(400, anonymous.get_answer, identifier, code, True, "totp")
    anonymous.get_answer(identifier, authenticator.next_code(), True, "totp")


@pytest.mark.parametrize("allowed", [True, False])
def test_used_code_is_refused_everywhere(api, anonymous, user, enrolled, allowed):
    """R2."""
    _, authenticator = enrolled
    first, second = issue(api, user), issue(api, user)
    code = authenticator.next_code()
    anonymous.get_answer(first, code, allowed, "totp")
    refused(400, anonymous.get_answer, first, code, True, "totp")
    refused(400, anonymous.get_answer, second, code, True, "totp")
    refused(400, anonymous.get_answer, issue(api, user), code, True, "totp")
    assert state(api, second) == "issued"


def test_newer_code_spends_older_codes(api, anonymous, user, enrolled):
    """R2: the mark never goes back."""
    _, authenticator = enrolled
    older, newer = authenticator.next_code(), authenticator.next_code()
    first, second = issue(api, user), issue(api, user)
    anonymous.get_answer(first, newer, True, "totp")
    refused(400, anonymous.get_answer, second, older, True, "totp")


def test_deleting_the_challenge_keeps_code_spent(api, anonymous, user, enrolled):
    _, authenticator = enrolled
    code = authenticator.next_code()
    first = issue(api, user)
    anonymous.get_answer(first, code, True, "totp")
    anonymous.delete_challenge(first)
    refused(400, anonymous.get_answer, issue(api, user), code, True, "totp")


def test_concurrent_code_passes_one_of_16_challenges(api, demo, user, enrolled):
    """R2."""
    _, authenticator = enrolled
    identifiers = [issue(api, user) for _ in range(16)]
    code = authenticator.next_code()

    def passes(identifier: str) -> bool:
        try:
            client.connect(demo.url).get_answer(identifier, code, True, "totp")
        except client.ApiException as refusal:
            assert refusal.status == 400
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(passes, identifiers)) == 1
    states = [state(api, identifier) for identifier in identifiers]
    assert states.count("challenge_passed") == 1
    assert states.count("issued") == 15


def test_every_enrollment_of_the_user_answers(api, anonymous, user):
    _, first = client.enroll(api, user)
    _, second = client.enroll(api, user)
    anonymous.get_answer(issue(api, user), first.next_code(), True, "totp")
    anonymous.get_answer(issue(api, user), second.next_code(), True, "totp")


def test_code_of_another_user_is_refused(api, anonymous, user, other, enrolled):
    _, theirs = client.enroll(api, other)
    refused(400, anonymous.get_answer, issue(api, user), theirs.next_code(), True, "totp")


def test_only_named_enrollments_answer(api, anonymous, user):
    one, first = client.enroll(api, user)
    _, second = client.enroll(api, user)
    identifier = issue(api, user, challenge_endpoints=[endpoint(one, "totp")])
    refused(400, anonymous.get_answer, identifier, second.next_code(), True, "totp")
    anonymous.get_answer(identifier, first.next_code(), True, "totp")


def test_deleted_enrollment_answers_no_open_challenge(api, anonymous, user):
    """R40."""
    one, first = client.enroll(api, user)
    _, second = client.enroll(api, user)
    identifier = issue(api, user)
    api.delete_totp_enrollment(one)
    refused(400, anonymous.get_answer, identifier, first.next_code(), True, "totp")
    anonymous.get_answer(identifier, second.next_code(), True, "totp")


def test_challenge_fails_without_any_enrollment(api, anonymous, user, enrolled):
    identifier, authenticator = enrolled
    issued = issue(api, user)
    api.delete_totp_enrollment(identifier)
    refused(400, anonymous.get_answer, issued, authenticator.next_code(), True, "totp")
    assert api.create_challenge(challenge(user, "totp")).status.state == "challenge_failed"


@pytest.mark.parametrize("malform", MALFORMED_CODES.values(), ids=MALFORMED_CODES)
def test_codes_are_not_normalized(wire, api, user, enrolled, malform):
    """R18."""
    _, authenticator = enrolled
    identifier, code = issue(api, user), authenticator.next_code()
    query = {"allowed": "true", "challenge_type": "totp"}
    wire.answer(identifier, challenge_answer=malform(code), **query).error(400)
    assert state(api, identifier) == "issued"
    wire.answer(identifier, challenge_answer=code, **query).ok()


def test_four_wrong_codes_leave_the_challenge_answerable(api, anonymous, user, enrolled):
    """R8."""
    _, authenticator = enrolled
    identifier = issue(api, user)
    for wrong in authenticator.wrong_codes(4):
        refused(400, anonymous.get_answer, identifier, wrong, True, "totp")
    anonymous.get_answer(identifier, authenticator.next_code(), True, "totp")


def test_five_wrong_codes_close_only_the_challenge(api, anonymous, user, enrolled):
    """R7, R8: five attempts a challenge, and no delay before the sixth failure in a row."""
    _, authenticator = enrolled
    identifier = issue(api, user)
    for wrong in authenticator.wrong_codes(5):
        refused(400, anonymous.get_answer, identifier, wrong, True, "totp")
    right = authenticator.next_code()
    refused(400, anonymous.get_answer, identifier, right, True, "totp")
    assert state(api, identifier) != "challenge_passed"
    anonymous.get_answer(issue(api, user), right, True, "totp")


def test_repeated_wrong_code_counts_once(api, anonymous, user, enrolled):
    _, authenticator = enrolled
    identifier = issue(api, user)
    wrong = authenticator.wrong_codes(1)[0]
    for _ in range(12):
        refused(400, anonymous.get_answer, identifier, wrong, True, "totp")
    anonymous.get_answer(identifier, authenticator.next_code(), True, "totp")


def test_answers_compared_with_nothing_are_not_counted(api, anonymous, user, other, enrolled):
    """R12."""
    _, authenticator = enrolled
    identifier, pending = issue(api, user), api.create_challenge(challenge(user, "totp", send_now=False))
    for wrong in authenticator.wrong_codes(12):
        refused(400, anonymous.get_answer, identifier, wrong, True, "code")
        refused(400, anonymous.get_answer, identifier, wrong, True, "totp", challenge_uid=other)
        refused(400, anonymous.get_answer, pending.metadata.id, wrong, True, "totp")
    anonymous.get_answer(identifier, authenticator.next_code(), True, "totp")


@pytest.mark.parametrize("delete", [False, True])
def test_sixth_failure_in_a_row_delays_factor(api, anonymous, user, enrolled, delete):
    """R4, R7: failures count across challenges, deleted ones included."""
    _, authenticator = enrolled
    *five, sixth = authenticator.wrong_codes(6)
    first, second = issue(api, user), issue(api, user)
    for wrong in five:
        refused(400, anonymous.get_answer, first, wrong, True, "totp")
    if delete:
        anonymous.delete_challenge(first)
    refused(400, anonymous.get_answer, second, sixth, True, "totp")
    refused(400, anonymous.get_answer, second, authenticator.current_code(), True, "totp")
    refused(400, anonymous.get_answer, issue(api, user), authenticator.current_code(), True, "totp")


def test_delay_affects_one_user_and_factor(api, anonymous, user, other, enrolled):
    """R4, negative control."""
    _, authenticator = enrolled
    _, theirs = client.enroll(api, other)
    for _ in range(2):
        identifier = issue(api, user)
        for wrong in authenticator.wrong_codes(5):
            refused(400, anonymous.get_answer, identifier, wrong, True, "totp")
    anonymous.get_answer(issue(api, other), theirs.next_code(), True, "totp")
    mixed = api.create_challenge(challenge(user, "totp", "code"))
    anonymous.get_answer(mixed.metadata.id, mixed.status.code, True, "code")


def test_success_clears_the_failures(api, anonymous, user, enrolled):
    """R7."""
    _, authenticator = enrolled
    wrong_codes = authenticator.wrong_codes(4)
    for _ in range(2):
        identifier = issue(api, user)
        for wrong in wrong_codes:
            refused(400, anonymous.get_answer, identifier, wrong, True, "totp")
        anonymous.get_answer(identifier, authenticator.next_code(), True, "totp")


def test_delayed_factor_passes_again(api, anonymous, user, enrolled, full):
    """R8: the factor is delayed, not locked."""
    _, authenticator = enrolled
    for count in (5, 1):
        identifier = issue(api, user)
        for wrong in authenticator.wrong_codes(count):
            refused(400, anonymous.get_answer, identifier, wrong, True, "totp")

    def passes() -> bool:
        try:
            anonymous.get_answer(identifier, authenticator.current_code(), True, "totp")
        except client.ApiException:
            return False
        return True

    assert not passes()
    until(passes, seconds=120)


def test_concurrent_guesses_are_all_counted(api, demo, user, enrolled):
    """R3: after 50 concurrent guesses the right code is refused."""
    _, authenticator = enrolled
    identifier = issue(api, user)

    def guess(code: str) -> None:
        refused(400, client.connect(demo.url, TOKEN).get_answer, identifier, code, True, "totp")

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(guess, authenticator.wrong_codes(50)))
    refused(400, api.get_answer, identifier, authenticator.next_code(), True, "totp")
    assert state(api, identifier) != "challenge_passed"
