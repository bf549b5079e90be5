"""Text messages and web push, from the demo to a gateway and a push service."""

import time

import pytest

import client
from client import challenge, endpoint, refused, state
from demo import TOKEN, Demo
from receiver import Receiver, authority
from visitor import Visitor
from subscriber import Subscriber
from waiting import until

NUMBER = "+15550100199"


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def gateway():
    with Receiver(status=200) as gateway:
        yield gateway


@pytest.fixture
def service(certified):
    with Receiver(certified[0]) as service:
        yield service


@pytest.fixture
def outgoing(framework, store, tmp_path, certified, gateway):
    """A server whose messages reach the receivers below."""
    arguments = ["--allow-private-network", "--sms-gateway", f"{gateway.url}/messages"]
    trust = {"SSL_CERT_FILE": str(certified[1])}
    with Demo(framework, store, tmp_path, arguments=arguments, environment=trust) as demo:
        yield demo


@pytest.fixture
def site(outgoing, user):
    site = Visitor(outgoing.url, user)
    yield site
    site.close()


def by_link(api, link: str, kind: str, **more):
    """Answers with the parameters of a link, as the answer page does."""
    query = client.query(link)
    return api.get_answer(
        query["challenge_id"], query["challenge_answer"], True, kind, challenge_uid=query["challenge_uid"], **more
    )


def text_of(message) -> str:
    return message.json["text"]


def confirm(site, gateway) -> str:
    added = site.post("/demo/phones", {"number": NUMBER}, 201)
    message = gateway.next()
    assert message.json["to"] == NUMBER
    code = next(word.strip(".") for word in text_of(message).split() if word.strip(".").isdigit() and len(word) >= 6)
    site.post(f"/demo/endpoints/{added['id']}", {"code": code})
    return added["id"]


@pytest.mark.smoke
def test_text_message_carries_the_answer_link(outgoing, gateway, site, user):
    api = client.connect(outgoing.url, TOKEN)
    assert api.create_challenge(challenge(user, "sms")).status.state == "challenge_failed"
    confirm(site, gateway)
    page = f"{outgoing.public_url}/answer?from=mail"
    created = api.create_challenge(challenge(user, "sms", response_uri=page, origin="https://shop.example.org"))
    message = gateway.next()
    assert message.headers["idempotency-key"] == f'"{message.json["id"]}"'
    (link,) = [word for word in text_of(message).split() if word.startswith("http") and "challenge_id" in word]
    assert link.startswith(f"{page}&challenge_answer=")
    assert created.metadata.id in link
    by_link(api, link, "sms")
    refused(400, by_link, api, link, "sms")


def test_second_message_must_wait(outgoing, gateway, site, user):
    """R19, R20."""
    api = client.connect(outgoing.url, TOKEN)
    confirm(site, gateway)
    api.create_challenge(challenge(user, "sms"))
    gateway.next()
    assert "try again in" in refused(400, api.create_challenge, challenge(user, "sms"))
    assert gateway.nothing_else()


def test_unconfirmed_phone_receives_no_challenge(outgoing, gateway, site, user):
    api = client.connect(outgoing.url, TOKEN)
    added = site.post("/demo/phones", {"number": NUMBER}, 201)
    code = gateway.next()
    assert api.create_challenge(challenge(user, "sms")).status.state == "challenge_failed"
    refused(400, api.create_challenge, challenge(user, "sms", challenge_endpoints=[endpoint(added["id"], "sms")]))
    site.send("POST", f"/demo/endpoints/{added['id']}", {"code": "x" + text_of(code)[:5]}).error(400)
    assert gateway.nothing_else()


