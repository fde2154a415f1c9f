"""Recipients in requests: groups, numbers, ids of people, usernames."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sigcli.daemon.rest.group_ids import PREFIX, external_id, group_id_in
from sigcli.daemon.routes.refusing import Refused
from sigcli.errors import UserError
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMBER = re.compile(r"\+[0-9 ]+")
_LONGEST_LIKE_A_GROUP = 10


@dataclass(frozen=True, slots=True)
class Meant:
    """The recipients of a request, by kind."""

    people: tuple[str, ...] = ()
    """Numbers and service ids."""
    groups: tuple[str, ...] = ()
    usernames: tuple[str, ...] = ()

    @property
    def params(self) -> dict[str, Any]:
        """As parameters of an operation; empty ones are left out."""
        named = {"recipient": self.people, "groupId": self.groups, "username": self.usernames}
        return {name: list(words) for name, words in named.items() if words}


def read_recipients(words: Iterable[str]) -> Meant:
    """Sort recipients by their kinds.

    Raises Refused for a group whose id is damaged, and for a number or a group's id in another form than here.
    """
    people: list[str] = []
    groups: list[str] = []
    usernames: list[str] = []
    for word in words:
        text = word.strip()
        if not text:
            continue
        if text.startswith(PREFIX):
            group = group_id_in(text)
            if group is not None:
                groups.append(group)
            elif len(text) <= len(PREFIX) + _LONGEST_LIKE_A_GROUP:
                usernames.append(text)
            else:
                raise Refused("Invalid group id")
        elif _NUMBER.fullmatch(text):
            people.append(text.replace(" ", ""))
        elif _is_uuid(text) or text.startswith("PNI:"):
            people.append(text)
        elif (number := _number_in(text)) is not None:
            people.append(number)
        else:
            _refuse_other_forms(text)
            usernames.append(text)
    return Meant(tuple(people), tuple(groups), tuple(usernames))


def recipient_params(word: str) -> dict[str, Any]:
    """One recipient as parameters of an operation."""
    return read_recipients([word]).params


def person(word: str) -> str:
    """A person as operations name them: a username gets its prefix."""
    meant = read_recipients([word])
    if meant.people:
        return meant.people[0]
    if meant.usernames:
        from sigcli.client.people.recipient_words import as_username

        return as_username(meant.usernames[0])
    raise Refused("a person is needed here, not a group")


def _number_in(text: str) -> str | None:
    """The number that somebody has written as an address book does; None for any other word."""
    from sigcli.client.people.recipient_words import Number, classify

    try:
        meaning = classify(text)
    except UserError:
        return None
    return meaning.e164 if isinstance(meaning, Number) else None


def _refuse_other_forms(text: str) -> None:
    """Raises Refused for what is meant as a number or a group, and would else be taken for a username."""
    from sigcli.client.base.user_files import shown
    from sigcli.client.people.meant_words import hint_for_number, is_group_id

    hint = hint_for_number(text)
    if hint is None and is_group_id(text):
        hint = f"a group is named {external_id(text)}"
    if hint is not None:
        raise Refused(f"{shown(text)} is no recipient ({hint})")


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
