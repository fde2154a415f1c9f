"""The daemon as a process: from its options to a core and its channels, until SIGTERM or SIGINT."""

from __future__ import annotations

import gc
import signal
import time
from typing import TYPE_CHECKING, Any, Protocol

from sigcli.client.base.waiting import StopFlag, heed_signals, pause
from sigcli.client.live.live_options import LiveOptions
from sigcli.daemon import service_notice
from sigcli.daemon.configured import with_configured
from sigcli.daemon.core import Core, ReceiveMode
from sigcli.daemon.handover.listening import HandOver
from sigcli.daemon.webhooks.channel import webhook_channels
from sigcli.lazy_dataclass import replace
from sigcli.system import hangup_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.client.base.settings import Settings
    from sigcli.daemon.access.audit import Audit
    from sigcli.daemon.handover.listening import RunWords

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_LONG_S = 3600.0


class Channel(Protocol):
    """A way in for programs: has its socket from the beginning, and serves from ``start`` to ``close``."""

    def start(self, core: Core, stop: Callable[[], None]) -> None:
        """Serve; ``stop`` ends the daemon."""

    def close(self) -> None:
        """Stop serving; also allowed if it was never started."""


def serve(
    settings: Settings,
    options: Mapping[str, Any],
    tell: Callable[[str], None],
    run_words: RunWords,
) -> int:
    """Serve until told to stop; returns the exit code. Raises UserError, AccountsFileDamaged.

    ``options``: those of ``sigcli daemon`` by name; ``tell`` reports the state; ``run_words`` runs command lines that
    are handed over.
    """
    options = with_configured(options, settings.daemon)
    live = LiveOptions(
        ignore_attachments=options["ignore_attachments"],
        ignore_stories=options["ignore_stories"],
        ignore_avatars=options["ignore_avatars"],
        ignore_stickers=options["ignore_stickers"],
        send_read_receipts=options["send_read_receipts"],
    )
    stop = StopFlag()
    heed_signals(stop.request, *_SIGNALS, *hangup_signals())
    # Handed-over commands run on threads with other working folders.
    settings = replace(settings, data_dir=settings.data_dir.absolute())
    # Before there are threads: a channel that cannot listen ends the daemon at once.
    channels = _channels(settings, options, tell)
    has_channel = bool(channels)
    try:
        # No program connects through these, so no messages are kept for one.
        channels += webhook_channels(settings, options)
        core = Core(settings, live, ReceiveMode(options["receive_mode"]), _audit(settings, options))
        core.start(has_channel=has_channel)
        hand_over = None if options.get("stdio") else HandOver(core, run_words)
        try:
            if hand_over is not None:
                hand_over.start()
            for channel in channels:
                channel.start(core, stop.request)
            # Everything imported so far stays for good.
            gc.collect()
            gc.freeze()
            tell("the daemon is ready")
            service_notice.notify(service_notice.READY)
            _wait(stop)
            service_notice.notify(service_notice.STOPPING)
        finally:
            _close(channels)
            if hand_over is not None:
                hand_over.close()
            core.close()
    finally:
        _close(channels)
    return 0


def _audit(settings: Settings, options: Mapping[str, Any]) -> Audit | None:
    path = options.get("audit_log")
    if path is None:
        return None
    from sigcli.daemon.access.audit import Audit

    return Audit(path, lambda: time.time_ns() // 1_000_000, settings.warn)


def _close(channels: list[Channel]) -> None:
    while channels:
        channels.pop().close()


def _channels(
    settings: Settings, options: Mapping[str, Any], tell: Callable[[str], None]
) -> list[Channel]:
    from sigcli.daemon.channels.line_channels import line_channels
    from sigcli.daemon.http.opening import open_http
    from sigcli.daemon.signald.server import signald_channels

    channels: list[Channel] = [*line_channels(settings, options)]
    try:
        channels += signald_channels(options)
        http = open_http(settings, options, tell)
    except BaseException:
        _close(channels)
        raise
    return channels if http is None else [*channels, http]


def _wait(stop: StopFlag) -> None:
    interval_s = service_notice.watchdog_s()
    while not stop.requested():
        pause(stop, interval_s or _LONG_S)
        if interval_s is not None:
            service_notice.notify(service_notice.ALIVE)
