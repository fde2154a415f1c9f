"""Where something is said: the people and groups that get it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypedDict

    class AudienceParameters(TypedDict):
        """The parameters of operations that name the recipients."""

        recipients: Sequence[str]
        group_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Conversation:
    """People, by what operations take for them, and groups by their ids."""

    recipients: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()

    @property
    def parameters(self) -> AudienceParameters:
        """As operations take them."""
        return {"recipients": self.recipients, "group_ids": self.group_ids}
