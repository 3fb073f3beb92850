"""Ports for parts that must come back at the same place: nobody else is given them meanwhile.

The kernel gives a port of its own range to whoever asks for any, connections that go out among them: a port of that
range that is free now may be taken a moment later by another test. So these come from below it.
"""

import socket
from pathlib import Path
from random import SystemRandom

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000
_CHOICE = SystemRandom()
"""Not the tests' own source of random numbers, which begins alike in processes that run at the same time."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody has and that the kernel gives nobody by itself."""
    while True:
        port = _CHOICE.randrange(_LOWEST, _below())
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _below() -> int:
    try:
        lowest = int(_RANGE.read_text().split()[0])
    except OSError:
        lowest = 32_768
    return max(lowest, _LOWEST + 1_000)
