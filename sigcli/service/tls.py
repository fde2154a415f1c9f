"""The TLS context of an environment: its own roots if it has some, else the system's; nothing turns it off."""

from __future__ import annotations

import ssl

from sigcli.errors import InvalidEnvironment


def client_context(ca_pem: str | None) -> ssl.SSLContext:
    """A verifying context for TLS 1.2 or newer that offers HTTP/1.1 only.

    ``ca_pem`` holds the only trusted roots; None stands for the system's store. Raises InvalidEnvironment if it holds
    no certificate. A bare context is used since the library's default one always loads the system's store, which takes
    longer than the whole handshake on loopback.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # With HTTP/2, no websocket upgrade would be possible.
    context.set_alpn_protocols(["http/1.1"])
    if ca_pem is None:
        context.load_default_certs()
        return context
    # Private roots often lack an authority key identifier, which the strict check requires.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    try:
        context.load_verify_locations(cadata=ca_pem)
    except (ssl.SSLError, ValueError):
        raise InvalidEnvironment("the environment's ca_file holds no PEM certificate") from None
    return context
