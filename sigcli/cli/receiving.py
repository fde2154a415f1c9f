"""``sigcli receive``: each event is printed as it comes, and counts as delivered when its line has been read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sigcli.cli import terminal
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
    """Receive and print until the operation is over or a stop is requested."""
    if operation.brief and options.json:
        raise UsageError("--brief is text: it cannot go with --json")
    with opened(options) as account, StopRequest() as stop:
        account.stop = stop
        stdout = here().stdout
        outlet = Outlet(stdout.fileno(), stop.requested)
        try:
            take = _printer(operation, account, outlet, as_json=options.json)
            operation.deliver(account, _counted(take, account))
        except ReaderGone:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
        finally:
            terminal.clear_progress(here().stderr)
    return 0


def _counted(
    take: Callable[[ReceivedEvent], bool | None], account: Account
) -> Callable[[ReceivedEvent], bool | None]:
    """The same, with progress: a count of messages if stdout is not the screen; on a screen the line makes way for
    them.
    """
    report = account.settings.progress
    if report is None:
        return take
    on_screen, count = here().stdout.isatty(), 0

    def counted(event: ReceivedEvent) -> bool | None:
        nonlocal count
        if on_screen:
            terminal.clear_progress(here().stderr)
        taken = take(event)
        count += taken is True
        if not on_screen:
            report("receiving", count, 0)
        return taken

    return counted


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
