"""Username hashes and links. All bytes here are base64 with the URL alphabet.

Order of the checks: ``AccountController`` of the public Signal-Server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from sigcli.durations import DAY_MS, WEEK_MS
from sigcli.errors import SigcliError
from sigcli.lazy_dataclass import replace
from sigcli.protocol.limits import MAX_USERNAME_CANDIDATES
from sigcli.sandbox.accounts import parse_uuid
from sigcli.sandbox.exchange import NO_CONTENT, Refused, json_response
from sigcli.sandbox.fields import Fields, decode_url_safe, encode_url_safe, invalid
from sigcli.sandbox.router import Login, Route

if TYPE_CHECKING:
    from sigcli.sandbox.accounts import Account
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.state import State

RESERVATION_MS = 5 * 60_000
RECLAIM_MS = 3 * DAY_MS
"""How long an account that was registered again can reclaim its username."""
HOLD_MS = WEEK_MS
"""How long a former username cannot be taken by another account."""
_MAX_HOLDS = 3
_HASH_LENGTH = 32
_ENCRYPTED_LENGTH = range(1, 129)
_HASH_PATH = "/v1/accounts/username_hash"
_LINK_PATH = "/v1/accounts/username_link"


class UsernameEndpoints:
    """Reserve, confirm, look up and delete usernames, and the data behind their links."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        own, anonymous = Login.REQUIRED, Login.ANONYMOUS
        return [
            Route("PUT", f"{_HASH_PATH}/reserve", own, self._reserve),
            Route("PUT", f"{_HASH_PATH}/confirm", own, self._confirm),
            Route("DELETE", _HASH_PATH, own, self._delete),
            Route("GET", f"{_HASH_PATH}/{{hash}}", anonymous, self._look_up),
            Route("PUT", _LINK_PATH, own, self._put_link),
            Route("DELETE", _LINK_PATH, own, self._delete_link),
            Route("GET", f"{_LINK_PATH}/{{handle}}", anonymous, self._follow_link),
        ]

    def _reserve(self, request: Request) -> Response:
        account = request.required_caller.account
        texts = Fields.of(request).values("usernameHashes", MAX_USERNAME_CANDIDATES)
        hashes = [decode_url_safe(text) if isinstance(text, str) else None for text in texts]
        if not hashes:
            raise invalid()
        self._state.limits.use("username-reserve", account.aci)
        for username_hash in hashes:
            if username_hash is None or len(username_hash) != _HASH_LENGTH:
                raise invalid()
        if account.username_hash is not None and account.username_hash in hashes:
            return json_response({"usernameHash": encode_url_safe(account.username_hash)})
        for username_hash in hashes:
            assert username_hash is not None
            if self._is_free(username_hash, request):
                until_ms = self._state.clock.now_ms() + RESERVATION_MS
                self._state.accounts.put(
                    replace(
                        account,
                        reserved_hash=username_hash,
                        reserved_until_ms=until_ms,
                        reclaims_username=account.reclaims_username
                        and account.reserved_hash == username_hash,
                    )
                )
                return json_response({"usernameHash": encode_url_safe(username_hash)})
        raise Refused(409)

    def _confirm(self, request: Request) -> Response:
        account = request.required_caller.account
        fields = Fields.of(request)
        username_hash = fields.data("usernameHash", (_HASH_LENGTH,), url_safe=True)
        proof = fields.data("zkProof", range(1, 1 << 12), url_safe=True)
        encrypted = fields.optional_data("encryptedUsername", _ENCRYPTED_LENGTH, url_safe=True)
        _require_proof(proof, username_hash)
        self._state.limits.use("username-set", account.aci)
        if account.username_hash != username_hash:
            account = self._take(account, username_hash, encrypted, request)
        return json_response(
            {
                "usernameHash": encode_url_safe(username_hash),
                "usernameLinkHandle": account.username_link,
            }
        )

    def _take(
        self,
        account: Account,
        username_hash: bytes,
        encrypted: bytes | None,
        request: Request,
    ) -> Account:
        if account.reserved_hash != username_hash:
            raise Refused(409)
        if account.reserved_until_ms < self._state.clock.now_ms() and not self._is_free(
            username_hash, request
        ):
            raise Refused(410)
        # After a registration the old link comes back with its old username.
        returning = account.reclaims_username
        handle = account.username_link if returning and account.username_link else str(uuid4())
        return self._state.accounts.put(
            replace(
                self._holding(account, username_hash),
                username_hash=username_hash,
                reserved_hash=None,
                reserved_until_ms=0,
                reclaims_username=False,
                username_link=handle if encrypted is not None else None,
                encrypted_username=encrypted,
            )
        )

    def _holding(self, account: Account, taken: bytes | None = None) -> Account:
        """The account, whose current username other accounts cannot take for a while."""
        now_ms = self._state.clock.now_ms()
        holds = [
            (held, until_ms)
            for held, until_ms in account.username_holds
            if until_ms >= now_ms and bytes.fromhex(held) not in (taken, account.username_hash)
        ]
        if account.username_hash is not None:
            holds.append((account.username_hash.hex(), now_ms + HOLD_MS))
        return replace(account, username_holds=tuple(holds[-_MAX_HOLDS:]))

    def _delete(self, request: Request) -> Response:
        self._state.accounts.put(
            replace(
                self._holding(request.required_caller.account),
                username_hash=None,
                reserved_hash=None,
                reserved_until_ms=0,
                username_link=None,
                encrypted_username=None,
            )
        )
        return NO_CONTENT

    def _look_up(self, request: Request) -> Response:
        self._state.limits.use("username-lookup", "everybody")
        username_hash = decode_url_safe(request.parameters["hash"])
        if username_hash is None or len(username_hash) != _HASH_LENGTH:
            raise invalid()
        account = self._state.accounts.by_username_hash(username_hash)
        if account is None:
            raise Refused(404)
        return json_response({"uuid": str(account.aci)})

    def _put_link(self, request: Request) -> Response:
        account = request.required_caller.account
        fields = Fields.of(request)
        encrypted = fields.data("usernameLinkEncryptedValue", _ENCRYPTED_LENGTH, url_safe=True)
        keep = fields.flag("keepLinkHandle")
        self._state.limits.use("username-link", account.aci)
        if account.username_hash is None:
            raise Refused(409)
        handle = account.username_link if keep and account.username_link else str(uuid4())
        self._state.accounts.put(
            replace(account, username_link=handle, encrypted_username=encrypted)
        )
        return json_response({"usernameLinkHandle": handle})

    def _delete_link(self, request: Request) -> Response:
        account = request.required_caller.account
        self._state.limits.use("username-link", account.aci)
        self._state.accounts.put(replace(account, username_link=None, encrypted_username=None))
        return NO_CONTENT

    def _follow_link(self, request: Request) -> Response:
        self._state.limits.use("username-link-lookup", "everybody")
        uuid = parse_uuid(request.parameters["handle"])
        if uuid is None:
            raise Refused(404)
        account = self._state.accounts.by_username_link(str(uuid))
        if account is None or account.encrypted_username is None:
            raise Refused(404)
        encrypted = encode_url_safe(account.encrypted_username)
        return json_response({"usernameLinkEncryptedValue": encrypted})

    def _is_free(self, username_hash: bytes, request: Request) -> bool:
        own = request.required_caller.account.aci
        now_ms = self._state.clock.now_ms()
        return not any(
            account.aci != own
            and (
                account.username_hash == username_hash
                or (account.reserved_hash == username_hash and account.reserved_until_ms >= now_ms)
                or any(
                    held == username_hash.hex() and until_ms >= now_ms
                    for held, until_ms in account.username_holds
                )
            )
            for account in self._state.accounts
        )


def with_reserved_username(account: Account, existing: Account, now_ms: int) -> Account:
    """A new account with its predecessor's username and link reserved until it confirms them."""
    reserved, until_ms = existing.reserved_hash, existing.reserved_until_ms
    if existing.username_hash is not None:
        reserved, until_ms = existing.username_hash, now_ms + RECLAIM_MS
    elif not existing.reclaims_username:
        return account
    return replace(
        account,
        reserved_hash=reserved,
        reserved_until_ms=until_ms,
        reclaims_username=True,
        username_link=existing.username_link,
    )


def _require_proof(proof: bytes, username_hash: bytes) -> None:
    """Refused (422) unless the proof shows knowledge of the username behind the hash."""
    from sigcli.zkgroup.usernames import verify_proof

    try:
        verify_proof(proof, username_hash)
    except SigcliError:
        raise invalid() from None
