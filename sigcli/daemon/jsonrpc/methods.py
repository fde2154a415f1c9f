"""What can be called: operations for programs, and methods that are not operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.jsonrpc import daemon_methods, receiving_methods
from sigcli.daemon.jsonrpc.failures import rpc_error
from sigcli.daemon.jsonrpc.messages import INVALID_REQUEST, METHOD_NOT_FOUND, RpcError
from sigcli.lazy_dataclass import replace
from sigcli.operations.declaring import load
from sigcli.operations.reading import read_json
from sigcli.operations.table import OPERATIONS, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.client.base.settings import Settings
    from sigcli.client.live.live_account import LiveAccount
    from sigcli.daemon.jsonrpc.context import Context, Method
    from sigcli.operations.results import Result

OWN_METHODS: dict[str, type[Method]] = {
    method.name: method for method in (*daemon_methods.METHODS, *receiving_methods.METHODS)
}
"""They take precedence over operations of the same name."""
_BY_PLACE = {"unsubscribeReceive": "subscription"}
"""Methods whose parameters may be an array; its first element is the named parameter."""
_WITHOUT_ACCOUNT = frozenset({"listAccounts"})


def operations() -> list[str]:
    """The operations that are methods."""
    return [
        name for name, entry in OPERATIONS.items() if entry.programs and name not in OWN_METHODS
    ]


def call(name: str, params: Mapping[str, Any] | list[Any], context: Context) -> Any:
    """Call a method and return its result as JSON; raises RpcError and SigcliError.

    In ``context`` the account is not chosen yet: it is among the parameters.
    """
    own = OWN_METHODS.get(name)
    entry = OPERATIONS.get(name)
    if own is None and (entry is None or not entry.programs):
        raise _not_implemented()
    if isinstance(params, list):
        if name not in _BY_PLACE:
            raise RpcError(INVALID_REQUEST, "params must be an object")
        params = {_BY_PLACE[name]: params[0]} if params else {}
    if "account" in params:
        given = dict(params)
        account = given.pop("account")
        params = given
        context = replace(context, account=None if context.core.is_single else account)
    if own is not None:
        return _call_own(own, params, context)
    return _call_operation(name, params, context)


def _call_own(method: type[Method], params: Mapping[str, Any], context: Context) -> Any:
    if method.several_only and context.core.is_single:
        raise _not_implemented()
    if not method.over_http and context.subscriber is None:
        raise _not_implemented()
    with context.core.noted(context.caller, method.name):
        return read_json(method, params).call(context)


def _call_operation(name: str, params: Mapping[str, Any], context: Context) -> Any:
    entry = OPERATIONS[name]
    if entry.needs == SETTINGS:
        if context.core.is_single:
            raise _not_implemented()
        settings = context.core.settings
        if name not in _WITHOUT_ACCOUNT:
            settings = replace(settings, account=context.required_account())
        return _perform(name, params, settings, context)
    return _perform(name, params, context.live(), context)


def _perform(
    name: str, params: Mapping[str, Any], on: LiveAccount | Settings, context: Context
) -> Any:
    operation = load(name).from_json(params)
    return _outcome(context.core.perform(context.caller, name, operation, on))


def _outcome(result: Result) -> Any:
    if result.failure is not None:
        raise rpc_error(result.failure, result)
    return result.to_json()


def _not_implemented() -> RpcError:
    return RpcError(METHOD_NOT_FOUND, "Method not implemented")
