"""What signald's socket answers to requests that cannot be served."""

from __future__ import annotations

from sigcli.errors.base import UserError


class SignaldRefusal(UserError):
    """A request over signald's socket is refused; ``error_type`` is the name that its clients know."""

    hint = "the request `protocol` describes every request and its fields"

    def __init__(self, error_type: str, message: str, **fields: object) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.fields = fields
