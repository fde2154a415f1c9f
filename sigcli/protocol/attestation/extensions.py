"""The extensions of a certificate, read one by one, so that irrelevant ones do no harm (RFC 5280, 4.2)."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.attestation import der
from sigcli.protocol.attestation.checks import Check

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUBJECT_KEY_ID = "2.5.29.14"
_KEY_USAGE = "2.5.29.15"
_BASIC_CONSTRAINTS = "2.5.29.19"
_DISTRIBUTION_POINTS = "2.5.29.31"
_AUTHORITY_KEY_ID = "2.5.29.35"
_UNDERSTOOD = frozenset(
    {_SUBJECT_KEY_ID, _KEY_USAGE, _BASIC_CONSTRAINTS, _DISTRIBUTION_POINTS, _AUTHORITY_KEY_ID}
)
_STANDARD = "2.5.29."
_EXTENSIONS = 0xA3
_BOOLEAN = 0x01
_KEY_ID = 0x80
_AUTHORITY_PARTS = (_KEY_ID, 0xA1, 0x82)
_POINT_PARTS = (0xA0, 0x81, 0xA2)
_FULL_NAME = 0xA0
_GENERAL_NAMES = frozenset({0xA0, 0x81, 0x82, 0xA3, 0xA4, 0xA5, 0x86, 0x87, 0x88})
_CERT_SIGN, _CRL_SIGN = 0x04, 0x02
_CHECK = Check.CERTIFICATE_FORMAT


@dataclass(frozen=True, slots=True)
class Extensions:
    """What a certificate may be used for, and who owns it."""

    is_ca: bool = False
    path_length: int | None = None
    may_sign_certificates: bool = True
    may_sign_lists: bool = True
    subject_key_id: bytes | None = None
    authority_key_id: bytes | None = None
    not_understood: str | None = None
    values: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """The raw value of each, by object identifier."""


def parse_extensions(tbs_certificate: bytes) -> Extensions:
    """Read them from the signed part of a certificate; fails CERTIFICATE_FORMAT."""
    values: dict[str, bytes] = {}
    not_understood = None
    for tag, parts in _entries(tbs_certificate):
        if tag != der.SEQUENCE:
            raise _CHECK.failed("an extension is malformed")
        name, critical, value = _entry(parts)
        if name in values:
            raise _CHECK.failed("an extension is there twice")
        values[name] = value
        # None of the standard's own extensions is ignored: it might restrict the others.
        if name not in _UNDERSTOOD and (critical or name.startswith(_STANDARD)):
            not_understood = name
    is_ca, path_length = _basic_constraints(values.get(_BASIC_CONSTRAINTS))
    usage = _key_usage(values.get(_KEY_USAGE))
    _require_distribution_points(values.get(_DISTRIBUTION_POINTS))
    return Extensions(
        is_ca=is_ca,
        path_length=path_length,
        may_sign_certificates=usage is None or bool(usage & _CERT_SIGN),
        may_sign_lists=usage is None or bool(usage & _CRL_SIGN),
        subject_key_id=_subject_key_id(values.get(_SUBJECT_KEY_ID)),
        authority_key_id=_authority_key_id(values.get(_AUTHORITY_KEY_ID)),
        not_understood=not_understood,
        values=values,
    )


def _entries(tbs_certificate: bytes) -> list[tuple[int, bytes]]:
    for tag, content in der.elements(_only(tbs_certificate, der.SEQUENCE), _CHECK):
        if tag == _EXTENSIONS:
            return list(der.elements(_only(content, der.SEQUENCE), _CHECK))
    return []


def _entry(content: bytes) -> tuple[str, bool, bytes]:
    parts = list(der.elements(content, _CHECK))
    tags = [tag for tag, _ in parts]
    critical = tags == [der.OBJECT_IDENTIFIER, _BOOLEAN, der.OCTET_STRING]
    if not critical and tags != [der.OBJECT_IDENTIFIER, der.OCTET_STRING]:
        raise _CHECK.failed("an extension is malformed")
    if critical:
        critical = parts[1][1] != b"\0"
    return der.object_identifier(parts[0][1], _CHECK), critical, parts[-1][1]


def _basic_constraints(value: bytes | None) -> tuple[bool, int | None]:
    if value is None:
        return False, None
    parts = list(der.elements(_only(value, der.SEQUENCE), _CHECK))
    is_ca = bool(parts) and parts[0][0] == _BOOLEAN and parts[0][1] != b"\0"
    rest = parts[1:] if is_ca else parts
    if not rest:
        return is_ca, None
    if len(rest) != 1 or rest[0][0] != der.INTEGER:
        raise _CHECK.failed("the basic constraints are malformed")
    return is_ca, der.unsigned_integer(rest[0][1], _CHECK)


def _key_usage(value: bytes | None) -> int | None:
    if value is None:
        return None
    bits = _only(value, der.BIT_STRING)
    if len(bits) < 2 or bits[0] > 7 or bits[-1] & (1 << bits[0]) - 1:
        raise _CHECK.failed("the key usage is malformed")
    return bits[1]


def _subject_key_id(value: bytes | None) -> bytes | None:
    return None if value is None else _only(value, der.OCTET_STRING)


def _authority_key_id(value: bytes | None) -> bytes | None:
    if value is None:
        return None
    parts = _known_parts(_only(value, der.SEQUENCE), _AUTHORITY_PARTS)
    return parts.get(_KEY_ID)


def _require_distribution_points(value: bytes | None) -> None:
    """The URLs of revocation lists; nothing is fetched, but malformed ones are refused, as by official clients."""
    if value is None:
        return
    for tag, point in der.elements(_only(value, der.SEQUENCE), _CHECK):
        if tag != der.SEQUENCE:
            raise _CHECK.failed("a distribution point is malformed")
        name = _known_parts(point, _POINT_PARTS).get(_FULL_NAME, b"")
        names = _known_parts(name, (_FULL_NAME,)).get(_FULL_NAME, b"")
        if not {tag for tag, _ in der.elements(names, _CHECK)} <= _GENERAL_NAMES:
            raise _CHECK.failed("a distribution point is malformed")


def _known_parts(data: bytes, order: tuple[int, ...]) -> dict[int, bytes]:
    """Optional parts by tag, each at most once and in this order."""
    parts = list(der.elements(data, _CHECK))
    tags = [tag for tag, _ in parts]
    if tags != [tag for tag in order if tag in tags]:
        raise _CHECK.failed("an extension has an unknown part")
    return dict(parts)


def _only(data: bytes, tag: int) -> bytes:
    """The content of the data's only element."""
    parts = list(der.elements(data, _CHECK))
    if len(parts) != 1 or parts[0][0] != tag:
        raise _CHECK.failed("a part is not what it should be")
    return parts[0][1]
