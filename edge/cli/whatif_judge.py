"""What edited rules would have told of tracks that were kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo

from edge.model.event import Event, EventType
from edge.model.scene import Scene
from edge.rules.rule import Rule
from edge.rules.table import make_rules
from edge.settings import ChannelSettings
from edge.store.replayed_scenes import unpack
from edge.store.track_file import Chunk

NOT_JUDGED = frozenset({EventType.SABOTAGE, EventType.DISCONNECTED, EventType.ABANDONED})
"""Kinds of events that need the picture itself."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which events count: those that became true from `since_us` on and before `until_us` (microseconds UTC)."""

    since_us: int
    until_us: int

    def holds(self, time_us: int) -> bool:
        """Tell whether a moment counts."""
        return self.since_us <= time_us < self.until_us

    def cut(self, since_us: int, until_us: int) -> "Window":
        """Return what of it lies between two moments; empty where nothing does."""
        return Window(max(self.since_us, since_us), min(self.until_us, until_us))


class Judge:
    """Judges one channel's kept scenes by its rules as they are set in another file, and counts the frames.

    What was open where a stream ended, or where the next one shows that it broke off, is closed as a device does.
    """

    def __init__(self, channel: ChannelSettings, zone: tzinfo) -> None:
        self._channel = channel
        self._zone = zone
        self._rules: tuple[Rule, ...] = ()
        self._stream = 0
        self._last: Scene | None = None
        self.frames = 0

    def events(self, chunks: Iterable[Chunk]) -> Iterator[Event]:
        """Yield all that the rules would have told; raises ValueError where a chunk is damaged."""
        for chunk in chunks:
            if chunk.stream != self._stream:
                yield from self._close()
                self._rules, self._stream = make_rules(self._channel, self._zone), chunk.stream
            for scene in unpack(self._channel.id, chunk.body, chunk.shift_us):
                self._last = scene
                self.frames += 1
                for rule in self._rules:
                    yield from (told for told in rule.update(scene) if isinstance(told, Event))
            if chunk.ended:
                yield from self._close()

    def _close(self) -> Iterator[Event]:
        last, rules = self._last, self._rules
        self._last, self._rules, self._stream = None, (), 0
        if last is not None:
            for rule in rules:
                yield from rule.close(last.time_us, last.stream_s)
