"""What the log knows beyond its rows: highest object ids, open windows, and what is not yet closed."""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from edge.model.event import FIRING_ORDER, NO_OBJECT, Direction, Event, EventType
from edge.model.scene import Origin
from edge.store.rows import Entry

CLOSED_BY: dict[EventType, EventType] = {
    EventType.REGION_JOIN: EventType.REGION_LEAVE,
    EventType.CROWD_ON: EventType.CROWD_OFF,
    EventType.MOTION_ON: EventType.MOTION_OFF,
    EventType.OBJECT_APPEAR: EventType.OBJECT_DISAPPEAR,
}
"""Type that opens -> type that closes. What is open when the power goes is closed at the next start."""
OPENED_BY = {closing: opening for opening, closing in CLOSED_BY.items()}
OF_THE_ZONE = frozenset({EventType.CROWD_ON, EventType.MOTION_ON})
"""Openings that a zone has once at a time, whoever began them: what closes them names no object."""

SECOND_US = 1_000_000

OpenKey = tuple[str, EventType, str, int]
"""Channel, opening type, rule and object: what an opening event and its closing one have in common."""


def opens(event: Event) -> OpenKey | None:
    """Return the key that an event opens, None for one that opens nothing."""
    return _key(event, event.type) if event.type in CLOSED_BY else None


def closes(event: Event) -> OpenKey | None:
    """Return the key that an event closes, None for one that closes nothing."""
    opening = OPENED_BY.get(event.type)
    return None if opening is None else _key(event, opening)


def _key(event: Event, opening: EventType) -> OpenKey:
    return event.channel_id, opening, event.rule_id, NO_OBJECT if opening in OF_THE_ZONE else event.object_id


@dataclass(frozen=True, slots=True)
class ChannelState:
    """One channel: `window_us` is the start of its open hour, `alive_us` the last known time, both on its own clock.

    `live` tells whether that clock is the device's; a clip has its own.
    """

    last_object_id: int = 0
    window_us: int = -(2**62)
    alive_us: int = -(2**62)
    live: bool = False


@dataclass(slots=True)
class LogState:
    """All channels and all that is open, after the event `last_id`.

    `leapt_s` is when a clock that was far ahead of the newest event was first seen (see timekeeper.py), 0 for none.
    """

    last_id: int = 0
    channels: dict[str, ChannelState] = field(default_factory=dict)
    open: dict[OpenKey, Event] = field(default_factory=dict)
    leapt_s: int = 0

    def copy(self) -> "LogState":
        """Return a copy that may be changed while this one stands."""
        return LogState(self.last_id, dict(self.channels), dict(self.open), self.leapt_s)

    def channel(self, channel_id: str) -> ChannelState:
        """Return a channel's state; a new channel has nothing behind it."""
        return self.channels.get(channel_id, ChannelState())

    def apply(self, entry: Entry, window_us: int, *, live: bool | None = None) -> None:
        """Take an entry in; `live` is None where it is not known anew."""
        event = entry.stored.event
        before = self.channel(event.channel_id)
        self.last_id = max(self.last_id, entry.stored.event_id)
        self.channels[event.channel_id] = ChannelState(
            max(before.last_object_id, event.object_id),
            max(before.window_us, window_us),
            max(before.alive_us, entry.now_us),
            before.live if live is None else live,
        )
        true_us = entry.stored.true_time_us
        self._open_or_close(event if true_us is None else replace(event, time_us=true_us))

    def _open_or_close(self, event: Event) -> None:
        opened, closed = opens(event), closes(event)
        if opened is not None:
            self.open[opened] = event
        if closed is not None:
            self.open.pop(closed, None)

    def keep_alive(self, now_us: int) -> None:
        """Note that the device is alive: what moves the clock of live channels on."""
        for channel_id, channel in self.channels.items():
            if channel.live:
                self.channels[channel_id] = replace(channel, alive_us=max(channel.alive_us, now_us))

    def set_clock(self, hour_us: int, now_us: int) -> None:
        """Let live channels go on by a clock that was set: no open hour lies ahead of it, and they are alive now."""
        for channel_id, channel in self.channels.items():
            if channel.live:
                window_us = min(channel.window_us, hour_us)
                self.channels[channel_id] = replace(channel, window_us=window_us, alive_us=now_us)

    def closing_events(self) -> list[Event]:
        """Return what closes all that is open, at the last time each channel was known alive, in the usual order."""
        closing = [self._closing(opening) for opening in self.open.values()]
        return sorted(closing, key=lambda each: (each.channel_id, FIRING_ORDER.index(each.type), each.object_id))

    def _closing(self, opening: Event) -> Event:
        time_us = max(self.channel(opening.channel_id).alive_us, opening.time_us)
        lasted_s = (time_us - opening.time_us) / SECOND_US
        event = replace(
            opening,
            type=CLOSED_BY[opening.type],
            time_us=time_us,
            stream_s=round(opening.stream_s + lasted_s, 3),
            direction=None,
            dwell_seconds=round(lasted_s, 3) if opening.type is EventType.REGION_JOIN else None,
            count=None,
            reason=None,
            confidence=None,
        )
        if opening.type in OF_THE_ZONE:
            return replace(event, object_id=NO_OBJECT, origin=Origin.UNKNOWN, label=None)
        return event


def to_text(state: LogState) -> str:
    """Return the state as JSON."""
    channels = {channel_id: asdict(channel) for channel_id, channel in state.channels.items()}
    opened = [
        {name: value for name, value in asdict(replace(event, evidence=None)).items() if value is not None}
        for event in state.open.values()
    ]
    body = {"last_id": state.last_id, "channels": channels, "open": opened, "leapt_s": state.leapt_s}
    return json.dumps(body, separators=(",", ":"))


def from_text(text: str) -> LogState:
    """Return the state that `to_text` wrote; raises ValueError, KeyError or TypeError where it is damaged."""
    body = json.loads(text)
    state = LogState(int(body["last_id"]), leapt_s=int(body.get("leapt_s", 0)))
    state.channels = {channel_id: ChannelState(**channel) for channel_id, channel in body["channels"].items()}
    for values in body["open"]:
        event = _event(values)
        key = opens(event)
        if key is not None:
            state.open[key] = event
    return state


def _event(values: dict[str, Any]) -> Event:
    direction = values.pop("direction", None)
    kind, origin = EventType(values.pop("type")), Origin(values.pop("origin"))
    return Event(type=kind, origin=origin, direction=None if direction is None else Direction(direction), **values)
