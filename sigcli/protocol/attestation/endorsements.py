"""Intel's statements about machines and quoting enclaves, which accompany a quote: parsing, and their signatures.

Formats: Open Enclave 0.17 (``oe_sgx_endorsements_t``); the JSON of Intel's provisioning certification service, versions
3 and 4.
"""

from __future__ import annotations

import enum
from itertools import pairwise
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.attestation.certificates import parse_chain
from sigcli.protocol.attestation.checks import Check, Reader
from sigcli.protocol.attestation.ecdsa import require_signature
from sigcli.protocol.attestation.revocation import RevocationList
from sigcli.protocol.attestation.signed_json import JsonFields, signed_object

if TYPE_CHECKING:
    from datetime import datetime

    from sigcli.protocol.attestation.certificates import Chain

_VERSION = 1
_SGX = 2
_TCB_COMPONENTS = 16
_U16 = 0xFFFF
_QE_IDENTITY_VERSION = 2
_CHECK = Check.ENDORSEMENT_FORMAT


class _Field(enum.IntEnum):
    VERSION = 0
    TCB_INFO = 1
    TCB_ISSUER_CHAIN = 2
    PCK_CRL = 3
    ROOT_CRL = 4
    PCK_CRL_ISSUER_CHAIN = 5
    QE_IDENTITY = 6
    QE_IDENTITY_ISSUER_CHAIN = 7
    CREATION_TIME = 8


@dataclass(frozen=True, slots=True)
class TcbLevel:
    """A state of a platform: its least security versions, and its status."""

    components: tuple[int, ...]
    pce_svn: int
    status: str
    advisories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TcbInfo:
    """The levels of one platform model, best first."""

    next_update: datetime
    fmspc: bytes
    pce_id: bytes
    evaluation_number: int
    levels: tuple[TcbLevel, ...]


@dataclass(frozen=True, slots=True)
class QeLevel:
    """A version of the quoting enclave, and its status."""

    security_version: int
    status: str


@dataclass(frozen=True, slots=True)
class QeIdentity:
    """The properties of Intel's quoting enclave."""

    kind: str
    next_update: datetime
    evaluation_number: int
    misc_select: bytes
    misc_select_mask: bytes
    attributes: bytes
    attributes_mask: bytes
    mrsigner: bytes
    product_id: int
    levels: tuple[QeLevel, ...]


@dataclass(frozen=True, slots=True)
class Endorsements:
    """All endorsements; the signatures of ``tcb_info`` and ``qe_identity`` fit their chains, which are not verified."""

    tcb_info: TcbInfo
    tcb_chain: Chain
    pck_list: RevocationList
    root_list: RevocationList
    pck_list_chain: Chain
    qe_identity: QeIdentity
    qe_identity_chain: Chain


def parse_endorsements(data: bytes) -> Endorsements:
    """Parse and check the two JSON signatures; raises AttestationFailed."""
    fields = _split(data)
    tcb_chain = parse_chain(fields[_Field.TCB_ISSUER_CHAIN])
    pck_list = RevocationList.parse(fields[_Field.PCK_CRL])
    root_list = RevocationList.parse(fields[_Field.ROOT_CRL])
    pck_list_chain = parse_chain(fields[_Field.PCK_CRL_ISSUER_CHAIN])
    tcb_info = _signed_tcb_info(fields[_Field.TCB_INFO], tcb_chain)
    qe_chain = parse_chain(fields[_Field.QE_IDENTITY_ISSUER_CHAIN])
    qe_identity = _signed_qe_identity(fields[_Field.QE_IDENTITY], qe_chain)
    try:
        fields[_Field.CREATION_TIME].decode()
    except UnicodeDecodeError:
        raise _CHECK.failed("the creation time is not a string") from None
    return Endorsements(
        tcb_info, tcb_chain, pck_list, root_list, pck_list_chain, qe_identity, qe_chain
    )


