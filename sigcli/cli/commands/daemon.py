"""``sigcli daemon``."""

from __future__ import annotations

from sigcli.cli.commands.serving import Serving
from sigcli.operations.declaring import DIRECTORIES, FILES, Many, operation, option

WEBHOOK_KINDS = ("message", "story", "sync", "call", "receipt", "typing", "failure")


@operation
class Daemon(Serving):
    """Keep accounts open: receive messages and do jobs in the background.

    Serves all accounts of the data directory, also those added while it runs, or only the one named with -a. Messages
    are kept for each consumer until it has taken them; receive prints them as one of these consumers. Programs can use
    several interfaces at once. SIGTERM ends the daemon.
    """

    socket: str | None = option(
        "--socket",
        default=None,
        metavar="PATH",
        value_if_bare="",
        completes=FILES,
        first=True,
        help="JSON-RPC over a Unix socket (default path: $XDG_RUNTIME_DIR/signal-cli/socket)",
    )
    socket_group: str | None = option(
        "--socket-group",
        default=None,
        metavar="GROUP",
        first=True,
        help="let this group use the socket as well",
    )
    tcp: str | None = option(
        "--tcp",
        default=None,
        metavar="HOST:PORT",
        value_if_bare="localhost:7583",
        first=True,
        help="JSON-RPC over TCP, on this machine only (default: localhost:7583)",
    )
    signald: str | None = option(
        "--signald",
        default=None,
        metavar="PATH",
        value_if_bare="",
        completes=FILES,
        first=True,
        help="signald's protocol over a Unix socket (default path: $XDG_RUNTIME_DIR/signald/signald.sock)",
    )
    webhooks: Many[str] = option(
        "--webhook",
        default=(),
        metavar="URL",
        first=True,
        help="post received messages to this URL (more in config.toml)",
    )
    webhook_accounts: Many[str] = option(
        "--webhook-account", default=(), first=True, help="only those of these accounts"
    )
    webhook_kinds: Many[str] = option(
        "--webhook-kind",
        default=(),
        choices=WEBHOOK_KINDS,
        first=True,
        help="only these kinds of events",
    )
    webhook_secret_file: str | None = option(
        "--webhook-secret-file",
        default=None,
        metavar="FILE",
        completes=FILES,
        first=True,
        help="sign what is posted with the secret in this file, which only you may read",
    )
    http: str | None = option(
        "--http",
        default=None,
        metavar="HOST:PORT",
        value_if_bare="localhost:8080",
        first=True,
        help="JSON-RPC, events and metrics over HTTP, with a token (default: localhost:8080)",
    )
    rest: str | None = option(
        "--rest",
        default=None,
        metavar="HOST:PORT",
        value_if_bare="localhost:8080",
        first=True,
        help="the REST interface of signal-cli-rest-api, with a token (default: localhost:8080)",
    )
    rest_python: str | None = option(
        "--rest-python",
        default=None,
        metavar="HOST:PORT",
        value_if_bare="localhost:8080",
        first=True,
        help="the REST interface of python-signal-cli-rest-api, with a token (default: localhost:8080)",
    )
    no_auth: bool = option(
        "--no-auth",
        default=False,
        help="HTTP and TCP: let every program on this machine in without a token; loopback addresses only",
    )
    same_user: bool = option(
        "--same-user",
        default=False,
        help="HTTP and TCP: let the user's own programs on this machine in without a token",
    )
    attachment_root: str | None = option(
        "--attachment-root",
        default=None,
        metavar="DIR",
        completes=DIRECTORIES,
        help="HTTP and TCP: callers may name files below this folder",
    )
    host_names: Many[str] = option(
        "--host-name",
        default=(),
        metavar="NAME",
        greedy=False,
        help="HTTP: another host name for the daemon, for instance behind a proxy",
    )
    audit_log: str | None = option(
        "--audit-log",
        default=None,
        metavar="FILE",
        completes=FILES,
        help="write one line of JSON to this file for each request of a program: who, what, result",
    )
    no_receive_stdout: bool = option(
        "--no-receive-stdout",
        default=False,
        help="accepted for compatibility: received messages are never printed",
    )
