"""``sigcli receive``: each event is printed as it comes, and counts as delivered when its line has been read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.app import EXIT_INTERRUPTED
from sigcli.cli.opening import opened
from sigcli.cli.outlet import Outlet
from sigcli.cli.stopping import StopRequest
from sigcli.cli.surroundings import here
from sigcli.errors import ReaderGone, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.cli.options import GlobalOptions
    from sigcli.client.base.account import Account
    from sigcli.client.base.events import Directory, ReceivedEvent
    from sigcli.operations.receive import Receive


def receive(operation: Receive, options: GlobalOptions) -> int:
    """Receive and print until the operation is over or a stop is requested.

    A wait for certain messages that is stopped before one came ends like any interrupted command, since scripts take
    0 for an answer.
    """
    if operation.brief and options.json:
        raise UsageError("--brief is text: it cannot go with --json")
    with opened(options) as account, StopRequest() as stop:
        account.stop = stop
        stdout = here().stdout
        outlet = Outlet(stdout.fileno(), stop.requested)
        try:
            counted = _Counted(_printer(operation, account, outlet, as_json=options.json), account)
            operation.deliver(account, counted)
            if operation.is_choosy and stop.requested() and not counted.count:
                return EXIT_INTERRUPTED
        except ReaderGone:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
        finally:
            terminal.clear_progress(here().stderr)
    return 0


class _Counted:
    """Passes events to another function and counts them.

    The progress line shows the count if stdout is not the screen; on a screen it makes way for the events.
    """

    def __init__(self, take: Callable[[ReceivedEvent], bool | None], account: Account) -> None:
        self.count = 0
        self._take = take
        self._report = account.settings.progress
        self._on_screen = self._report is not None and here().stdout.isatty()

    def __call__(self, event: ReceivedEvent) -> bool | None:
        if self._on_screen:
            terminal.clear_progress(here().stderr)
        taken = self._take(event)
        self.count += taken is True
        if self._report is not None and not self._on_screen:
            self._report("receiving", self.count, 0)
        return taken


def _printer(
    operation: Receive, account: Account, outlet: Outlet, *, as_json: bool
) -> Callable[[ReceivedEvent], bool | None]:
    """A function that prints one event and returns whether its line was read; None if it has no line."""
    from sigcli.client.groups.people_directory import PeopleDirectory

    directory: Directory = PeopleDirectory.of(account)
    if as_json:
        from sigcli.operations.shapes.envelope import receive_object

        return lambda event: outlet.deliver(terminal.json_line(receive_object(event, directory)))
    if operation.brief:
        return _brief_printer(account, outlet, directory)
    from sigcli.cli.render import event_text

    return lambda event: outlet.deliver(event_text(event, directory))


def _brief_printer(
    account: Account, outlet: Outlet, directory: Directory
) -> Callable[[ReceivedEvent], bool | None]:
    from sigcli.cli.render.brief import ARROW, PLAIN_ARROW, BriefLines
    from sigcli.cli.render.colours import paint

    lines = BriefLines(
        directory,
        paint=paint(),
        zone=here().environ.get("TZ"),
        arrow=ARROW if terminal.takes_every_letter() else PLAIN_ARROW,
    )

    def show(event: ReceivedEvent) -> bool | None:
        line = lines.line(event, account.now_ms())
        return None if line is None else outlet.deliver(line)

    return show
