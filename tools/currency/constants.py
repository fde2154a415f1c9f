"""The constants of the shipped environments against those inside libsignal's native library.

The library holds them as plain bytes: enclaves, roots, server certificates, host names, and the settings of each group
of replicas (``RaftConfig`` of libsignal ``rust/attest/src/svr2.rs``, as it lies in memory). What the apps alone hold
(group parameters, captcha pages) is not in it and cannot be compared.
"""

from __future__ import annotations

import ssl
import struct
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sigcli.service.environments import Environment, load_environment

SHIPPED = ("live", "staging")
_RAFT = struct.Struct("<QIIIII")
_TIMEOUT_S = 604_800
_MAX_REPLICAS = 100
_PEM_END = "-----END CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a library holds: the shipped constants that are in it, and its groups of replicas."""

    known: frozenset[str]
    groups: frozenset[int]


@dataclass(slots=True)
class Comparison:
    """Sentences: ``notes`` are worth knowing, ``problems`` need something to be done."""

    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def native_library(package: Path) -> bytes:
    """The library of one platform; they all hold the same constants. Raises FileNotFoundError."""
    libraries = sorted((package / "prebuilds").glob("*/*.node"))
    if not libraries:
        raise FileNotFoundError(f"{package} holds no native library")
    return libraries[0].read_bytes()


def shipped_constants(environments: Mapping[str, Environment]) -> dict[str, bytes]:
    """What is looked for in a library, by what it is."""
    return dict(entry for pair in environments.items() for entry in _constants(*pair))


def shipped_environments() -> dict[str, Environment]:
    with tempfile.TemporaryDirectory() as nowhere:
        return {name: load_environment(name, nowhere) for name in SHIPPED}


def facts_of(library: bytes, constants: Mapping[str, bytes]) -> Facts:
    """Look through one library."""
    return Facts(
        known=frozenset(name for name, data in constants.items() if data in library),
        groups=frozenset(_groups(library)),
    )


def compare(pinned: Facts, newest: Facts, shipped_groups: frozenset[int]) -> Comparison:
    """What the newest library says differently, and what it knows that is not shipped."""
    found = Comparison()
    for name in sorted(pinned.known - newest.known):
        found.problems.append(f"no longer in the newest library: {name}")
    for name in sorted(newest.known - pinned.known):
        found.notes.append(f"now in the library as well: {name}")
    for group in sorted(newest.groups - pinned.groups - shipped_groups):
        found.problems.append(
            f"a group of replicas that is not shipped, of a newer enclave: {group}"
        )
    for group in sorted(pinned.groups - newest.groups):
        found.notes.append(f"no longer in the library: the group of replicas {group}")
    return found


def shipped_groups(environments: Mapping[str, Environment]) -> frozenset[int]:
    """The groups of replicas that the environments name."""
    return frozenset(
        enclave.group_id
        for environment in environments.values()
        if environment.svr2 is not None
        for enclave in environment.svr2.enclaves
    )


def _constants(name: str, environment: Environment) -> Iterator[tuple[str, bytes]]:
    urls = [environment.chat_url, *environment.cdn_urls.values(), environment.storage_url]
    if environment.directory is not None:
        urls.append(environment.directory.url)
        if environment.directory.enclave is not None:
            measurement = environment.directory.enclave.mrenclave
            yield f"{name}: the enclave of contact discovery {measurement.hex()}", measurement
    if environment.svr2 is not None:
        urls.append(environment.svr2.url)
        for enclave in environment.svr2.enclaves:
            yield (
                f"{name}: the enclave of PIN recovery {enclave.mrenclave.hex()}",
                enclave.mrenclave,
            )
    for url in urls:
        if url is not None:
            yield f"{name}: the host {url.host}", url.host.encode()
    for id, certificate in environment.server_certificates.items():
        yield f"{name}: the server certificate {id}", certificate
    for index, root in enumerate(environment.unidentified_sender_roots, 1):
        # The type byte stands elsewhere.
        yield f"{name}: root {index} of sealed sender", root[1:]
    for index, pem in enumerate((environment.ca_pem or "").split(_PEM_END)[:-1], 1):
        yield f"{name}: TLS root {index}", ssl.PEM_cert_to_DER_cert(pem.strip() + _PEM_END)


def _groups(library: bytes) -> Iterator[int]:
    """The ids of all groups of replicas."""
    wanted = struct.pack("<I", _TIMEOUT_S)
    place = library.find(wanted)
    while place >= 0:
        start = place + len(wanted) - _RAFT.size
        if start >= 0:
            group, low, high, majority, version, _ = _RAFT.unpack_from(library, start)
            if 0 < low <= high <= _MAX_REPLICAS and majority <= high and 0 < version < 16 and group:
                yield group
        place = library.find(wanted, place + 1)
