"""The login of the demo: password, second factor, and a step-up before a transfer."""

import pytest

from demo import Demo
from visitor import Visitor

ORDER = "/transfer?to=Bob&amount=120"


@pytest.fixture
def visitor(demo, user):
    visitor = Visitor(demo.url, user)
    visitor.sign_up()
    return visitor


@pytest.mark.smoke
def test_factor_is_needed_to_sign_in_and_to_transfer(demo, visitor):
    visitor.add_app()
    assert visitor.sign_out().path == "/login"
    assert not visitor.is_signed_in()

    assert 'role="alert"' in visitor.log_in("wrong").text
    asked = visitor.log_in()
    assert (asked.path, visitor.is_signed_in()) == ("/mfa/factor", False), "the password alone"
    wrong = visitor.app.wrong_codes(1)[0]
    assert (visitor.answer(asked, code=wrong).status, visitor.is_signed_in()) == (422, False)
    assert visitor.answer(asked).path == "/"
    assert visitor.is_signed_in()

    assert visitor.post("/transfer", to="Bob", amount="120").status == 401, "the session alone"
    asked = visitor.get(ORDER)
    code = visitor.app.next_code()
    form = visitor.answer(asked, code=code)
    assert (form.address, form.status) == (ORDER, 200)
    done = visitor.post("/transfer", to="Bob", amount="120")
    assert done.status == 200 and "Bob" in done.text and 'role="status"' in done.text
    again = visitor.get("/mfa/account/totp")
    assert visitor.answer(again, code=code).status == 422, "a code passes once"

    thief = Visitor(demo.url, visitor.user)
    assert thief.log_in().path == "/mfa/factor", "another browser is asked"


def test_recovery_code_signs_in_once(visitor):
    """R68."""
    visitor.add_app()
    visitor.step_up()
    code = visitor.change("account/recovery-codes").ok()["codes"][0]
    for attempt, signs_in in enumerate([True, False]):
        visitor.sign_out()
        assert visitor.log_in().path == "/mfa/factor"
        visitor.post("/mfa/factor/recovery", code=code)
        assert visitor.is_signed_in() == signs_in, attempt


def test_passkeys_need_a_host_name(framework, tmp_path, user):
    """A browser cannot use passkeys at an IP address."""
    for public_url, offered in [("http://127.0.0.1:1", False), ("http://localhost:1", True)]:
        with Demo(framework, "memory", tmp_path, arguments=["--public-url", public_url]) as demo:
            visitor = Visitor(demo.url, user)
            visitor.sign_up()
            assert ("passkeys" in visitor.data("account")["offers"]) == offered
