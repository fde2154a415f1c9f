"""The daemon as a process: from its options to a core and its channels, until SIGTERM or SIGINT."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sigcli.client.base.waiting import StopFlag, pause
from sigcli.client.live.live_options import LiveOptions
from sigcli.daemon.core import Core, ReceiveMode
from sigcli.daemon.handover.listening import HandOver

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.client.base.settings import Settings
    from sigcli.daemon.handover.listening import RunWords

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_LONG_S = 3600.0


def serve(
    settings: Settings,
    options: Mapping[str, Any],
    tell: Callable[[str], None],
    run_words: RunWords,
) -> int:
    """Serve until told to stop; gives the exit code. Raises UserError, AccountsFileDamaged.

    ``options``: those of ``sigcli daemon`` by their names; ``tell`` is told how it goes; ``run_words`` runs the command
    lines that are handed over.
    """
    live = LiveOptions(
        ignore_attachments=options["ignore_attachments"],
        ignore_stories=options["ignore_stories"],
        ignore_avatars=options["ignore_avatars"],
        ignore_stickers=options["ignore_stickers"],
        send_read_receipts=options["send_read_receipts"],
    )
    stop = StopFlag()
    for number in _SIGNALS:
        signal.signal(number, lambda _number, _frame: stop.request())
    # Commands are done on threads that stand in other folders.
    settings = replace(settings, data_dir=settings.data_dir.absolute())
    core = Core(settings, live, ReceiveMode(options["receive_mode"]))
    core.start()
    hand_over = HandOver(core, run_words)
    try:
        hand_over.start()
        tell("the daemon is ready")
        while not stop.requested():
            pause(stop, _LONG_S)
    finally:
        hand_over.close()
        core.close()
    return 0