@pytest.mark.smoke
def test_push_message_is_readable_by_its_subscriber_only(outgoing, service, site, user):
    """R22: independent implementations decrypt and verify the message."""
    api, subscriber = client.connect(outgoing.url, TOKEN), Subscriber(service.url)
    key = site.send("GET", "/demo/push").ok()["key"]
    site.post("/demo/push", subscriber.subscription)
    origin = "https://shop.example.org"
    created = api.create_challenge(challenge(user, "web_push", origin=origin, timeout_seconds=300))
    assert created.status.state == "issued"
    message = service.next()
    assert (message.method, message.path) == ("POST", subscriber.path)
    assert 0 < int(message.headers["ttl"]) <= 300
    assert message.headers["urgency"] == "high"
    assert created.metadata.id not in message.headers["topic"]
    claims = subscriber.verify(message, key)
    assert claims["aud"] == service.url and 0 < claims["exp"] - time.time() <= 24 * 3600
    payload = subscriber.read(message)
    assert origin in payload["body"]
    assert payload["url"].startswith(f"{outgoing.public_url}/answer?")
    with pytest.raises(Exception):
        Subscriber(service.url).read(message)
    by_link(api, payload["url"], "web_push")
    assert state(api, created.metadata.id) == "challenge_passed"
    refused(400, by_link, api, payload["url"], "web_push")


def test_number_matching_requires_the_number(outgoing, service, site, user):
    """R21."""
    api, subscriber = client.connect(outgoing.url, TOKEN), Subscriber(service.url)
    site.post("/demo/push", subscriber.subscription)
    asked = site.post("/demo/messages", status=201)
    payload = subscriber.read(service.next())
    assert client.query(payload["url"]).keys() == {"challenge_answer", "challenge_uid", "challenge_id"}
    # A search for the number alone could match the port by chance.
    asks = "{} asks for your confirmation. Open this within {} minutes."
    assert payload["title"] == "Is this you?"
    assert payload["body"] in [asks.format(outgoing.public_url, minutes) for minutes in (9, 10)]
    refused(400, by_link, api, payload["url"], "web_push")
    assert state(api, asked["id"]) == "issued"
    query = client.query(payload["url"])
    path = f"/v1/challenges/{asked['id']}/answers"
    body = {"challenge_answer": query["challenge_answer"], "challenge_type": "web_push", "allowed": True}
    site.send("POST", path, body | {"number_match": "xx"}).error(400)
    site.send("POST", path, body | {"number_match": asked["number"]}).ok()
    assert state(api, asked["id"]) == "challenge_passed"


@pytest.mark.parametrize("status", [404, 410])
def test_expired_subscription_is_deleted_and_fails_challenge(outgoing, service, site, user, status):
    """R22."""
    api = client.connect(outgoing.url, TOKEN)
    site.post("/demo/push", Subscriber(service.url).subscription)
    service.answers.put(status)
    created = api.create_challenge(challenge(user, "web_push"))
    service.next()
    until(lambda: state(api, created.metadata.id) == "challenge_failed")
    assert site.endpoints == []


def test_push_retry_uses_a_fresh_salt(outgoing, service, site, user):
    """R22, R53."""
    api, subscriber = client.connect(outgoing.url, TOKEN), Subscriber(service.url)
    site.post("/demo/push", subscriber.subscription)
    service.answers.put(503)
    created = api.create_challenge(challenge(user, "web_push"))
    first, second = service.next(), service.next()
    assert first.body[:16] != second.body[:16]
    assert subscriber.read(first)["url"] == subscriber.read(second)["url"]
    assert state(api, created.metadata.id) == "issued"


def test_messages_do_not_reach_private_addresses(framework, tmp_path, service, certified, user):
    """R34: a private address is refused at registration. A subscription of a laxer time is not used either."""
    trust = {"SSL_CERT_FILE": str(certified[1])}
    subscription = Subscriber(service.url).subscription
    with Demo(framework, "sqlite", tmp_path, ["--allow-private-network"], trust) as demo:
        site = Visitor(demo.url, user)
        site.post("/demo/push", subscription)
        site.close()
    with Demo(framework, "sqlite", tmp_path, environment=trust) as demo:
        api, site = client.connect(demo.url, TOKEN), Visitor(demo.url, user)
        site.send("POST", "/demo/push", subscription).error(400)
        created = api.create_challenge(challenge(user, "web_push"))
        until(lambda: state(api, created.metadata.id) == "challenge_failed")
        assert service.nothing_else()
        site.send("POST", "/demo/phones", {"number": NUMBER}).error(400)
        site.close()
