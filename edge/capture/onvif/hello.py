"""Hearing cameras that announce themselves: what a camera says to all when it has started (Hello of WS-Discovery)."""

import contextlib
import socket
from collections.abc import Iterator

import ifaddr

from edge.capture.onvif.answers import MOST_BYTES, announced_in
from edge.capture.onvif.discovery import GROUP, PORT

_MOST = 64


class Ear:
    """Hears on every IPv4 network of this machine from its making on; what comes waits in the kernel until asked for.

    Used by one thread at a time. Never raises: where the port cannot be had, nothing is heard.
    """

    def __init__(self) -> None:
        self._line: socket.socket | None = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._line.bind((GROUP, PORT))
            self._line.settimeout(0.0)
            self._join(self._line)
        except OSError:
            self.close()

    def heard(self, endpoint: str) -> bool:
        """Tell whether the camera of that endpoint id has announced itself since this was last asked."""
        found = False
        for message in self._waiting():
            found = found or (endpoint.encode() in message and announced_in(message) == endpoint)
        return found

    def close(self) -> None:
        """Hear nothing any more."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _waiting(self) -> Iterator[bytes]:
        """Give what waits; of a flood only some, the rest next time."""
        line = self._line
        if line is None:
            return
        with contextlib.suppress(OSError):
            for _ in range(_MOST):
                yield line.recv(MOST_BYTES + 1)

    @staticmethod
    def _join(line: socket.socket) -> None:
        adapters = ifaddr.get_adapters()
        for address in {ip.ip for adapter in adapters for ip in adapter.ips if isinstance(ip.ip, str)}:
            with contextlib.suppress(OSError):  # a network that is down, or one of more than the kernel lets us join
                member = socket.inet_aton(GROUP) + socket.inet_aton(address)
                line.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
