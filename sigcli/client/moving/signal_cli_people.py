"""People, groups and sticker packs from signal-cli's database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sigcli.client.groups.identifiers import identifier_of
from sigcli.client.people.blocked_groups import replace_blocked_groups
from sigcli.errors import InvalidServiceId
from sigcli.store.groups import note_group, set_accepted, set_distribution
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipient_values import AccessMode, RequestState
from sigcli.store.recipients import set_expire_timer, set_profile_key, update_recipient
from sigcli.store.sticker_packs import install_pack, note_pack
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.addresses import ServiceId, is_e164

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.client.moving.report import Tally
    from sigcli.store.account_data import AccountKeys
    from sigcli.store.database import Transaction
    from sigcli.store.signal_cli.database import SignalCliDatabase

_KEY_LENGTH = 32
_PACK_ID_LENGTH = 16
_UUID_LENGTH = 16


def adopt_people(
    transaction: Transaction, source: SignalCliDatabase, keys: AccountKeys, tally: Tally
) -> dict[int, ServiceId]:
    """Keep everybody who is known; gives the service ids by signal-cli's rows."""
    found: dict[int, ServiceId] = {}
    for row in source.rows("recipient"):
        ids = _ids(row)
        if not ids:
            tally.leave_out("recipients", "without any address")
            continue
        person = resolve_recipient(transaction, **ids)
        is_own = ids.get("aci") == keys.aci
        update_recipient(transaction, person.id, **_columns(row, is_own=is_own))
        key = keys.profile_key if is_own else row["profile_key"]
        if key is not None and len(key) == _KEY_LENGTH:
            set_profile_key(transaction, person.id, key)
            update_recipient(
                transaction,
                person.id,
                access_mode=_access_mode(row["profile_unidentified_access_mode"]),
            )
        timer_s, version = row["expiration_time"], max(row["expiration_time_version"], 1)
        set_expire_timer(transaction, person.id, max(timer_s, 0), version)
        service_id = ids.get("aci") or ids.get("pni")
        if service_id is not None:
            found[row["_id"]] = service_id
        if not is_own:
            tally.take("recipients")
    return found


def adopt_groups(
    transaction: Transaction, source: SignalCliDatabase, now_ms: int, tally: Tally
) -> None:
    """Keep the keys of groups; what they consist of is fetched."""
    blocked = []
    for row in source.rows("group_v2"):
        group_id = identifier_of(row["master_key"])
        if group_id is None or group_id != row["group_id"]:
            tally.leave_out("groups", "damaged; they come back from the service")
            continue
        group_row = note_group(transaction, group_id, row["master_key"])
        set_accepted(transaction, group_id, bool(row["profile_sharing"]))
        # Without one the next message to the group begins with a new sender key.
        if len(row["distribution_id"]) == _UUID_LENGTH:
            set_distribution(transaction, group_row, UUID(bytes=row["distribution_id"]))
        add_task(transaction, TaskKind.GROUP_UPDATE, group_id, now_ms=now_ms)
        if row["blocked"]:
            blocked.append(group_id)
        tally.take("groups")
    replace_blocked_groups(transaction, blocked)
    old = sum(1 for _ in source.rows("group_v1"))
    tally.leave_out("old groups", "the service carries no messages for groups of this kind", old)


def adopt_packs(transaction: Transaction, source: SignalCliDatabase, tally: Tally) -> None:
    """Keep sticker packs."""
    for row in source.rows("sticker"):
        pack_id, key = row["pack_id"], row["pack_key"]
        if len(pack_id) != _PACK_ID_LENGTH or len(key) != _KEY_LENGTH:
            tally.leave_out("sticker packs", "damaged")
            continue
        if row["installed"]:
            install_pack(transaction, pack_id, key)
        else:
            note_pack(transaction, pack_id, key)
        tally.take("stickerPacks")


def _ids(row: Mapping[str, Any]) -> dict[str, Any]:
    ids: dict[str, Any] = {}
    try:
        if row["aci"]:
            ids["aci"] = ServiceId.aci(row["aci"])
        if row["pni"]:
            ids["pni"] = ServiceId.pni(row["pni"])
    except InvalidServiceId:
        return {}
    if row["number"] and is_e164(row["number"]):
        ids["number"] = row["number"]
    if row["username"]:
        ids["username"] = row["username"]
    return ids


def _columns(row: Mapping[str, Any], *, is_own: bool) -> dict[str, Any]:
    has_name = any(
        row[name] for name in ("given_name", "family_name", "nick_name", "nick_name_given_name")
    )
    is_accepted = bool(row["profile_sharing"])
    return {
        "is_contact": not is_own and (has_name or is_accepted),
        "given_name": row["given_name"] or None,
        "family_name": row["family_name"] or None,
        "nickname": row["nick_name"] or None,
        "nickname_given": row["nick_name_given_name"] or None,
        "nickname_family": row["nick_name_family_name"] or None,
        "note": row["note"] or None,
        "color": row["color"] or None,
        "blocked": bool(row["blocked"]),
        "hidden": bool(row["hidden"]),
        "archived": bool(row["archived"]),
        "mute_until_ms": max(row["mute_until"], 0),
        "profile_sharing": is_accepted,
        "request_state": RequestState.ACCEPTED if is_accepted else RequestState.NONE,
        "unregistered_ms": row["unregistered_timestamp"],
        "needs_pni_signature": bool(row["needs_pni_signature"]),
        "profile_given_name": row["profile_given_name"] or None,
        "profile_family_name": row["profile_family_name"] or None,
        "about": row["profile_about"] or None,
        "about_emoji": row["profile_about_emoji"] or None,
        "avatar_path": row["profile_avatar_url_path"] or None,
        "mobile_coin_address": row["profile_mobile_coin_address"],
        "capabilities": [
            one for one in (row["profile_capabilities"] or "").replace(",", " ").split() if one
        ],
        "shares_number": _SHARING.get(row["profile_phone_number_sharing"]),
        "discoverable": None if row["discoverable"] is None else bool(row["discoverable"]),
    }


_SHARING = {"EVERYBODY": True, "NOBODY": False}


def _access_mode(name: str | None) -> AccessMode:
    return AccessMode.__members__.get(name or "", AccessMode.UNKNOWN)
