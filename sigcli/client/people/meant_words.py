"""What somebody may have meant by a word that names nobody: the hints of errors, which say how it is written."""

from __future__ import annotations

import base64
import binascii
import os
import re
from typing import TYPE_CHECKING

from sigcli.wire.addresses import is_e164

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.recipient_values import Recipient

REST_GROUP_PREFIX = "group."
_GROUP_ID_BYTES = 32
_MAX_DIGITS = 15
_BLANKS = str.maketrans("", "", " -./()")
_DIGITS = re.compile(r"[0-9]{5,20}")
_USERNAME = re.compile(r"@?([A-Za-z_][A-Za-z0-9_]{2,31}\.[0-9]{2,9})")
_BARE_UUID = re.compile(r"[0-9a-fA-F]{32}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_GROUP_LINK = re.compile(r"(https|sgnl)://signal\.group/", re.IGNORECASE)
_INTERNATIONAL = "numbers are written in their international form: +, country code, number"


def hint_for_recipient(account: Account, word: str) -> str | None:
    """How to write what a mistyped recipient probably means; None if nothing comes to mind."""
    return hint_for_number(word) or _hint_for_other(word) or _hint_for_name(account, word)


def hint_for_group(word: str) -> str | None:
    """The same for a mistyped group id."""
    from sigcli.client.people.recipient_words import ContactName, classify

    rest_id = group_id_of_rest(word)
    if rest_id is not None:
        return f"the REST API writes group ids in its own way: here this group is {rest_id}"
    if _GROUP_LINK.match(word):
        return "this is a link: sigcli joinGroup --uri LINK joins the group; listGroups shows ids"
    if word.strip() and not isinstance(classify(word), ContactName):
        return "people are named without -g"
    return None


def group_id_of_rest(word: str) -> str | None:
    """The id of a group as it is written here, from ``group.`` and base64 of it; None for anything else."""
    if not word.startswith(REST_GROUP_PREFIX):
        return None
    try:
        inner = base64.b64decode(word.removeprefix(REST_GROUP_PREFIX), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return inner if is_group_id(inner) else None


def is_group_id(word: str) -> bool:
    """Whether a word is base64 of 32 bytes, as group ids are."""
    try:
        return len(base64.b64decode(word, validate=True)) == _GROUP_ID_BYTES
    except (binascii.Error, ValueError):
        return False


def hint_for_number(word: str) -> str | None:
    """How to write a number that lacks its international form; None for what is no number."""
    if word.startswith("+"):
        return "an international number is + and 5 to 15 digits, the first of them not 0"
    digits = word.removeprefix("tel:").partition(";")[0].translate(_BLANKS)
    if not _DIGITS.fullmatch(digits):
        return _INTERNATIONAL if word.startswith("tel:") else None
    if digits.startswith("00") and is_e164("+" + digits[2:]):
        return f"did you mean +{digits[2:]}? In place of 00 numbers begin with +"
    if not digits.startswith("0") and len(digits) <= _MAX_DIGITS:
        return f"did you mean +{digits}? {_INTERNATIONAL.capitalize()}"
    return _INTERNATIONAL


def _hint_for_other(word: str) -> str | None:
    if username := _USERNAME.fullmatch(word):
        return f"a username is written u:{username[1]}"
    if is_group_id(word):
        return f"a group is named with -g: -g {word}"
    rest_id = group_id_of_rest(word)
    if rest_id is not None:
        return f"a group is named with -g and its own id: -g {rest_id}"
    if _GROUP_LINK.match(word):
        return "this is a link to a group: sigcli joinGroup --uri LINK"
    if _BARE_UUID.fullmatch(word):
        parts = (word[:8], word[8:12], word[12:16], word[16:20], word[20:])
        return f"an ACI is written with hyphens: {'-'.join(parts).lower()}"
    if _MAIL.fullmatch(word):
        return "people are named by number, username (u:name.42), ACI or contact name, not by e-mail address"
    if ("/" in word or "." in word) and os.path.isfile(word):
        return "a file is attached with -a FILE; its recipients come first, or after --"
    return None


def _hint_for_name(account: Account, word: str) -> str | None:
    from sigcli.store.recipients import list_recipients

    called = [
        person
        for person in list_recipients(account.database)
        if person.profile.name == word and person.service_id is not None
    ]
    if called:
        people = ", ".join(_shown_person(person) for person in called[:3])
        first = called[0].number or str(called[0].service_id)
        return (
            f"names that people give themselves name nobody here; this one is shown by {people}:"
            f" sigcli updateContact {first} --name NAME gives them a name of yours"
        )
    if "\n" in word or word.count(" ") > 4:
        return "the text of a message is given with -m or --message-from-stdin"
    return None


def _shown_person(person: Recipient) -> str:
    ids = filter(None, (person.number, person.username, str(person.service_id)))
    return " ".join(ids)
