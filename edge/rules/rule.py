"""The contract of a rule."""

from collections.abc import Sequence
from typing import Protocol

from edge.model.event import Event
from edge.model.scene import Scene


class Rule(Protocol):
    """Judges one channel's scenes, which come in order; keeps what it needs to remember between them."""

    @property
    def asked(self) -> object:
        """The settings that made it. When settings change, a rule that was asked the same stays, with its memory."""
        ...

    def update(self, scene: Scene) -> Sequence[Event]:
        """Return what became true with this scene."""
        ...

    def close(self, time_us: int, stream_s: float) -> Sequence[Event]:
        """Close everything that is open, as the channel stops or the rule goes away at the given moment."""
        ...
