"""Answering the service when it wants to know whether a person sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import CaptchaRejected
from sigcli.service.resources.challenge import bare_captcha, submit_captcha
from sigcli.store.challenges import forget_challenge

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

_ACTION = 2
"""A captcha reads ``kind.site key.action.answer``."""


def submit_challenge(account: Account, token: str, captcha: str) -> None:
    """Hand in a solved captcha for the challenge ``token`` of a failed send.

    ``captcha`` may have the scheme of the link that the browser shows. Raises CaptchaRejected, also for one that was
    solved for something else, RateLimited, ServiceError.
    """
    answer = bare_captcha(captcha)
    if captcha_action(answer) == "registration":
        raise CaptchaRejected(
            "this captcha was solved for a registration, not for sending",
            hint=_hint(account.environment.challenge_captcha_url),
        )
    submit_captcha(account.identified, token.strip(), answer)
    with account.database.transaction() as database:
        forget_challenge(database, token.strip())


def captcha_action(answer: str) -> str | None:
    """What a captcha was solved for, where its text says so."""
    parts = answer.split(".")
    return parts[_ACTION] if len(parts) > _ACTION + 1 else None


def _hint(url: str | None) -> str:
    where = f" from {url}" if url else ""
    return f"solve a captcha for sending{where} and hand in its link at once"
