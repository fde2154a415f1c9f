"""A command run in this process over a prepared account, with what it asks of ``client`` replaced.

What is recorded of a run: exit code, stdout, stderr, and the calls of the replaced functions with their arguments.
"""

from __future__ import annotations

import contextlib
import enum
import io
import os
import sys
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sigcli.cli.app import main
from sigcli.client.base.account import Account
from sigcli.client.base.settings import Settings
from tests.bench.local_account import account_with_contacts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Nothing listens at port 1, and the address is reserved for loopback.
_DEAD_ENVIRONMENT = """\
name = "dead"
[chat]
url = "https://127.0.0.1:1"
[cdn]
0 = "https://127.0.0.1:1"
[storage]
url = "https://127.0.0.1:1"
[captcha]
registration_url = "https://captcha.example/registration"
challenge_url = "https://captcha.example/challenge"
[trust]
unidentified_sender_roots = ["BQAJAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
zkgroup_server_public_params = "AA=="
"""
_WIDTH = "100"


@dataclass(frozen=True)
class Case:
    """Words to run; ``answers`` are what functions give that are replaced, by ``module:function`` below client."""

    words: tuple[str, ...]
    stdin: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Stage:
    """Where commands run: a folder with an account and nothing of the caller's environment."""

    folder: Path
    patch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]
    calls: list[str] = field(default_factory=list)

    @classmethod
    def set(
        cls, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
    ) -> Stage:
        """A stage in an empty folder."""
        environment = folder / "dead.toml"
        environment.write_text(_DEAD_ENVIRONMENT)
        account_with_contacts(folder / "data", 3, str(environment))
        for name in [name for name in os.environ if name.startswith(("SIGCLI_", "XDG_", "LC_"))]:
            patch.delenv(name)
        patch.setenv("HOME", str(folder))
        patch.setenv("LANG", "C")
        patch.setenv("COLUMNS", _WIDTH)
        patch.setenv("SIGCLI_DATA_DIR", str(folder / "data"))
        patch.chdir(folder)
        return cls(folder, patch, capture)

    def play(self, case: Case) -> str:
        """Run a case and give what is recorded of it."""
        self.calls.clear()
        self.capture.readouterr()
        stdin = io.TextIOWrapper(io.BytesIO(case.stdin.encode()))
        with self.patch.context() as patch, contextlib.closing(stdin):
            for place, answer in case.answers.items():
                module, _, name = place.partition(":")
                patch.setattr(
                    import_module(f"sigcli.client.{module}"), name, self._replaced(name, answer)
                )
            patch.setattr(sys, "stdin", stdin)
            exit_code = main(case.words)
        out, err = self.capture.readouterr()
        lines = [f"$ sigcli {' '.join(word if word else repr(word) for word in case.words)}"]
        lines += [f"call {call}" for call in self.calls]
        lines += [f"out  {line}" for line in out.splitlines()]
        lines += [f"err  {line}" for line in err.splitlines()]
        lines.append(f"exit {exit_code}")
        return "\n".join(line.rstrip() for line in lines).replace(str(self.folder), "FOLDER") + "\n"

    def _replaced(self, name: str, answer: Any) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            shown = [_shown(one) for one in args]
            shown += [f"{key}={_shown(value)}" for key, value in sorted(kwargs.items())]
            self.calls.append(f"{name}({', '.join(shown)})")
            if isinstance(answer, Answering):
                return answer.answer(*args, **kwargs)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


@dataclass(frozen=True)
class Answering:
    """An answer that depends on the call."""

    answer: Callable[..., Any]


def _shown(value: Any) -> str:
    if isinstance(value, Account | Settings):
        return type(value).__name__.lower()
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, list | tuple):
        # Whether many values come as a list or a tuple is nobody's business.
        return f"[{', '.join(map(_shown, value))}]"
    if callable(value) or type(value).__name__ == "StopRequest":
        return "…"
    shown = repr(value)
    return type(value).__name__ if " object at 0x" in shown else shown
