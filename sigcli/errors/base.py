"""What all errors have, and those that belong to no family."""

from __future__ import annotations


class SigcliError(Exception):
    """Something went wrong inside sigcli."""

    code = "unexpected"
    exit_code = 2
    hint: str | None = None
    retry_after_s: int | None = None
    """How long to wait before the next try, where it says so."""
    result: object = None
    """For programs: what was done despite the failure, such as the results of a message by recipient."""

    def __init_subclass__(cls) -> None:
        if "code" not in cls.__dict__:
            cls.code = cls.__name__[0].lower() + cls.__name__[1:]

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        sentence = (type(self).__doc__ or "").strip().splitlines()[0]
        super().__init__(message or sentence.removesuffix("."))
        if hint is not None:
            self.hint = hint

    @property
    def message(self) -> str:
        return str(self.args[0])


class UnexpectedError(SigcliError):
    """A bug in sigcli: this should not have happened."""

    code = "unexpected"
    hint = "run the command again with -v and report what it prints"

    def __init__(self, name: str) -> None:
        super().__init__(f"unexpected {name} inside sigcli")


class ReaderGone(SigcliError):
    """The reader of the output is gone; what it did not read is printed by the next receive."""

    exit_code = 0


class UserError(SigcliError):
    """The command cannot be carried out as given."""

    exit_code = 1


class MissingPrimitive(SigcliError):
    """The installed cryptography libraries lack a primitive that the Signal Protocol needs."""

    exit_code = 1
    hint = "install the wheels of cryptography (48 or newer) and PyNaCl (1.6 or newer) from PyPI"


class HandOverLost(SigcliError):
    """The daemon ended before it did anything; the standard input that it had read is lost."""

    exit_code = 3
    hint = "nothing was sent or changed: run the command again"


class HandOverUnknown(SigcliError):
    """The daemon ended before it finished: how far it got is not known."""

    exit_code = 3
    hint = (
        "check on another device, or with the list commands here, before you run the command again"
    )

    def __init__(self, timestamp_ms: int | None = None) -> None:
        super().__init__(
            None
            if timestamp_ms is None
            else f"the daemon ended while sending message {timestamp_ms}: it is not known whom it has reached"
        )
        self.timestamp_ms = timestamp_ms
