"""Cameras on this machine itself, on USB or a ribbon cable: what `edge cameras` tells of one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attached:
    """A camera on this machine: its setting's kind, its name, its address there, and what it gives."""

    kind: str
    name: str
    address: str
    streams: tuple[str, ...] = ()
