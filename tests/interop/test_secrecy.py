"""Secrets leave the server once. No log and no file holds one."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest

import client
from authenticator import Authenticator
from demo import TOKEN, Demo
from visitor import PASSWORD, Visitor
from wire import Wire

CANARY = "canary-4f1d7c0e9b"
EVERYTHING = {"RUST_LOG": "trace"}


@pytest.fixture
def talkative(framework, store, tmp_path):
    """A server at log level TRACE."""
    with Demo(framework, store, tmp_path, environment=EVERYTHING) as demo:
        yield demo


class Secrets:
    """The secrets of one pass through the API, and the replies that must not contain them."""

    def __init__(self):
        self.values: set[str] = {CANARY}
        self.replies: list[bytes] = []

    def keep(self, reply):
        self.replies.append(reply.body + str(reply.headers).encode())
        return reply


def exercise(demo: Demo) -> Secrets:
    wire, secrets = Wire(demo.url, TOKEN), Secrets()
    keep = secrets.keep

    def look_around(path: str, body: dict) -> None:
        keep(wire.get(path))
        keep(wire.put(path, body))
        keep(wire.get("/v1/challenge_enrollment/totp"))

    enrollment = wire.post("/v1/challenge_enrollment/totp", {"spec": {"user_id": "ann"}}).ok(201)
    key = enrollment["status"]["key"]
    secrets.values |= {key, base64.b32decode(key).hex(), base64.b64encode(base64.b32decode(key)).decode()}
    totp_path = f"/v1/challenge_enrollment/totp/{enrollment['metadata']['id']}"
    authenticator = Authenticator(key)
    keep(wire.get(totp_path))
    keep(wire.post(totp_path, {"answer": authenticator.wrong_codes(1)[0]})).error(400)
    keep(wire.post(totp_path, {"answer": authenticator.next_code()})).ok()
    keep(wire.get(totp_path))

    for allowed in ("true", "false"):
        body = {"spec": {"user_id": "ann", "challenge_types": ["code", "totp"], "answer_data": {"canary": CANARY}}}
        created = wire.post("/v1/challenges", body).ok(201)
        assert "answer_data" not in created["spec"]
        code, identifier = created["status"]["code"], created["metadata"]["id"]
        secrets.values.add(code)
        path = f"/v1/challenges/{identifier}"
        look_around(path, body)
        body["spec"]["send_now"] = True
        look_around(path, body)
        query = {"challenge_answer": code, "challenge_type": "code"}
        keep(wire.answer(identifier, **query, allowed="maybe")).error(400)
        keep(wire.answer(identifier, **query, allowed="true", challenge_uid="ben")).error(400)
        wire.answer(identifier, **query, allowed=allowed).ok()
        keep(wire.answer(identifier, **query, allowed=allowed)).error(400)
        look_around(path, body)

    body = {"spec": {"user_id": "ann", "challenge_type": "code", "send_now": True, "answer_data": {"a": CANARY}}}
    created = wire.post("/v1/challenges", body).ok(201)
    secrets.values.add(created["status"]["code"])
    posted = {"challenge_answer": created["status"]["code"], "allowed": True, "challenge_type": "code"}
    wire.post(f"/v1/challenges/{created['metadata']['id']}/answers", posted).ok()

    spec = json.loads(json.dumps(client.one_time_use_action("ann", "ben").to_dict()["spec"]))
    action = wire.post("/v1/challenges/one_time_use_actions", {"spec": spec}).ok(201)
    uris = [detail[name] for detail in action["answer_details"] for name in ("approve_uri", "decline_uri")]
    secrets.values |= {parse_qs(urlsplit(uri).query)["challenge_answer"][0] for uri in uris}
    path = f"/v1/challenges/{action['challenge']['metadata']['id']}"
    keep(wire.get(path))
    wire.get(uris[2][uris[2].index("/v1/"):]).ok()
    keep(wire.get(uris[0][uris[0].index("/v1/"):])).error(400)
    keep(wire.get(path))
    wire.close()
    return secrets


def sign_in(demo: Demo, user: str) -> set[str]:
    """Returns the secrets of a user of the demo's pages."""
    visitor = Visitor(demo.url, user)
    visitor.sign_up()
    key = visitor.add_app()["key"]
    visitor.step_up()
    codes = visitor.change("account/recovery-codes").ok()["codes"]
    # The demo has no TLS, so the name has no prefix.
    step_up = visitor.cookies["challenges_manage"]
    visitor.sign_out()
    visitor.log_in()
    visitor.post("/mfa/factor/recovery", code=codes[0])
    assert visitor.is_signed_in()
    return {PASSWORD, key, step_up, *codes}


def test_secrets_are_in_the_first_reply_only(demo):
    """R27."""
    secrets = exercise(demo)
    assert len(secrets.values) == 11
    assert len(secrets.replies) > 30
    for secret in secrets.values:
        for reply in secrets.replies:
            assert secret.encode() not in reply


@pytest.mark.smoke
def test_logs_and_files_hold_no_secret(talkative, user):
    """R26, R28."""
    secrets = exercise(talkative).values | sign_in(talkative, user) | {TOKEN}
    # Negative control: user ids are not secret, and the search finds them in the files.
    files = {path: path.read_bytes() for path in talkative.place.files if path.suffix != ".vapid"}
    assert talkative.store == "memory" or any(b"ann" in content for content in files.values())
    assert talkative.url in talkative.log
    for secret in secrets:
        assert secret not in talkative.log
        for path, content in files.items():
            assert secret.encode() not in content, path


def test_answer_data_is_in_the_answer_only(api, anonymous, user):
    """R27."""
    created = api.create_challenge(client.challenge(user, "code", answer_data={"canary": CANARY}))
    assert CANARY not in str(created)
    assert CANARY not in str(api.get_challenge(created.metadata.id))
    answer = anonymous.get_answer(created.metadata.id, created.status.code, True, "code")
    assert answer.spec.answer_data == {"canary": CANARY}
    assert CANARY not in str(api.get_challenge(created.metadata.id))
