"""Text messages and web push, from the demo to a gateway and a push service."""

import time
from urllib.parse import urlsplit

import pytest

import client
from client import challenge, endpoint, refused, state
from demo import TOKEN, Demo
from subscriber import Subscriber
from visitor import Visitor
from waiting import until
from wire import Wire


def by_link(api, link: str, kind: str, **more):
    """Answers with the parameters of a link, as the answer page does."""
    query = client.query(link)
    return api.get_answer(
        query["challenge_id"], query["challenge_answer"], True, kind, challenge_uid=query["challenge_uid"], **more
    )


def text_of(message) -> str:
    return message.json["text"]


def add_phone(site, gateway, number: str) -> tuple[str, str]:
    """Returns the id of the unconfirmed phone, and the code sent there."""
    added = site.change("account/phones", {"number": number}).ok()
    while True:
        message = gateway.next()
        words = [word.strip(".") for word in text_of(message).split()]
        codes = [word for word in words if word.isdigit() and len(word) >= 6]
        # Other numbers receive notices.
        if message.json["to"] == number and codes:
            return added["id"], codes[0]


def confirm(site, gateway, number: str) -> str:
    phone, code = add_phone(site, gateway, number)
    site.change(f"account/phones/{phone}/confirm", {"code": code}).ok()
    return phone


def subscribe(site, subscriber: Subscriber) -> None:
    site.change("account/browsers", {"subscription": subscriber.subscription}).ok()


@pytest.mark.smoke
def test_text_message_carries_the_answer_link(outgoing, gateway, site, user, number):
    api = client.connect(outgoing.url, TOKEN)
    assert api.create_challenge(challenge(user, "sms")).status.state == "challenge_failed"
    confirm(site, gateway, number)
    page = f"{outgoing.public_url}/answer?from=mail"
    created = api.create_challenge(challenge(user, "sms", response_uri=page, origin="https://shop.example.org"))
    message = gateway.next()
    assert message.headers["idempotency-key"] == f'"{message.json["id"]}"'
    (link,) = [word for word in text_of(message).split() if word.startswith("http") and "challenge_id" in word]
    assert link.startswith(f"{page}&challenge_answer=")
    assert created.metadata.id in link
    by_link(api, link, "sms")
    refused(400, by_link, api, link, "sms")


def test_second_message_must_wait(outgoing, gateway, site, user, number):
    """R19, R20."""
    api = client.connect(outgoing.url, TOKEN)
    confirm(site, gateway, number)
    api.create_challenge(challenge(user, "sms"))
    gateway.next()
    assert "try again in" in refused(400, api.create_challenge, challenge(user, "sms"))
    assert gateway.nothing_else()


def test_unconfirmed_phone_receives_no_challenge(outgoing, gateway, site, user, number):
    api = client.connect(outgoing.url, TOKEN)
    phone, code = add_phone(site, gateway, number)
    assert api.create_challenge(challenge(user, "sms")).status.state == "challenge_failed"
    refused(400, api.create_challenge, challenge(user, "sms", challenge_endpoints=[endpoint(phone, "sms")]))
    wrong = "000000" if code != "000000" else "111111"
    refused_code = site.change(f"account/phones/{phone}/confirm", {"code": wrong})
    assert (refused_code.status, refused_code.json()["error_code"]) == (422, "wrong_message_code")
    assert gateway.nothing_else()


@pytest.mark.smoke
def test_push_message_is_readable_by_its_subscriber_only(outgoing, service, site, user):
    """R22: independent implementations decrypt and verify the message."""
    api, subscriber = client.connect(outgoing.url, TOKEN), Subscriber(service.url)
    key = site.data("account/browsers")["key"]
    subscribe(site, subscriber)
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
    assert payload["url"].startswith(f"{outgoing.public_url}/mfa/answer?")
    with pytest.raises(Exception):
        Subscriber(service.url).read(message)
    by_link(api, payload["url"], "web_push")
    assert state(api, created.metadata.id) == "challenge_passed"
    refused(400, by_link, api, payload["url"], "web_push")


