"""Groups: logins by presentation, revisions, rules of access, the log, endorsements."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from sigcli.sandbox.fields import decode_standard, encode_url_safe
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.group_changes import (
    AddBanned,
    AddInvited,
    AddMember,
    AddRequesting,
    DeleteUser,
    GroupActions,
    NewAccess,
    NewAttribute,
    NewAvatar,
    PresentProfileKey,
    SetRole,
    TerminateGroup,
    decode_actions,
    decode_change_response,
    decode_group_change,
    decode_group_log,
    decode_group_response,
    encode_actions,
)
from sigcli.wire.group_state import (
    BannedMember,
    GroupAccess,
    GroupMember,
    GroupState,
    InvitedMember,
    RequestingMember,
    decode_avatar_upload,
    decode_group_state,
    decode_join_info,
    decode_member,
    encode_group_state,
)
from sigcli.zkgroup.auth_credentials import AuthCredentialWithPniResponse
from sigcli.zkgroup.endorsements import GroupSendEndorsementsResponse
from sigcli.zkgroup.groups import GroupSecretParams
from sigcli.zkgroup.profile_credentials import (
    ExpiringProfileKeyCredentialResponse,
    ProfileKeyCredentialRequestContext,
)
from sigcli.zkgroup.profile_key import ProfileKey
from tests.support.sandbox_client import Answer, base64, basic, message

if TYPE_CHECKING:
    from sigcli.zkgroup.auth_credentials import AuthCredentialWithPni
    from sigcli.zkgroup.profile_presentations import ExpiringProfileKeyCredential
    from sigcli.zkgroup.server_params import ServerPublicParams
    from tests.support.sandbox_client import SandboxClient, TestDevice

GROUPS = "/storage/v2/groups"
PASSWORD = b"sixteen  letters"
ADMINISTRATOR, DEFAULT = MemberRole.ADMINISTRATOR, MemberRole.DEFAULT


@dataclass
class Holder:
    """An account and the credentials that it has been issued."""

    device: TestDevice
    profile_key: ProfileKey

    @cached_property
    def params(self) -> ServerPublicParams:
        return server_params(self.device.client)

    @cached_property
    def auth_credential(self) -> AuthCredentialWithPni:
        device = self.device
        today_s = device.client.sandbox.state.clock.today_ms() // 1000
        query = f"redemptionStartSeconds={today_s}&redemptionEndSeconds={today_s}"
        issued = device.rest("GET", f"/v1/certificate/auth/group?{query}").json["credentials"][0]
        response = AuthCredentialWithPniResponse.deserialize(decoded(issued["credential"]))
        return response.receive(self.params, device.aci, device.pni, today_s)

    @cached_property
    def profile_key_credential(self) -> ExpiringProfileKeyCredential:
        device = self.device
        now_ms = device.client.sandbox.state.clock.now_ms()
        version = self.profile_key.get_profile_key_version(device.aci)
        body = {
            "commitment": base64(self.profile_key.get_commitment(device.aci).serialize()),
            "version": version,
            "name": base64(bytes(81)),
            "avatar": False,
            "sameAvatar": False,
        }
        assert device.rest("PUT", "/v1/profile", body).status == 200
        context = ProfileKeyCredentialRequestContext.create(device.aci, self.profile_key)
        request = context.get_request().serialize().hex()
        path = f"/v1/profile/{device.aci}/{version}/{request}?credentialType=expiringProfileKey"
        issued = decoded(device.rest("GET", path).json["credential"])
        response = ExpiringProfileKeyCredentialResponse.deserialize(issued)
        return context.receive(self.params, response, now_ms)


@dataclass(slots=True)
class Person:
    """An account as it appears in one group."""

    holder: Holder
    group: GroupSecretParams
    login: str = field(init=False)
    presentation: bytes = field(init=False)

    def __post_init__(self) -> None:
        params = self.holder.params
        shown = self.holder.auth_credential.present(params, self.group).serialize()
        public = self.group.get_public_params().serialize()
        self.login = basic(public.hex(), shown.hex())
        credential = self.holder.profile_key_credential
        self.presentation = credential.present(params, self.group).serialize()

    @property
    def device(self) -> TestDevice:
        return self.holder.device

    @property
    def id(self) -> bytes:
        return self.group.encrypt_service_id(self.device.aci).serialize()

    @property
    def pni_id(self) -> bytes:
        return self.group.encrypt_service_id(self.device.pni).serialize()

    def ask(
        self,
        method: str,
        path: str = "",
        body: bytes | None = None,
        *,
        base: str = GROUPS,
        **headers: str,
    ) -> Answer:
        sent = {"Content-Type": "application/x-protobuf"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.device.client.rest(method, base + path, body, login=self.login, headers=sent)

    def change(self, revision: int, query: str = "", **actions: Any) -> int:
        body = encode_actions(GroupActions(revision=revision, **actions))
        return self.ask("PATCH", query, body).status

    def state(self) -> GroupState:
        group = decode_group_response(self.ask("GET").body).group
        assert group is not None
        return group


def server_params(client: SandboxClient) -> ServerPublicParams:
    return client.sandbox.state.keys.zkgroup.get_public_params()


def decoded(text: str) -> bytes:
    data = decode_standard(text)
    assert data is not None
    return data


@pytest.fixture
def secret() -> GroupSecretParams:
    return GroupSecretParams.generate()


@pytest.fixture(scope="module")
def holders(running: SandboxClient) -> list[Holder]:
    """Accounts of which each test makes a group of its own."""
    devices = [running.register(f"+155510000{i}") for i in range(3)]
    return [Holder(device, ProfileKey(bytes([i]) * 32)) for i, device in enumerate(devices)]


@pytest.fixture
def people(client: SandboxClient, holders: list[Holder], secret: GroupSecretParams) -> list[Person]:
    """A founder with a group of her own, and two others."""
    people = [Person(holder, secret) for holder in holders]
    assert people[0].ask("PUT", "", founding(people[0], secret)).status == 200
    return people


def founding(founder: Person, secret: GroupSecretParams, **changes: Any) -> bytes:
    fields: dict[str, Any] = {
        "public_key": secret.get_public_params().serialize(),
        "title": b"an encrypted title",
        "access": GroupAccess(
            attributes=AccessRequired.MEMBER,
            members=AccessRequired.MEMBER,
            add_from_invite_link=AccessRequired.UNSATISFIABLE,
        ),
        "members": (GroupMember(role=ADMINISTRATOR, presentation=founder.presentation),),
        **changes,
    }
    return encode_group_state(GroupState(**fields))


def adding(person: Person, role: MemberRole = DEFAULT) -> dict[str, Any]:
    added = GroupMember(role=role, presentation=person.presentation)
    return {"add_members": (AddMember(added=added),)}


def test_founding_a_group(people: list[Person], secret: GroupSecretParams) -> None:
    founder, other, _ = people
    for changes in (
        {"title": b""},
        {"revision": 1},
        {"members": ()},
        {"access": None},
        {"members": (GroupMember(role=DEFAULT, presentation=founder.presentation),)},
        {"members": (GroupMember(role=ADMINISTRATOR, presentation=other.presentation),)},
        {"members": (GroupMember(role=ADMINISTRATOR, user_id=founder.id),)},
        {"public_key": b""},
        {"title": bytes(1025)},
        {"description": bytes(8193)},
        {"avatar_url": "groups/elsewhere/AAAAAAAAAAAAAAAAAAAAAA"},
        {"invite_link_password": bytes(8)},
        {"access": GroupAccess(attributes=2, members=2, add_from_invite_link=1)},
        {"banned": (BannedMember(user_id=other.id),)},
        {"invited": (InvitedMember(member=GroupMember(user_id=founder.id, role=DEFAULT)),)},
    ):
        assert founder.ask("PUT", "", founding(founder, secret, **changes)).status == 400, changes
    mixed = founding(founder, secret, public_key=bytes(97))
    assert founder.ask("PUT", "", mixed).status == 403
    assert founder.ask("PUT", "", founding(founder, secret)).status == 409
    group = founder.state()
    (member,) = group.members
    assert (member.user_id, member.role, member.joined_at_revision) == (
        founder.id,
        ADMINISTRATOR,
        0,
    )
    assert member.presentation == b""
    assert group.revision == 0


def test_who_gets_in(client: SandboxClient, people: list[Person]) -> None:
    founder, other, _ = people
    assert client.rest("GET", GROUPS).status == 401
    assert client.rest("GET", GROUPS, login=founder.device.login).status == 401
    assert other.ask("GET").status == 403
    elsewhere = Person(founder.holder, GroupSecretParams.generate())
    assert elsewhere.ask("GET").status == 404
    mixed = basic(
        elsewhere.group.get_public_params().serialize().hex(),
        decoded(founder.login.partition(" ")[2]).decode().partition(":")[2],
    )
    assert client.rest("GET", GROUPS, login=mixed).status == 401
    client.control.switch(clockShift=3 * 86_400)
    assert founder.ask("GET").status == 401
    client.control.switch(clockShift=0)


def test_changes_come_one_at_a_time_and_signed(client: SandboxClient, people: list[Person]) -> None:
    founder, other, third = people
    assert other.change(1, **adding(other)) == 403
    body = encode_actions(GroupActions(revision=1, **adding(other)))
    answer = decode_change_response(founder.ask("PATCH", "", body).body)
    assert answer.change is not None
    server_params(client).verify_signature(answer.change.actions, answer.change.server_signature)
    signed = decode_actions(answer.change.actions)
    assert signed.source_user_id == founder.id
    assert signed.group_id == founder.group.get_public_params().get_group_identifier()
    (added,) = signed.add_members
    assert added.added is not None
    assert (added.added.user_id, added.added.presentation) == (other.id, b"")
    taken = founder.ask("PATCH", "", encode_actions(GroupActions(revision=1, **adding(third))))
    assert (taken.status, decode_group_state(taken.body).revision) == (409, 1)
    assert founder.change(3, **adding(third)) == 409
    assert founder.change(3, group_id=b"x", **adding(third)) == 409
    assert founder.change(2, group_id=b"x", **adding(third)) == 400
    assert founder.change(2, **adding(other)) == 400
    joined = decode_member(other.ask("GET", "/joined_at_version").body)
    assert joined.joined_at_revision == 1

    # What administrators may, what members may, what everybody may with their own.
    assert (
        other.change(2, modify_member_roles=(SetRole(user_id=other.id, role=ADMINISTRATOR),)) == 403
    )
    assert other.change(2, delete_members=(DeleteUser(deleted_user_id=founder.id),)) == 403
    assert other.change(2, **adding(third, ADMINISTRATOR)) == 403
    assert other.change(2, modify_attributes_access=NewAccess(access=3)) == 403
    assert other.change(2, modify_title=NewAttribute(value=b"new")) == 200
    assert founder.change(3, modify_attributes_access=NewAccess(access=3)) == 200
    assert other.change(4, modify_title=NewAttribute(value=b"newer")) == 403
    profile = PresentProfileKey(presentation=founder.presentation)
    assert other.change(4, modify_member_profile_keys=(profile,)) == 403
    assert other.change(4, delete_members=(DeleteUser(deleted_user_id=other.id),)) == 200
    assert other.ask("GET").status == 403
    assert founder.state().title == b"new"
    assert founder.change(5, terminate_group=TerminateGroup()) == 200
    assert founder.change(6, modify_title=NewAttribute(value=b"x")) == 423


def test_the_older_version_answers_without_endorsements(
    people: list[Person], secret: GroupSecretParams
) -> None:
    founder, other, _ = people
    older = "/storage/v1/groups/"
    assert decode_group_state(founder.ask("GET", base=older).body) == founder.state()
    assert other.ask("GET", base=older).status == 403
    body = encode_actions(GroupActions(revision=1, **adding(other)))
    change = decode_group_change(founder.ask("PATCH", "", body, base=older).body)
    assert decode_actions(change.actions).source_user_id == founder.id
    taken = founder.ask("PATCH", "", body, base=older)
    assert (taken.status, decode_group_state(taken.body).revision) == (409, 1)
    # The header that the newer version insists on is not known to this one.
    log = founder.ask("GET", "logs/0?maxSupportedChangeEpoch=7", base=older)
    assert (log.status, len(decode_group_log(log.body).entries)) == (200, 2)
    assert decode_group_log(log.body).endorsements == b""
    joined = decode_member(other.ask("GET", "joined_at_version", base=older).body)
    assert joined.joined_at_revision == 1
    assert founder.ask("PUT", "", founding(founder, secret), base=older).status == 409
    fresh = GroupSecretParams.generate()
    elsewhere = Person(founder.holder, fresh)
    made = elsewhere.ask("PUT", "", founding(elsewhere, fresh), base=older)
    assert (made.status, made.body) == (200, b"")
    assert elsewhere.state().title == b"an encrypted title"


def test_invitations_and_links(people: list[Person]) -> None:
    founder, other, third = people
    invitation = InvitedMember(member=GroupMember(user_id=other.pni_id, role=DEFAULT))
    assert founder.change(1, add_invited=(AddInvited(added=invitation),)) == 200
    (noted,) = other.state().invited
    assert noted.added_by_user_id == founder.id
    assert noted.timestamp_ms > 0
    accept = (PresentProfileKey(presentation=other.presentation),)
    assert third.change(2, promote_invited=accept) == 403
    assert other.change(2, promote_invited=accept) == 403
    assert other.change(2, promote_invited_by_pni=accept) == 200
    assert other.state().invited == ()

    password = encode_url_safe(PASSWORD)
    link: dict[str, Any] = {"modify_invite_link_password": NewAttribute(value=PASSWORD)}
    closed = third.ask("GET", f"/join/{password}")
    assert closed.status == 403
    access = NewAccess(access=AccessRequired.ADMINISTRATOR)
    assert founder.change(3, modify_invite_link_access=access, **link) == 200
    assert third.ask("GET", f"/join/{encode_url_safe(b'guess')}").status == 403
    info = decode_join_info(third.ask("GET", f"/join/{password}").body)
    assert (info.member_count, info.revision, info.pending_admin_approval) == (2, 3, False)
    wish = (AddRequesting(added=RequestingMember(presentation=third.presentation)),)
    assert third.change(4, add_requesting=wish) == 403
    assert third.change(4, f"?inviteLinkPassword={password}", add_requesting=wish) == 200
    assert decode_join_info(third.ask("GET", "/join/x").body).pending_admin_approval is True
    assert third.ask("GET").status == 403
    approve = (SetRole(user_id=third.id, role=DEFAULT),)
    assert other.change(5, promote_requesting=approve) == 403
    assert founder.change(5, promote_requesting=approve) == 200
    assert len(third.state().members) == 3
    expel: dict[str, Any] = {
        "delete_members": (DeleteUser(deleted_user_id=third.id),),
        "add_banned": (AddBanned(added=BannedMember(user_id=third.id)),),
    }
    assert founder.change(6, **expel) == 200
    guess = third.ask("GET", "/join/")
    assert (guess.status, "x-signal-forbidden-reason" in guess.headers) == (403, False)
    banned = third.ask("GET", f"/join/{password}")
    assert (banned.status, banned.headers["x-signal-forbidden-reason"]) == (403, "banned")


def test_the_log_comes_in_pages(client: SandboxClient, people: list[Person]) -> None:
    founder, other, _ = people
    titles = [b"%d" % revision for revision in range(1, 5)]
    for revision, title in enumerate(titles, 1):
        assert founder.change(revision, modify_title=NewAttribute(value=title)) == 200
    assert founder.change(5, **adding(other)) == 200
    assert founder.ask("GET", "/logs/0").status == 400
    client.control.switch(groupLogPage=4)
    try:
        query = "maxSupportedChangeEpoch=7&includeLastState=true"
        page = founder.ask("GET", f"/logs/0?{query}", cached_send_endorsements="0")
        assert (page.status, page.headers["content-range"]) == (206, "versions 0-3/5")
        log = decode_group_log(page.body)
        assert [entry.state is not None for entry in log.entries] == [False, False, False, True]
        assert log.endorsements == b""
        first = log.entries[0].change
        assert first is not None
        made = GroupActions(revision=0, source_user_id=founder.id)
        assert (decode_actions(first.actions), first.server_signature) == (made, b"")
        rest = founder.ask("GET", f"/logs/4?{query}", cached_send_endorsements="0")
        assert rest.status == 200
        entries = decode_group_log(rest.body).entries
        assert [entry.state is not None for entry in entries] == [False, True]
        assert other.ask("GET", "/logs/4", cached_send_endorsements="0").status == 403
        assert other.ask("GET", "/logs/5", cached_send_endorsements="0").status == 200
        limited = founder.ask("GET", "/logs/0?limit=2", cached_send_endorsements="0")
        assert limited.headers["content-range"] == "versions 0-1/5"
        # Who does not say what it understands gets every state.
        assert all(entry.state for entry in decode_group_log(limited.body).entries)
        late = str(client.sandbox.state.clock.now_s() + 7 * 3600)
        for first_revision, cached, sent in (
            (5, late, True),  # somebody joined
            (6, "0", False),  # nothing new
        ):
            path = f"/logs/{first_revision}"
            answer = founder.ask("GET", path, cached_send_endorsements=cached)
            assert bool(decode_group_log(answer.body).endorsements) is sent
        assert founder.change(6, modify_title=NewAttribute(value=b"6")) == 200
        for cached, sent in ((late, False), ("0", True)):
            answer = founder.ask("GET", "/logs/6", cached_send_endorsements=cached)
            assert bool(decode_group_log(answer.body).endorsements) is sent
    finally:
        client.control.switch(groupLogPage=64)


def test_endorsements_let_members_send_without_keys(
    client: SandboxClient, people: list[Person]
) -> None:
    founder, other, third = people
    assert founder.change(1, **adding(other)) == 200
    response = GroupSendEndorsementsResponse.deserialize(
        decode_group_response(founder.ask("GET").body).endorsements
    )
    now_ms = client.sandbox.state.clock.now_ms()
    received = response.receive_with_service_ids(
        [founder.device.aci, other.device.aci],
        founder.device.aci,
        now_ms,
        founder.group,
        server_params(client),
    )
    token = received.combined.to_full_token(founder.group, received.expiration_s).serialize()
    headers = {"Group-Send-Token": base64(token)}

    def send(target: TestDevice) -> int:
        body = message(target, type=6)
        return client.rest("PUT", f"/v1/messages/{target.aci}", body, headers=headers).status

    assert send(other.device) == 200
    assert send(third.device) == 401
    keys = f"/v2/keys/{other.device.aci}/*"
    assert client.rest("GET", keys, headers=headers).status == 200
    profile = f"/v1/profile/{other.device.aci}"
    assert client.rest("GET", profile, headers=headers).status == 200
    client.control.switch(clockShift=4 * 86_400)
    assert send(other.device) == 401
    client.control.switch(clockShift=0)


def test_an_avatar_of_a_group(people: list[Person]) -> None:
    founder, other, _ = people
    form = decode_avatar_upload(founder.ask("GET", "/avatar/form").body)
    assert other.ask("GET", "/avatar/form").status == 403
    assert founder.change(1, modify_avatar=NewAvatar(url="groups/x/y")) == 400
    assert founder.change(1, modify_avatar=NewAvatar(url=form.key + "AAAA")) == 400
    assert founder.change(1, modify_avatar=NewAvatar(url=form.key)) == 200
    assert founder.change(2, modify_avatar=NewAvatar(url="")) == 200


def test_no_change_without_a_group(people: list[Person]) -> None:
    elsewhere = Person(people[0].holder, GroupSecretParams.generate())
    assert elsewhere.change(1, modify_title=NewAttribute(value=b"x")) == 400


def opened(founder: Person, revision: int, access: AccessRequired) -> str:
    """Opens the group's link; the query for who uses it."""
    link: dict[str, Any] = {
        "modify_invite_link_password": NewAttribute(value=PASSWORD),
        "modify_invite_link_access": NewAccess(access=access),
    }
    assert founder.change(revision, **link) == 200
    return f"?inviteLinkPassword={encode_url_safe(PASSWORD)}"


