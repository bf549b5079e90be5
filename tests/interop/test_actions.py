"""The HTTP actions of a one-time-use action, from the demo to a receiver."""

import jwt
import pytest
from agilicus import TokenScope

import client
from client import action, one_time_use_action
from demo import TOKEN, Demo
from receiver import Receiver
from test_one_time_use_actions import APPROVE, DECLINE, follow
from waiting import until
from wire import Wire

ACTOR = "ann@example.com"
ALLOWED = ["--allow-private-network"]


@pytest.fixture
def hooks():
    with Receiver(status=200) as hooks:
        yield hooks


@pytest.fixture
def acting(framework, store, tmp_path):
    with Demo(framework, store, tmp_path, arguments=ALLOWED) as demo:
        yield demo


def create(demo: Demo, **spec):
    return client.connect(demo.url, TOKEN).create_one_time_use_action(one_time_use_action(ACTOR, **spec))


def decide(demo: Demo, created, link: str) -> None:
    wire = Wire(demo.url)
    follow(wire, created.answer_details[0][link]).ok()
    wire.close()


@pytest.mark.smoke
def test_only_the_actions_of_the_outcome_run(acting, hooks):
    actions = [
        action(f"{hooks.url}/first?a=1", method="put", body='{"a": 1}', content_type="application/json"),
        action(f"{hooks.url}/second", challenge_action_type="HTTPChallengeAction"),
    ]
    created = create(acting, approved_actions=actions, declined_actions=[action(f"{hooks.url}/declined")])
    decide(acting, created, APPROVE)
    ran = {(request := hooks.next()).path: request for _ in actions}
    assert ran.keys() == {"/first?a=1", "/second"}
    first = ran["/first?a=1"]
    assert (first.method, first.body, first.headers["content-type"]) == ("PUT", b'{"a": 1}', "application/json")
    assert "authorization" not in first.headers
    assert first.headers["idempotency-key"] != ran["/second"].headers["idempotency-key"]
    declined = create(acting, declined_actions=[action(f"{hooks.url}/declined")])
    decide(acting, declined, DECLINE)
    assert hooks.next().path == "/declined"
    assert hooks.nothing_else()


def test_token_names_actor_scopes_and_receiver(acting, hooks):
    """R36: an independent JWT library verifies the token with the keys that the demo publishes."""
    scopes = ["urn:example:orders:write", "urn:example:orders:read"]
    created = create(acting, approved_actions=[action(f"{hooks.url}/orders", scopes=[TokenScope(it) for it in scopes])])
    decide(acting, created, APPROVE)
    scheme, token = hooks.next().headers["authorization"].split()
    assert scheme == "Bearer"
    wire = Wire(acting.url)
    (published,) = wire.get("/.well-known/jwks.json").ok()["keys"]
    wire.close()
    key = jwt.PyJWK(published).key
    claims = jwt.decode(token, key, algorithms=["EdDSA"], audience=hooks.url)
    assert (claims["sub"], claims["org"], claims["scope"].split()) == (ACTOR, "org", scopes)
    assert 0 < claims["exp"] - claims["iat"] <= 60
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, key, algorithms=["EdDSA"], audience="https://elsewhere.example.org")


def test_failed_action_is_retried_under_one_key(acting, hooks):
    """R53."""
    hooks.answers.put(503)
    created = create(acting, approved_actions=[action(f"{hooks.url}/flaky")])
    decide(acting, created, APPROVE)
    first, second = hooks.next(), hooks.next()
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


@pytest.fixture
def mortal(framework, durable_store, tmp_path):
    with Demo(framework, durable_store, tmp_path, arguments=ALLOWED) as demo:
        yield demo


def test_decided_actions_survive_a_kill(mortal, hooks):
    """R52: the next process finishes the actions of the killed one."""
    decided = []
    for number in range(20):
        created = create(mortal, approved_actions=[action(f"{hooks.url}/{number}")])
        decide(mortal, created, APPROVE)
        decided.append(f"/{number}")
    mortal.kill()
    mortal.start()
    keys: dict[str, set[str]] = {}

    def all_ran() -> bool:
        while not hooks.nothing_else():
            request = hooks.next()
            keys.setdefault(request.path, set()).add(request.headers["idempotency-key"])
        return keys.keys() == set(decided)

    # Actions leased by the killed process wait for the lease to expire.
    until(all_ran, seconds=90)
    assert all(len(of_one) == 1 for of_one in keys.values()), "duplicates share the key"


def test_actions_do_not_reach_private_addresses(framework, tmp_path, hooks):
    """R33."""
    with Demo(framework, "memory", tmp_path) as demo:
        for uri in (hooks.url, hooks.url.replace("localhost", "127.0.0.1"), hooks.url.replace("localhost", "[::1]")):
            created = create(demo, approved_actions=[action(f"{uri}/hostile")])
            decide(demo, created, APPROVE)
    assert hooks.nothing_else()


def test_confirmation_page_decides_only_by_post(framework, tmp_path, hooks):
    arguments = [*ALLOWED, "--confirm-actions"]
    with Demo(framework, "memory", tmp_path, arguments=arguments) as demo:
        created = create(demo, approved_actions=[action(f"{hooks.url}/asked")])
        link = created.answer_details[0][APPROVE]
        assert link.startswith(f"{demo.public_url}/mfa/answer?")
        wire = Wire(demo.url)
        identifier = created.challenge.metadata.id
        for _ in range(2):
            page = follow(wire, link)
            assert page.status == 200 and b'value="approve"' in page.body and b'value="decline"' not in page.body
        assert wire.get(f"/v1/challenges/{identifier}").ok()["status"]["state"] == "issued"
        query = client.query(link)
        wire.answer(identifier, **{name: value for name, value in query.items() if name != "challenge_id"}).error(400)
        body = {name: query[name] for name in ("challenge_answer", "challenge_uid", "challenge_type")}
        wire.post(f"/v1/challenges/{identifier}/answers", body | {"allowed": True}).ok()
        wire.close()
        assert hooks.next().path == "/asked"
