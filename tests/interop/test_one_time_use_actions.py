"""create_one_time_use_action and the links in the response."""

from urllib.parse import parse_qs, urlsplit

import agilicus
import pytest

from client import action, one_time_use_action, refused, state

PATH = "/v1/challenges/one_time_use_actions"
ANN, BEN, CAT = "ann@example.com", "Ben Lee+1@example.com", "cat"
APPROVE, DECLINE = "approve_uri", "decline_uri"


def create(api, *actors, **spec):
    return api.create_one_time_use_action(one_time_use_action(*(actors or [ANN, BEN, CAT]), **spec))


def parameters(uri: str) -> dict:
    """Returns a link as arguments of get_answer."""
    link = urlsplit(uri)
    query = {name: value for name, (value,) in parse_qs(link.query, strict_parsing=True).items()}
    return query | {"challenge_id": link.path.split("/")[-2], "allowed": query["allowed"] == "true"}


def follow(wire, uri: str):
    link = urlsplit(uri)
    return wire.get(f"{link.path}?{link.query}")


@pytest.mark.smoke
def test_each_actor_gets_two_links(demo, api):
    created = create(api)
    identifier = created.challenge.metadata.id
    assert [detail.actor.user_id for detail in created.answer_details] == [ANN, BEN, CAT]
    assert {detail.actor.org_id for detail in created.answer_details} == {"org"}
    secrets = set()
    for detail in created.answer_details:
        for name, allowed in ((APPROVE, "true"), (DECLINE, "false")):
            uri = detail[name]
            assert len(uri) <= 1024
            assert uri.startswith(f"{demo.public_url}/v1/challenges/{identifier}/answers?")
            query = parse_qs(urlsplit(uri).query)
            assert query.keys() == {"challenge_answer", "challenge_uid", "allowed", "challenge_type"}
            assert query["allowed"] == [allowed]
            assert query["challenge_type"] == ["one_time_use_action"]
            assert query["challenge_uid"] == [detail.actor.user_id]
            secrets.update(query["challenge_answer"])
    assert len(secrets) == 6
    assert all(len(secret) == 22 and secret.isalnum() for secret in secrets)


def test_action_is_issued_on_creation(api):
    created = create(api)
    assert created.challenge.status.state == "issued"
    assert "code" not in created.challenge.status
    assert state(api, created.challenge.metadata.id) == "issued"


def test_user_defaults_to_the_first_actor(api, user):
    assert create(api).challenge.spec.user_id == ANN
    assert create(api, user_id=user).challenge.spec.user_id == user


@pytest.mark.parametrize("kind", ["http_action", "HTTPChallengeAction"])
def test_request_is_echoed(api, kind):
    wanted = one_time_use_action(
        ANN,
        approved_actions=[
            action(challenge_action_type=kind, body='{"a": 1}', content_type="application/json"),
            action("http://hooks.invalid/again?b=c", challenge_action_type=kind, method="DELETE"),
        ],
        declined_actions=[],
        timeout_seconds=86400,
        org_id="org",
    )
    echoed = api.create_one_time_use_action(wanted).one_time_use_challenge
    assert echoed.to_dict() == wanted.to_dict()


@pytest.mark.parametrize("actor", range(3))
@pytest.mark.parametrize(("link", "outcome"), [(APPROVE, "challenge_passed"), (DECLINE, "challenge_declined")])
def test_first_answer_of_any_actor_wins(wire, api, actor, link, outcome):
    """R37, negative control."""
    created = create(api)
    follow(wire, created.answer_details[actor][link]).ok()
    identifier = created.challenge.metadata.id
    decided = api.get_challenge(identifier)
    assert decided.status.state == outcome
    assert "answered_at" in decided.status
    for detail in created.answer_details:
        follow(wire, detail.approve_uri).error(400)
        follow(wire, detail.decline_uri).error(400)
    assert api.get_challenge(identifier) == decided


@pytest.mark.parametrize("link", [APPROVE, DECLINE])
def test_client_answers_with_link_parameters(anonymous, api, link):
    created = create(api)
    anonymous.get_answer(**parameters(created.answer_details[1][link]))
    assert state(api, created.challenge.metadata.id) != "issued"


def test_secret_identifies_the_actor(anonymous, api):
    """R12, negative control."""
    created = create(api)
    answer = parameters(created.answer_details[2].approve_uri)
    del answer["challenge_uid"]
    anonymous.get_answer(**answer)
    assert state(api, created.challenge.metadata.id) == "challenge_passed"


@pytest.mark.parametrize(
    "change",
    [
        {"challenge_uid": ANN},
        {"challenge_uid": "stranger"},
        {"challenge_uid": ""},
        {"allowed": False},
        {"challenge_type": "code"},
        {"challenge_answer": "0" * 22},
    ],
    ids=str,
)
def test_changed_link_parameter_is_refused(anonymous, api, change):
    """R12, R37: a secret is bound to one actor and one outcome."""
    created = create(api)
    answer = parameters(created.answer_details[1].approve_uri)
    refused(400, anonymous.get_answer, **answer | change)
    assert state(api, created.challenge.metadata.id) == "issued"
    anonymous.get_answer(**answer)


