"""One account of this machine, opened: its database, keys, service and people."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from sigcli.client.base.stops import NEVER_STOPS
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import SigcliError, StoreError
from sigcli.store.account_data import MULTI_DEVICE, TRUST_POLICY, load_account_keys
from sigcli.store.identity_keys import TrustPolicy
from sigcli.store.protocol_store import AccountProtocolStore
from sigcli.store.settings import Setting, read_setting, write_setting
from sigcli.wire.addresses import ProtocolAddress, ServiceId, ServiceIdKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from sigcli.client.base.settings import Settings
    from sigcli.client.base.waiting import Stop
    from sigcli.service.chat import Chat, IdentifiedChat, UnidentifiedChat
    from sigcli.service.environments import Environment
    from sigcli.service.exchange import Response
    from sigcli.service.network import Network
    from sigcli.service.resources.groups import GroupService
    from sigcli.store.account_data import AccountKeys
    from sigcli.store.database import Database, Transaction
    from sigcli.store.files import AccountFiles
    from sigcli.store.hand_overs import ResumedHandOver

REST_REFUSED = Setting("rest_refused", bool)
_CLOCK_OFF_MS = 3_600_000


def system_clock() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def _own_standard_input() -> int:
    return os.dup(0)


class Account:
    """A linked or registered account; a context manager that closes what was opened.

    Connections are made when they are needed, and belong to this object. Writes happen inside
    ``database.transaction()``, which is kept short: no request is made while one is open.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        files: AccountFiles,
        environment_name: str,
        *,
        clock: Callable[[], int] = system_clock,
        random: RandomSource = secure_random,
        by_websocket: bool = False,
        lender: Account | None = None,
    ) -> None:
        """``by_websocket``: requests use the connections that stay open, whatever the environment prefers."""
        self.settings = settings
        self.database = database
        self.files = files
        self.environment_name = environment_name
        self.now_ms = clock
        self.random = random
        self.keys: AccountKeys = load_account_keys(database)
        self._by_websocket = by_websocket
        self._lender = lender
        self.streams: dict[str, BinaryIO] = {}
        """What pipes gave (``user_files``), by the word for each: they can be read once."""
        self.standard_input: Callable[[], int] = _own_standard_input
        """A descriptor of its own for what ``-`` stands for; raises OSError."""
        self.resumed: ResumedHandOver | None = None
        """A message that a daemon has begun, where this run goes on with it."""
        self.stop: Stop = NEVER_STOPS
        """What may end a long wait before its time."""
        self._chat: Chat | None = None
        self.people_version = 0
        """Counts how often something about people may have changed; what remembers them compares."""
        self.remembered: dict[type, object] = {}
        """Objects of which there is one while the account is open, by class."""
        self._rest_was_refused = False
        """Whether the service has asked for websockets instead of REST (498), also for the next time."""
        self.clock_was_compared = False
        """Whether an answer of the service was looked at for its time in this run."""

    # --- who this is -------------------------------------------------------------------------

    @property
    def aci(self) -> ServiceId:
        return self.keys.aci

    @property
    def pni(self) -> ServiceId | None:
        return self.keys.pni

    @property
    def number(self) -> str | None:
        return self.keys.number

    @property
    def device_id(self) -> int:
        return self.keys.device_id

    @property
    def has_other_devices(self) -> bool:
        """Whether the account is known to have devices beside this one: a linked device always has."""
        return not self.keys.is_primary or bool(read_setting(self.database, MULTI_DEVICE))

    def address(self, own: ServiceIdKind = ServiceIdKind.ACI) -> ProtocolAddress:
        """This device under the account's ACI or PNI."""
        return ProtocolAddress(self.keys.service_id(own), self.keys.device_id)

    def is_own(self, service_id: ServiceId) -> bool:
        """Whether an id is the account's ACI or PNI."""
        return service_id in (self.keys.aci, self.keys.pni)

    def sibling(self, database: Database) -> Account:
        """The same account for another thread: over a database connection of its own and this one's connections.

        It is to be closed before this one.
        """
        other = Account(
            self.settings,
            database,
            self.files,
            self.environment_name,
            clock=self.now_ms,
            random=self.random,
            lender=self,
        )
        other.__dict__["environment"], other.__dict__["network"] = self.environment, self.network
        return other

    def reload_keys(self) -> None:
        """Read the keys again, which may have been changed; the same object if they were not."""
        keys = load_account_keys(self.database)
        # What is made of them once, OpenSSL's form of a private key above all, stays with the object.
        if keys != self.keys:
            self.keys = keys

    # --- the store ---------------------------------------------------------------------------

    @property
    def trust_policy(self) -> TrustPolicy:
        """What the settings say; where they say nothing, what was noted in the account."""
        said = TrustPolicy(self.settings.trust_new_identities)
        if said is not TrustPolicy.ON_FIRST_USE:
            return said
        noted = read_setting(self.database, TRUST_POLICY)
        return said if noted is None else TrustPolicy(noted)

    def protocol_store(
        self, transaction: Transaction, own: ServiceIdKind = ServiceIdKind.ACI
    ) -> AccountProtocolStore:
        """The protocol's store for one of the account's identities; raises AccountIncomplete."""
        return AccountProtocolStore(transaction, self.keys, own, self.trust_policy, self.now_ms())

    def forget_people(self) -> None:
        """Have people looked up anew when they are printed: something about them may have changed."""
        self.people_version += 1

    def warn(self, text: str) -> None:
        """Tell the user something that is not a failure."""
        self.settings.warn(text)

    def attempt(self, act: Callable[[], object], complaint: str) -> bool:
        """Do what must not fail the command: a failure is a warning that begins with ``complaint``, and false.

        Raises StoreError.
        """
        try:
            act()
        except StoreError:
            raise
        except SigcliError as error:
            self.warn(f"{complaint}: {error.message}")
            return False
        return True

    # --- the service -------------------------------------------------------------------------

    @cached_property
    def environment(self) -> Environment:
        """The service that this account lives on; raises InvalidEnvironment or UnknownEnvironment."""
        from sigcli.service.environments import load_environment

        return load_environment(self.environment_name, self.settings.data_dir)

    @cached_property
    def network(self) -> Network:
        from sigcli.service.network import Network

        return Network(self.environment, trace=self.settings.trace)

    @property
    def owns_connections(self) -> bool:
        """Whether connections are made for this object; a sibling uses those of another."""
        return self._lender is None

    def connect_ahead(self, *, identified: bool = False, unidentified: bool = False) -> None:
        """Open connections in the background while this thread does something else; for neither: one for messages.

        Does nothing where there is one already. A failure is met by the request that needs one.
        """
        if self.owns_connections:
            with suppress(SigcliError):
                self.chat.connect_ahead(identified=identified, unidentified=unidentified)

    @property
    def chat(self) -> Chat:
        """The chat service with this device's login; connects at the first request."""
        if self._lender is not None:
            return self._lender.chat
        if self._chat is None:
            from sigcli.client.base.idleness import warn_of_idleness
            from sigcli.service.chat import Chat
            from sigcli.service.credentials import Credentials

            credentials = Credentials(self.aci, self.device_id, self.keys.password)
            self._chat = Chat(
                self.network,
                credentials,
                refused_rest=self._by_websocket or bool(read_setting(self.database, REST_REFUSED)),
                on_use_websocket=self._note_refusal,
                on_answer=self._compare_clocks,
            )
            if not self.database.in_transaction:
                warn_of_idleness(self)
        return self._chat

    @property
    def identified(self) -> IdentifiedChat:
        return self.chat.identified

    @property
    def unidentified(self) -> UnidentifiedChat:
        return self.chat.unidentified

    @cached_property
    def groups(self) -> GroupService:
        """The group service; connects at the first request. Raises NotOffered where there is none."""
        if self._lender is not None:
            return self._lender.groups
        from sigcli.service.http import HttpClient
        from sigcli.service.resources.groups import GroupService

        return GroupService(HttpClient(self.network, self.environment.require_storage_url()))

    def renew_chat(self) -> None:
        """Log in anew at the next request, with the keys as they are stored now."""
        self.reload_keys()
        chat, self._chat = self._chat, None
        if chat is not None:
            chat.close()

    def _compare_clocks(self, answer: Response) -> None:
        """Say once that this machine's clock is far off: messages bear its time, and others sort them by it."""
        service_ms = answer.timestamp_ms
        if self.clock_was_compared or service_ms is None:
            return
        self.clock_was_compared = True
        off_ms = self.now_ms() - service_ms
        if abs(off_ms) >= _CLOCK_OFF_MS:
            way = "ahead of" if off_ms > 0 else "behind"
            self.warn(
                f"this machine's clock is {abs(off_ms) / 3_600_000:.0f} hours {way} the service's:"
                " messages carry its time; set it, preferably with NTP"
            )

    def _note_refusal(self) -> None:
        # Called on whatever thread makes the request; the database belongs to the one that closes.
        self._rest_was_refused = True

    # --- the end -----------------------------------------------------------------------------

    def close(self) -> None:
        """Close connections and the database."""
        network: Network | None = self.__dict__.get("network")
        if network is not None and self._lender is None:
            network.give_up_ahead()
        if self._chat is not None:
            self._chat.close()
            if self._chat.was_in_touch and not self.database.in_transaction:
                from sigcli.client.base.idleness import note_contact

                note_contact(self)
            self._chat = None
        groups: GroupService | None = self.__dict__.pop("groups", None)
        if groups is not None and self._lender is None:
            groups.close()
        if self._rest_was_refused and not self.database.in_transaction:
            with self.database.transaction() as transaction:
                write_setting(transaction, REST_REFUSED, True)
        self.forget_streams()
        self.database.close()

    def forget_streams(self) -> None:
        """Close what pipes gave: at the end of an operation, where the account stays open for others."""
        for stream in self.streams.values():
            stream.close()
        self.streams.clear()

    def __enter__(self) -> Account:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_account(settings: Settings) -> Account:
    """The account that the settings name, or the only one there is.

    Raises NoLocalAccount, SeveralLocalAccounts, UnknownLocalAccount, StoreError.
    """
    directory = settings.data_directory
    entry = directory.choose(settings.account, settings.stored_environment)
    database = directory.open_database(entry)
    try:
        files = directory.files_of(entry)
        if settings.shares_attachments:
            files.share_attachments()
        return Account(settings, database, files, entry.environment)
    except BaseException:
        database.close()
        raise
