"""One content to the members of a group: one sealed message for all who can take it, the others one by one.

A sealed message for several is encrypted once, with a sender key that each device was given before. It needs a group
send token, which the endorsements of exactly its recipients add up to; a story needs none. Members without one, and
those who cannot be given the sender key, get a message of their own. The steps of the ratchets are committed before
anything leaves. Facts: signal-cli ``SendHelper`` and mautrix-signal ``senderkey.go`` (ages, when a key is made anew).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.outcomes import ResultType
from sigcli.client.base.steps import run, run_all
from sigcli.client.groups.endorsements import are_fresh, token_for, tokens_for_each
from sigcli.client.sending.delivery import MAX_ROUNDS, delivery
from sigcli.client.sending.outgoing import DeliveryResult, Outgoing, failed_delivery, failure_type
from sigcli.client.sending.resuming import known_result, note_refused, note_results
from sigcli.client.sending.sender_certificate import sender_certificate
from sigcli.client.sending.sender_key_distribution import chain_id, own_distribution, rotate_own
from sigcli.client.sending.sender_key_message import SenderKeyMessage
from sigcli.client.sending.sessions import (
    devices_to_address,
    match_devices,
    renew_sessions,
    start_sessions,
)
from sigcli.errors import (
    InvalidServiceId,
    InvalidSession,
    LimitExceeded,
    MismatchedDevices,
    NoSession,
    NotFound,
    ProtocolError,
    RecipientMismatch,
    ServiceError,
    SigcliError,
    StaleDevices,
    Unauthorized,
    UnsealableRecipients,
)
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.store.group_members import forget_endorsements, load_endorsements
from sigcli.store.recipients import find_by_service_id
from sigcli.store.sender_keys import mark_sender_key_shared
from sigcli.wire.addresses import ProtocolAddress, ServiceId, ServiceIdKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.base.steps import Steps
    from sigcli.client.sending.sender_key_message import Encrypted
    from sigcli.service.credentials import GroupSendToken
    from sigcli.store.group_members import Endorsements
    from sigcli.store.group_values import Group

MIN_RECIPIENTS = 2
"""For a single member a sender key gains nothing."""
_OWN = ServiceIdKind.ACI


def deliver_to_members(
    account: Account,
    group: Group,
    members: Sequence[ServiceId],
    outgoing: Outgoing,
) -> list[DeliveryResult]:
    """Send to all devices of these members; one result for each, in their order.

    Opens transactions of its own. What goes wrong with a member is a result. Raises LoginRefused, ClientRefused,
    StoreError.
    """
    sending = _GroupSending(account, group, outgoing)
    return sending.run(members)


def deliver_one_by_one(
    account: Account, people: Sequence[ServiceId], outgoing: Outgoing
) -> list[DeliveryResult]:
    """Send to people who are no members, each a message of their own; one result for each, in their order."""
    outcomes = run_all(delivery(account, person, outgoing) for person in people)
    return [
        outcome
        if isinstance(outcome, DeliveryResult)
        else failed_delivery(account, person, outcome)
        for person, outcome in zip(people, outcomes, strict=True)
    ]


class _GroupSending:
    """The rounds of one message to a group."""

    def __init__(self, account: Account, group: Group, outgoing: Outgoing) -> None:
        self._account = account
        self._database = account.database
        self._group = group
        self._outgoing = outgoing
        self._endorsements: Endorsements | None = None
        self._tokens: dict[ServiceId, GroupSendToken] = {}
        """Of single members, from these endorsements."""
        self._results: dict[ServiceId, DeliveryResult] = {}
        self._message = SenderKeyMessage(account, group, outgoing)

    def run(self, members: Sequence[ServiceId]) -> list[DeliveryResult]:
        for member in members:
            known = known_result(self._account, self._outgoing, member)
            if known is not None:
                self._results[member] = known
        self._endorsements = self._usable_endorsements()
        endorsed = () if self._endorsements is None else self._endorsements.by_member
        able = [
            member for member in self._open(members) if self._outgoing.story or member in endorsed
        ]
        if len(able) >= MIN_RECIPIENTS:
            self._send_with_sender_key(able)
        self._fan_out(self._open(members))
        return [self._results[member] for member in members]

    def _open(self, members: Iterable[ServiceId]) -> list[ServiceId]:
        """Those who have no result yet."""
        return [member for member in members if member not in self._results]

    def _usable_endorsements(self) -> Endorsements | None:
        endorsements = load_endorsements(self._database, self._group.id)
        self._tokens = {}
        return endorsements if are_fresh(endorsements, self._account.now_ms()) else None

    def _token(self, members: Collection[ServiceId]) -> GroupSendToken | None:
        """A token for exactly these, None if somebody is not endorsed."""
        endorsements = self._endorsements
        if endorsements is None or any(one not in endorsements.by_member for one in members):
            return None
        try:
            return token_for(self._group.params, endorsements, members)
        except ProtocolError as error:
            self._refuse_endorsements(error)
            return None

    def _token_of_one(
        self, member: ServiceId, together: Collection[ServiceId] = ()
    ) -> GroupSendToken | None:
        """A token for a member alone, None if they are not endorsed; those for ``together`` are made with it."""
        endorsements = self._endorsements
        if endorsements is None or member not in endorsements.by_member:
            return None
        if member not in self._tokens:
            wanted = {member, *together} - self._tokens.keys()
            endorsed = [one for one in wanted if one in endorsements.by_member]
            try:
                self._tokens |= tokens_for_each(self._group.params, endorsements, endorsed)
            except ProtocolError as error:
                self._refuse_endorsements(error)
                return None
        return self._tokens[member]

    def _refuse_endorsements(self, error: ProtocolError) -> None:
        self._account.warn(f"the group's send endorsements do not hold: {error.message}")
        self._endorsements = None

    # --- one by one --------------------------------------------------------------------------

    def _fan_out(self, members: Sequence[ServiceId]) -> None:
        deliveries = (
            delivery(self._account, member, self._outgoing, self._token_of_one(member, members))
            for member in members
        )
        for member, outcome in zip(members, run_all(deliveries), strict=True):
            if isinstance(outcome, DeliveryResult):
                self._results[member] = outcome
            else:
                self._results[member] = failed_delivery(self._account, member, outcome)

    # --- one for all -------------------------------------------------------------------------

    def _send_with_sender_key(self, members: list[ServiceId]) -> None:
        """Give results to those who got it, and to those who cannot get it; the rest is left open."""
        for _ in range(MAX_ROUNDS):
            self._start_sessions(members)
            members = self._open(members)
            members = self._distribute(members)
            if len(members) < MIN_RECIPIENTS:
                return
            certificate = run(sender_certificate(self._account))
            try:
                encrypted = self._message.encrypt(members)
            except (InvalidSession, LimitExceeded, NoSession):
                # This device's sender key is of no use any more.
                rotate_own(self._account, self._group.group_id)
                continue
            if len(encrypted.recipients) < MIN_RECIPIENTS:
                return
            reached = [recipient.service_id for recipient in encrypted.recipients]
            token = None if self._outgoing.story else self._token(reached)
            if token is None and not self._outgoing.story:
                return
            try:
                gone = self._message.send(encrypted, certificate, token)
            except UnsealableRecipients as error:
                # They get messages of their own, or what is wrong with them as their results.
                members = [one for one in members if str(one) not in error.problems]
            except RecipientMismatch as error:
                self._repair(error)
            except Unauthorized:
                # Somebody joined or left meanwhile, or the service has other keys now.
                if not self._renew_endorsements():
                    return
            except ServiceError as error:
                self._fail(reached, error)
                return
            else:
                self._succeed(encrypted, gone)
                return

    def _start_sessions(self, members: Sequence[ServiceId]) -> None:
        """Set up the sessions that are missing; a member who cannot be reached gets a result."""
        with self._database.transaction():
            without = [
                member for member in members if not devices_to_address(self._account, member)
            ]
        setups = (
            start_sessions(self._account, one, self._token_of_one(one, without)) for one in without
        )
        for member, outcome in zip(without, run_all(setups), strict=True):
            if isinstance(outcome, SigcliError):
                self._results[member] = failed_delivery(self._account, member, outcome)

    def _distribute(self, members: Sequence[ServiceId]) -> list[ServiceId]:
        """Give the sender key to the devices that lack it; those of the members who have it then."""
        with self._database.transaction() as transaction:
            distribution = own_distribution(self._account, transaction, self._group, members)
        lacking = distribution.lacking
        if not lacking:
            return list(members)
        from sigcli.wire.content import Content, encode_content

        content = Content(sender_key_distribution_message=distribution.message)
        # Not as a story: the key serves messages too, and must not get lost where no stories are wanted.
        outgoing = Outgoing(
            encode_content(content),
            self._outgoing.timestamp_ms,
            ContentHint.IMPLICIT,
            self._outgoing.urgent,
            group_id=self._outgoing.group_id,
            logged=False,
        )
        deliveries = (
            delivery(self._account, member, outgoing, self._token_of_one(member, lacking))
            for member in lacking
        )
        lost: set[ServiceId] = set()
        given: list[ProtocolAddress] = []
        for member, outcome in zip(lacking, run_all(deliveries), strict=True):
            if isinstance(outcome, DeliveryResult) and outcome.succeeded:
                given += (ProtocolAddress(member, device) for device in outcome.devices)
                continue
            lost.add(member)
            if not isinstance(outcome, DeliveryResult):
                outcome = failed_delivery(self._account, member, outcome)
            self._results[member] = outcome
        with self._database.transaction() as transaction:
            # Another process may have made a new key meanwhile, which these devices have not got.
            if chain_id(self._account, distribution.id) == distribution.chain_id:
                mark_sender_key_shared(transaction, distribution.id, given, self._account.now_ms())
        return [member for member in members if member not in lost]

    # --- afterwards --------------------------------------------------------------------------

    def _repair(self, mismatch: RecipientMismatch) -> None:
        """Bring the devices of each account that did not fit in line; who cannot be reached gets a result."""
        repairs: dict[ServiceId, Steps[None]] = {}
        for text, problem in mismatch.accounts.items():
            try:
                member = ServiceId.parse(text)
            except InvalidServiceId:
                continue
            token = self._token_of_one(member)
            if isinstance(problem, StaleDevices):
                stale = self._message.stale(member, problem.stale)
                repairs[member] = renew_sessions(self._account, member, stale, token)
            else:
                repairs[member] = match_devices(
                    self._account, member, problem.missing, problem.extra, token
                )
        if any(
            isinstance(problem, MismatchedDevices) and problem.extra
            for problem in mismatch.accounts.values()
        ):
            # A device that was removed from its account still has the key.
            rotate_own(self._account, self._group.group_id)
        for member, outcome in zip(repairs, run_all(repairs.values()), strict=True):
            if isinstance(outcome, SigcliError):
                self._results[member] = failed_delivery(self._account, member, outcome)

    def _renew_endorsements(self) -> bool:
        """The service refused the token: fetch endorsements, once; false if there is no use in that."""
        from sigcli.client.groups.fetching import fetch_group

        if self._endorsements is None:
            return False
        before = self._endorsements.combined
        with self._database.transaction() as transaction:
            forget_endorsements(transaction, self._group.id)
        try:
            fetch_group(self._account, self._group.master_key)
        except SigcliError as error:
            if failure_type(error) is None:
                raise
        self._endorsements = self._usable_endorsements()
        return self._endorsements is not None and self._endorsements.combined != before

    def _fail(self, members: Iterable[ServiceId], error: ServiceError) -> None:
        for member in members:
            self._results[member] = failed_delivery(self._account, member, error)

    def _succeed(self, encrypted: Encrypted, gone: Collection[ServiceId]) -> None:
        """Give results to those who got it.

        A member who is said to have no account stays open until an answer about them alone says so as well, and the
        next message asks again: one wrong answer would otherwise keep everything from somebody who has one.
        """
        unanswered: list[ServiceId] = []
        for recipient in encrypted.recipients:
            member = recipient.service_id
            if member in gone:
                known = find_by_service_id(self._database, member)
                if known is None or known.contact.unregistered_ms is None:
                    unanswered.append(member)
                    continue
                error = NotFound("they have no account any more", status=404)
                self._results[member] = failed_delivery(self._account, member, error)
                continue
            devices = tuple(device for device, _ in recipient.devices)
            self._results[member] = DeliveryResult(
                member, ResultType.SUCCESS, sealed=True, devices=devices
            )
        note_refused(self._account, self._outgoing, unanswered)
        reached = (recipient.service_id for recipient in encrypted.recipients)
        results = [self._results[one] for one in reached if one in self._results]
        note_results(self._account, self._outgoing, results)
