"""The contract of a rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from edge.model.event import Event, Told
from edge.model.scene import Scene
from edge.rules.walks import Walks
from edge.rules.zones import Zones


@dataclass(frozen=True, slots=True)
class Shared:
    """What the rules of one channel share: the device's time zone, for schedules, where everybody went, and zones."""

    zone: tzinfo
    walks: Walks
    zones: Zones


class Rule(Protocol):
    """Judges one channel's scenes, which come in order; keeps what it needs to remember between them."""

    @property
    def asked(self) -> object:
        """The settings that made it. When settings change, a rule that was asked the same stays, with its memory."""
        ...

    def update(self, scene: Scene) -> Sequence[Told]:
        """Return what became true with this scene, and what nearly did, with the reason why it does not count."""
        ...

    def close(self, time_us: int, stream_s: float) -> Sequence[Event]:
        """Close everything that is open, as the channel stops or the rule goes away at the given moment."""
        ...
