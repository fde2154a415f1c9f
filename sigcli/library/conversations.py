"""Where something is said: to people, to groups; and whatever can be said there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sigcli.library.groups import Group
from sigcli.library.people import Person

if TYPE_CHECKING:
    from typing import TypedDict

    class AudienceParameters(TypedDict):
        """The parameters of operations that say for whom something is."""

        recipients: Sequence[str]
        group_ids: Sequence[str]


Recipient = str | Person | Group
"""Somebody as on the command line (number, ACI, ``u:username``, alias, contact name), a person or a group."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """People and groups, as operations take them."""

    recipients: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()

    @classmethod
    def of(cls, to: Recipient | Sequence[Recipient]) -> Conversation:
        """The one with everybody who is named."""
        several = [to] if isinstance(to, str | Person | Group) else list(to)
        return cls(
            tuple(
                one.address if isinstance(one, Person) else one
                for one in several
                if not isinstance(one, Group)
            ),
            tuple(one.id for one in several if isinstance(one, Group)),
        )

    @property
    def parameters(self) -> AudienceParameters:
        return {"recipients": self.recipients, "group_ids": self.group_ids}
