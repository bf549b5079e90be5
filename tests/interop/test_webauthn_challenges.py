"""Security keys, with the real client and an independent software authenticator."""

import json
from concurrent.futures import ThreadPoolExecutor

import agilicus
import pytest

import client
from client import challenge, endpoint, refused, state, webauthn_enrollment
from demo import TOKEN
from security_key import SecurityKey, base64url, unpadded

PASSED, DECLINED = "challenge_passed", "challenge_declined"


def begin(api, user, key, **spec):
    return api.create_webauthn_enrollment(webauthn_enrollment(user, relying_party_id=key.relying_party, **spec))


def complete(api, identifier, made):
    return api.update_webauthn_enrollment(identifier, agilicus.WebAuthNEnrollmentAnswer(**made))


def enroll(api, user, **spec) -> tuple[str, SecurityKey]:
    key = SecurityKey()
    pending = begin(api, user, key, **spec)
    complete(api, pending.metadata.id, key.create(pending.status.challenge))
    return pending.metadata.id, key


def issue(api, user, *enrollments, **spec) -> tuple[str, str]:
    """Issues a challenge. Returns the id and the public challenge to sign."""
    named = [endpoint(enrollment, "webauthn") for enrollment in enrollments]
    created = api.create_challenge(challenge(user, "webauthn", challenge_endpoints=named, **spec))
    assert created.status.state == "issued"
    return created.metadata.id, created.status.public_challenge


@pytest.fixture
def enrolled(api, user):
    return enroll(api, user)


@pytest.mark.smoke
def test_enrollment_is_completed_listed_and_deleted(api, user):
    key = SecurityKey()
    pending = begin(api, user, key, user_verification="preferred", attestation_conveyance="none")
    assert "credential_id" not in pending.status
    made = key.create(pending.status.challenge)
    done = complete(api, pending.metadata.id, made)
    assert done.status.credential_id == made["credential_id"]
    assert [str(transport) for transport in done.status.transports] == ["usb"]
    assert "challenge" not in done.status
    assert done.spec.user_verification == "preferred"
    listed = api.list_webauthn_enrollments(user_id=user).webauthn
    assert [(each.metadata.id, each.status.credential_id) for each in listed] == [
        (pending.metadata.id, made["credential_id"])
    ]
    refused(400, complete, api, pending.metadata.id, made)
    api.delete_webauthn_enrollment(pending.metadata.id)
    refused(404, api.get_webauthn_enrollment, pending.metadata.id)


@pytest.mark.parametrize("form", [pytest.param("json", marks=pytest.mark.smoke), pytest.param("base64url")])
def test_assertion_passes_a_challenge_once(api, anonymous, user, enrolled, form):
    """R47."""
    identifier, public_challenge = issue(api, user, enrolled[0], answer_data={"ticket": "T-1"})
    assert len(unpadded(public_challenge)) == 32
    answer = enrolled[1].answer(public_challenge)
    if form == "base64url":
        answer = base64url(answer.encode())
    passed = anonymous.get_answer(identifier, answer, True, "webauthn", challenge_uid=user)
    assert passed.spec.answer_data == {"ticket": "T-1"}
    assert state(api, identifier) == PASSED
    refused(400, anonymous.get_answer, identifier, answer, True, "webauthn")


def test_assertion_declines_a_challenge(api, anonymous, user, enrolled):
    identifier, public_challenge = issue(api, user, enrolled[0], answer_data={"ticket": "T-1"})
    answer = anonymous.get_answer(identifier, enrolled[1].answer(public_challenge), False, "webauthn")
    assert "answer_data" not in answer.spec
    assert state(api, identifier) == DECLINED


def test_browser_json_is_accepted_as_the_answer(wire, api, user, enrolled):
    """The output of `PublicKeyCredential.toJSON()`, posted to keep it out of URLs."""
    identifier, public_challenge = issue(api, user, enrolled[0])
    to_json = enrolled[1].used_json(public_challenge)

    def send(credential):
        body = {"challenge_answer": json.dumps(credential), "allowed": True, "challenge_type": "webauthn"}
        return wire.post(f"/v1/challenges/{identifier}/answers", body)

    send(to_json | {"rawId": base64url(b"another")}).error(400)
    send(to_json | {"type": "password"}).error(400)
    send(to_json).ok()
    assert state(api, identifier) == PASSED


def elsewhere(key):
    key.origin = "https://example.org.evil.example"


def for_another_relying_party(key):
    key.relying_party = key.device.rp_id = "evil.example"


def of_another_user(key):
    key.device.user_handle = b"another user"


def counting_back(key):
    key.device.sign_count -= 1


WRONG = [elsewhere, for_another_relying_party, of_another_user, counting_back, SecurityKey.forge]


@pytest.mark.parametrize("wrong", WRONG)
def test_assertion_wrong_in_one_thing_is_refused(api, anonymous, user, enrolled, wrong):
    """R44, R46, R50: a valid assertion of the same key passes afterwards."""
    used, used_challenge = issue(api, user, enrolled[0])
    anonymous.get_answer(used, enrolled[1].answer(used_challenge), True, "webauthn")
    identifier, public_challenge = issue(api, user, enrolled[0])
    key = enrolled[1].copy()
    wrong(key)
    refused(400, anonymous.get_answer, identifier, key.answer(public_challenge), True, "webauthn")
    assert state(api, identifier) == "issued"
    anonymous.get_answer(identifier, enrolled[1].answer(public_challenge), True, "webauthn")


