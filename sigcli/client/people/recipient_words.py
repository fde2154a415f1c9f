"""How recipients are written: number, ACI, ``PNI:…``, username, link to one, or a name. Nothing is looked up here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import InvalidServiceId, InvalidUsername, UnknownRecipient
from sigcli.lazy_dataclass import dataclass
from sigcli.store.recipients import USERNAME_PREFIX
from sigcli.wire.addresses import ServiceId, is_e164

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.wire.username_links import UsernameLink

# What address books and programs put into numbers; some of it cannot be seen.
_SEPARATORS = str.maketrans(
    "", "", " -./()\t\xa0\u2007\u2008\u2009\u200a\u2010\u2011\u2012\u2013\u202f"
)
_INVISIBLE = str.maketrans(
    "",
    "",
    "\xad\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
)
_PREFIX_OF_ACIS = "uuid:"
"""Of programs that write for signal-cli."""
_PREFIXES_OF_NUMBERS = ("tel:", "https://signal.me/#p/", "sgnl://signal.me/#p/")


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number in its international form (E.164)."""

    e164: str


@dataclass(frozen=True, slots=True)
class Username:
    """A username, without its prefix."""

    name: str


@dataclass(frozen=True, slots=True)
class LinkToUsername:
    """A username link."""

    link: UsernameLink


@dataclass(frozen=True, slots=True)
class ContactName:
    """Anything else: what the user calls somebody."""

    name: str


Word = Number | Username | LinkToUsername | ContactName | ServiceId


def classify(text: str, aliases: Mapping[str, str] | None = None) -> Word:
    """What kind of word it is, an alias replaced by what it stands for.

    Raises UnknownRecipient for an empty one, InvalidUsernameLink for a damaged link.
    """
    word = (aliases or {}).get(text, text).strip()
    if not word:
        raise UnknownRecipient("a recipient is empty")
    is_username = word.startswith(USERNAME_PREFIX)
    if is_username:
        word = word[len(USERNAME_PREFIX) :].strip()
    if "://" in word:
        from sigcli.wire.username_links import UsernameLink, looks_like_username_link

        if looks_like_username_link(word):
            return LinkToUsername(UsernameLink.parse(word))
    if is_username:
        return Username(word)
    number = _number(word)
    if number is not None:
        return Number(number)
    try:
        return ServiceId.parse(word.translate(_INVISIBLE).strip().removeprefix(_PREFIX_OF_ACIS))
    except InvalidServiceId:
        return ContactName(word)


def _number(word: str) -> str | None:
    """The number in a word with whatever stands around and between its digits; None for any other word."""
    text = word.translate(_INVISIBLE).strip()
    for prefix in _PREFIXES_OF_NUMBERS:
        if text[: len(prefix)].lower() == prefix:
            text = text[len(prefix) :].partition(";")[0].strip()
    number = text.translate(_SEPARATORS)
    return number if number.startswith("+") and is_e164(number) else None


def as_username(text: str) -> str:
    """A username or a link to one as a word for a recipient, whether it has the prefix or not.

    Raises InvalidUsername for a number: in front of a command the same option names the account.
    """
    if _number(text) is not None:
        from sigcli.client.base.settings import account_option_hint

        raise InvalidUsername(
            "this is a number, not a username", hint=account_option_hint("-u", "a username")
        )
    return text if text.startswith(USERNAME_PREFIX) else USERNAME_PREFIX + text
