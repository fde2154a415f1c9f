"""``sigcli sandbox run|stop|code|age|fault``: a Signal-compatible server on this machine, to try things against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.cli import terminal
from sigcli.cli.declared_commands import Command
from sigcli.cli.surroundings import here
from sigcli.errors import UsageError
from sigcli.operations.declaring import FILES, Many, argument, operation, option
from sigcli.system import wait_until

if TYPE_CHECKING:
    import threading
    from pathlib import Path

    from sigcli.cli.options import GlobalOptions
    from sigcli.cli.stopping import StopRequest
    from sigcli.sandbox.control import RunningSandbox


RUN, STOP, CODE, AGE, FAULT = "run", "stop", "code", "age", "fault"
FAULTS = (
    *("latency", "status", "afterwards", "drop", "challenge", "cut", "stale", "mismatched"),
    *("sms-transport", "sms-provider", "list", "clear", "switch"),
)
"""The kinds of faults, and what else ``fault`` takes; importing the sandbox for its own list would cost too much."""
SWITCHES = (
    *("rateLimits=", "requireSpqr=", "signerById=", "readOnly=", "legacyIds="),
    *("storageReadLimit=", "idleLimit=", "groupLogPage=", "clockShift="),
)


@operation
class Sandbox(Command):
    """Run a server to try and to test against, read the codes it "sends", inject failures.

    run [--detach] [--host, --port, --requests, --name, --legacy-ids]: serve; with --detach in the background.

    stop: end the one that runs. code NUMBER: print the verification code that it "sent".

    age ACCOUNT --days N [--devices]: make an account or its devices look unused; what the service would
    remove after that time is removed.

    fault KIND [--times, --path, --method, --for-account]: inject a failure. Kinds: latency --delay; status and
    afterwards --status, --retry-after; challenge --retry-after; cut --after; stale --devices; mismatched --devices,
    --extra; drop, sms-transport, sms-provider.

    fault list and fault clear: show the injected failures, or clear them.

    fault switch --set NAME=VALUE: rateLimits, requireSpqr, signerById, readOnly, legacyIds (true or false),
    storageReadLimit, idleLimit, groupLogPage, clockShift (numbers; times in seconds).

    It is no production server and listens on this machine only unless told otherwise.
    """

    verb: str = argument(
        choices=(RUN, STOP, CODE, AGE, FAULT),
        help="run, stop, code NUMBER, age ACCOUNT or fault KIND",
    )
    subject: str | None = argument(
        default=None,
        suggestions=FAULTS,
        help="for code and age: the number; for fault: its kind, list, clear or switch",
    )
    environment_file: str | None = option(
        "--environment-file",
        default=None,
        completes=FILES,
        help="the file that tells clients how to reach the sandbox [sandbox/environment.toml in the data directory]",
    )
    detach: bool = option(
        "--detach", default=False, help="run: return once it is serving, and leave it running"
    )
    host: str = option("--host", default="127.0.0.1", help="run: address to listen on")
    port: int = option("--port", default=0, help="run: port, 0 for any free one")
    requests: str = option(
        "--requests",
        default="https",
        choices=("https", "websocket"),
        help="run: how clients should send requests",
    )
    names: Many[str] = option(
        "--name",
        metavar="HOST",
        default=(),
        help="run: also answer for this host; its first label says which service it is: chat, cdn2, storage, …",
    )
    legacy_ids: bool = option(
        "--legacy-ids",
        default=False,
        help="run: also put ids in envelopes as text, for old clients",
    )
    days: int | None = option(
        "--days", default=None, minimum=0, help="age: for how many days it looks unused"
    )
    times: int | None = option(
        "--times", default=None, help="fault: how often (default: until cleared)"
    )
    path: str | None = option(
        "--path", default=None, help="fault: only for paths that match this, * for any text"
    )
    method: str | None = option("--method", default=None, help="fault: GET, PUT, …")
    only_account: str | None = option(
        "--for-account", default=None, help="fault: number or ACI whose requests fail"
    )
    status: int | None = option("--status", default=None, help="fault status: the status")
    retry_after: int | None = option(
        "--retry-after", default=None, help="fault status, challenge: seconds"
    )
    delay: int | None = option("--delay", default=None, help="fault latency: milliseconds")
    after: int | None = option(
        "--after", default=None, help="fault cut: messages before the socket is cut"
    )
    devices: Many[int] = option(
        "--devices", default=(), help="fault stale, mismatched, age: device ids"
    )
    extra: Many[int] = option("--extra", default=(), help="fault mismatched: ids of extra devices")
    switches: Many[str] = option(
        "--set",
        default=(),
        suggestions=SWITCHES,
        help="fault switch: rateLimits=true, clockShift=86400, …",
    )

    def check(self) -> None:
        if self.verb != FAULT or self.subject in (None, "clear", "list"):
            return
        if self.subject != "switch":
            _require_kind(str(self.subject))
        elif not self.switches:
            raise UsageError("sandbox fault switch needs --set NAME=VALUE")
        for text in self.switches:
            _switch(text)

    def run(self, options: GlobalOptions) -> int:
        from pathlib import Path

        file = None if self.environment_file is None else Path(self.environment_file)
        if self.verb == RUN and self.detach:
            from sigcli.cli.sandbox_detached import run_detached

            return run_detached(self, options, file or _file(options))
        if self.verb == RUN:
            _run(options, file, self)
            return 0
        from sigcli.sandbox.control import RunningSandbox

        if self.verb == STOP:
            RunningSandbox.find(file or _file(options)).stop()
            return 0
        if self.subject is None:
            missing = "the kind of fault" if self.verb == FAULT else "the number"
            raise UsageError(f"sandbox {self.verb} needs {missing}")
        running = RunningSandbox.find(file or _file(options))
        if self.verb == CODE:
            terminal.print_line(running.code(self.subject))
        elif self.verb == AGE:
            if self.days is None:
                raise UsageError("sandbox age needs --days")
            for device in self.devices or (None,):
                running.age(self.subject, self.days, device)
        else:
            self._order_fault(running, self.subject)
        return 0

    def _order_fault(self, running: RunningSandbox, kind: str) -> None:
        if kind == "clear":
            running.clear_faults()
        elif kind == "list":
            for fault in running.faults():
                terminal.print_line(f"{fault['id']}: {fault['kind']} {fault['path']}")
        elif kind == "switch":
            running.switch(**dict(_switch(text) for text in self.switches))
        else:
            running.fault(
                kind,
                times=self.times,
                path=self.path,
                method=self.method,
                account=self.only_account,
                status=self.status,
                retryAfter=self.retry_after,
                delay=self.delay,
                after=self.after,
                devices=list(self.devices) or None,
                extra=list(self.extra) or None,
            )


def _run(options: GlobalOptions, environment_file: Path | None, asked: Sandbox) -> None:
    import contextlib
    import threading

    from sigcli.cli.opening import settings
    from sigcli.cli.stopping import StopRequest
    from sigcli.sandbox.environment_file import is_loopback
    from sigcli.sandbox.server import run
    from sigcli.store.private_files import make_private_folder

    def show(event: dict[str, Any]) -> None:
        # A reader that is gone, or no longer reads, does not stop the server.
        with contextlib.suppress(OSError):
            if takes_a_line(here().stdout.fileno()):
                terminal.print_json(event)

    data_dir = settings(options).data_dir
    # A directory named on the command line belongs to the sandbox; others are for accounts.
    folder = data_dir if options.given.get("data_dir") else data_dir / "sandbox"
    if not is_loopback(asked.host):
        terminal.warn(
            f"listening on {asked.host}: anyone who reaches it can use this sandbox, which is not a production server"
        )
    make_private_folder(str(folder))
    ended = threading.Event()
    with StopRequest() as stop:
        waiting = threading.Thread(target=_wait_for, args=(stop, ended), daemon=True)
        waiting.start()
        try:
            run(
                asked.host,
                asked.port,
                folder,
                environment_file or _file(options),
                show,
                ended,
                requests=asked.requests,
                names=asked.names,
                legacy_ids=asked.legacy_ids,
            )
        finally:
            # A sandbox that did not start: nothing may wait for a descriptor that is closed.
            stop.request()
            waiting.join()


def takes_a_line(descriptor: int) -> bool:
    """Whether a short line can be written without waiting: not to a full pipe that is not being read."""
    try:
        return bool(wait_until(0, writing=(descriptor,)))
    except OSError:  # Windows waits for sockets alone
        return True


def _wait_for(stop: StopRequest, ended: threading.Event) -> None:
    wait_until(None, reading=(stop.fileno(),))
    ended.set()


def _file(options: GlobalOptions) -> Path:
    """The environment file that ``--service-environment sandbox`` refers to."""
    from sigcli.cli.opening import settings

    return settings(options).data_dir / "sandbox" / "environment.toml"


def _require_kind(kind: str) -> None:
    from sigcli.sandbox.faults import FaultKind

    if kind not in (known := [one.value for one in FaultKind]):
        raise UsageError(
            f"{kind!r} is not a kind of fault: {', '.join(known)}",
            hint="there are also: fault list, fault clear, fault switch --set NAME=VALUE",
        )


def _switch(text: str) -> tuple[str, bool | int]:
    from sigcli.sandbox.faults import SWITCHES

    name, _, value = text.partition("=")
    kind = SWITCHES.get(name)
    if kind is None:
        raise UsageError(
            f"there is no switch {name!r}", hint=f"the switches: {', '.join(SWITCHES)}"
        )
    if kind is bool:
        if value not in ("true", "false"):
            raise UsageError(f"the switch {name} takes true or false")
        return name, value == "true"
    try:
        return name, int(value)
    except ValueError:
        raise UsageError(f"the switch {name} takes a number") from None