def test_assertion_answers_only_its_own_challenge(api, anonymous, user, enrolled):
    """R12, R47."""
    first, public_challenge = issue(api, user, enrolled[0])
    second, _ = issue(api, user, enrolled[0])
    answer = enrolled[1].answer(public_challenge)
    refused(400, anonymous.get_answer, second, answer, True, "webauthn")
    anonymous.get_answer(first, answer, True, "webauthn")


def test_required_user_verification_is_enforced(api, anonymous, user):
    """R51: soft-webauthn does not verify its user."""
    key = SecurityKey()
    pending = begin(api, user, key, user_verification="required")
    message = refused(400, complete, api, pending.metadata.id, key.create(pending.status.challenge))
    assert "verify" in message


def test_copied_key_is_refused(api, anonymous, user, enrolled):
    """R50: of two assertions with the same count the second is refused."""
    copy = enrolled[1].copy()
    first, first_challenge = issue(api, user, enrolled[0])
    anonymous.get_answer(first, enrolled[1].answer(first_challenge), True, "webauthn")
    second, second_challenge = issue(api, user, enrolled[0])
    refused(400, anonymous.get_answer, second, copy.answer(second_challenge), True, "webauthn")


def test_only_named_credentials_answer(api, anonymous, user, enrolled):
    other_id, other = enroll(api, user)
    identifier, public_challenge = issue(api, user, enrolled[0])
    refused(400, anonymous.get_answer, identifier, other.answer(public_challenge), True, "webauthn")
    both, public_challenge = issue(api, user, enrolled[0], other_id)
    anonymous.get_answer(both, other.answer(public_challenge), True, "webauthn")
    asked = api.get_challenge(identifier).status.public_challenge
    anonymous.get_answer(identifier, enrolled[1].answer(asked), True, "webauthn")


def test_credential_of_another_user_is_refused(api, user, other, enrolled):
    named = [endpoint(enrolled[0], "webauthn")]
    refused(400, api.create_challenge, challenge(other, "webauthn", challenge_endpoints=named))


def test_pending_enrollment_is_refused_as_endpoint(api, user):
    """R40."""
    pending = begin(api, user, SecurityKey())
    named = [endpoint(pending.metadata.id, "webauthn")]
    refused(400, api.create_challenge, challenge(user, "webauthn", challenge_endpoints=named))


def test_deleted_enrollment_answers_nothing(api, anonymous, user, enrolled):
    """R40."""
    identifier, public_challenge = issue(api, user, enrolled[0])
    api.delete_webauthn_enrollment(enrolled[0])
    refused(400, anonymous.get_answer, identifier, enrolled[1].answer(public_challenge), True, "webauthn")


@pytest.mark.parametrize(("types", "becomes"), [([], "challenge_failed"), (["code"], "issued")])
def test_issuing_after_credential_deletion_uses_other_types(api, user, enrolled, types, becomes):
    """A replacement still names the deleted credential."""
    named = [endpoint(enrolled[0], "webauthn")]
    pending = api.create_challenge(challenge(user, "webauthn", *types, challenge_endpoints=named, send_now=False))
    api.delete_webauthn_enrollment(enrolled[0])
    edited = api.get_challenge(pending.metadata.id)
    edited.spec.send_now = True
    issued = api.replace_challenge(pending.metadata.id, edited)
    assert issued.status.state == becomes
    assert "public_challenge" not in issued.status


def test_credential_is_unique_over_all_users(api, user, other):
    """R48."""
    key = SecurityKey()
    pending = begin(api, user, key)
    made = key.create(pending.status.challenge)
    complete(api, pending.metadata.id, made)
    theirs = begin(api, other, key)
    again = key.copy()
    message = refused(400, complete, api, theirs.metadata.id, again.create(theirs.status.challenge))
    assert "registered already" in message
    api.delete_webauthn_enrollment(pending.metadata.id)
    complete(api, theirs.metadata.id, again.create(theirs.status.challenge))


def test_origin_of_the_challenge_is_enforced(api, anonymous, user, enrolled):
    identifier, public_challenge = issue(api, user, enrolled[0], origin="https://example.org")
    anonymous.get_answer(identifier, enrolled[1].answer(public_challenge), True, "webauthn")
    named = [endpoint(enrolled[0], "webauthn")]
    for origin in ("https://www.example.org", "https://example.org:8443", "http://example.org"):
        spec = challenge(user, "webauthn", challenge_endpoints=named, origin=origin)
        assert "origin" in refused(400, api.create_challenge, spec)


MALFORMED = ["", "https://example.org", "example.org:443", "EXAMPLE.org", "192.0.2.1", "a b"]


@pytest.mark.parametrize("relying_party_id", MALFORMED)
def test_malformed_relying_party_is_refused(api, user, relying_party_id):
    assert "relying_party_id" in refused(
        400, api.create_webauthn_enrollment, webauthn_enrollment(user, relying_party_id=relying_party_id)
    )


def test_one_of_16_simultaneous_assertions_passes(demo, api, user, enrolled):
    """R1, R47."""
    identifier, public_challenge = issue(api, user, enrolled[0])
    answer = enrolled[1].answer(public_challenge)

    def attempt(_):
        try:
            client.connect(demo.url).get_answer(identifier, answer, True, "webauthn")
        except client.ApiException as error:
            assert error.status == 400
            return 0
        return 1

    with ThreadPoolExecutor(16) as crowd:
        assert sum(crowd.map(attempt, range(16))) == 1


def test_restart_keeps_credentials_and_challenges(durable):
    api = client.connect(durable.url, TOKEN)
    identifier, key = enroll(api, "ann")
    asked, public_challenge = issue(api, "ann", identifier)
    durable.kill()
    durable.start()
    anonymous = client.connect(durable.url)
    anonymous.get_answer(asked, key.answer(public_challenge), True, "webauthn")
