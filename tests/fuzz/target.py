"""What is fuzzed: a function of bytes, seeds that it accepts, and the errors that it may raise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sigcli.errors import ProtocolError, SigcliError, UnexpectedError


@dataclass(frozen=True, slots=True)
class Target:
    """One parser. ``seeds`` are made by code, at least one is accepted; ``found`` once broke it."""

    name: str
    fuzz: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]] = field(repr=False)
    expected: tuple[type[SigcliError], ...] = (ProtocolError,)
    found: tuple[bytes, ...] = ()
    rounds: int = 60
    """How many damaged seeds the test suite tries."""

    def run(self, data: bytes) -> bool:
        """Whether the bytes were accepted; lets every error through that is none of the expected ones."""
        try:
            self.fuzz(data)
        except UnexpectedError:
            raise
        except self.expected:
            return False
        return True
