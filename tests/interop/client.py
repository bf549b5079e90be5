"""The real Agilicus client and its models."""

import json
from urllib.parse import parse_qs, urlsplit

import agilicus
import pytest
from agilicus import ApiException

from authenticator import Authenticator


def connect(url: str, token: str | None = None) -> agilicus.ChallengesApi:
    configuration = agilicus.Configuration(host=url, access_token=token)
    return agilicus.ChallengesApi(agilicus.ApiClient(configuration))


def connect_as_creator(url: str, token: str) -> agilicus.ChallengesApi:
    """The client by itself sends no token with a replacement, so the token is set as a header of every request."""
    api = connect(url)
    api.api_client.set_default_header("Authorization", f"Bearer {token}")
    return api


def challenge(user: str, *types: str, **spec) -> agilicus.Challenge:
    spec.setdefault("send_now", True)
    if types:
        spec["challenge_types"] = list(types)
    return agilicus.Challenge(spec=agilicus.ChallengeSpec._from_openapi_data(user_id=user, **spec))


def endpoint(identifier: str, kind: str) -> agilicus.ChallengeEndpoint:
    return agilicus.ChallengeEndpoint(endpoint=identifier, type=kind)


def totp_enrollment(user: str) -> agilicus.TOTPEnrollment:
    return agilicus.TOTPEnrollment(spec=agilicus.TOTPEnrollmentSpec._from_openapi_data(user_id=user))


def totp_answer(code: str, user: str | None = None) -> agilicus.TOTPEnrollmentAnswer:
    if user is None:
        return agilicus.TOTPEnrollmentAnswer(answer=code)
    return agilicus.TOTPEnrollmentAnswer._from_openapi_data(answer=code, user_id=user)


def webauthn_enrollment(user: str, **spec) -> agilicus.WebAuthNEnrollment:
    spec = {"relying_party_id": "localhost", "attestation_format": "platform"} | spec
    return agilicus.WebAuthNEnrollment(
        spec=agilicus.WebAuthNEnrollmentSpec._from_openapi_data(user_id=user, **spec)
    )


def action(uri: str = "https://hooks.invalid/done", **fields) -> agilicus.ChallengeAction:
    fields = {"challenge_action_type": "http_action", "method": "post"} | fields
    return agilicus.ChallengeAction(uri=uri, **fields)


def one_time_use_action(*actors: str, **spec) -> agilicus.OneTimeUseActionChallenge:
    spec = {
        "approved_actions": [action("https://hooks.invalid/approved")],
        "declined_actions": [action("https://hooks.invalid/declined")],
        "actors": [agilicus.ChallengeActor(user_id=actor, org_id="org") for actor in actors],
        "timeout_seconds": 600,
    } | spec
    return agilicus.OneTimeUseActionChallenge(spec=agilicus.OneTimeUseActionChallengeSpec(**spec))


def enroll(api: agilicus.ChallengesApi, user: str) -> tuple[str, Authenticator]:
    """Completes a TOTP enrollment. Returns the id and the app with the key."""
    enrollment = api.create_totp_enrollment(totp_enrollment(user))
    authenticator = Authenticator(enrollment.status.key)
    api.update_totp_enrollment(enrollment.metadata.id, totp_answer(authenticator.next_code()))
    return enrollment.metadata.id, authenticator


def state(api: agilicus.ChallengesApi, identifier: str) -> str:
    return api.get_challenge(identifier).status.state


def query(link: str) -> dict[str, str]:
    """Returns the query parameters of a link."""
    return {name: value for name, (value,) in parse_qs(urlsplit(link).query, strict_parsing=True).items()}


def refused(status: int, operation, *arguments, **named) -> str:
    """Asserts that the client raises `status` with an `ErrorMessage`, and returns the message."""
    with pytest.raises(ApiException) as caught:
        operation(*arguments, **named)
    assert caught.value.status == status, caught.value
    error = json.loads(caught.value.body)
    assert error.keys() & {"error_code", "error_message"}, error
    return error.get("error_message", "")
