"""One request to a webhook: TLS is verified, redirects are not followed, no proxy and no cookies."""

from __future__ import annotations

import ssl
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx2

from sigcli import __version__
from sigcli.errors import InvalidEnvironment, InvalidWebhook, WebhookRefused
from sigcli.service.tls import client_context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.daemon.webhooks.webhook import Webhook

ANSWER_WITHIN_S = 60.0
_CONNECT_WITHIN_S = 10.0
_MAX_ANSWER = 64 * 1024


class Poster:
    """For one thread; ``close`` may be called from others and ends a request under way."""

    def __init__(self, webhook: Webhook) -> None:
        """Raises InvalidWebhook if its ca_file holds no certificate."""
        self._url = webhook.url
        self._shown = webhook.shown
        try:
            context = client_context(webhook.ca_pem)
        except InvalidEnvironment:
            raise InvalidWebhook("the webhook's ca_file holds no PEM certificate") from None
        self._client = httpx2.Client(
            verify=context,
            follow_redirects=False,
            trust_env=False,
            timeout=httpx2.Timeout(ANSWER_WITHIN_S, connect=_CONNECT_WITHIN_S),
            headers={"User-Agent": f"sigcli/{__version__}", "Content-Type": "application/json"},
        )

    def post(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Returns once it was accepted; raises WebhookRefused."""
        try:
            with self._client.stream(
                "POST", self._url, content=body, headers=dict(headers)
            ) as response:
                status = response.status_code
                self._drain(response)
        except httpx2.TimeoutException as error:
            raise WebhookRefused(f"{self._shown} did not answer in time") from error
        except httpx2.ConnectError as error:
            raise WebhookRefused(f"{self._shown} {_why(error)}") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, RuntimeError) as error:
            raise WebhookRefused(f"{self._shown} closed the connection") from error
        if 300 <= status < 400:
            raise WebhookRefused(
                f"{self._shown} answered {status}, a redirect; redirects are not followed",
                hint="give the webhook's final URL",
            )
        if not 200 <= status < 300:
            raise WebhookRefused(f"{self._shown} answered {status}")

    def close(self) -> None:
        self._client.close()

    def _drain(self, response: httpx2.Response) -> None:
        """Read what little there is, so that the connection can be used again; the content does not matter."""
        # The status was read: errors after it change nothing.
        with suppress(httpx2.HTTPError):
            read, began = 0, time.monotonic()
            for chunk in response.iter_raw():
                read += len(chunk)
                if read > _MAX_ANSWER or time.monotonic() - began > ANSWER_WITHIN_S:
                    return


def _why(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"has an invalid TLS certificate: {cause.verify_message}"
        cause = cause.__cause__ or cause.__context__
    return "cannot be reached"
