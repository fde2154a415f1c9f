"""Mentions in a text: ``@number``, ``@uuid`` and ``@name``, the name being one that the user has given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.client.content.text_ranges import utf16_length
from sigcli.client.people.recipients import resolve_known
from sigcli.errors import UserError
from sigcli.store.recipients import given_names
from sigcli.wire.addresses import E164_PATTERN
from sigcli.wire.content.ranges import BodyRange, TextStyle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sigcli.client.base.account import Account

_NUMBER_OR_UUID = re.compile(
    rf"{E164_PATTERN}|[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}", re.IGNORECASE
)


def find_mentions(
    account: Account, text: str, styles: Iterable[BodyRange] = ()
) -> tuple[BodyRange, ...]:
    """The mentions in a text, in UTF-16 code units; what stands inside code is left alone.

    Somebody unknown stays text, with a warning where a number or id was written. Asks the directory for unknown
    numbers: raises ServiceError, not inside a transaction.
    """
    if "@" not in text:
        return ()
    code = [one for one in styles if one.style == TextStyle.MONOSPACE]
    found = []
    for start, length, word in mentioned_words(text, _names(account)):
        at = utf16_length(text[:start])
        if any(one.start <= at < one.start + one.length for one in code):
            continue
        try:
            person = resolve_known(account, word)
        except UserError as error:
            account.warn(f"{text[start : start + length]} is not a mention: {error.message}")
            continue
        if person.aci is None:
            account.warn(f"{text[start : start + length]} is not a mention: their ACI is not known")
            continue
        units = utf16_length(text[start : start + length])
        found.append(BodyRange(start=at, length=units, mention=person.aci))
    return tuple(found)


def mentioned_words(text: str, names: Mapping[str, str]) -> Sequence[tuple[int, int, str]]:
    """Where in a text somebody is mentioned, in characters, and by which word for ``recipients.resolve``.

    ``names`` maps what may follow an @ besides numbers and UUIDs, case-folded, to such a word; the longest counts.
    """
    longest_first = sorted(names, key=len, reverse=True)
    folded = text.casefold()
    if len(folded) != len(text):  # a letter that folds to two: positions would shift
        folded = text
    found = []
    position = 0
    while (at := text.find("@", position)) >= 0:
        position = at + 1
        if at and text[at - 1].isalnum():
            continue  # an e-mail address
        match = _NUMBER_OR_UUID.match(text, position)
        if match is not None and _ends(text, match.end()):
            found.append((at, match.end() - at, match[0]))
            position = match.end()
            continue
        for name in longest_first:
            end = position + len(name)
            if folded.startswith(name, position) and _ends(text, end):
                found.append((at, end - at, names[name]))
                position = end
                break
    return found


def _ends(text: str, at: int) -> bool:
    following = text[at : at + 1]
    return not (following.isalnum() or following == "_")


def _names(account: Account) -> dict[str, str]:
    """Aliases and the names of contacts that only one has."""
    names: dict[str, str] = {}
    twice = set()
    for _, name, aci in given_names(account.database):
        if aci is None:
            continue
        folded = name.casefold()
        if folded in names:
            twice.add(folded)
        names[folded] = str(UUID(bytes=aci))
    for name in twice:
        del names[name]
    return names | {alias.casefold(): alias for alias in account.settings.aliases}
