"""Proving to the service that a person is sending: the answer to a 428."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import CaptchaRejected
from sigcli.service.exchange import json_request
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from sigcli.errors import SigcliError
    from sigcli.service.chat import IdentifiedChat
    from sigcli.service.exchange import Response

_SCHEME = "signalcaptcha://"


def submit_captcha(chat: IdentifiedChat, token: str, captcha: str) -> None:
    """Answer the challenge ``token`` with a solved captcha.

    Raises CaptchaRejected if it is not accepted or was made for something else, RateLimited after many tries.
    """
    body = {"type": "captcha", "token": token, "captcha": bare_captcha(captcha)}
    response = chat.request(json_request("PUT", "/v1/challenge", body))
    require_success(response, "accept the captcha", {400: _rejected, 428: _rejected})


def bare_captcha(text: str) -> str:
    """A captcha without the scheme of the link that the browser gives."""
    return text.strip().removeprefix(_SCHEME)


def _rejected(response: Response) -> SigcliError:
    return CaptchaRejected(status=response.status)
