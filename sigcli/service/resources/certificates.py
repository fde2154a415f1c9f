"""Certificates and short-lived credentials that the service issues to an account."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.durations import DAY_S
from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import JsonObject
from sigcli.service.exchange import Request
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from sigcli.service.chat import IdentifiedChat
    from sigcli.wire.addresses import ServiceId

STORAGE = "/v1/storage/auth"
DIRECTORY = "/v2/directory/auth"
SVR2 = "/v2/svr/auth"


@dataclass(frozen=True, slots=True)
class DatedCredential:
    """A credential for one day; ``redemption_time_s`` is that day's start in UTC, in seconds."""

    redemption_time_s: int
    credential: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class GroupCredentials:
    """Credentials for groups and for call links, one a day each, and the PNI that they are issued for."""

    groups: tuple[DatedCredential, ...]
    call_links: tuple[DatedCredential, ...]
    pni: ServiceId | None


@dataclass(frozen=True, slots=True)
class ServiceLogin:
    """A login for one of the other services: storage and directory for a day, PIN recovery for a month."""

    username: str
    password: str = field(repr=False)


def delivery_certificate(chat: IdentifiedChat, *, include_number: bool) -> bytes:
    """A SenderCertificate for sealed messages; with the number only if the user shares it with everyone."""
    # Always given, since the default would put the number into every sealed message.
    query = "includeE164=true" if include_number else "includeE164=false"
    response = chat.request(Request("GET", f"/v1/certificate/delivery?{query}"))
    return JsonObject.from_response(require_success(response, "certify this sender")).data(
        "certificate"
    )


def group_credentials(chat: IdentifiedChat, first_day_s: int, last_day_s: int) -> GroupCredentials:
    """Credentials for the days from ``first_day_s`` to ``last_day_s`` (starts of days in UTC, at most 7 apart).

    Raises BadRequest for days before yesterday or later than a week after tomorrow.
    """
    assert first_day_s % DAY_S == 0
    assert last_day_s % DAY_S == 0
    query = f"redemptionStartSeconds={first_day_s}&redemptionEndSeconds={last_day_s}"
    response = chat.request(Request("GET", f"/v1/certificate/auth/group?{query}"))
    body = JsonObject.from_response(require_success(response, "give group credentials"))
    return GroupCredentials(
        _read_dated(body, "credentials"),
        _read_dated(body, "callLinkAuthCredentials"),
        body.optional_pni("pni"),
    )


def service_login(chat: IdentifiedChat, path: str) -> ServiceLogin:
    """A login for another service; ``path`` is STORAGE, DIRECTORY or SVR2."""
    body = JsonObject.from_response(
        require_success(chat.request(Request("GET", path)), "give a login")
    )
    return ServiceLogin(body.text("username"), body.text("password"))


def _read_dated(body: JsonObject, name: str) -> tuple[DatedCredential, ...]:
    return tuple(
        DatedCredential(entry.integer("redemptionTime"), entry.data("credential"))
        for entry in body.objects(name)
    )
