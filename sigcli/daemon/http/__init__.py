"""HTTP: one thread with an event loop for all flavours (JSON-RPC, both REST interfaces), each on an address of its own.

How a flavour is made: a function ``routes(core) -> list[BaseRoute]`` of Starlette routes, which stands in the table of
``opening.py`` with the option that names its address. Before a route is called the gate (``gate.py``) has looked at
Host, Origin and token, has taken ``/t/TOKEN`` off the path, and knows the caller; ``/v1/health`` and ``/metrics`` are
part of every address, without a route of the flavour's own.

In a route (``requests.py``):

    caller_of(request)                      the Caller; ask ``core.perform`` to do operations for it
    await read_body(request)                the whole body; refusals (413, 408) are exceptions that the gate answers
    await in_worker(request, function, *a)  run what waits (operations, the store) on a thread of the pool
    json_answer(value, status)              an answer; ``Refusal(status, message)`` raised is answered as {"error": …}
    query_of(request)                       the query's values, in which a raw + stands for itself

Events (``streaming.py``): ``async for delivery in deliveries(request, subscription, beat_s)`` gives what comes, and
None whenever nothing came for so long; the subscription is closed when the iteration ends.

Websockets go through the same gate; ``caller_of(websocket)`` works on them as well.
"""
