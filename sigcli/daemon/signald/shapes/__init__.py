"""How signald writes what comes in and what came of a request; what has no value is None and left out later."""
