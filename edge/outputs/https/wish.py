"""What the front is asked for, as bytes: a line with mode, addresses and local port; for own files the PEM after it."""

import ipaddress
import socket
from collections.abc import Sequence

from edge.config.certificate import Pair
from edge.outputs.https.front import FrontError
from edge.settings import ApiSettings


def wish(api: ApiSettings, addresses: Sequence[str], pair: Pair | None) -> bytes:
    """Return it; `addresses` are numeric, `pair` is given for mode files."""
    places = ",".join(f"{address}:{api.port}" for address in addresses)
    pem = "" if pair is None else pair.pem
    return f"{api.tls.mode} {places} {api.tls.local_port}\n{pem}".encode()


def addresses_of(api: ApiSettings) -> list[str]:
    """Return the numeric addresses that `api.host` stands for. Raises FrontError."""
    try:
        found = socket.getaddrinfo(api.host, api.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise FrontError(
            f"api.host {api.host!r} is no address of this device ({error}); use 0.0.0.0 for all"
        ) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def reached_at(address: str) -> str:
    """Return where a listener is reached from the device itself."""
    meant = ipaddress.ip_address(address)
    if not meant.is_unspecified:
        return address
    return "127.0.0.1" if meant.version == 4 else "::1"  # noqa: PLR2004 - the version's number
