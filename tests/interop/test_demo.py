"""The demo's flags, start and shutdown."""

import stat

import pytest

import client
from client import challenge, refused
from demo import TOKEN, Demo


@pytest.mark.smoke
def test_sigterm_ends_the_demo_cleanly(framework, store, tmp_path, user):
    demo = Demo(framework, store, tmp_path).start()
    client.connect(demo.url, TOKEN).create_challenge(challenge(user, "code"))
    assert demo.stop() == 0


def test_key_file_is_private_and_reused(framework, tmp_path):
    """R29, negative control."""
    with Demo(framework, "memory", tmp_path) as demo:
        assert stat.S_IMODE(demo.key_file.stat().st_mode) == 0o600
        key = demo.key_file.read_bytes()
        demo.stop()
        demo.start()
        assert demo.key_file.read_bytes() == key


def test_missing_token_is_generated_and_printed(framework, tmp_path, user):
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


def test_links_start_with_the_public_url(framework, tmp_path, user):
    with Demo(framework, "memory", tmp_path, arguments=["--public-url", "https://mfa.example.com"]) as demo:
        api = client.connect(demo.url, TOKEN)
        details = api.create_one_time_use_action(client.one_time_use_action(user)).answer_details
        assert details[0].approve_uri.startswith("https://mfa.example.com/v1/challenges/")
        assert details[0].decline_uri.startswith("https://mfa.example.com/v1/challenges/")


@pytest.mark.parametrize("location", ["", "floppy:disk", "sqlite:", "sqlite:/nowhere/at/all/challenges.db"])
def test_unusable_store_ends_the_start(framework, location, tmp_path):
    with pytest.raises(RuntimeError, match="did not start"):
        Demo(framework, location, tmp_path).start()


def test_foreign_file_ends_the_start_unchanged(framework, tmp_path):
    demo, database = Demo(framework, "sqlite", tmp_path), tmp_path / "challenges.db"
    database.write_bytes(b"this is a letter to my grandmother, not a database\n" * 100)
    with pytest.raises(RuntimeError, match="did not start"):
        demo.start()
    assert database.read_bytes().startswith(b"this is a letter")


def test_damaged_key_file_ends_the_start(framework, tmp_path):
    """R29."""
    demo = Demo(framework, "memory", tmp_path)
    demo.key_file.write_bytes(b"short")
    with pytest.raises(RuntimeError, match="did not start"):
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
