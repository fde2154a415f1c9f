"""HTTP: one thread with an event loop for all flavours (JSON-RPC, both REST interfaces), each on an address of its own.

How a flavour is made: a function ``routes(core) -> list[BaseRoute]`` of Starlette routes, which stands in the table of
``opening.py`` with the option that names its address. Before a route is called the gate (``gate.py``) has looked at
Host, Origin and token, has taken ``/t/TOKEN`` off the path, and knows the caller; ``/v1/health`` and ``/metrics`` are
part of every address, without a route of the flavour's own.

In a route (``requests.py``):

    caller_of(request)                      the Caller; ask ``core.perform`` to do operations for it
    await read_body(request)                the whole body; refusals (413, 408) are exceptions that the gate answers
    await in_worker(request, function, *a)  run what waits (operations, the store) on a thread of the pool
    raise Refusal(status, message)          is answered as {"error": …}
    query_of(request)                       the query's values, in which a raw + stands for itself

Events (``streaming.py``): in ``async with stream_of(scope, subscription) as stream``, ``await stream.next(timeout_s)``
gives the next event, or None if none came in time; the subscription is closed at the end.

Websockets go through the same gate; ``caller_of(websocket)`` works on them as well.
"""