def _split(data: bytes) -> list[bytes]:
    """The fields of the offset table."""
    reader = Reader(data, _CHECK)
    version, enclave_type, _, count = (reader.number(4) for _ in range(4))
    if version != _VERSION or enclave_type != _SGX:
        raise _CHECK.failed("their version or the kind of enclave is not the expected one")
    table = Reader(reader.take(4 * count), _CHECK)
    offsets = [table.number(4) for _ in range(count)]
    content = reader.rest()
    if count < len(_Field) or offsets[-1] >= len(content):
        raise _CHECK.failed("fields are missing")
    if any(later <= earlier for earlier, later in pairwise(offsets)):
        raise _CHECK.failed("the fields are not in order")
    fields = [
        content[start:end] for start, end in zip(offsets, [*offsets[1:], len(content)], strict=True)
    ]
    if fields[_Field.VERSION] != _VERSION.to_bytes(4, "little"):
        raise _CHECK.failed("the SGX part has an unknown version")
    return fields


def _signed_tcb_info(data: bytes, chain: Chain) -> TcbInfo:
    text, signature = signed_object(data, "tcbInfo", Check.TCB_INFO)
    require_signature(chain.leaf.key, signature, text, Check.TCB_INFO_SIGNATURE)
    info = JsonFields.parse(text, Check.TCB_INFO)
    version = info.integer("version", maximum=_U16)
    if version not in (2, 3) or info.integer("tcbType", maximum=_U16) != 0:
        raise Check.TCB_INFO.failed("its version or type is unknown")
    info.time("issueDate")
    return TcbInfo(
        next_update=info.time("nextUpdate"),
        fmspc=info.data("fmspc", 6),
        pce_id=info.data("pceId", 2),
        evaluation_number=info.integer("tcbEvaluationDataNumber", maximum=_U16),
        levels=tuple(_tcb_level(level, version) for level in info.objects("tcbLevels")),
    )


def _tcb_level(level: JsonFields, version: int) -> TcbLevel:
    tcb = level.object("tcb")
    if version == 2:
        components = [
            tcb.integer(f"sgxtcbcomp{number:02}svn", maximum=0xFF)
            for number in range(1, _TCB_COMPONENTS + 1)
        ]
    else:
        components = [each.integer("svn", maximum=0xFF) for each in tcb.objects("sgxtcbcomponents")]
    if len(components) != _TCB_COMPONENTS:
        raise Check.TCB_INFO.failed("a level does not have 16 components")
    level.time("tcbDate")
    return TcbLevel(
        tuple(components),
        tcb.integer("pcesvn", maximum=_U16),
        level.text("tcbStatus"),
        level.texts("advisoryIDs"),
    )


def _signed_qe_identity(data: bytes, chain: Chain) -> QeIdentity:
    text, signature = signed_object(data, "enclaveIdentity", Check.QE_IDENTITY)
    require_signature(chain.leaf.key, signature, text, Check.QE_IDENTITY_SIGNATURE)
    identity = JsonFields.parse(text, Check.QE_IDENTITY)
    if identity.integer("version", maximum=_U16) != _QE_IDENTITY_VERSION:
        raise Check.QE_IDENTITY.failed("it has an unknown version")
    identity.time("issueDate")
    return QeIdentity(
        kind=identity.text("id"),
        next_update=identity.time("nextUpdate"),
        evaluation_number=identity.integer("tcbEvaluationDataNumber", maximum=_U16),
        misc_select=identity.data("miscselect", 4),
        misc_select_mask=identity.data("miscselectMask", 4),
        attributes=identity.data("attributes", 16),
        attributes_mask=identity.data("attributesMask", 16),
        mrsigner=identity.data("mrsigner", 32),
        product_id=identity.integer("isvprodid", maximum=_U16),
        levels=tuple(_qe_level(level) for level in identity.objects("tcbLevels")),
    )


def _qe_level(level: JsonFields) -> QeLevel:
    level.time("tcbDate")
    version = level.object("tcb").integer("isvsvn", maximum=_U16)
    return QeLevel(version, level.text("tcbStatus"))