def test_joining_by_link(people: list[Person]) -> None:
    founder, other, third = people
    password_only: dict[str, Any] = {"modify_invite_link_password": NewAttribute(value=b"short")}
    assert founder.change(1, **password_only) == 400
    without_password = NewAccess(access=AccessRequired.ANY)
    assert founder.change(1, modify_invite_link_access=without_password) == 400
    query = opened(founder, 1, AccessRequired.ANY)
    assert other.change(2, **adding(other)) == 403
    assert other.change(2, query, **adding(third)) == 403
    assert other.change(2, query, **adding(other, ADMINISTRATOR)) == 403
    added = GroupMember(role=DEFAULT, presentation=other.presentation)
    told: dict[str, Any] = {"add_members": (AddMember(added=added, join_from_invite_link=True),)}
    assert other.change(2, query, **told) == 400, "the service says by which way somebody came"
    body = encode_actions(GroupActions(revision=2, **adding(other)))
    answer = decode_change_response(other.ask("PATCH", query, body).body)
    assert answer.change is not None
    (joined,) = decode_actions(answer.change.actions).add_members
    assert joined.join_from_invite_link
    assert decode_actions(answer.change.actions).source_user_id == other.id
    assert answer.endorsements


def test_who_is_banned_is_in_no_other_list(people: list[Person]) -> None:
    founder, other, third = people
    query = opened(founder, 1, AccessRequired.ANY)
    ban = (AddBanned(added=BannedMember(user_id=other.id)),)
    lift = (DeleteUser(deleted_user_id=other.id),)
    assert founder.change(2, add_banned=ban, delete_banned=lift) == 400
    assert founder.change(2, **adding(third)) == 200
    assert third.change(3, add_banned=ban) == 403
    assert founder.change(3, add_banned=ban) == 200
    assert founder.change(4, add_banned=ban) == 400
    assert other.change(4, query, **adding(other)) == 400
    assert founder.change(4, **adding(other)) == 400
    invitation = InvitedMember(member=GroupMember(user_id=other.id, role=DEFAULT))
    assert founder.change(4, add_invited=(AddInvited(added=invitation),)) == 400
    # Whoever may add members may also lift a ban.
    assert third.change(4, delete_banned=lift, **adding(other)) == 200
    assert third.change(5, delete_banned=lift) == 400
    assert founder.change(5, add_banned=ban) == 400