def test_login_is_approved_by_push_message(outgoing, service, site, user):
    """The link opens a page, which decides nothing before the button is pressed."""
    subscriber = Subscriber(service.url)
    subscribe(site, subscriber)
    site.sign_out()
    assert site.log_in().path == "/mfa/factor"
    link = urlsplit(subscriber.read(service.next())["url"])
    phone = Visitor(outgoing.url, user)
    asked = phone.get(f"{link.path}?{link.query}")
    assert asked.status == 200 and user in asked.text
    assert site.get("/mfa/factor").path == "/mfa/factor"
    phone.post(link.path, **client.query(link.geturl()), decision="approve")
    assert not phone.is_signed_in()
    assert site.get("/mfa/factor").path == "/"
    assert site.is_signed_in()


def test_number_matching_requires_the_number(outgoing, service, site, user):
    """R21."""
    api, subscriber, wire = client.connect(outgoing.url, TOKEN), Subscriber(service.url), Wire(outgoing.url, TOKEN)
    subscribe(site, subscriber)
    spec = {"user_id": user, "challenge_type": "web_push", "send_now": True, "number_match": True, "timeout_seconds": 600}
    created = wire.post("/v1/challenges", {"spec": spec | {"origin": "https://shop.example.org"}}).ok(201)
    identifier, number = created["metadata"]["id"], created["status"]["number_match"]
    payload = subscriber.read(service.next())
    assert client.query(payload["url"]).keys() == {"challenge_answer", "challenge_uid", "challenge_id"}
    # A search for the number alone could match a digit by chance.
    asks = "https://shop.example.org asks for your confirmation. Open this within {} minutes."
    assert payload["title"] == "Is this you?"
    assert payload["body"] in [asks.format(minutes) for minutes in (9, 10)]
    refused(400, by_link, api, payload["url"], "web_push")
    assert state(api, identifier) == "issued"
    query = client.query(payload["url"])
    path = f"/v1/challenges/{identifier}/answers"
    body = {"challenge_answer": query["challenge_answer"], "challenge_type": "web_push", "allowed": True}
    wire.post(path, body | {"number_match": "xx"}).error(400)
    wire.post(path, body | {"number_match": number}).ok()
    assert state(api, identifier) == "challenge_passed"
    wire.close()


@pytest.mark.parametrize("status", [404, 410])
def test_expired_subscription_is_deleted_and_fails_challenge(outgoing, service, site, user, status):
    """R22."""
    api = client.connect(outgoing.url, TOKEN)
    subscribe(site, Subscriber(service.url))
    service.answers.put(status)
    created = api.create_challenge(challenge(user, "web_push"))
    service.next()
    until(lambda: state(api, created.metadata.id) == "challenge_failed")
    assert site.data("account")["browsers"] == []


def test_push_retry_uses_a_fresh_salt(outgoing, service, site, user):
    """R22, R53."""
    api, subscriber = client.connect(outgoing.url, TOKEN), Subscriber(service.url)
    subscribe(site, subscriber)
    service.answers.put(503)
    created = api.create_challenge(challenge(user, "web_push"))
    first, second = service.next(), service.next()
    assert first.body[:16] != second.body[:16]
    assert subscriber.read(first)["url"] == subscriber.read(second)["url"]
    assert state(api, created.metadata.id) == "issued"


def test_messages_do_not_reach_private_addresses(framework, tmp_path, service, certified, user, other):
    """R34: a private address is refused at registration. A subscription of a laxer time is not used either."""
    trust = {"SSL_CERT_FILE": str(certified[1])}
    subscription = Subscriber(service.url).subscription
    with Demo(framework, "sqlite", tmp_path, ["--allow-private-network"], trust) as demo:
        site = Visitor(demo.url, user)
        site.sign_up()
        site.change("account/browsers", {"subscription": subscription}).ok()
    with Demo(framework, "sqlite", tmp_path, environment=trust) as demo:
        api, site = client.connect(demo.url, TOKEN), Visitor(demo.url, other)
        site.sign_up()
        refusal = site.change("account/browsers", {"subscription": subscription})
        assert (refusal.status, refusal.json()["error_code"]) == (422, "push_subscription")
        created = api.create_challenge(challenge(user, "web_push"))
        until(lambda: state(api, created.metadata.id) == "challenge_failed")
        assert service.nothing_else()
