"""Attachments of different sizes through the cipher, file to file: does memory stay flat?

``python -m tests.bench.attachment_memory SIZE FOLDER [trace]`` is the child that is measured.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from sigcli.protocol.attachment_cipher import AttachmentEncryptor, decrypt_attachment, generate_key
from tests.bench.processes import Launcher
from tests.bench.tables import Table

_MIB = 1024 * 1024
_SIZES = (1 * _MIB, 10 * _MIB, 100 * _MIB)
_CHUNK = 64 * 1024


def run() -> None:
    """Print memory peaks of whole processes, and Python's own share of them."""
    table = Table(
        "Attachment memory: encrypt to a file, decrypt from it",
        ("size", "peak of the process", "peak of Python's objects", "CPU"),
    )
    with (
        tempfile.TemporaryDirectory(prefix="sigcli-bench-") as folder,
        Launcher(Path(folder)) as launcher,
    ):
        traced = Path(folder) / "traced"
        for size in _SIZES:
            child = [sys.executable, "-m", __name__, str(size), folder]
            usage = launcher.run(child)
            launcher.run([*child, "trace"], stdout=traced)
            table.add(
                f"{size // _MIB} MiB",
                f"{usage.peak_mib:.1f} MiB",
                f"{int(traced.read_text()) / _MIB:.2f} MiB",
                f"{usage.cpu_s:.2f} s",
            )
    table.print()


def _zeros(size: int) -> Iterator[bytes]:
    for _ in range(size // _CHUNK):
        yield bytes(_CHUNK)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_CHUNK):
        yield piece


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)


def _through(size: int, folder: Path) -> None:
    encrypted, plain = folder / "encrypted", folder / "plain"
    encryptor = AttachmentEncryptor(generate_key(), plaintext_size=size)
    _write(encrypted, encryptor.encrypt(_zeros(size)))
    made = encryptor.result()
    with encrypted.open("rb") as file:
        _write(
            plain,
            decrypt_attachment(
                _pieces(file),
                made.key,
                digest=made.digest,
                plaintext_size=size,
                incremental_mac=made.incremental_mac,
            ),
        )
    assert os.path.getsize(plain) == size
    encrypted.unlink()
    plain.unlink()


def _child() -> None:
    size, folder = int(sys.argv[1]), Path(sys.argv[2])
    if len(sys.argv) > 3:
        import tracemalloc

        _through(_MIB, folder)  # imports are not the attachment's
        tracemalloc.start()
        _through(size, folder)
        print(tracemalloc.get_traced_memory()[1])
        return
    _through(size, folder)


if __name__ == "__main__":
    _child()
