"""From a line to its answer: which request it is, in which version, and the answer if it cannot be served."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sigcli.daemon.json_bytes import json_value
from sigcli.daemon.signald import older, requests
from sigcli.daemon.signald.call import Call
from sigcli.daemon.signald.checking import check
from sigcli.daemon.signald.declaring import REQUESTS, V0, V1, Declared
from sigcli.daemon.signald.failures import error_of, validation_failure
from sigcli.daemon.signald.older.answers import failed, unexpected, unknown_command
from sigcli.errors import SigcliError
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from sigcli.daemon.core import Core
    from sigcli.daemon.signald.call import Client
    from sigcli.daemon.signald.linking import LinkSessions

assert requests is not None
assert older is not None
_V1_TYPES = frozenset(
    (
        *("version", "protocol", "get_linked_devices", "remove_linked_device"),
        *("accept_invitation", "approve_membership", "get_group", "join_group"),
        *("resolve_address", "create_group", "generate_linking_uri", "finish_link"),
        *("delete_account", "typing", "reset_session", "request_sync"),
    )
)
"""The types that are v1 if a request names no version."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and its declaration; without one, ``refusal`` is the answer."""

    type: str
    id: Any
    given: dict[str, Any]
    declared: Declared | None = None
    refusal: dict[str, Any] | None = None

    @property
    def lane(self) -> object:
        """Requests with the same lane run one after the other: messages to one conversation. None for all others."""
        if self.declared is None or not self.declared.keeps_order:
            return None
        names = (
            *("account", "username"),
            *("recipientAddress", "recipientGroupId", "address", "group"),
        )
        return json.dumps([self.given.get(name) for name in names])


def read(line: bytes) -> Asked:
    """Read a request; never raises: if it makes no sense it has a refusal."""
    try:
        given = json_value(line)
    except (ValueError, RecursionError):
        return Asked("", None, {}, refusal=unexpected("the request is not JSON"))
    if not isinstance(given, dict):
        return Asked("", None, {}, refusal=unexpected("the request is not a JSON object"))
    type, id, version = given.get("type"), given.get("id"), given.get("version")
    if id is not None and not isinstance(id, str):
        id = json.dumps(id)
    if not isinstance(type, str):
        return Asked("", id, given, refusal=unexpected("the request has no type"))
    chosen = version if version is not None else V1 if type in _V1_TYPES else V0
    declared = REQUESTS.get((chosen, type)) if isinstance(chosen, str) else None
    if declared is not None:
        return Asked(type, id, given, declared)
    return Asked(type, id, given, refusal=_unknown(type, version, given))


def _unknown(type: str, version: Any, given: dict[str, Any]) -> dict[str, Any]:
    is_known = any(known == type for _, known in REQUESTS)
    if version == V0 or version is None:
        if not is_known:
            return unknown_command(given)
        problem = (
            "missing required argument: version"
            if version is None
            else "unknown version of that request type"
        )
    elif is_known:
        problem = "unknown version of that request type"
    else:
        problem = f"Unknown request type: {type}"
    return _error(type, validation_failure([problem]), given)


class Answering:
    """Answers the requests of all connections; safe from several threads."""

    def __init__(self, core: Core, links: LinkSessions) -> None:
        self._core = core
        self._links = links

    def answer(self, asked: Asked, client: Client) -> dict[str, Any] | None:
        """The answer, with the request's id; None if the request gets no answer. Never raises."""
        answer = asked.refusal
        if asked.declared is not None:
            answer = self._serve(asked, asked.declared, client)
        if answer is None:
            return None
        return with_id(answer, asked.id)

    def _serve(self, asked: Asked, declared: Declared, client: Client) -> dict[str, Any] | None:
        fields, problems = check(declared.request, asked.given)
        try:
            if problems:
                raise validation_failure(problems)
            call = Call(self._core, client, self._links, declared.version, fields)
            result = declared.serve(call)
        except Exception as error:
            if not isinstance(error, SigcliError):
                self._core.settings.warn(f"signald {declared.type}: {type(error).__name__}")
            if declared.version == V0:
                return failed(declared.type, error, asked.given)
            return _error(declared.type, error, asked.given)
        if declared.version == V0:
            # v0 answers have types and forms of their own.
            answer: dict[str, Any] | None = result
            return answer
        return {"type": declared.type, "data": result}


def with_id(answer: dict[str, Any], id: Any) -> dict[str, Any]:
    """The answer with the id of the request after its type."""
    if id is None:
        return answer
    return {"type": answer["type"], "id": id, **answer}


def _error(type: str, error: BaseException, given: dict[str, Any]) -> dict[str, Any]:
    name, fields = error_of(error, given)
    return {"type": type, "error": fields, "error_type": name}
