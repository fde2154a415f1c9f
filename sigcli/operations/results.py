"""What an operation gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from sigcli.errors import SigcliError


class Result:
    """What came out of an operation.

    ``to_json`` is annotated with the type of what it gives: the schema is made from it.
    """

    __slots__ = ()

    @property
    def failure(self) -> SigcliError | None:
        """Why the operation as a whole has failed although there is a result."""
        return None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell: then the command line prints no line."""
        return False

    def to_json(self) -> Any:
        """The value that programs get."""
        raise NotImplementedError


class Empty(TypedDict):
    """An object without anything in it."""


class Nothing(Result):
    """It is done, and there is nothing to say."""

    __slots__ = ()

    @property
    def is_empty(self) -> bool:
        return True

    def to_json(self) -> Empty:
        return {}
