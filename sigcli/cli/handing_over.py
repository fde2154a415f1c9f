"""Which commands a daemon may be asked to do, and what becomes of one that a daemon did not finish."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sigcli.cli.arguments import canonical_command, split_at_command
from sigcli.cli.surroundings import OwnSurroundings
from sigcli.errors import HandOverLost, HandOverUnknown, SigcliError
from sigcli.operations.table import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HELP = ("-h", "--help")
_SEEN_TWICE = "receive"
"""What it printed and nobody took is printed again: that is how it works."""


def data_dir_for(words: Sequence[str]) -> str | None:
    """The data directory whose daemon may be asked; None for what the command does itself.

    The daemon looks once more: options behind the command are not read here.
    """
    if "--no-daemon" in words or not set(words).isdisjoint(_HELP):
        return None
    try:
        split = split_at_command(list(words))
        name = None if split.command is None else canonical_command(split.command, dict(OPERATIONS))
        given = split.options.given
        if name is None or not OPERATIONS[name].hand_over or given.get("no_daemon"):
            return None
        from sigcli.store.config import default_data_dir, settled

        values = settled(given, os.environ)
        return str(values.get("data_dir") or default_data_dir(os.environ))
    except SigcliError:
        return None  # whoever runs the command says what is wrong


class AfterLoss(OwnSurroundings):
    """This process's own, for a command that a daemon was asked to do and did not finish."""

    def __init__(self, id: bytes, *, input_began: bool, output_began: bool) -> None:
        self._id = id
        self._input_began = input_began
        self._output_began = output_began

    def accept(self, name: str, settled: Mapping[str, Any] | None) -> None:
        """Raises HandOverUnknown if something may have left the machine, HandOverLost if the input has gone."""
        if settled is None:
            return
        from sigcli.cli.terminal import warn
        from sigcli.client.base.account import open_account
        from sigcli.client.base.settings import settings_of
        from sigcli.store.hand_overs import take_back

        with (
            open_account(settings_of(settled, warn=warn)) as account,
            account.database.transaction() as database,
        ):
            begun = take_back(database, self._id, account.now_ms())
        if begun is not None:
            raise HandOverUnknown(begun.timestamp_ms)
        if self._input_began or (self._output_began and name != _SEEN_TWICE):
            raise HandOverLost
