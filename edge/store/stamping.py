"""From events to entries: id, snapshot, the open window, the state of the clock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

from edge.model.event import Event, StoredEvent
from edge.store.eras import LIVE_US, SECOND_US, Base, Moment
from edge.store.evidence import pack
from edge.store.inbox import Appended
from edge.store.rows import SNAPSHOT_PATH, Entry
from edge.store.seals import Seals
from edge.store.state import LogState
from edge.store.windows import hour_start_us

LONG_WAIT_S = 2.0


def stamp(
    appended: Appended,
    first_id: int,
    state: LogState,
    moment: Moment,
    zone: tzinfo,
    seals: Seals,
    base: Base,
    *,
    pictured: bool,
) -> list[Entry]:
    """Give the events of one frame their ids and take them into `state`.

    An event whose time lies before the start of its channel's open hour gets that start as its time and keeps the true
    one beside it: sums that were sent never change. The window goes with the channel's clock and never back; nor does
    an event fall into a time that is sealed.
    """
    now_us = _now_us(appended, moment) + base.shift_us
    live = abs(moment.wall_us - now_us) <= LIVE_US
    hour_us = hour_start_us(now_us, zone)
    entries = []
    for event_id, told in enumerate(appended.events, start=first_id):
        # Evidence goes to the file alone: thousands of events are held in memory.
        event = replace(told, evidence=None, time_us=told.time_us + base.shift_us)
        open_us = max(hour_us, state.channel(event.channel_id).window_us)
        window_us = max(open_us, seals.open_from_us(event.channel_id, max(open_us, event.time_us)))
        stored = _stored(event_id, event, window_us, base, f"{SNAPSHOT_PATH.format(first_id)}" if pictured else "")
        evidence = None if told.evidence is None else pack(told.evidence)
        entry = Entry(stored, now_us, moment.age_s, first_id if pictured else None, evidence, base.era)
        state.apply(entry, window_us, live=live)
        entries.append(entry)
    return entries


def _now_us(appended: Appended, moment: Moment) -> int:
    """Return the channel's clock: what waited long (a full disk) may have missed the end of its hour."""
    waited_s = moment.monotonic_s - appended.queued_s
    return appended.now_us + (round(waited_s * SECOND_US) if waited_s > LONG_WAIT_S else 0)


def _stored(event_id: int, event: Event, window_us: int, base: Base, path: str) -> StoredEvent:
    if event.time_us >= window_us:
        return StoredEvent(event_id, event, path, base.sure)
    moved = replace(event, time_us=window_us)
    return StoredEvent(event_id, moved, path, base.sure, true_time_us=event.time_us)


def replayed(entries: Sequence[Entry], state: LogState, zone: tzinfo) -> None:
    """Take entries in again that were committed after the state was saved."""
    for entry in entries:
        state.apply(entry, hour_start_us(entry.now_us, zone))


def closing(state: LogState, moment: Moment, *, sure: bool) -> list[Appended]:
    """Return what closes everything that a crash left open: at the last time the device was known alive.

    Where that time and the present one are not both `sure`, they have nothing to do with one another.
    """
    closers = []
    for event in state.closing_events():
        channel = state.channel(event.channel_id)
        now_us = moment.wall_us if channel.live and sure else max(channel.alive_us, event.time_us)
        closers.append(Appended((event,), now_us, moment.monotonic_s))
    return closers
