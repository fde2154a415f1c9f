"""An authority like Intel's, and enclaves of its own: chains, revocation lists, endorsements and quotes for tests."""

from __future__ import annotations

import datetime
import json
import struct
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

NOW_S = 1_790_000_000
MRENCLAVE = bytes(range(32))
_NOW = datetime.datetime.fromtimestamp(NOW_S, datetime.UTC)
_BEFORE, _AFTER = _NOW - datetime.timedelta(days=30), _NOW + datetime.timedelta(days=30)
_SGX = (1, 2, 840, 113741, 1, 13, 1)
_VENDOR = bytes.fromhex("939a7233f79c4ca9940a0db3957f0607")
FMSPC, PCE_ID, SIGNER = bytes.fromhex("00606a000000"), bytes(2), b"\x51" * 32


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    size = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2, "big")
    return bytes([tag]) + size + content


def _oid(*arcs: int) -> bytes:
    content = bytes([arcs[0] * 40 + arcs[1]])
    for arc in arcs[2:]:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        content += bytes(reversed(groups))
    return _der(0x06, content)


def _entry(*arcs: int, value: bytes) -> bytes:
    return _der(0x30, _oid(*_SGX, *arcs) + value)


def _number(value: int) -> bytes:
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def sgx_extension(components: tuple[int, ...], pce_svn: int, *, without: int = 0) -> bytes:
    """The DER of a PCK certificate's SGX extension; ``without`` leaves an entry out."""
    tcb = b"".join(_entry(2, i + 1, value=_number(svn)) for i, svn in enumerate(components))
    tcb += _entry(2, 17, value=_number(pce_svn)) + _entry(2, 18, value=_der(4, bytes(components)))
    entries = {
        1: _der(4, bytes(16)),
        2: _der(0x30, tcb),
        3: _der(4, PCE_ID),
        4: _der(4, FMSPC),
        5: _der(0x0A, b"\x01"),
        6: _der(4, bytes(16)),
        7: _der(0x30, b"".join(_entry(7, i, value=_der(1, b"\xff")) for i in (1, 2, 3))),
    }
    kept = (_entry(name, value=value) for name, value in entries.items() if name != without)
    return _der(0x30, b"".join(kept))


@dataclass(frozen=True)
class Issuer:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(
        cls,
        name: str,
        issuer: Issuer | None = None,
        *,
        ca: bool = True,
        path_length: int | None = None,
        ends: datetime.datetime = _AFTER,
        extensions: tuple[x509.UnrecognizedExtension, ...] = (),
        critical: bool = False,
    ) -> Issuer:
        """Issued by ``issuer``, or self-signed."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        above = issuer.certificate.subject if issuer else subject
        signer = issuer.key if issuer else key
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(above)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(_BEFORE)
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca, path_length), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False
            )
            .add_extension(_usage(ca), True)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical)
        return cls(builder.sign(signer, SHA256()), key)

    def crl(
        self,
        *revoked: Issuer,
        signer: Issuer | None = None,
        ends: datetime.datetime = _AFTER,
        numbered: bool = True,
    ) -> bytes:
        """The issuer's revocation list, with the NUL that servers add."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(_BEFORE)
            .next_update(ends)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False
            )
        )
        if numbered:
            builder = builder.add_extension(x509.CRLNumber(1), False)
        for each in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(each.certificate.serial_number)
                .revocation_date(_BEFORE)
                .build()
            )
        return builder.sign((signer or self).key, SHA256()).public_bytes(Encoding.DER) + b"\0"

    def sign(self, data: bytes) -> bytes:
        return sign(self.key, data)


def sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """r || s."""
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def coordinates(key: ec.EllipticCurvePrivateKey) -> bytes:
    """x || y of the public key."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]


def pem(*issuers: Issuer) -> bytes:
    return b"".join(each.certificate.public_bytes(Encoding.PEM) for each in issuers) + b"\0"


def report(
    *,
    mrenclave: bytes = bytes(32),
    signer: bytes = bytes(32),
    data: bytes = bytes(64),
    product_id: int = 1,
    version: int = 8,
    flags: int = 0x05,
    misc: int = 0,
) -> bytes:
    """A report body, 384 bytes."""
    attributes = struct.pack("<QQ", flags, 0x07)
    head = bytes(16) + struct.pack("<I", misc) + bytes(28) + attributes + mrenclave
    middle = bytes(32) + signer + bytes(96) + struct.pack("<HH", product_id, version)
    return head + middle + bytes(60) + data


def time_text(days: int = 20) -> str:
    return (_NOW + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def tcb_level(status: str = "UpToDate", svn: int = 3, **more: Any) -> dict[str, Any]:
    components = [{"svn": svn}] * 16
    tcb = {"sgxtcbcomponents": components, "pcesvn": 11}
    return {"tcb": tcb, "tcbDate": time_text(-90), "tcbStatus": status, **more}


def tcb_info(**changes: Any) -> dict[str, Any]:
    return {
        "id": "SGX",
        "version": 3,
        "issueDate": time_text(-5),
        "nextUpdate": time_text(),
        "fmspc": FMSPC.hex().upper(),
        "pceId": PCE_ID.hex(),
        "tcbType": 0,
        "tcbEvaluationDataNumber": 21,
        "tcbLevels": [tcb_level(svn=4), tcb_level("OutOfDate", 1)],
    } | changes


def qe_identity(**changes: Any) -> dict[str, Any]:
    return {
        "id": "QE",
        "version": 2,
        "issueDate": time_text(-5),
        "nextUpdate": time_text(),
        "tcbEvaluationDataNumber": 21,
        "miscselect": "00000000",
        "miscselectMask": "FFFFFFFF",
        "attributes": "05000000000000000000000000000000",
        "attributesMask": "FFFFFFFFFFFFFFFF0000000000000000",
        "mrsigner": SIGNER.hex(),
        "isvprodid": 1,
        "tcbLevels": [
            {"tcb": {"isvsvn": 8}, "tcbDate": time_text(-90), "tcbStatus": "UpToDate"},
            {"tcb": {"isvsvn": 1}, "tcbDate": time_text(-900), "tcbStatus": "OutOfDate"},
        ],
    } | changes


def claims(**values: bytes) -> bytes:
    """Custom claims in their packed form."""
    packed = struct.pack("<QQ", 1, len(values))
    for name, value in values.items():
        text = name.encode() + b"\0"
        packed += struct.pack("<QQ", len(text), len(value)) + text + value
    return packed


@dataclass(frozen=True)
class Authority:
    """The certificates of a make-believe Intel, and of one platform."""

    root: Issuer = field(default_factory=lambda: Issuer.make("Root CA"))
    pck_ca: Issuer = field(init=False)
    signing: Issuer = field(init=False)

    def __post_init__(self) -> None:
        pck_ca = Issuer.make("PCK Platform CA", self.root, path_length=0)
        object.__setattr__(self, "pck_ca", pck_ca)
        object.__setattr__(self, "signing", Issuer.make("TCB Signing", self.root, ca=False))

    @property
    def root_key(self) -> bytes:
        return coordinates(self.root.key)

    def platform(self, **changes: Any) -> Issuer:
        """A PCK certificate; ``extension`` replaces its SGX extension."""
        extension = changes.pop("extension", sgx_extension((4,) * 16, 11))
        oid = x509.ObjectIdentifier(".".join(map(str, _SGX)))
        extensions = (x509.UnrecognizedExtension(oid, extension),) if extension else ()
        issuer = changes.pop("issuer", self.pck_ca)
        return Issuer.make("PCK Certificate", issuer, ca=False, extensions=extensions, **changes)


@dataclass(frozen=True)
class Quote:
    """What goes into evidence; each part may be replaced."""

    pck: Issuer
    chain: bytes
    claims: bytes
    attestation_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    version: int = 3
    key_type: int = 2
    certification_type: int = 5
    vendor: bytes = _VENDOR
    mrenclave: bytes = MRENCLAVE
    flags: int = 0x05
    report_data: bytes | None = None
    qe: dict[str, Any] = field(default_factory=dict)
    qe_signer: ec.EllipticCurvePrivateKey | None = None
    body_signer: ec.EllipticCurvePrivateKey | None = None
    public_point: bytes | None = None

    def encode(self) -> bytes:
        data = self.report_data or sha256(self.claims).digest() + bytes(32)
        body = struct.pack("<HH", self.version, self.key_type) + bytes(8) + self.vendor + bytes(20)
        body += report(mrenclave=self.mrenclave, data=data, flags=self.flags)
        point = self.public_point or coordinates(self.attestation_key)
        auth = bytes(range(32))
        bound = sha256(point + auth).digest() + bytes(32)
        qe = report(**({"signer": SIGNER, "data": bound} | self.qe))
        support = sign(self.body_signer or self.attestation_key, body) + point
        support += qe + sign(self.qe_signer or self.pck.key, qe)
        support += struct.pack("<H", len(auth)) + auth
        support += struct.pack("<HI", self.certification_type, len(self.chain)) + self.chain
        return body + struct.pack("<I", len(support)) + support + self.claims


@dataclass(frozen=True)
class Collateral:
    """What goes into endorsements; each part may be replaced."""

    authority: Authority
    tcb: dict[str, Any] = field(default_factory=tcb_info)
    qe: dict[str, Any] = field(default_factory=qe_identity)
    tcb_chain: bytes | None = None
    qe_chain: bytes | None = None
    pck_crl: bytes | None = None
    root_crl: bytes | None = None
    tcb_signer: Issuer | None = None
    qe_signer: Issuer | None = None
    version: int = 1
    enclave_type: int = 2
    sgx_version: int = 1

    def encode(self) -> bytes:
        made = self.authority
        chain = pem(made.signing, made.root)
        fields = [
            struct.pack("<I", self.sgx_version),
            _signed("tcbInfo", self.tcb, self.tcb_signer or made.signing),
            self.tcb_chain or chain,
            self.pck_crl or made.pck_ca.crl(),
            self.root_crl or made.root.crl(),
            pem(made.pck_ca, made.root),
            _signed("enclaveIdentity", self.qe, self.qe_signer or made.signing),
            self.qe_chain or chain,
            b"2026-09-21T00:00:00Z\0",
        ]
        offsets = [sum(map(len, fields[:index])) for index in range(len(fields))]
        content = b"".join(fields)
        header = struct.pack("<IIII", self.version, self.enclave_type, len(content), len(fields))
        return header + struct.pack(f"<{len(offsets)}I", *offsets) + content


def _signed(name: str, content: dict[str, Any], signer: Issuer) -> bytes:
    text = json.dumps(content, separators=(",", ":"))
    signature = signer.sign(text.encode()).hex()
    return f'{{"{name}":{text},"signature":"{signature}"}}'.encode() + b"\0"


@dataclass(frozen=True)
class Enclave:
    """A quote and its collateral that fit each other."""

    authority: Authority
    quote: Quote
    collateral: Collateral

    @classmethod
    def make(cls, authority: Authority, public_key: bytes, **more_claims: bytes) -> Enclave:
        """Healthy in every respect, its Noise key ``public_key``."""
        pck = authority.platform()
        chain = pem(pck, authority.pck_ca, authority.root)
        quote = Quote(pck, chain, claims(pk=public_key, **more_claims))
        return cls(authority, quote, Collateral(authority))

    def with_quote(self, **changes: Any) -> Enclave:
        return replace(self, quote=replace(self.quote, **changes))

    def with_collateral(self, **changes: Any) -> Enclave:
        return replace(self, collateral=replace(self.collateral, **changes))

    def on_platform(self, pck: Issuer) -> Enclave:
        chain = pem(pck, self.authority.pck_ca, self.authority.root)
        return self.with_quote(pck=pck, chain=chain)


def _usage(ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
