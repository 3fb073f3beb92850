"""What the newest events tell of the moment: which views are spoilt, which pictures are the last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge.model.event import EventType, StoredEvent
from edge.model.scene import Scene
from edge.picture.board import View
from edge.settings import ChannelSettings
from edge.store.event_log import EventLog
from edge.store.query import EventQuery

PAGE = 1000
LOOK_BACK = 50
"""Where a channel's last picture is looked for at the start: among so many of its events."""
MOST_READ = 5000
PICTURE_EVERY_S = 5.0


@dataclass(slots=True, eq=False)
class _Last:
    """A channel's last picture by its event; `shown_id` is what was published, `shown_s` when."""

    event_id: int = 0
    shown_id: int = 0
    shown_s: float = float("-inf")


class Watch:
    """Reads what is new in the log, whatever is still to be delivered. Used by one thread."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._read_id = 0
        self._healthy_s: dict[str, float | None] = {}
        self._last: dict[str, _Last] = {}

    def begin(self, channels: Iterable[ChannelSettings]) -> None:
        """Find each channel's last picture; what comes from now on is told by `look`. Raises StoreError."""
        self._read_id = self._log.last_event_id()
        for channel in channels:
            newest = EventQuery(channel_id=channel.id, limit=LOOK_BACK, newest_first=True)
            pictured = (stored.event_id for stored in self._log.select(newest) if stored.snapshot_path)
            self._last[channel.id] = _Last(next(pictured, 0))

    def look(self, channels: Iterable[ChannelSettings], views: Mapping[str, View]) -> None:
        """Take in the events that are new, then what the views show; raises StoreError.

        After a long absence only the newest are looked at: they tell what is true now.
        """
        self._read_id = max(self._read_id, self._log.last_event_id() - MOST_READ)
        while self._read_id < self._log.last_event_id():
            events = self._log.select(EventQuery(since_id=self._read_id, limit=PAGE))
            if not events:
                break
            self._read_id = events[-1].event_id
            for stored in events:
                self._take(stored)
        for channel in channels:
            if channel.id in self._healthy_s and channel.id in views:
                self._heal(channel, views[channel.id].scene)

    def _take(self, stored: StoredEvent) -> None:
        channel_id = stored.event.channel_id
        if stored.event.type is EventType.SABOTAGE:
            self._healthy_s[channel_id] = None
        if stored.snapshot_path:
            self._last.setdefault(channel_id, _Last()).event_id = stored.event_id

    def _heal(self, channel: ChannelSettings, scene: Scene) -> None:
        """End a channel's Sabotage once its view has been healthy for as long as the rule asks."""
        view = scene.observed.view
        since_s = self._healthy_s[channel.id]
        if view is None or not view.settled or view.fault is not None or channel.sabotage is None:
            self._healthy_s[channel.id] = None
        elif since_s is None or scene.stream_s < since_s:
            self._healthy_s[channel.id] = scene.stream_s
        elif scene.stream_s - since_s >= channel.sabotage.clear_s:
            del self._healthy_s[channel.id]

    @property
    def spoilt(self) -> frozenset[str]:
        """The channels whose view has been spoilt and is not healthy again."""
        return frozenset(self._healthy_s)

    def pictures_due(self, channels: Iterable[ChannelSettings], now_s: float) -> list[tuple[str, int]]:
        """Return channels with the events whose pictures are to be shown now; one a channel in five seconds at most."""
        known = ((channel.id, self._last.get(channel.id, _Last())) for channel in channels)
        return [
            (channel_id, last.event_id)
            for channel_id, last in known
            if last.event_id != last.shown_id and now_s - last.shown_s >= PICTURE_EVERY_S
        ]

    def shown(self, channel_id: str, event_id: int, now_s: float) -> None:
        """Note that a picture was published, or is gone."""
        last = self._last[channel_id]
        last.shown_id, last.shown_s = event_id, now_s

    def show_again(self) -> None:
        """Have every last picture published anew."""
        for last in self._last.values():
            last.shown_id, last.shown_s = 0, float("-inf")
