"""What the user hands in as a solved captcha, looked at before it is sent: it is good once, and not for long."""

from __future__ import annotations

from sigcli.client.account.challenges import captcha_action
from sigcli.errors import CaptchaRejected
from sigcli.service.resources.challenge import bare_captcha

_DEVICE_LINKS = ("sgnl:", "tsdevice:")
_PAGES = ("http:", "https:")
_REGISTRATION = "registration"


def registration_captcha(text: str, url: str | None) -> str:
    """The captcha without the scheme of its link; raises CaptchaRejected for any other link.

    ``url`` is where one is solved. Text of an unknown form is left to the service.
    """
    answer = bare_captcha(text)
    lower = answer.lower()
    if not answer or any(character.isspace() for character in answer):
        raise CaptchaRejected("this is not a captcha", hint=captcha_hint(url))
    if lower.startswith(_DEVICE_LINKS):
        raise CaptchaRejected(
            "this is the link of a device that wants to be linked, not a captcha",
            hint=captcha_hint(url),
        )
    if lower.startswith(_PAGES):
        raise CaptchaRejected(
            "this is the address of a page, not a solved captcha", hint=captcha_hint(url)
        )
    action = captcha_action(answer)
    if action is not None and action.lower() != _REGISTRATION:
        purpose = "sending" if action.lower() == "challenge" else "something else"
        raise CaptchaRejected(
            f"this captcha was solved for {purpose}, not for a registration",
            hint=captcha_hint(url),
        )
    return answer


def captcha_hint(url: str | None) -> str:
    """What to do to get a captcha for a registration."""
    where = f"open {url} in a browser on this network" if url else "solve a captcha of the service"
    return (
        f"{where}, solve the captcha, copy the link behind “Open Signal” (signalcaptcha://…)"
        " and repeat the command with --captcha LINK at once"
    )
