"""Finding cameras by WS-Discovery: a question on every interface, sent again, and who answers."""

import contextlib
import selectors
import socket
from collections.abc import Callable, Iterator

import ifaddr

from edge.capture.deadline import Deadline
from edge.capture.onvif.answers import KINDS, MOST_BYTES, Found, found_in, probe

GROUP = "239.255.255.250"
PORT = 3702
_ASKED_AT_S = (0.0, 0.4, 1.2)
"""UDP loses packets, and a camera that wakes up misses the first."""
_MOST_ANSWERS = 2000
_MOST_CAMERAS = 256


def discover(seconds: float, enough: Callable[[Found], bool] | None = None) -> list[Found]:
    """Return the cameras that answer on any IPv4 network of this machine within some seconds, each endpoint once.

    Ends at once where `enough` says so of a camera. Never raises: a network that cannot be asked is left out.
    """
    with contextlib.ExitStack() as open_sockets:
        lines = [open_sockets.enter_context(line) for line in _lines()]
        return _collect(lines, (GROUP, PORT), seconds, enough)


def ask(host: str, seconds: float) -> Found | None:
    """Return what one host says of itself when it is asked alone; None where it says nothing, as many cameras do."""
    try:
        address = socket.getaddrinfo(host, PORT, socket.AF_INET, socket.SOCK_DGRAM)[0][4]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.settimeout(0.0)
            place = (str(address[0]), PORT)
            found = _collect([line], place, seconds, lambda found: found.place.host == place[0])
            return next((each for each in found if each.place.host == place[0]), None)
    except (OSError, UnicodeError):
        return None


def _lines() -> Iterator[socket.socket]:
    """Give one socket for each IPv4 address of this machine."""
    try:
        adapters = list(ifaddr.get_adapters())
    except OSError:  # a service that may not ask the kernel for them
        return
    for address in {address.ip: None for adapter in adapters for address in adapter.ips if isinstance(address.ip, str)}:
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
            line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
            line.bind((address, 0))
            line.settimeout(0.0)
        except OSError:
            line.close()
        else:
            yield line


def _collect(
    lines: list[socket.socket],
    to: tuple[str, int],
    seconds: float,
    enough: Callable[[Found], bool] | None,
) -> list[Found]:
    found: dict[str, Found] = {}
    begun, end = Deadline.after(0.0), Deadline.after(seconds)
    due = [Deadline(begun.at_s + at_s) for at_s in _ASKED_AT_S if at_s < seconds]
    with selectors.DefaultSelector() as selector:
        for line in lines:
            selector.register(line, selectors.EVENT_READ)
        answers = 0
        while end.left_s() > 0.0 and answers < _MOST_ANSWERS and lines:
            if due and due[0].left_s() <= 0.0:
                due.pop(0)
                _send(lines, to)
            wait_s = min(end.left_s(), due[0].left_s() if due else end.left_s())
            for key, _ in selector.select(wait_s):
                answers += 1
                for camera in _received(key.fileobj):
                    if len(found) < _MOST_CAMERAS:
                        found.setdefault(camera.endpoint, camera)
                    if enough is not None and enough(camera):
                        return list(found.values())
    return list(found.values())


def _send(lines: list[socket.socket], to: tuple[str, int]) -> None:
    for line in lines:
        for kind in KINDS:
            with contextlib.suppress(OSError):  # a network that is down, or knows no multicast
                line.sendto(probe(kind), to)


def _received(line: object) -> list[Found]:
    if not isinstance(line, socket.socket):
        return []
    try:
        message, sender = line.recvfrom(MOST_BYTES + 1)
    except OSError:
        return []
    return found_in(message, str(sender[0]))
