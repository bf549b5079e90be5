"""The flags of the demo, and how it starts and ends."""

import stat

import pytest

import client
from client import challenge, refused
from demo import TOKEN, Demo
from settings import STORES


@pytest.mark.parametrize("store", STORES)
def test_sigterm_ends_it_cleanly(framework, store, tmp_path, user):
    demo = Demo(framework, store, tmp_path).start()
    client.connect(demo.url, TOKEN).create_challenge(challenge(user, "code"))
    assert demo.stop() == 0


def test_the_key_file_is_made_for_its_owner_only(framework, tmp_path):
    with Demo(framework, "memory", tmp_path) as demo:
        assert stat.S_IMODE(demo.key_file.stat().st_mode) == 0o600
        key = demo.key_file.read_bytes()
        demo.stop()
        demo.start()
        assert demo.key_file.read_bytes() == key


def test_without_a_token_it_makes_one_up_and_prints_it(framework, tmp_path, user):
    with Demo(framework, "memory", tmp_path, token=None) as demo:
        refused(401, client.connect(demo.url).create_challenge, challenge(user, "code"))
        words = {word.strip("\"'`,.:") for word in demo.log.split()}
        tokens = [word for word in words if len(word) >= 20 and not word.startswith("http")]
        assert any(accepts(demo, token, user) for token in tokens), demo.log


def accepts(demo: Demo, token: str, user: str) -> bool:
    try:
        client.connect(demo.url, token).create_challenge(challenge(user, "code"))
    except client.ApiException:
        return False
    return True


def test_the_public_url_is_what_links_start_with(framework, tmp_path, user):
    with Demo(framework, "memory", tmp_path, arguments=["--public-url", "https://mfa.example.com"]) as demo:
        api = client.connect(demo.url, TOKEN)
        details = api.create_one_time_use_action(client.one_time_use_action(user)).answer_details
        assert details[0].approve_uri.startswith("https://mfa.example.com/v1/challenges/")
        assert details[0].decline_uri.startswith("https://mfa.example.com/v1/challenges/")


@pytest.mark.parametrize("store", ["", "floppy:disk", "sqlite:", "sqlite:/nowhere/at/all/challenges.db"])
def test_a_store_that_cannot_be_opened_is_refused_at_start(framework, store, tmp_path):
    with pytest.raises(RuntimeError, match="did not come up"):
        Demo(framework, store, tmp_path).start()


def test_a_file_that_is_no_database_is_refused_at_start(framework, tmp_path):
    demo, database = Demo(framework, "sqlite", tmp_path), tmp_path / "challenges.db"
    database.write_bytes(b"this is a letter to my grandmother, not a database\n" * 100)
    with pytest.raises(RuntimeError, match="did not come up"):
        demo.start()
    assert database.read_bytes().startswith(b"this is a letter")


def test_a_damaged_key_file_is_refused_at_start(framework, tmp_path):
    demo = Demo(framework, "memory", tmp_path)
    demo.key_file.write_bytes(b"short")
    with pytest.raises(RuntimeError, match="did not come up"):
        demo.start()


def test_another_key_opens_nothing(durable, user):
    """R29: an unknown key is a closed failure, never a pass."""
    created = client.connect(durable.url, TOKEN).create_challenge(challenge(user, "code"))
    answer = (created.metadata.id, created.status.code, True, "code")
    durable.stop()
    kept = durable.key_file.rename(durable.key_file.with_suffix(".kept"))
    try:
        durable.start()
    except RuntimeError:
        pass
    else:
        with pytest.raises(client.ApiException):
            client.connect(durable.url, TOKEN).get_answer(*answer)
        durable.stop()
    kept.rename(durable.key_file)
    durable.start()
    client.connect(durable.url, TOKEN).get_answer(*answer)
