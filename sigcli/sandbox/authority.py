"""TLS: the sandbox's own certificate authority, created once, and the server's certificate."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ec import (
        EllipticCurvePrivateKey,
        EllipticCurvePublicKey,
    )
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import Certificate, CertificateBuilder, GeneralName, KeyUsage, Name

CA_FILE = "ca.pem"
SERVER_FILE = "server.pem"
_CA_KEY_FILE = "ca-key.pem"
_LIFE = timedelta(days=3650)
_RENEW_BEFORE = timedelta(days=30)
_NAMES = ("localhost", "127.0.0.1", "::1")


def prepare_tls(folder: Path, hosts: Iterable[str]) -> tuple[Path, Path]:
    """The paths of the CA's certificate and of the server's certificate with its key; creates them if necessary.

    The server's names are localhost, 127.0.0.1, ::1 and the hosts given.
    """
    from cryptography import x509

    ca_path, server_path = folder / CA_FILE, folder / SERVER_FILE
    names = tuple(dict.fromkeys((*_NAMES, *hosts)))
    if server_path.exists() and ca_path.exists():
        certificate = x509.load_pem_x509_certificate(server_path.read_bytes())
        fresh = certificate.not_valid_after_utc - _RENEW_BEFORE > datetime.now(UTC)
        if fresh and _named(certificate) == [_general_name(name) for name in names]:
            return ca_path, server_path
    ca_certificate, ca_key = _load_or_make_authority(folder)
    certificate, key = _issue(names, ca_certificate, ca_key)
    write_private(server_path, _key_pem(key) + _certificate_pem(certificate))
    return ca_path, server_path


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, completely or not at all."""
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    os.replace(temporary, path)


def _load_or_make_authority(folder: Path) -> tuple[Certificate, EllipticCurvePrivateKey]:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    ca_path, key_path = folder / CA_FILE, folder / _CA_KEY_FILE
    if ca_path.exists() and key_path.exists():
        key = load_pem_private_key(key_path.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return x509.load_pem_x509_certificate(ca_path.read_bytes()), key
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("sigcli sandbox CA")
    certificate = (
        _builder(name, name, key.public_key(), key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .sign(key, _hash())
    )
    write_private(key_path, _key_pem(key))
    write_private(ca_path, _certificate_pem(certificate))
    return certificate, key


def _issue(
    names: Sequence[str], ca_certificate: Certificate, ca_key: EllipticCurvePrivateKey
) -> tuple[Certificate, EllipticCurvePrivateKey]:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name("sigcli sandbox")
    certificate = (
        _builder(subject, ca_certificate.subject, key.public_key(), ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False
        )
        .sign(ca_key, _hash())
    )
    return certificate, key


def _builder(
    subject: Name,
    issuer: Name,
    public_key: EllipticCurvePublicKey,
    issuer_key: EllipticCurvePublicKey,
) -> CertificateBuilder:
    from cryptography import x509

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        # Without it the strict verification of Python 3.13 refuses the chain.
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
        )
    )


def _general_name(name: str) -> GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _named(certificate: Certificate) -> list[GeneralName]:
    from cryptography import x509

    return list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


def _name(text: str) -> Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, certificates: bool) -> KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _hash() -> SHA256:
    from cryptography.hazmat.primitives.hashes import SHA256

    return SHA256()


def _key_pem(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _certificate_pem(certificate: Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)
