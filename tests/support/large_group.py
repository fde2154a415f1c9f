"""A group with many members at a sandbox: one account of `sigcli`, the others put straight into the sandbox's state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from uuid import UUID

from sigcli.client.groups.lookup import parse_link
from sigcli.protocol.access_keys import derive_access_key
from sigcli.protocol.ciphertext import CiphertextMessage, CiphertextMessageType
from sigcli.protocol.sealed_sender import unseal
from sigcli.protocol.sender_keys import group_decrypt, process_distribution
from sigcli.sandbox.accounts import PRIMARY, Account, SaltedHash
from sigcli.sandbox.accounts import Device as AccountDevice
from sigcli.sandbox.capabilities import CAPABILITIES
from sigcli.sandbox.captcha import solved_captcha
from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.groups import Groups
from sigcli.sandbox.prekeys import Kind, PublicKeyEntry
from sigcli.sandbox.server import Sandbox
from sigcli.sandbox.state import State
from sigcli.wire.addresses import ProtocolAddress, ServiceId
from sigcli.wire.content import Content, decode_content
from sigcli.wire.envelopes import decode_envelope
from sigcli.wire.group_access import MemberRole
from sigcli.wire.group_changes import AddMember, GroupActions
from sigcli.wire.group_state import GroupMember
from sigcli.wire.padding import unpad
from sigcli.zkgroup.groups import GroupSecretParams
from sigcli.zkgroup.profile_key import ProfileKey
from tests.support.devices import Device
from tests.support.sigcli_process import Sigcli

NUMBER = "+15550900"
MULTI_RECIPIENT = "/v1/messages/multi_recipient"
ONE_RECIPIENT = "/v1/messages/*"
PREKEYS = "/v2/keys/*"
GROUPS = "*/v2/groups*"
_COUNTED = 1_000_000
_QUEUE_LENGTH = 1_000


@dataclass(slots=True)
class Member:
    """Somebody with an account and one device, whose messages wait at the sandbox."""

    device: Device
    profile_key: ProfileKey = field(repr=False)
    position: int = 0

    @classmethod
    def create(cls, index: int) -> Member:
        """Keys fixed by the index."""
        aci = ServiceId.aci(UUID(int=(0xACE << 96) + index))
        device = Device.create(ProtocolAddress(aci, PRIMARY))
        return cls(device, ProfileKey(Random(f"profile key {index}").randbytes(32)))

    @property
    def aci(self) -> ServiceId:
        return self.device.address.service_id

    def register(self, state: State, index: int) -> None:
        """Put account and prekeys into the sandbox as a registration leaves them."""
        now_ms = state.clock.now_ms()
        bundle = self.device.bundle(one_time=False, last_resort=True)
        identity = bundle.identity_key.serialize()
        device = AccountDevice(
            id=PRIMARY,
            password=SaltedHash.of("a password"),
            registration_id=bundle.registration_id,
            pni_registration_id=bundle.registration_id,
            created_ms=now_ms,
            last_seen_ms=now_ms,
            capabilities=frozenset(CAPABILITIES),
        )
        state.accounts.put(
            Account(
                aci=self.aci,
                pni=ServiceId.pni(UUID(int=(0xBEE << 96) + index)),
                number=f"+1555{8_000_000 + index}",
                aci_identity=identity,
                pni_identity=identity,
                access_key=derive_access_key(self.profile_key.serialize()),
                profile_version=self.profile_key.get_profile_key_version(self.aci),
                devices={PRIMARY: device},
            )
        )
        signed = PublicKeyEntry(
            bundle.signed_prekey_id,
            bundle.signed_prekey.serialize(),
            bundle.signed_prekey_signature,
        )
        kyber = PublicKeyEntry(
            bundle.kyber_prekey_id, bundle.kyber_prekey.serialize(), bundle.kyber_prekey_signature
        )
        state.prekeys.replace(self.aci, PRIMARY, Kind.SIGNED, [signed])
        state.prekeys.replace(self.aci, PRIMARY, Kind.LAST_RESORT, [kyber])

    def encrypted(self, params: GroupSecretParams, revision: int) -> GroupMember:
        """As the group holds a member."""
        return GroupMember(
            user_id=params.encrypt_service_id(self.aci).serialize(),
            role=MemberRole.DEFAULT,
            profile_key=params.encrypt_profile_key(self.profile_key, self.aci).serialize(),
            joined_at_revision=revision,
        )

    def read(self, state: State) -> list[Content]:
        """Decrypt what is new in the queue; every message there must be sealed."""
        contents = []
        now_ms = state.clock.now_ms()
        queued = state.queues.after(self.aci, PRIMARY, self.position, _QUEUE_LENGTH, now_ms)
        for message in queued:
            self.position = message.position
            envelope = decode_envelope(message.envelope)
            assert envelope.content is not None
            content = decode_content(self._decrypt(envelope.content))
            contents.append(content)
        return contents

    def _decrypt(self, sealed: bytes) -> bytes:
        opened = unseal(sealed, self.device.identity)
        certificate, store = opened.sender_certificate, self.device.store
        sender = ProtocolAddress(certificate.sender, certificate.device_id)
        if opened.type is CiphertextMessageType.SENDER_KEY:
            return unpad(group_decrypt(sender, opened.content, store))
        message = CiphertextMessage(opened.type, opened.content)
        padded = unpad(self.device.decrypt(sender, message))
        distribution = decode_content(padded).sender_key_distribution_message
        if distribution is not None:
            process_distribution(sender, distribution, store)
        return padded


@dataclass(frozen=True, slots=True)
class Requests:
    """What a sandbox was asked: requests by path."""

    multi_recipient: int
    one_recipient: int
    prekeys: int
    groups: int

    @property
    def total(self) -> int:
        return self.multi_recipient + self.one_recipient + self.prekeys + self.groups


@dataclass(slots=True)
class LargeGroup:
    """The group; ``sigcli`` is its administrator and knows its newest state once it has refreshed it."""

    sandbox: Sandbox
    sigcli: Sigcli
    group_id: str
    members: Sequence[Member]
    _orders: list[int] = field(default_factory=list)

    def count_requests(self) -> None:
        """Begin to count, from zero."""
        # An order to be late by nothing changes no answer, and says how often it was met.
        control = RunningSandbox.find(self.sandbox.environment_file)
        control.clear_faults()
        self._orders = [
            control.fault("latency", path=path, times=_COUNTED, delay=0)
            for path in (MULTI_RECIPIENT, ONE_RECIPIENT, PREKEYS, GROUPS)
        ]

    def requests(self) -> Requests:
        """The requests since counting began."""
        control = RunningSandbox.find(self.sandbox.environment_file)
        left = {order["id"]: order["times"] for order in control.faults()}
        return Requests(*(_COUNTED - left[order] for order in self._orders))


@contextmanager
def large_group(folder: Path, count: int) -> Iterator[LargeGroup]:
    """A sandbox with a group of one `sigcli` account and that many others, of whom it does not know yet."""
    with Sandbox() as sandbox:
        control = RunningSandbox.find(sandbox.environment_file)
        control.switch(rateLimits=False)
        sigcli = Sigcli(folder / "sigcli", sandbox.environment_file)
        try:
            sigcli.account = NUMBER
            captcha = f"signalcaptcha://{solved_captcha('registration')}"
            sigcli.run("register", "--captcha", captcha)
            sigcli.run("verify", control.code(NUMBER))
            made = sigcli.run("--json", "updateGroup", "-n", "Everybody", "--link", "enabled").json
            (listed,) = sigcli.run("--json", "listGroups").json
            params = GroupSecretParams.derive_from_master_key(
                parse_link(listed["groupInviteLink"]).master_key
            )
            members = _fill(sandbox.state, params, count)
            yield LargeGroup(sandbox, sigcli, made["groupId"], members)
        finally:
            sigcli.dispose()


def _fill(state: State, params: GroupSecretParams, count: int) -> list[Member]:
    """Register members and add them in one revision."""
    groups = Groups(state)
    public = params.get_public_params()
    group = groups.get(public)
    assert group is not None
    revision = group.revision + 1
    members = [Member.create(index) for index in range(count)]
    for index, member in enumerate(members):
        member.register(state, index)
    added = tuple(member.encrypted(params, revision) for member in members)
    actions = GroupActions(
        revision=revision,
        source_user_id=group.members[0].user_id,
        add_members=tuple(AddMember(added=one) for one in added),
    )
    changed = replace(group, revision=revision, members=(*group.members, *added))
    groups.put(public, changed, actions)
    state.database.commit()
    return members
