from __future__ import annotations

from contextlib import closing

import pytest

from sigcli.daemon.webhooks.posting import Poster
from sigcli.daemon.webhooks.webhook import Webhook
from sigcli.errors import InvalidWebhook, WebhookRefused
from tests.support.loopback_server import Answer, LoopbackServer


def poster(server: LoopbackServer, ca_pem: str | None) -> Poster:
    url = f"https://127.0.0.1:{server.port}/hook?token=secret"
    return Poster(Webhook(url, "webhook-one", ca_pem=ca_pem))


def test_an_unknown_certificate_is_refused_and_one_of_the_own_roots_is_not() -> None:
    with LoopbackServer(lambda _: Answer(status=201)) as server:
        with closing(poster(server, None)) as wary, pytest.raises(WebhookRefused) as refusal:
            wary.post(b"{}", {})
        assert "certificate" in refusal.value.message
        assert "secret" not in refusal.value.message
        assert not server.received
        with closing(poster(server, server.authority.ca_pem)) as trusting:
            trusting.post(b"{}", {"X-Event-Id": "1"})
        (received,) = server.received
        assert (received.method, received.path, received.body) == (
            "POST",
            "/hook?token=secret",
            b"{}",
        )


def test_a_connection_that_breaks_off() -> None:
    with (
        LoopbackServer(lambda _: Answer(body=b"x" * 10, cut_after=0)) as server,
        closing(poster(server, server.authority.ca_pem)) as one,
    ):
        one.post(b"{}", {})  # the status came
    with closing(poster(server, server.authority.ca_pem)) as one:
        with pytest.raises(WebhookRefused) as refusal:
            one.post(b"{}", {})
        assert "cannot be reached" in refusal.value.message


def test_roots_that_are_none() -> None:
    with pytest.raises(InvalidWebhook):
        Poster(Webhook("https://127.0.0.1/", "webhook-one", ca_pem="nothing"))
