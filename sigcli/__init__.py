"""sigcli: a Signal messenger client for the command line and for Python programs.

    import sigcli

    with sigcli.open_account("+15550100") as me:
        me.send("+15550101", "hello")

What ``__all__`` names is public; everything else may change.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - pip looks at it; who runs a checkout has no pip
    _TOO_OLD = f"sigcli needs Python 3.11 or newer; this is Python 3.{sys.version_info[1]}"
    if sys.argv[:1] == ["-m"]:
        sys.exit("sigcli: error: " + _TOO_OLD)
    raise ImportError(_TOO_OLD)

TYPE_CHECKING = (
    False  # type checkers know better; importing typing would be half of what --version costs
)
if TYPE_CHECKING:
    from typing import Any

    from sigcli import aio, errors, operations, testing
    from sigcli.library import events
    from sigcli.library.account import Account
    from sigcli.library.events import Event, Message
    from sigcli.library.files import File
    from sigcli.library.groups import Group
    from sigcli.library.opening import open_account, run
    from sigcli.library.people import Person
    from sigcli.library.sent import SentMessage

    __released__: str | None
    """The day of this version, set by the build; None in a checkout. ``sigcli doctor`` tells when it has grown old."""

__version__ = "0.1.0"

__all__ = [
    "Account",
    "Event",
    "File",
    "Group",
    "Message",
    "Person",
    "SentMessage",
    "__version__",
    "aio",
    "errors",
    "events",
    "open_account",
    "operations",
    "run",
    "testing",
]

# Everything is loaded when it is first asked for: the command line asks for none of it.
_MODULES = {
    "aio": "sigcli.aio",
    "errors": "sigcli.errors",
    "events": "sigcli.library.events",
    "operations": "sigcli.operations",
    "testing": "sigcli.testing",
}
_HOMES = {
    "Account": "account",
    "Event": "events",
    "File": "files",
    "Group": "groups",
    "Message": "events",
    "Person": "people",
    "SentMessage": "sent",
    "open_account": "opening",
    "run": "opening",
}


def __getattr__(name: str) -> Any:
    found: Any
    if name in _MODULES:
        from importlib import import_module

        found = import_module(_MODULES[name])
    elif name in _HOMES:
        from importlib import import_module

        found = getattr(import_module(f"sigcli.library.{_HOMES[name]}"), name)
    elif name == "__released__":
        found = _release_day()
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def _release_day() -> str | None:
    from importlib import import_module

    try:
        day: str = import_module("sigcli._released").DAY
    except ModuleNotFoundError:
        return None
    return day


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
