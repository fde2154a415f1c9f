"""``sigcli sandbox run|code|age|fault``: a Signal-compatible server on this machine, to try things against."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sigcli.cli import terminal
from sigcli.errors import UsageError
from sigcli.values import dataclass

if TYPE_CHECKING:
    import threading
    from pathlib import Path

    from sigcli.cli.options import GlobalOptions
    from sigcli.cli.stopping import StopRequest


class Verb(enum.Enum):
    """What to do with a sandbox."""

    RUN = "run"
    CODE = "code"
    AGE = "age"
    FAULT = "fault"


class RequestMode(enum.Enum):
    """How clients are told to send requests."""

    HTTPS = "https"
    WEBSOCKET = "websocket"


def sandbox(
    ctx: typer.Context,
    verb: Annotated[Verb, typer.Argument(help="run, code NUMBER, age ACCOUNT or fault KIND")],
    subject: Annotated[
        str | None,
        typer.Argument(
            help="for code and age: the number; for fault: its kind, clear, list or switch"
        ),
    ] = None,
    environment_file: Annotated[
        str | None,
        typer.Option(
            "--environment-file",
            help="where the sandbox writes how to find it [sandbox/environment.toml in the data directory]",
        ),
    ] = None,
    host: Annotated[str, typer.Option("--host", help="run: address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="run: port, 0 for any free one")] = 0,
    requests: Annotated[
        RequestMode, typer.Option("--requests", help="run: how clients shall send requests")
    ] = RequestMode.HTTPS,
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--name",
            metavar="HOST",
            help="run: answer for this host as well, by its first word the part of a service: chat, cdn2, storage, …",
        ),
    ] = None,
    legacy_ids: Annotated[
        bool,
        typer.Option(
            "--legacy-ids", help="run: ids in envelopes as texts as well, for old clients"
        ),
    ] = False,
    days: Annotated[
        int | None, typer.Option("--days", min=0, help="age: how long it was not seen")
    ] = None,
    times: Annotated[
        int | None, typer.Option("--times", help="fault: how often (default: until cleared)")
    ] = None,
    path: Annotated[
        str | None, typer.Option("--path", help="fault: only for paths like this, * for any text")
    ] = None,
    method: Annotated[str | None, typer.Option("--method", help="fault: GET, PUT, …")] = None,
    only_account: Annotated[
        str | None, typer.Option("--for-account", help="fault: number or ACI whose requests fail")
    ] = None,
    status: Annotated[int | None, typer.Option("--status", help="fault status: the status")] = None,
    retry_after: Annotated[
        int | None, typer.Option("--retry-after", help="fault status, challenge: seconds")
    ] = None,
    delay: Annotated[
        int | None, typer.Option("--delay", help="fault latency: milliseconds")
    ] = None,
    after: Annotated[
        int | None, typer.Option("--after", help="fault cut: messages before the socket is cut")
    ] = None,
    devices: Annotated[
        list[int] | None, typer.Option("--devices", help="fault stale, mismatched, age: device ids")
    ] = None,
    extra: Annotated[
        list[int] | None, typer.Option("--extra", help="fault mismatched: ids of extra devices")
    ] = None,
    switches: Annotated[
        list[str] | None,
        typer.Option("--set", help="fault switch: rateLimits=true, clockShift=86400, …"),
    ] = None,
) -> None:
    """Run a server to try and to test against, read the codes it "sends", order failures.

    age makes an account, or the devices named of it, look unseen for some days; what the service would
    remove by then is removed.

    Kinds of faults: latency, status, afterwards, drop, challenge, cut, stale, mismatched, sms-transport,
    sms-provider. It is no production server and listens on this machine only unless told otherwise.
    """
    from pathlib import Path

    file = None if environment_file is None else Path(environment_file)
    if verb is Verb.RUN:
        run_options = RunOptions(host, port, requests.value, tuple(names or ()), legacy_ids)
        _run(ctx.obj, file, run_options)
        return
    from sigcli.sandbox.control import RunningSandbox

    if subject is None:
        raise UsageError(f"sandbox {verb.value} needs to know {_missing(verb)}")
    running = RunningSandbox.find(file or _file(ctx.obj))
    if verb is Verb.CODE:
        terminal.print_line(running.code(subject))
        return
    if verb is Verb.AGE:
        if days is None:
            raise UsageError("sandbox age needs to know for how many --days")
        for device in devices or (None,):
            running.age(subject, days, device)
        return
    if subject == "clear":
        running.clear_faults()
    elif subject == "list":
        for fault in running.faults():
            terminal.print_line(f"{fault['id']}: {fault['kind']} {fault['path']}")
    elif subject == "switch":
        running.switch(**dict(_switch(text) for text in switches or ()))
    else:
        _require_kind(subject)
        running.fault(
            subject,
            times=times,
            path=path,
            method=method,
            account=only_account,
            status=status,
            retryAfter=retry_after,
            delay=delay,
            after=after,
            devices=devices or None,
            extra=extra or None,
        )


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a sandbox is to run."""

    host: str
    port: int
    requests: str
    names: tuple[str, ...]
    legacy_ids: bool


def _run(options: GlobalOptions, environment_file: Path | None, run_options: RunOptions) -> None:
    import contextlib
    import os
    import threading

    from sigcli.cli.opening import settings
    from sigcli.cli.stopping import StopRequest
    from sigcli.sandbox.environment_file import is_loopback
    from sigcli.sandbox.server import run

    def show(event: dict[str, Any]) -> None:
        # A reader that has gone does not stop the server.
        with contextlib.suppress(OSError):
            terminal.print_json(event)

    data_dir = settings(options).data_dir
    # A directory that the command line names is the sandbox's own; the environment's is for accounts.
    named = options.data_dir and options.data_dir != os.environ.get("SIGCLI_DATA_DIR")
    folder = data_dir if named else data_dir / "sandbox"
    if not is_loopback(run_options.host):
        terminal.warn(
            f"listening on {run_options.host}: whoever reaches it can use this sandbox, which is no production server"
        )
    ended = threading.Event()
    with StopRequest() as stop:
        threading.Thread(target=_wait_for, args=(stop, ended), daemon=True).start()
        run(
            run_options.host,
            run_options.port,
            folder,
            environment_file or _file(options),
            show,
            ended,
            requests=run_options.requests,
            names=run_options.names,
            legacy_ids=run_options.legacy_ids,
        )


def _wait_for(stop: StopRequest, ended: threading.Event) -> None:
    import select

    select.select([stop.fileno()], [], [])
    ended.set()


def _file(options: GlobalOptions) -> Path:
    """The environment file that ``--service-environment sandbox`` stands for."""
    from sigcli.cli.opening import settings

    return settings(options).data_dir / "sandbox" / "environment.toml"


def _require_kind(kind: str) -> None:
    from sigcli.sandbox.faults import FaultKind

    if kind not in (known := [one.value for one in FaultKind]):
        raise UsageError(f"{kind!r} is no kind of fault: {', '.join(known)}")


def _missing(verb: Verb) -> str:
    return "the kind of fault" if verb is Verb.FAULT else "the number"


def _switch(text: str) -> tuple[str, bool | int]:
    name, _, value = text.partition("=")
    if value in ("true", "false"):
        return name, value == "true"
    try:
        return name, int(value)
    except ValueError:
        raise UsageError(f"{text!r} is no switch: NAME=true, NAME=false or NAME=number") from None


COMMANDS = {"sandbox": sandbox}
