"""Refusals by routes themselves, before any operation runs."""

from __future__ import annotations

from typing import Any

from sigcli.errors import UserError


class Refused(UserError):
    """The request was refused."""

    code = "refused"
    status = 400

    def __init__(
        self,
        message: str | None = None,
        *,
        status: int | None = None,
        hint: str | None = None,
        **members: Any,
    ) -> None:
        super().__init__(message, hint=hint)
        if status is not None:
            self.status = status
        self.members = members
        """More members of the answer, besides the sentence."""


class BadBody(Refused):
    """invalid request."""

    code = "invalidParameters"

    def __init__(self, message: str | None = None, *, member: str | None = None) -> None:
        super().__init__(message)
        self.member = member


class BadQuery(Refused):
    """A query parameter is not valid."""

    code = "invalidParameters"

    def __init__(self, message: str | None = None, *, parameter: str | None = None) -> None:
        super().__init__(message)
        self.parameter = parameter


class NothingThere(Refused):
    """Nothing has this name."""

    code = "notFound"
    status = 404
