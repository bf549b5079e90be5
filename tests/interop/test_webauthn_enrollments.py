"""The five operations on WebAuthn enrollments, without an authenticator."""

import base64

import agilicus
import pytest

import client
from client import challenge, endpoint, refused, webauthn_enrollment

PATH = "/v1/challenge_enrollment/webauthn"


def test_create_starts_a_registration(api, user):
    created = api.create_webauthn_enrollment(webauthn_enrollment(user))
    assert created.spec.user_id == user
    assert created.spec.relying_party_id == "localhost"
    assert created.spec.attestation_format == "platform"
    assert "credential_id" not in created.status
    assert len(base64.urlsafe_b64decode(created.status.challenge + "=")) == 32
    assert "=" not in created.status.challenge
    assert api.get_webauthn_enrollment(created.metadata.id, user_id=user).metadata.id == created.metadata.id
    listed = api.list_webauthn_enrollments(user_id=user).webauthn
    assert [enrollment.metadata.id for enrollment in listed] == [created.metadata.id]
    api.delete_webauthn_enrollment(created.metadata.id, user_id=user)
    refused(404, api.get_webauthn_enrollment, created.metadata.id)


@pytest.mark.parametrize(
    "spec",
    [
        {"relying_party_id": "localhost", "attestation_format": "platform"},
        {"user_id": "ann", "attestation_format": "platform"},
        {"user_id": "ann", "relying_party_id": 7, "attestation_format": "platform"},
        {"user_id": "ann", "relying_party_id": "localhost", "attestation_format": "platform",
         "attestation_conveyance": "sometimes"},
        {"user_id": "ann", "relying_party_id": "localhost", "attestation_format": "platform",
         "user_verification": "sometimes"},
        "text",
    ],
    ids=str,
)
def test_malformed_enrollment_is_refused(wire, spec):
    wire.post(PATH, {"spec": spec}).error(400)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"\xff"], ids=repr)
def test_malformed_body_is_refused(wire, body):
    wire.post(PATH, body).error(400)


def test_list_of_unknown_user_is_empty(api, user):
    listed = api.list_webauthn_enrollments(user_id=user)
    assert listed.limit == 500
    assert not listed.get("webauthn")
    assert api.list_webauthn_enrollments(user_id=user, limit=3).limit == 3


@pytest.mark.parametrize("limit", ["0", "-1", "501", "1.5", "many"])
def test_limit_out_of_range_is_refused(wire, limit):
    wire.get(PATH, limit=limit).error(400)


@pytest.mark.parametrize("identifier", ["unknown", "0" * 40, "a/b"])
def test_unknown_enrollments_are_404(api, user, identifier):
    answer = agilicus.WebAuthNEnrollmentAnswer(credential_id="YQ==", client_data="e30")
    refused(404, api.get_webauthn_enrollment, identifier)
    refused(404, api.get_webauthn_enrollment, identifier, user_id=user)
    refused(404, api.update_webauthn_enrollment, identifier, answer)
    refused(404, api.delete_webauthn_enrollment, identifier)


def test_totp_enrollment_is_not_a_webauthn_enrollment(api, user):
    identifier, _ = client.enroll(api, user)
    refused(404, api.get_webauthn_enrollment, identifier)
    refused(404, api.delete_webauthn_enrollment, identifier)
    assert api.get_totp_enrollment(identifier).status.state == "success"


def test_webauthn_challenge_needs_an_endpoint(api, user):
    refused(400, api.create_challenge, challenge(user, "webauthn"))
    refused(400, api.create_challenge, challenge(user, "webauthn", send_now=False))
    unknown = [endpoint("unknown", "webauthn")]
    refused(400, api.create_challenge, challenge(user, "webauthn", challenge_endpoints=unknown))
