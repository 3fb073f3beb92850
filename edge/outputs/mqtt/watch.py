"""What the newest events tell of the moment: which views are spoilt, which pictures are the last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge.model.event import EventType, StoredEvent
from edge.model.scene import Scene
from edge.outputs.mqtt.kept import Problems
from edge.picture.board import View
from edge.settings import ChannelSettings
from edge.store.event_log import EventLog
from edge.store.query import EventQuery

PAGE = 1000
LOOK_BACK = 50
"""Where a channel's last picture is looked for at the start: among so many of its events."""
MOST_READ = 5000
PICTURE_EVERY_S = 5.0
TAKEN_FOR_NORMAL_S = 600.0
"""A view that has been spoilt for so long is taken for the normal one: as the watch of the view itself does."""


@dataclass(slots=True, eq=False)
class _Last:
    """A channel's last picture by its event; `shown_id` is what was published, `shown_s` when."""

    event_id: int = 0
    shown_id: int = 0
    shown_s: float = float("-inf")


@dataclass(slots=True, eq=False)
class _Spoilt:
    """A view that is spoilt: told by `event_id`, healthy since `healthy_s`, None while it is not.

    After a restart what is there first is learnt as normal, be it a cover: the health of such a view is `unproven`
    until something is seen to move in it.
    """

    event_id: int
    unproven: bool
    healthy_s: float | None = None


class Watch:
    """Reads what is new in the log, whatever is still to be delivered. Used by one thread."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._read_id = 0
        self._began_id = 0
        self._spoilt: dict[str, _Spoilt] = {}
        self._last: dict[str, _Last] = {}

    def begin(self, channels: Iterable[ChannelSettings], problems: Problems) -> None:
        """Go on where the `problems` of before end, and find each channel's last picture. Raises StoreError.

        What has come since, and comes from now on, is told by `look`.
        """
        self._began_id = self._log.last_event_id()
        self._read_id = self._began_id if problems.read_id < 0 else min(problems.read_id, self._began_id)
        self._spoilt = {name: _Spoilt(event_id, unproven=True) for name, event_id in problems.spoilt.items()}
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
            if channel.id in self._spoilt and channel.id in views:
                self._heal(channel, self._spoilt[channel.id], views[channel.id].scene)

    def _take(self, stored: StoredEvent) -> None:
        channel_id = stored.event.channel_id
        if stored.event.type is EventType.SABOTAGE:
            self._spoilt[channel_id] = _Spoilt(stored.event_id, unproven=stored.event_id <= self._began_id)
        if stored.snapshot_path:
            self._last.setdefault(channel_id, _Last()).event_id = stored.event_id

    def _heal(self, channel: ChannelSettings, spoilt: _Spoilt, scene: Scene) -> None:
        """End a channel's Sabotage once its view has been healthy for as long as the rule asks."""
        view, since_s = scene.observed.view, spoilt.healthy_s
        if view is None or not view.settled or view.fault is not None or channel.sabotage is None:
            spoilt.healthy_s = None
            return
        if since_s is None or scene.stream_s < since_s:
            spoilt.healthy_s = since_s = scene.stream_s
        lasted_s = scene.stream_s - since_s
        if scene.tracks or lasted_s >= TAKEN_FOR_NORMAL_S:
            spoilt.unproven = False
        if lasted_s >= channel.sabotage.clear_s and not spoilt.unproven:
            del self._spoilt[channel.id]

    @property
    def spoilt(self) -> frozenset[str]:
        """The channels whose view has been spoilt and is not healthy again."""
        return frozenset(self._spoilt)

    @property
    def problems(self) -> Problems:
        """What the next start has to know."""
        return Problems(self._read_id, {name: spoilt.event_id for name, spoilt in self._spoilt.items()})

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
