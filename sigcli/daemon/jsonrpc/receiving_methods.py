"""Methods for received messages: subscriptions, consumers and their positions, and polling.

``subscribeReceive``, ``unsubscribeReceive`` and ``receive`` are signal-cli's; ``consumer``, ``after``, ``since`` and
the methods for consumers are sigcli's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from sigcli.daemon.jsonrpc.context import Method
from sigcli.operations.declaring import Many, operation, option
from sigcli.operations.results import Empty
from sigcli.operations.shapes.received import ReceiveShape
from sigcli.operations.table import ADMIN, RECEIVE

if TYPE_CHECKING:
    from sigcli.client.live.live_account import LiveAccount
    from sigcli.daemon.jsonrpc.context import Context, Subscriber

_CONSUMER = "the consumer's name"


class ConsumerShape(TypedDict):
    """One consumer of one account."""

    account: NotRequired[str]
    name: str
    takenId: int
    waiting: int
    connected: bool
    firstSeenTimestamp: int
    lastSeenTimestamp: int


@operation
class SubscribeReceive(Method):
    """Be notified of what is received, over this connection.

    With a consumer each notification has an id, and counts as taken with ackReceive.
    """

    name = "subscribeReceive"
    scope = RECEIVE
    over_http = False

    consumer: str | None = option(default=None, json="consumer", help=_CONSUMER)
    after: int | None = option(
        default=None, json="after", minimum=0, help="everything up to this id was taken"
    )
    since: int | None = option(
        default=None,
        json="since",
        minimum=0,
        help="begin with what arrived at this time, ms since 1970",
    )

    def call(self, context: Context) -> int:
        live = context.live_or_all()
        context.caller.require(RECEIVE, None if live is None else live.entry)
        subscriber = _subscriber(context)
        consumer = context.caller.consumer_for(self.consumer)
        return subscriber.subscribe(live, consumer, self.after, self.since)


@operation
class UnsubscribeReceive(Method):
    """Stop being notified."""

    name = "unsubscribeReceive"
    scope = RECEIVE
    over_http = False

    subscription: int = option(json="subscription", help="the id that subscribeReceive returned")

    def call(self, context: Context) -> Empty:
        _subscriber(context).unsubscribe(self.subscription)
        return {}


@operation
class Receive(Method):
    """Return what has arrived, all at once; it counts as taken with the next call.

    Only where nothing receives already: with receive mode manual, and without subscriptions.
    """

    refuses_unknown = True
    name = "receive"
    scope = RECEIVE

    timeout: float = option(
        default=3.0, json="timeout", help="seconds to wait for new messages; negative: forever"
    )
    max_messages: int = option(default=-1, json="maxMessages", help="at most this many")
    consumer: str | None = option(default=None, json="consumer", help=_CONSUMER)

    def call(self, context: Context) -> list[ReceiveShape]:
        from sigcli.operations.shapes.envelope import receive_object

        live = context.live()
        context.caller.require(RECEIVE, live.entry)
        subscriber = context.subscriber
        return context.core.polls.poll(
            live,
            receive_object,
            consumer=context.caller.consumer_for(self.consumer),
            timeout_s=self.timeout,
            most=self.max_messages if self.max_messages > 0 else None,
            alone=True,
            gone=(lambda: subscriber.has_gone) if subscriber is not None else lambda: False,
        )


@operation
class AckReceive(Method):
    """Confirm everything up to an id: it is not delivered to the consumer again."""

    name = "ackReceive"
    scope = RECEIVE

    consumer: str | None = option(default=None, json="consumer", help=_CONSUMER)
    id: int = option(json="id", minimum=0, help="the id of a notification")

    def call(self, context: Context) -> Empty:
        from sigcli.store.consumers import DEFAULT

        live = context.live()
        context.caller.require(RECEIVE, live.entry)
        consumer = context.caller.consumer_for(self.consumer)
        context.core.take(consumer or DEFAULT, self.id, live)
        return {}


@operation
class ListConsumers(Method):
    """List the consumers, and how many messages wait for each."""

    name = "listConsumers"
    scope = RECEIVE

    def call(self, context: Context) -> list[ConsumerShape]:
        live = context.live_or_all()
        context.caller.require(RECEIVE, None if live is None else live.entry)
        return [
            {
                "account": _label(state.account),
                "name": state.consumer.name,
                "takenId": state.consumer.taken_id,
                "waiting": state.waiting,
                "connected": state.is_connected,
                "firstSeenTimestamp": state.consumer.first_seen_ms,
                "lastSeenTimestamp": state.consumer.last_seen_ms,
            }
            for state in context.core.consumers(live)
        ]


@operation
class RemoveConsumer(Method):
    """Stop keeping messages for a consumer, and end its connections."""

    name = "removeConsumer"
    scope = ADMIN

    consumers: Many[str] = option(json="consumer", help=_CONSUMER)

    def call(self, context: Context) -> Empty:
        live = context.live_or_all()
        context.caller.require(ADMIN, None if live is None else live.entry)
        for consumer in self.consumers:
            context.core.remove_consumer(consumer, live)
        return {}


METHODS: tuple[type[Method], ...] = (
    SubscribeReceive,
    UnsubscribeReceive,
    Receive,
    AckReceive,
    ListConsumers,
    RemoveConsumer,
)


def _subscriber(context: Context) -> Subscriber:
    assert context.subscriber is not None, "not over HTTP"
    return context.subscriber


def _label(live: LiveAccount) -> str:
    return live.entry.number or str(live.entry.aci)
