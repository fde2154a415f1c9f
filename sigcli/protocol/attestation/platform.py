"""What Intel certifies about a machine: the SGX extension of its PCK certificate.

Format: Intel's "SGX PCK Certificate and Certificate Revocation List Profile Specification".
"""

from __future__ import annotations

from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.attestation import der
from sigcli.protocol.attestation.checks import Check

EXTENSION_OID = "1.2.840.113741.1.13.1"
COMPONENTS = 16
_TCB, _PCE_ID, _FMSPC = f"{EXTENSION_OID}.2", f"{EXTENSION_OID}.3", f"{EXTENSION_OID}.4"
_REQUIRED = {f"{EXTENSION_OID}.{number}" for number in range(1, 8)}
_TCB_REQUIRED = {f"{_TCB}.{number}" for number in range(1, COMPONENTS + 3)}
_PCE_SVN = f"{_TCB}.{COMPONENTS + 1}"
_CHECK = Check.PLATFORM


@dataclass(frozen=True, slots=True)
class Platform:
    """A machine: its model (6 bytes), PCE id (2 bytes), and the security versions of its 16 components and its PCE."""

    fmspc: bytes
    pce_id: bytes
    components: tuple[int, ...]
    pce_svn: int


def parse_platform(extension: bytes) -> Platform:
    """Read the extension's DER; raises AttestationFailed."""
    outer = list(der.elements(extension, _CHECK))
    if len(outer) != 1 or outer[0][0] != der.SEQUENCE:
        raise _CHECK.failed("the SGX extension is not one sequence")
    fields = _fields(outer[0][1], _REQUIRED)
    tcb = _fields(_typed(fields[_TCB], der.SEQUENCE), _TCB_REQUIRED)
    components = tuple(
        _number(tcb[f"{_TCB}.{number}"], 0xFF) for number in range(1, COMPONENTS + 1)
    )
    return Platform(
        fmspc=_octets(fields[_FMSPC], 6),
        pce_id=_octets(fields[_PCE_ID], 2),
        components=components,
        pce_svn=_number(tcb[_PCE_SVN], 0xFFFF),
    )


def _fields(content: bytes, required: set[str]) -> dict[str, tuple[int, bytes]]:
    """Pairs of object identifier and value: each of ``required`` once, and nothing else."""
    found: dict[str, tuple[int, bytes]] = {}
    for tag, entry in der.elements(content, _CHECK):
        pair = list(der.elements(entry, _CHECK)) if tag == der.SEQUENCE else []
        if len(pair) != 2 or pair[0][0] != der.OBJECT_IDENTIFIER:
            raise _CHECK.failed("an entry of the SGX extension is not a pair")
        name = der.object_identifier(pair[0][1], _CHECK)
        if name not in required or name in found:
            raise _CHECK.failed(f"the SGX extension has {name} twice or should not have it")
        found[name] = pair[1]
    missing = required - found.keys()
    if missing:
        raise _CHECK.failed(f"the SGX extension lacks {min(missing)}")
    return found


def _typed(element: tuple[int, bytes], tag: int) -> bytes:
    if element[0] != tag:
        raise _CHECK.failed("a value of the SGX extension has the wrong type")
    return element[1]


def _octets(element: tuple[int, bytes], length: int) -> bytes:
    content = _typed(element, der.OCTET_STRING)
    if len(content) != length:
        raise _CHECK.failed("a value of the SGX extension has the wrong length")
    return content


def _number(element: tuple[int, bytes], maximum: int) -> int:
    value = der.unsigned_integer(_typed(element, der.INTEGER), _CHECK)
    if value > maximum:
        raise _CHECK.failed("a security version is too large")
    return value
