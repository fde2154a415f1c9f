"""What happens to a command that a daemon was asked to run and did not finish."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sigcli.cli.surroundings import OwnSurroundings
from sigcli.errors import HandOverLost, HandOverUnknown
from sigcli.operations.table import OPERATIONS, SEND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sigcli.client.base.account import Account
    from sigcli.client.base.settings import Settings
    from sigcli.store.hand_overs import ResumedHandOver

_SEEN_TWICE = "receive"
"""What was printed but not read is printed again: that is how these commands work."""


class AfterLoss(OwnSurroundings):
    """The surroundings of this process, for a command that a daemon was asked to run and did not finish."""

    def __init__(self, id: bytes, *, input_began: bool, output_began: bool) -> None:
        self._id = id
        self._input_began = input_began
        self._output_began = output_began
        self._resumed: ResumedHandOver | None = None

    def accept(self, name: str, settled: Mapping[str, Any] | None) -> None:
        """Raises HandOverUnknown if something may have been sent of which the store does not know the outcome, and
        HandOverLost if the input is gone.
        """
        if settled is None:
            return
        from sigcli.cli.terminal import warn
        from sigcli.client.base.account import open_account
        from sigcli.client.base.settings import settings_of
        from sigcli.store.hand_overs import resume, take_back

        is_used_up = self._input_began or self._output_began
        with (
            open_account(settings_of(settled, warn=warn)) as account,
            account.database.transaction() as database,
        ):
            begun = take_back(database, self._id, account.now_ms())
            if begun is not None and OPERATIONS[name].scope == SEND and not is_used_up:
                self._resumed = resume(database, self._id)
        if begun is not None and self._resumed is None:
            raise HandOverUnknown(begun.timestamp_ms)
        if self._input_began or (self._output_began and name != _SEEN_TWICE):
            raise HandOverLost

    @contextmanager
    def opened(self, settings: Settings) -> Iterator[Account]:
        """The account, whose store knows what the daemon has sent."""
        with super().opened(settings) as account:
            account.resumed = self._resumed
            yield account
