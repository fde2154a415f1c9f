"""Operations that change what all devices of the account share."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.base.account import Account


@contextmanager
def editing(account: Account) -> Iterator[None]:
    """What is changed inside can be read by the other devices at its end."""
    yield
    from sigcli.client.storage.after_edits import hand_in_edits

    hand_in_edits(account)
