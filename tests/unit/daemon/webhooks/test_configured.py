from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sigcli.daemon.webhooks.configured import webhooks_of
from sigcli.daemon.webhooks.webhook import kind_of
from sigcli.errors import InvalidWebhook, WebhookNotPrivate

URL = "https://user:secret@example.org:8443/hook?token=secret"


def test_from_options(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("between us\n")
    secret.chmod(0o600)
    options = {
        "webhooks": (URL, "http://127.0.0.1:80/a"),
        "webhook_accounts": ("+15550100",),
        "webhook_kinds": ("message",),
        "webhook_secret_file": str(secret),
    }
    first, second = webhooks_of(options, {})
    assert first.secret == second.secret == b"between us"
    assert first.accounts == ("+15550100",)
    assert first.kinds == {"message"}
    assert first.consumer != second.consumer
    assert first.shown == "https://example.org:8443"
    assert "secret" not in repr(first)
    # The same URL continues where it stopped.
    assert webhooks_of({"webhooks": (URL,)}, {})[0].consumer == first.consumer


def test_from_config() -> None:
    table = {
        "url": "http://intranet/hook",
        "name": "bot",
        "account": "+15550100",
        "kinds": ["message", "failure"],
        "secret": "between us",
        "allow_http": True,
    }
    (webhook,) = webhooks_of({}, {"webhook": [table]})
    assert webhook.consumer == "webhook-bot"
    assert webhook.accounts == ("+15550100",)
    assert webhook.kinds == {"message", "failure"}
    assert webhook.secret == b"between us"


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "ftp://example.org/", "https://", "x", "https://h:0/", "http://[::"],
)
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(InvalidWebhook):
        webhooks_of({"webhooks": (url,)}, {})


@pytest.mark.parametrize("url", ["http://localhost/", "http://127.0.0.9:8/", "http://[::1]:8/x"])
def test_plain_http_on_this_machine(url: str) -> None:
    assert webhooks_of({"webhooks": (url,)}, {})[0].url == url


@pytest.mark.parametrize(
    "change",
    [
        {"url": None},
        {"url": 5},
        {"name": "a b"},
        {"kinds": ["messages"]},
        {"kinds": 5},
        {"allow_http": "yes"},
        {"colour": "red"},
        {"secret": ""},
        {"secret": "x", "secret_file": "/x"},
        {"secret_file": "/nowhere/at/all"},
        {"ca_file": "/nowhere/at/all"},
    ],
)
def test_tables_that_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidWebhook):
        webhooks_of({}, {"webhook": [{"url": URL, **change}]})


@pytest.mark.parametrize(
    "section", [{"webhook": {}}, {"webhook": ["x"]}, {"webhook": [{"url": URL}] * 2}]
)
def test_sections_that_are_refused(section: dict[str, Any]) -> None:
    with pytest.raises(InvalidWebhook):
        webhooks_of({}, section)


def test_a_secret_that_others_can_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o640)
    with pytest.raises(WebhookNotPrivate):
        webhooks_of({}, {"webhook": [{"url": URL, "secret_file": str(secret)}]})


def test_kinds() -> None:
    def envelope(member: str) -> dict[str, Any]:
        return {"account": "+1", "envelope": {member: {}}}

    assert kind_of(envelope("dataMessage")) == kind_of(envelope("editMessage")) == "message"
    assert kind_of(envelope("typingMessage")) == "typing"
    assert kind_of(envelope("nothingKnown")) is None
    assert kind_of({"envelope": {}, "exception": {}}) == "failure"
