"""Captchas: the texts are checked for their format and action.

A text is ``scheme.sitekey.action.token``. Every token is accepted except those that begin with ``wrong``.
"""

from __future__ import annotations

from sigcli.sandbox.exchange import Refused

REGISTRATION = "registration"
CHALLENGE = "challenge"
_SCHEMES = frozenset({"signal-hcaptcha", "signal-recaptcha-v2", "noop"})
_SITE_KEY = "sandbox"


def accepts_captcha(text: str, action: str) -> bool:
    """Whether the captcha is solved; raises Refused (400) for another format or action."""
    parts = text.split(".", 3)
    if len(parts) != 4:
        raise Refused(400)
    scheme, _, made_for, token = parts
    if scheme.removesuffix("-short") not in _SCHEMES or made_for.lower() != action:
        raise Refused(400)
    return bool(token) and not token.startswith("wrong")


def solved_captcha(action: str) -> str:
    """A text that is accepted, as the captcha page shows it."""
    return f"signal-hcaptcha.{_SITE_KEY}.{action}.solved"