def test_a_group_never_lacks_an_administrator(people: list[Person]) -> None:
    founder, other, third = people
    assert founder.change(1, **adding(other)) == 200
    assert founder.change(2, **adding(third)) == 200
    leave = (DeleteUser(deleted_user_id=founder.id),)
    body = encode_actions(GroupActions(revision=3, delete_members=leave))
    answer = decode_change_response(founder.ask("PATCH", "", body).body)
    assert answer.change is not None
    assert answer.endorsements == b"", "whoever has left gets none"
    made = decode_actions(answer.change.actions).modify_member_roles
    assert {(one.user_id, one.role) for one in made} == {
        (other.id, ADMINISTRATOR),
        (third.id, ADMINISTRATOR),
    }
    assert [member.role for member in other.state().members] == [ADMINISTRATOR] * 2
    step_down = (SetRole(user_id=other.id, role=DEFAULT),)
    named: dict[str, Any] = {"delete_members": (DeleteUser(deleted_user_id=third.id),)}
    assert other.change(4, modify_member_roles=step_down, **named) == 200
    (last,) = other.state().members
    assert (last.user_id, last.role) == (other.id, ADMINISTRATOR), "even against its will"


def test_invitations_are_taken_back_by_administrators_and_the_invited(
    people: list[Person],
) -> None:
    founder, other, third = people
    assert founder.change(1, **adding(other)) == 200
    invitation = InvitedMember(member=GroupMember(user_id=third.id, role=DEFAULT))
    assert other.change(2, add_invited=(AddInvited(added=invitation),)) == 200
    assert founder.change(3, add_invited=(AddInvited(added=invitation),)) == 400
    back = (DeleteUser(deleted_user_id=third.id),)
    assert other.change(3, delete_invited=back) == 403
    assert third.change(3, delete_invited=back) == 200
    assert founder.change(4, delete_invited=back) == 400
    with_key = replace(invitation, member=GroupMember(user_id=third.id, role=1, profile_key=b"x"))
    assert founder.change(4, add_invited=(AddInvited(added=with_key),)) == 400
    by_pni = InvitedMember(member=GroupMember(user_id=third.pni_id, role=DEFAULT))
    assert founder.change(4, add_invited=(AddInvited(added=by_pni),)) == 200
    body = encode_actions(
        GroupActions(revision=5, delete_invited=(DeleteUser(deleted_user_id=third.pni_id),))
    )
    answer = decode_change_response(third.ask("PATCH", "", body).body)
    assert answer.change is not None
    assert decode_actions(answer.change.actions).source_user_id == third.pni_id