def test_decline_secret_does_not_approve(anonymous, api):
    """R37."""
    created = create(api)
    answer = parameters(created.answer_details[0].decline_uri)
    refused(400, anonymous.get_answer, **answer | {"allowed": True})
    assert state(api, created.challenge.metadata.id) == "issued"


def test_link_of_another_challenge_is_refused(anonymous, api):
    """R37."""
    first, second = create(api), create(api)
    answer = parameters(first.answer_details[0].approve_uri)
    refused(400, anonymous.get_answer, **answer | {"challenge_id": second.challenge.metadata.id})


def test_one_user_in_two_orgs_is_two_actors(wire, api):
    """R12, R37."""
    actors = [agilicus.ChallengeActor(user_id=ANN, org_id=org) for org in ("one", "two")]
    created = create(api, actors=actors)
    assert [detail.actor.org_id for detail in created.answer_details] == ["one", "two"]
    first, second = created.answer_details
    assert first.approve_uri != second.approve_uri
    follow(wire, second.approve_uri).ok()
    follow(wire, first.approve_uri).error(400)


def test_prefetch_without_allowed_decides_nothing(wire, api):
    """R39."""
    created = create(api)
    uri = created.answer_details[0].approve_uri
    link = urlsplit(uri)
    query = "&".join(part for part in link.query.split("&") if not part.startswith("allowed="))
    wire.get(f"{link.path}?{query}").error(400)
    assert wire.request("HEAD", f"{link.path}?{link.query}").status == 405
    assert state(api, created.challenge.metadata.id) == "issued"
    follow(wire, uri).ok()


def test_links_of_deleted_action_are_404(wire, api):
    created = create(api)
    api.delete_challenge(created.challenge.metadata.id)
    follow(wire, created.answer_details[0].approve_uri).error(404)


def test_17th_actor_or_action_is_refused(api):
    most = {
        "approved_actions": [action()] * 16,
        "declined_actions": [action()] * 16,
        "actors": [agilicus.ChallengeActor(user_id=f"actor-{number}", org_id="org") for number in range(16)],
    }
    create(api, **most)
    for name, extra in most.items():
        assert "16" in refused(400, create, api, **most | {name: [*extra, extra[0]]})


ACTION = {"challenge_action_type": "http_action", "method": "post", "uri": "https://hooks.invalid/"}


@pytest.mark.parametrize(
    "change",
    [
        {"challenge_action_type": "carrier_pigeon"},
        {"challenge_action_type": ""},
        {"method": ""},
        {"method": "po st"},
        {"method": "x" * 129},
        {"uri": ""},
        {"uri": "hooks.invalid"},
        {"uri": "ftp://hooks.invalid/"},
        {"uri": "file:///etc/passwd"},
        {"uri": "https://hooks.invalid/" + "x" * 1024},
        {"body": "x" * 250_001},
        {"body": {"a": 1}},
        {"content_type": "x" * 257},
        {"scopes": [""]},
        {"scopes": ["x" * 512]},
        {"scopes": "all"},
    ],
    ids=lambda change: str(change)[:50],
)
@pytest.mark.parametrize("outcome", ["approved_actions", "declined_actions"])
def test_malformed_action_is_refused(wire, outcome, change):
    spec = {
        "approved_actions": [ACTION],
        "declined_actions": [ACTION],
        "actors": [{"user_id": ANN, "org_id": "org"}],
        "timeout_seconds": 60,
    }
    wire.post(PATH, {"spec": spec}).ok(201)
    wire.post(PATH, {"spec": spec | {outcome: [ACTION, ACTION | change]}}).error(400)


@pytest.mark.parametrize("name", ["challenge_action_type", "method", "uri"])
def test_incomplete_action_is_refused(wire, name):
    incomplete = {key: value for key, value in ACTION.items() if key != name}
    spec = {
        "approved_actions": [incomplete],
        "declined_actions": [],
        "actors": [{"user_id": ANN, "org_id": "org"}],
        "timeout_seconds": 60,
    }
    wire.post(PATH, {"spec": spec}).error(400)


@pytest.mark.parametrize(
    "change",
    [
        {"approved_actions": None},
        {"declined_actions": None},
        {"actors": None},
        {"timeout_seconds": None},
        {"actors": []},
        {"actors": [{"user_id": ANN}]},
        {"actors": [{"org_id": "org"}]},
        {"actors": {"user_id": ANN, "org_id": "org"}},
        {"timeout_seconds": 0},
        {"timeout_seconds": 86401},
        {"timeout_seconds": "60"},
    ],
    ids=str,
)
def test_malformed_spec_is_refused(wire, change):
    """`None` removes the property."""
    spec = {
        "approved_actions": [],
        "declined_actions": [],
        "actors": [{"user_id": ANN, "org_id": "org"}],
        "timeout_seconds": 60,
    } | change
    wire.post(PATH, {"spec": {name: value for name, value in spec.items() if value is not None}}).error(400)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"\xff"], ids=repr)
def test_malformed_body_is_refused(wire, body):
    wire.post(PATH, body).error(400)
