"""Identity keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.account.people.identities import ListedIdentity


class IdentityShape(TypedDict):
    """A key, and how far it is trusted."""

    number: str | None
    uuid: str | None
    serviceId: str
    fingerprint: str
    safetyNumber: str
    scannableSafetyNumber: str
    trustLevel: str
    addedTimestamp: int


@dataclass(frozen=True, slots=True)
class Identities(Result):
    """The keys that were asked for."""

    identities: Sequence[ListedIdentity]

    def to_json(self) -> list[IdentityShape]:
        return [
            {
                "number": identity.person.number,
                "uuid": identity.person.uuid,
                "serviceId": str(identity.service_id),
                "fingerprint": identity.fingerprint_hex,
                "safetyNumber": identity.safety_number,
                "scannableSafetyNumber": identity.scannable_base64,
                "trustLevel": identity.trust_level,
                "addedTimestamp": identity.added_ms,
            }
            for identity in self.identities
        ]