def test_what_makes_no_sense_is_told_apart_from_what_is_not_allowed(people: list[Person]) -> None:
    founder, other, third = people
    assert founder.change(1, **adding(other)) == 200
    key = PresentProfileKey(presentation=other.presentation)
    assert other.change(2, modify_member_profile_keys=(key, key)) == 400
    filled = PresentProfileKey(presentation=other.presentation, user_id=other.id)
    assert other.change(2, modify_member_profile_keys=(filled,)) == 400
    stranger = PresentProfileKey(presentation=third.presentation)
    assert third.change(2, modify_member_profile_keys=(stranger,)) == 403
    unknown_role = (SetRole(user_id=other.id, role=7),)
    assert other.change(2, modify_member_roles=unknown_role) == 400
    assert other.change(2, modify_title=NewAttribute(value=b"")) == 400
    assert other.change(2, modify_members_access=NewAccess(access=AccessRequired.ANY)) == 400
    assert other.change(2, modify_invite_link_access=NewAccess(access=AccessRequired.MEMBER)) == 403
    assert founder.change(2, modify_description=NewAttribute(value=bytes(8193))) == 400
    both = (DeleteUser(deleted_user_id=other.id), DeleteUser(deleted_user_id=other.id))
    assert founder.change(2, delete_members=both) == 400
