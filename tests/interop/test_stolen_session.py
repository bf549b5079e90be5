"""A thief with the cookie of a session, and without a factor."""

import json
import re
from collections.abc import Callable

import pytest

import client
from authenticator import Authenticator
from demo import REPOSITORY, TOKEN
from security_key import SecurityKey
from subscriber import Subscriber
from test_messages import add_phone, confirm, subscribe
from visitor import Visitor
from waiting import until

PAGES = json.loads((REPOSITORY / "crates/challenges-pages/openapi.json").read_text())["paths"]
CHANGES = {path.lstrip("/") for path, methods in PAGES.items() if "post" in methods and path.startswith("/account")}
# One address at a time waits for a code: here a phone.
AS_WITH_PHONES = {"account/emails/{id}/confirm"}
# Needs no step-up: the code goes to the user again.
RESENT = {"account/phones/{id}/resend", "account/emails/{id}/resend"}


def confirm_mailbox(alice: Visitor, demo) -> None:
    """The demo prints e-mails. The name of alice is an address."""
    added = alice.change("account/emails", {"address": alice.user}).ok()
    code = re.compile(rf"e-mail to {re.escape(alice.user)}:.*?\b(\d{{6}})\b", re.DOTALL)
    until(lambda: code.search(demo.log))
    alice.change(f"account/emails/{added['id']}/confirm", {"code": code.search(demo.log)[1]}).ok()


def begin_passkey(alice: Visitor, key: SecurityKey) -> tuple[str, dict]:
    """Returns the path of a new passkey, and the body that completes it."""
    begun = alice.change("account/passkeys").ok()
    return f"account/passkeys/{begun['id']}", {"credential": key.created_json(begun["options"])}


def trust_two_devices(alice: Visitor, key: SecurityKey) -> None:
    laptop, phone = (Visitor(alice.url, alice.user, app=alice.app) for _ in range(2))
    laptop.answer(laptop.log_in(), trust="yes")
    phone.log_in()
    assertion = key.used_json(phone.data("factor")["passkey"]["challenge"])
    phone.post("/mfa/factor/passkey", credential=json.dumps(assertion), trust="yes")


def changes(alice: Visitor, demo, gateway, service, new_number) -> list[tuple[str, Callable[[], dict]]]:
    """Fills the account, and returns the path and body of every change, with all secrets that the change needs."""
    alice.add_app()
    alice.step_up()
    key = SecurityKey(demo.public_url)
    passkey, created = begin_passkey(alice, key)
    alice.change(f"{passkey}/confirm", created | {"name": "key"}).ok()
    confirm(alice, gateway, new_number())
    confirm_mailbox(alice, demo)
    subscribe(alice, Subscriber(service.url))
    recovery_codes = alice.change("account/recovery-codes").ok()["codes"]

    pending_app = alice.change("account/totp").ok()
    pending_passkey, other_key = begin_passkey(alice, SecurityKey(demo.public_url))
    pending_phone, code = add_phone(alice, gateway, new_number())
    trust_two_devices(alice, key)
    # New codes are seen by their number.
    spender = Visitor(alice.url, alice.user)
    spender.log_in()
    assert spender.post("/mfa/factor/recovery", code=recovery_codes[0]).path == "/"

    account = alice.data("account")
    only = {kind: account[kind][0]["id"] for kind in ("devices", "totp", "phones", "emails", "browsers")}
    pending = Authenticator(pending_app["key"])
    return [
        (f"account/devices/{only['devices']}/revoke", dict),
        ("account/devices/revoke-all", dict),
        ("account/totp", dict),
        # The newest code at each attempt.
        (f"account/totp/{pending_app['id']}/confirm", lambda: {"code": pending.current_code()}),
        ("account/passkeys", dict),
        (f"{pending_passkey}/confirm", lambda: other_key),
        (f"{passkey}/rename", lambda: {"name": "other"}),
        ("account/recovery-codes", dict),
        (f"account/phones/{pending_phone}/confirm", lambda: {"code": code}),
        ("account/browsers", lambda: {"subscription": Subscriber(service.url, "/thief").subscription}),
        ("account/phones", lambda: {"number": new_number()}),
        ("account/emails", lambda: {"address": f"other-{alice.user}"}),
        (f"account/phones/{only['phones']}/remove", dict),
        (f"account/emails/{only['emails']}/remove", dict),
        (f"account/browsers/{only['browsers']}/remove", dict),
        (f"{passkey}/remove", dict),
        (f"account/totp/{only['totp']}/remove", dict),
    ]


def records(demo, user: str) -> tuple:
    """Returns the factors of a user as the API knows them."""
    api = client.connect(demo.url, TOKEN)
    apps, keys = api.list_totp_enrollment(user_id=user), api.list_webauthn_enrollments(user_id=user)
    return apps.to_dict(), keys.to_dict()


@pytest.mark.every_framework
def test_stolen_session_changes_nothing(outgoing, gateway, service, site, other, new_number):
    """R67: alice, the administrator of the demo, has lost the cookie of her session. The thief has a step-up of another
    account too. Each of the same requests works for alice after her step-up."""
    alice, session = site, dict(site.cookies)
    mallory = Visitor(outgoing.url, other)
    mallory.sign_up()
    mallory.add_app()
    mallory.step_up()
    attempts = changes(alice, outgoing, gateway, service, new_number)
    templates = {re.sub(r"/[\w-]{30,}", "/{id}", path) for path, _ in attempts}
    assert templates == CHANGES - RESENT - AS_WITH_PHONES, "every change is tried"
    thief = Visitor(outgoing.url, alice.user, dict(session))
    with_own_step_up = Visitor(outgoing.url, alice.user, mallory.cookies | session)

    def everything():
        return alice.data("account"), records(outgoing, alice.user), records(outgoing, other)

    before = everything()
    assert thief.data("account") == before[0], "control: the session is alice's"
    for attacker in (thief, with_own_step_up):
        for path, body in attempts:
            refused = attacker.change(path, body())
            assert (refused.status, refused.json()["error_code"]) == (401, "step_up_needed"), path
        replacing = {"subscription": Subscriber(service.url, "/thief").subscription, "replaces": f"{service.url}/guessed"}
        attacker.change("account/browsers", replacing).error(404)
        assert attacker.post("/transfer", to="mallory", amount="120").status == 401
        assert attacker.post("/support", name=other, case="4711", reset="yes").status == 401
        asked = attacker.get("/mfa/account/totp")
        assert attacker.answer(asked, code=alice.app.wrong_codes(1)[0]).status == 422
        assert everything() == before

    codes = []
    for path, body in attempts:
        done = alice.change(path, body())
        if path == "account/emails":
            # The message to the other phone was just sent.
            assert done.json()["error_code"] == "too_many_messages", f"control: {path}"
            continue
        codes += done.ok().get("codes", [])
        assert everything() != before, f"control: {path}"
        before = everything()
    own = {"transfer": {"to": "Bob", "amount": "1"}, "support": {"name": other, "case": "4711", "reset": "yes"}}
    for path, form in own.items():
        alice.get(f"/mfa/factor?purpose={path}&return_to=/")
        alice.post(f"/mfa/factor/recovery?purpose={path}&return_to=/", code=codes.pop())
        assert alice.post(f"/{path}", **form).status == 200, f"control: {path}"
    assert records(outgoing, other) != before[2], "control: support"
