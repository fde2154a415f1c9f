"""Schnorr proofs of linear statements about group elements (libsignal's ``poksho``).

A statement is a list of equations, each an element as a sum of secret scalar times element, by name.
The element ``G`` is the base point. The proof is a challenge and one response for each scalar, 32 bytes
each. Source: libsignal ``rust/poksho/src/statement.rs``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sigcli.crypto import constant_time, scalars
from sigcli.crypto.ristretto import BASE_POINT, RistrettoPoint, encode_all, sum_of_products
from sigcli.crypto.scalars import SCALAR_LENGTH, WIDE_LENGTH, Scalar
from sigcli.errors import MalformedMessage, ZkProofFailed
from sigcli.zkgroup.sho import Sho

_LABEL = b"POKSHO_Ristretto_SHOHMACSHA256"
_BASE_NAME = "G"

Equation = tuple[str, Sequence[tuple[str, str]]]
"""An element's name, and the (scalar, element) names of the terms that sum up to it."""


class Statement:
    """A statement to prove; scalars and elements are numbered in the order of their first use."""

    __slots__ = ("_description", "_equations", "_points", "_scalars")

    def __init__(self, *equations: Equation) -> None:
        scalar_numbers: dict[str, int] = {}
        point_numbers = {_BASE_NAME: 0}
        description = [len(equations)]
        for left, terms in equations:
            description += [point_numbers.setdefault(left, len(point_numbers)), len(terms)]
            for scalar, point in terms:
                description.append(scalar_numbers.setdefault(scalar, len(scalar_numbers)))
                description.append(point_numbers.setdefault(point, len(point_numbers)))
        self._equations = equations
        self._scalars = tuple(scalar_numbers)
        self._points = tuple(point_numbers)
        self._description = bytes(description)

    def prove(
        self,
        secrets: Mapping[str, Scalar],
        points: Mapping[str, RistrettoPoint],
        random32: bytes,
        message: bytes = b"",
    ) -> bytes:
        """A proof that the scalars satisfy the statement, which is not checked.

        ``random32`` are 32 new random bytes; the nonces depend on the secrets as well.
        """
        points = {_BASE_NAME: BASE_POINT, **points}
        sho = self._transcript(points)
        nonce_sho = sho.copy()
        nonce_sho.absorb(random32)
        for name in self._scalars:
            nonce_sho.absorb(secrets[name])
        nonce_sho.ratchet()
        nonce_sho.absorb_and_ratchet(message)
        wide = nonce_sho.squeeze(len(self._scalars) * WIDE_LENGTH)
        nonces = {
            name: scalars.from_wide(wide[i * WIDE_LENGTH : (i + 1) * WIDE_LENGTH])
            for i, name in enumerate(self._scalars)
        }
        commitments = [
            sum_of_products((nonces[scalar], points[point]) for scalar, point in terms)
            for _, terms in self._equations
        ]
        challenge = _challenge(sho, commitments, message)
        responses = [
            scalars.add(nonces[name], scalars.multiply(secrets[name], challenge))
            for name in self._scalars
        ]
        return challenge + b"".join(responses)

    def verify(
        self, proof: bytes, points: Mapping[str, RistrettoPoint], message: bytes = b""
    ) -> None:
        """Raises ZkProofFailed unless the proof holds for these elements and this message."""
        if len(proof) != SCALAR_LENGTH * (1 + len(self._scalars)):
            raise ZkProofFailed
        try:
            numbers = [
                scalars.decode(proof[i : i + SCALAR_LENGTH])
                for i in range(0, len(proof), SCALAR_LENGTH)
            ]
        except MalformedMessage:
            raise ZkProofFailed from None
        points = {_BASE_NAME: BASE_POINT, **points}
        challenge = numbers[0]
        responses = dict(zip(self._scalars, numbers[1:], strict=True))
        minus_challenge = scalars.negate(challenge)
        sho = self._transcript(points)
        commitments = [
            sum_of_products(
                [
                    *((responses[scalar], points[point]) for scalar, point in terms),
                    (minus_challenge, points[left]),
                ]
            )
            for left, terms in self._equations
        ]
        if not constant_time.equal(_challenge(sho, commitments, message), challenge):
            raise ZkProofFailed

    def _transcript(self, points: Mapping[str, RistrettoPoint]) -> Sho:
        sho = Sho(_LABEL)
        sho.absorb(self._description)
        for encoding in encode_all(points[name] for name in self._points):
            sho.absorb(encoding)
        sho.ratchet()
        return sho


def _challenge(sho: Sho, commitments: Sequence[RistrettoPoint], message: bytes) -> Scalar:
    sho = sho.copy()
    for encoding in encode_all(commitments):
        sho.absorb(encoding)
    sho.absorb_and_ratchet(message)
    return sho.scalar()
