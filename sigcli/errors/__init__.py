"""Every failure has a name: the whole error tree of sigcli. Imports nothing else.

A class carries a stable ``code`` (for JSON; the class's name in camelCase unless it says otherwise), an ``exit_code``
and a ``hint`` that says what to do next. Data travels as attributes. No message holds message text, key bytes or a full
phone number. The files are loaded when an error of theirs is asked for: most commands need few of two hundred.

    SigcliError                2   a bug, unless a subclass says otherwise
    ├── UserError              1   what the user can fix
    ├── ServiceError           3   the server, the network
    │   ├── UnexpectedStatus   3   an answer with a status; RateLimited and ChallengeRequired 5, CaptchaRejected 6
    │   └── ConnectionLost     3
    ├── StoreError             2   the account on disk: 1 where the user can fix it, 3 for a lock that stayed taken
    ├── ProtocolError          2   a peer's or the server's bytes break a rule; UntrustedIdentity 4
    ├── SendUntrusted 4, SendRateLimited 5, SendNetworkFailed 3: a message that reached nobody, by its reason
    ├── HandOverLost, HandOverUnknown 3: what a daemon did not finish for a command
    └── AddressMoved 4         a number or username that another account has than before
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigcli.errors.access import *
    from sigcli.errors.base import *
    from sigcli.errors.groups import *
    from sigcli.errors.messages import *
    from sigcli.errors.moving import *
    from sigcli.errors.people import *
    from sigcli.errors.programs import *
    from sigcli.errors.protocol import *
    from sigcli.errors.sandbox import *
    from sigcli.errors.service import *
    from sigcli.errors.store import *
    from sigcli.errors.user import *
else:
    from importlib import import_module

    _FILES = (
        *("base", "user", "messages", "store", "protocol", "service", "people", "programs"),
        *("groups", "access", "sandbox", "moving"),
    )
    """In this order they are searched; those that every command needs come first."""

    def __getattr__(name):
        if not name.startswith("__"):
            for file in _FILES:
                found = vars(import_module(f"{__name__}.{file}"))
                if name in found:
                    shown = {key: one for key, one in found.items() if not key.startswith("_")}
                    globals().update(shown)
                    return found[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        found = [vars(import_module(f"{__name__}.{file}")) for file in _FILES]
        return sorted({name for names in found for name in names if not name.startswith("_")})
